"""Conditions against Python's own arithmetic on fractions, and what is said of wrong ones."""

import operator
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sweeping import sweep, table

from archcalc.analyses.sweep.condition import holds
from archcalc.analyses.sweep.expression import conditions
from archcalc.analyses.sweep.figures import SWEPT
from archcalc.diagnostics import Fault

TESTS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne}
ROWS = {
    "w": np.array([0, 1, -3, 7, 2**62]),
    "params": np.array([5, 0, 5_000_000, 4_999_999, -(2**62)]),
    "field": np.array([1, 2, 3, 4, 10**25], dtype=object),
    "macs": 12,
}
SIZE = 5


def _divisor(made):
    """The right operand; a zero that is written there is refused, so it is written as a sum."""
    return "(0 + 0)" if made[0] in ("/", "//", "%") and made[2][0] == "0" else made[2][0]


def _arithmetic(children):
    return st.tuples(st.sampled_from("+ - * / // %".split()), children, children).map(
        lambda made: (f"({made[1][0]} {made[0]} {_divisor(made)})", (made[0], made[1][1], made[2][1]))
    ) | children.map(lambda made: (f"-({made[0]})", ("negate", made[1])))


LEAVES = st.sampled_from([(name, name) for name in ROWS]) | st.sampled_from(
    [("5M", Fraction(5_000_000)), ("1.5K", Fraction(1500)), ("2", Fraction(2)), ("0.25", Fraction(1, 4)), 
     ("0", Fraction(0)), ("1Ki", Fraction(1024)), ("2e3", Fraction(2000)), ("1,024", Fraction(1024))]
)  # fmt: skip
NUMBERS = st.recursive(LEAVES, _arithmetic, max_leaves=5)
COMPARED = st.tuples(st.sampled_from(list(TESTS)), NUMBERS, NUMBERS).map(
    lambda made: (f"{made[1][0]} {made[0]} {made[2][0]}", (made[0], made[1][1], made[2][1]))
)
CONDITIONS = st.recursive(
    COMPARED,
    lambda inner: (
        st.tuples(st.sampled_from(["and", "or"]), inner, inner).map(
            lambda made: (f"({made[1][0]}) {made[0]} ({made[2][0]})", (made[0], made[1][1], made[2][1]))
        )
        | inner.map(lambda made: (f"not ({made[0]})", ("not", made[1])))
    ),
    max_leaves=4,
)


def _value(tree, row):
    """A number, or None where a division by zero leaves none."""
    if isinstance(tree, str):
        return Fraction(row[tree])
    if isinstance(tree, Fraction):
        return tree
    operands = [_value(each, row) for each in tree[1:]]
    if None in operands:
        return None
    if tree[0] == "negate":
        return -operands[0]
    apply = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "//": operator.floordiv,
             "%": operator.mod}[tree[0]]  # fmt: skip
    try:
        return Fraction(apply(*operands))
    except ZeroDivisionError:
        return None


def _truth(tree, row):
    if tree[0] == "not":
        return not _truth(tree[1], row)
    if tree[0] in ("and", "or"):
        left, right = _truth(tree[1], row), _truth(tree[2], row)
        return (left and right) if tree[0] == "and" else (left or right)
    left, right = _value(tree[1], row), _value(tree[2], row)
    return left is not None and right is not None and TESTS[tree[0]](left, right)


@given(CONDITIONS)
def test_conditions_are_pythons_arithmetic(case):
    text, tree = case
    parts = conditions(text, ["w"], SWEPT)
    rows = [{n: int(c[i]) if hasattr(c, "dtype") else c for n, c in ROWS.items()} for i in range(SIZE)]
    found = [np.broadcast_to(holds(part, ROWS), (SIZE,)).tolist() for _, part in parts]
    assert [all(each) for each in zip(*found, strict=True)] == [_truth(tree, row) for row in rows]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("params < 5M and field >= 200", ["params < 5M", "field >= 200"]),
        ("params < 5M or macs > 1 and w = 3", ["params < 5M or macs > 1 and w = 3"]),
        ("(params < 5M or macs > 1) and not w = 3", ["(params < 5M or macs > 1)", "not w = 3"]),
        ("16 <= w < 64", ["16 <= w", "w < 64"]),
        ("(w + 1) * 2 > 3", ["(w + 1) * 2 > 3"]),
        ("((w + 1) * 2 > 3)", ["((w + 1) * 2 > 3)"]),
        ("weights bytes < 24MB", ["weights bytes < 24MB"]),
        ("Inference Peak < 1.5 GiB", ["Inference Peak < 1.5 GiB"]),
    ],
)
def test_what_must_all_hold_is_told_apart(text, parts):
    assert [part for part, _ in conditions(text, ["w"], SWEPT)] == parts


@pytest.mark.parametrize(
    ("text", "under", "message", "help"),
    [
        ("parms < 5M", "parms", "no quantity or variable named 'parms'", "did you mean 'params'?"),
        ("params < 5B", "5B", "'5B' has two readings", "5G is billions, 5 bytes are bytes"),
        ("params < 24MB", "24MB", "params is no number of bytes", "weights bytes < 24MB"),
        ("params", "params", "a comparison is wanted here", "params < 5M"),
        ("params < ", " ", "a number or a name is wanted here, not the end", "params < 5M and H >= 128"),
        ("(params < 5", "(", "this parenthesis is never closed", None),
        ("params < 5 macs > 3", "macs", "'macs' has no place here", "'and' or 'or' between conditions"),
        ("params < 5 & macs > 3", "&", "'&' has no meaning here", "and"),
        ("out > 3", "out", "no quantity or variable named 'out'", None),
        ("__import__ == 0", "__import__", "no quantity or variable named '__import__'", None),
        ("(" * 60 + "w" + ")" * 60 + " > 3", "(", "this nests more than 50 levels deep", None),
        ("not " * 60 + "w > 3", "not", "this nests more than 50 levels deep", None),
        ("params // 0 > 1", "// 0", "a division by zero", None),
        ("params / (0) > 1", "/ (0)", "a division by zero", None),
        ("w % 0.0 > 1", "% 0.0", "a division by zero", None),
        ("dtype < fp16", "dtype < fp16", "a dtype is = or != another: fp32, fp16", "dtype = fp32"),
        ("w > 1 and dtype = 3", "dtype = 3", "a dtype is = or != another: fp32, fp16", "dtype = fp32"),
        ("params = fp16", "params = fp16", "a dtype is = or != another: fp32, fp16", "dtype = fp32"),
        ("dtype = fp8", "fp8", "no quantity or variable named 'fp8'", None),
        ("dtype + 1 > 3", "dtype", "there is no arithmetic of what is no number", "params / macs > 2"),
        ("-dtype > 3", "dtype", "there is no arithmetic of what is no number", "params / macs > 2"),
    ],
)
def test_a_wrong_condition_says_where_and_what_was_expected(text, under, message, help):
    with pytest.raises(Fault) as caught:
        conditions(text, ["w", "dtype"], SWEPT, {"dtype": ("fp32", "fp16")})
    diagnostic = caught.value.diagnostic
    assert diagnostic.message == message
    assert (diagnostic.span.text or " ") == under
    if help is not None:
        assert diagnostic.help == help


def test_what_does_not_exist_holds_in_no_comparison():
    for text in ("field > 0", "field <= 0", "field + 1 > 0", "intensity > 1 / (macs - macs)"):
        ((_, tree),) = conditions(text, [], SWEPT)
        assert holds(tree, {"field": None, "intensity": 1.5, "macs": 3}) is False


TEXT = "param w = 8\ninput 8x12x3\nconv 3x3, w, pad 1\nrelu\nconv 3x3, 4"


def test_a_dtype_that_varies_is_compared_as_it_is_written():
    vary = ("dtype=fp32,fp16,int8", "w=1..3")
    rows = table(sweep(TEXT, *vary))
    for text, kept in (("dtype = fp16", {"fp16"}), ("dtype != FP16", {"fp32", "int8"}), ("int8 == dtype", {"int8"})):
        assert table(sweep(TEXT, *vary, where=(text,))) == [row for row in rows if row["dtype"] in kept]
    assert table(sweep(TEXT, *vary, where=("dtype = bf16",))) == []


def test_the_sides_of_the_input_are_known_whether_they_vary_or_not():
    rows = table(sweep(TEXT, "w=1..3", quantities=("H", "W", "params")))
    assert [(row["H"], row["W"]) for row in rows] == [(8, 12)] * 3
    assert table(sweep(TEXT, "w=1..3", where=("H < W and W = 12",), quantities=("params",)))[-1]["params"] == 84 + 112
    square = TEXT.replace("8x12", "8x8")
    rows = table(sweep(square, "H=8..20", where=("W >= 11 and W % 2 = 0",), quantities=("W",)))
    assert [(row["H"], row["W"]) for row in rows] == [(side, side) for side in (12, 14, 16, 18, 20)]
    own = TEXT.replace("8x12", "wx(2*w)").replace("w = 8", "w = 8\nparam H = 5")  # a parameter goes before a side
    rows = table(sweep(own, "w=4..6", quantities=("H", "W")))
    assert [(row["H"], row["W"]) for row in rows] == [(5, 8), (5, 10), (5, 12)]
    flat = table(sweep("param w = 8\ninput 16\nfc w", "w=1..2", quantities=("H",)))
    assert [row["H"] for row in flat] == [None, None]
