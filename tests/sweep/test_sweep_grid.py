"""Grids in blocks, samples of them, and the values that a text gives a variable."""

from collections import Counter
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sweeping import sweep, table

from archcalc.analyses.sweep.grid import Grid, sampled
from archcalc.analyses.sweep.variables import NoValues, Variable, variable_of

VALUES = st.integers(1, 9).map(range) | st.lists(st.integers(-3, 10**20), min_size=1, max_size=5, unique=True).map(
    tuple
)
GRIDS = st.lists(VALUES, min_size=1, max_size=4).map(
    lambda axes: tuple(Variable(f"v{place}", values) for place, values in enumerate(axes))
)


def _points(blocks, names):
    found = []
    for block in blocks:
        flat = block.flat()
        found += zip(*(flat[name].tolist() for name in names), strict=True)
    return found


@given(GRIDS, st.integers(1, 50))
def test_blocks_are_the_grid_in_order(variables, most):
    grid, names = Grid(variables), [each.name for each in variables]
    blocks = list(grid.blocks(most))
    assert _points(blocks, names) == list(product(*(each.values for each in variables)))
    assert all(block.size <= most for block in blocks)


@given(GRIDS, st.integers(1, 60), st.integers(0, 5))
def test_a_sample_is_points_of_the_grid_each_once_in_its_order(variables, count, seed):
    names = [each.name for each in variables]
    whole = list(product(*(each.values for each in variables)))
    found = _points(sampled(variables, count, seed).blocks(7), names)
    assert len(found) == min(count, len(whole))
    assert found == [point for point in whole if point in set(found)]
    assert found == _points(sampled(variables, count, seed).blocks(), names)


def test_every_point_is_as_likely_as_another():
    variables = (Variable("a", range(3)), Variable("b", range(4)))
    drawn = Counter(point for seed in range(600) for point in _points(sampled(variables, 3, seed).blocks(), ["a", "b"]))
    assert len(drawn) == 12
    assert all(90 < times < 210 for times in drawn.values())  # 150 are expected, with a deviation of 11


def test_a_sample_of_a_grid_beyond_64_bits():
    variables = tuple(Variable(name, range(10**9)) for name in "abc")
    found = _points(sampled(variables, 5, 1).blocks(), list("abc"))
    assert len(set(found)) == 5 and found == sorted(found)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("w=16..256:16", range(16, 257, 16)),
        ("w=1..10:4", range(1, 10, 4)),
        ("w=5", (5,)),
        ("w = 18, 34,50", (18, 34, 50)),
        ("w=1..3,8,2", (1, 2, 3, 8)),
        ("a=0.25..1:0.25", (Fraction(1, 4), Fraction(1, 2), Fraction(3, 4), 1)),
        ("a=3/4,1_000,1e3", (Fraction(3, 4), 1000)),
        ("n=-2..2", range(-2, 3)),
        ("n=1..1000000000", range(1, 10**9 + 1)),
        ("dtype=fp16,fp32", ("fp16", "fp32")),
    ],
)
def test_values_as_written(text, values):
    found = variable_of(text).values
    assert found == values and type(found) is type(values)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("w", "'w' is not NAME=VALUES, as in width=16..256:16 or depth=18,34,50"),
        ("3=4", "'3=4' is not NAME=VALUES, as in width=16..256:16 or depth=18,34,50"),
        ("w=", "w has no values: w=16..256:16 or w=18,34,50"),
        ("w=4..1", "w=4..1 is empty: 4 is more than 1"),
        ("w=1..4:0", "the step of w=1..4:0 is 0: it must be positive"),
        ("w=1..4:-1", "the step of w=1..4:-1 is -1: it must be positive"),
        ("w=1..x", "'1..x' is no value of w: a number, or a range as 16..256:16"),
        ("w=1/0", "'1/0' is no value of w: a number, or a range as 16..256:16"),
        ("w=1..1e20", "w=1..1e20 has 100,000,000,000,000,000,000 values: at most 1,000,000,000,000 are swept"),
        ("a=0..1e9:0.5", "a=0..1e9:0.5 has 2,000,000,001 values that are not whole: at most a million are swept"),
        ("dtype=fp8", "'fp8' is no dtype: known are fp32, fp16, bf16, int8"),
        ("dtype=1..3", "'1..3' is no dtype: known are fp32, fp16, bf16, int8"),
    ],
)
def test_values_that_are_none_say_what_is_expected(text, message):
    with pytest.raises(NoValues) as caught:
        variable_of(text)
    assert str(caught.value) == message


TEXT = "param w = 8\nparam n = 1\ninput 16x16x3\n(conv 3x3, w, pad 1; relu) x n\nfc 10"


def test_a_sample_tells_what_the_grid_tells():
    vary = ["n=1..3", "w=1..20", "H=4..9"]
    whole = table(sweep(TEXT, *vary))
    found = table(sweep(TEXT, *vary, sample=40, seed=3))
    assert len(found) == 40
    assert all(row in whole for row in found)
    assert found != table(sweep(TEXT, *vary, sample=40, seed=4))


def test_past_64_bits_figures_stay_exact():
    vary = ["w=1000000000000..1000000000003"]
    found = table(sweep(TEXT, *vary, quantities=("params", "macs", "inference peak bytes")))
    for row in found:
        width = row["w"]
        assert row["params"] == 3 * 9 * width + width + 16 * 16 * width * 10 + 10
        assert row["macs"] == 27 * 256 * width + 2560 * width
    vary = ["w=30000000000000000", "H=3000000000"]
    (row,) = table(sweep(TEXT, *vary, quantities=("macs",), where=("macs > 9e36",)))
    assert row["macs"] == 37 * 3 * 10**16 * 9 * 10**18
