"""Expr as a number type: canonical polynomials (sympy is the oracle), what it refuses, what it costs."""

from __future__ import annotations

import copy
import operator
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from archcalc.algebra import Dim, Expr, lower_bound, product, substitute, symbol, symbols_of, to_python

H, W, k = symbol("H"), symbol("W"), symbol("k")
NAMES = ("H", "W", "k")

# A program is a list of steps; each applies an operation to two of the values that exist so far.
STEPS = st.lists(st.tuples(st.sampled_from("+-*^"), st.integers(0, 9), st.integers(0, 9)), max_size=7)


def run(steps: list[tuple[str, int, int]], start: list[Any]) -> Any:
    values = list(start)
    for name, left, right in steps:
        one, other = values[left % len(values)], values[right % len(values)]
        values.append({"+": one + other, "-": one - other, "*": one * other, "^": one ** (right % 3)}[name])
    return values[-1]


@settings(deadline=None, max_examples=80)
@given(STEPS)
def test_polynomials_have_the_terms_sympy_finds(steps: list[tuple[str, int, int]]) -> None:
    ours: Dim = run(steps, [2, -3, H, W, k])
    theirs = sympy.Poly(run(steps, [2, -3, *sympy.symbols(NAMES)]), *sympy.symbols(NAMES))
    found = {}
    for monomial, factor in ours.terms.items() if isinstance(ours, Expr) else [(frozenset(), ours)]:
        powers = {atom.parts[0]: power for atom, power in monomial}
        found[tuple(powers.get(name, 0) for name in NAMES)] = factor
    assert {powers: factor for powers, factor in found.items() if factor} == {
        powers: int(factor) for powers, factor in theirs.terms() if factor
    }


@settings(deadline=None, max_examples=80)
@given(STEPS, STEPS)
def test_equal_exactly_when_sympy_says_the_difference_is_zero(
    one: list[tuple[str, int, int]], two: list[tuple[str, int, int]]
) -> None:
    difference = run(one, [2, -3, *sympy.symbols(NAMES)]) - run(two, [2, -3, *sympy.symbols(NAMES)])
    left, right = run(one, [2, -3, H, W, k]), run(two, [2, -3, H, W, k])
    assert (left == right) == (sympy.expand(difference) == 0)
    assert left != right or hash(left) == hash(right)


def test_written_differently_and_equal() -> None:
    assert (H + W) ** 2 == H * H + 2 * W * H + W**2
    assert (H + 1) * (H - 1) == H**2 - 1
    assert H + W + k == k + W + H
    assert {H * W: "area"}[W * H] == "area"
    assert H != W
    assert H != 3
    assert H != 3
    assert H != "H"


@pytest.mark.parametrize("dim", [H - H, 0 * H, H**0, (H + 1) - H, (H + 1) ** 2 - H * (H + 2), H % 1, H // H])
def test_a_constant_is_a_plain_int(dim: Dim) -> None:
    assert type(dim) is int


def test_int_arithmetic_from_both_sides() -> None:
    assert 2 + H - 2 == H
    assert 5 - H == -H + 5
    assert 3 * H == H + H + H
    assert +H == H
    assert 0 - (-H) == H
    assert (7 * H + 3) % 7 == 3
    assert substitute(100 // H, {"H": 7}) == 14
    assert substitute(100 % H, {"H": 7}) == 2


@pytest.mark.parametrize("decide", [bool, int, float, range, operator.index, lambda dim: max(dim, 3)])
def test_what_needs_a_value_is_refused(decide: Callable[[Dim], object]) -> None:
    with pytest.raises(TypeError, match="depends on H"):
        decide(H)


@pytest.mark.parametrize("compare", [operator.lt, operator.le, operator.gt, operator.ge, operator.truediv])
def test_comparison_and_true_division_are_refused_from_both_sides(compare: Callable[[Any, Any], object]) -> None:
    for left, right in ((H, W), (H, 1), (1, H)):
        with pytest.raises(TypeError, match="undecidable"):
            compare(left, right)


@pytest.mark.parametrize("other", [1.5, "1", None, np.int64(3), np.arange(3)])
@pytest.mark.parametrize("apply", [operator.add, operator.sub, operator.mul, operator.floordiv, operator.mod])
def test_only_ints_and_dims_mix(apply: Callable[[Any, Any], object], other: object) -> None:
    with pytest.raises(TypeError):
        apply(H, other)
    if not (isinstance(other, str) and apply is operator.mod):  # "1" % H is text formatting
        with pytest.raises(TypeError):
            apply(other, H)


def test_powers_are_non_negative_ints() -> None:
    with pytest.raises(ValueError, match="negative"):
        H**-1
    for base, exponent in ((2, H), (H, W), (H, 0.5)):
        with pytest.raises(TypeError):
            operator.pow(base, exponent)


@pytest.mark.parametrize("name", ["", "a b", "1x", "x-y", "for", "max", "min"])
def test_a_symbol_needs_a_name_python_can_read(name: str) -> None:
    with pytest.raises(ValueError, match="not a name"):
        symbol(name)


@pytest.mark.parametrize("attribute", ["terms", "constant", "key", "other"])
def test_immutable(attribute: str) -> None:
    with pytest.raises(AttributeError):
        setattr(H, attribute, 3)


def test_copies_are_equal() -> None:
    assert copy.deepcopy(H + W) == H + W
    assert copy.copy(H) == H


def test_symbols_and_products() -> None:
    assert symbols_of(12) == frozenset()
    assert symbols_of((H * W // 4) ** 2 + k) == {"H", "W", "k"}
    assert product([]) == 1
    assert product([2, 3]) == 6
    assert product(iter((2, H, W, H))) == 2 * H**2 * W


def test_lower_bounds() -> None:
    p = symbol("p", least=0)
    assert lower_bound(7) == 7
    assert lower_bound(2 * H * W + 3) == 5
    assert lower_bound(p + H) == 1
    assert lower_bound((H + 31) // 32) == 1
    assert lower_bound(H - W) is None


def test_all_replacements_happen_at_once() -> None:
    assert substitute(H - 2 * W, {"H": W, "W": H}) == W - 2 * H
    assert substitute((H + 31) // 32, {"H": 32 * k}) == k
    with pytest.raises(ValueError, match="H stands for an integer of at least 1: 0"):
        substitute(H, {"H": 0})


def test_long_sums_and_deep_nesting_are_cheap() -> None:
    """Nothing quadratic, nothing that recurses with depth, nothing that spells shared parts out twice."""
    total: Dim = 0
    for i in range(1000):
        total = total + i * H * k + 3
    assert total == 499500 * H * k + 3000
    nested: Dim = H
    for _ in range(400):
        nested = (nested * W + nested * nested * 0 + nested) // k
    again: Dim = H
    for _ in range(400):
        again = (again * W + again) // k
    assert nested == again
    assert substitute(nested, {"W": 1, "k": 2}) == H


def test_importing_loads_no_heavy_package() -> None:
    code = "import sys, archcalc.algebra; print({'numpy', 'sympy', 'torch'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_python_form_of_an_int() -> None:
    assert to_python(-3) == "-3"
