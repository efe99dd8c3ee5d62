"""Conditions: sets of numbers against brute force over small values, and how they are told."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from archcalc.algebra import Assumption, Expr, ceil_div, evaluate, largest, smallest, symbol, symbols_of
from archcalc.analyses.formula import solving
from archcalc.analyses.formula.affine import rises, steps
from archcalc.analyses.formula.conditions import reduced
from archcalc.analyses.formula.numbers import Numbers
from archcalc.layers.base import equal, multiple, positive
from archcalc.report.formula import conditions as shown

N, H, W = symbol("n"), symbol("H"), symbol("W")
FAR = 600  # past every bound and several periods of what is made below

_small = st.integers(-7, 7)
DIMS = st.recursive(
    st.just(N),
    lambda inner: st.one_of(
        st.builds(lambda dim, a, b: a * dim + b, inner, _small, _small),
        st.builds(lambda dim, d: dim // d, inner, st.integers(2, 5)),
        st.builds(lambda dim, d: ceil_div(dim, d), inner, st.integers(2, 4)),
        st.builds(lambda one, other: one + other, inner, inner),
        st.builds(lambda one, other: one - other, inner, inner),
        st.builds(largest, inner, _small),
        st.builds(smallest, inner, inner),
        st.builds(lambda one, other: one * other, inner, inner),
    ),
    max_leaves=4,
)


def where(dim, holds, least):
    return [n for n in range(least, FAR) if holds(evaluate(dim, {"n": n}))]


@given(DIMS, st.integers(1, 9), st.sampled_from(["positive", "zero", "apart", 2, 3, 8]))
def test_a_solution_is_every_number_and_no_other(dim, least, what):
    assume(isinstance(dim, Expr))
    if isinstance(what, int):
        found, holds = solving.multiple(dim, what, least), lambda value: value % what == 0
    else:
        found = getattr(solving, what)(dim, least)
        holds = {"positive": lambda v: v > 0, "zero": lambda v: v == 0, "apart": lambda v: v != 0}[what]
    if found is not None:
        assert [n for n in range(least, FAR) if n in found] == where(dim, holds, least)


def test_solutions_are_found_of_what_networks_ask():
    assert solving.positive(((H + 31) // 32) - 6, 1) == Numbers(193)
    assert solving.positive(50 - (H - 1) // 4, 1) == Numbers(1, 200)
    assert solving.zero(2 * ((H + 1) // 2) - H, 1) == Numbers(2, None, 2)  # as many rows after pooling and enlarging
    assert solving.zero((H - 3) // 4 - 5, 1) == Numbers(23, 26)
    assert solving.multiple(3 * H + 8, 8, 1) == Numbers(8, None, 8)
    assert solving.apart(16 * H - 16, 1) == Numbers(2)
    assert solving.apart(H - 5, 1) == Numbers(1, without=(5,))


@given(DIMS)
def test_what_is_said_to_repeat_repeats_and_to_rise_rises(dim):
    assume(isinstance(dim, Expr))
    values = [evaluate(dim, {"n": n}) for n in range(1, 300)]
    found = steps(dim)
    if found is not None and found.period < 100:
        assert all(values[n + found.period] == values[n] + found.advance for n in range(190))
    if rises(dim):
        assert values == sorted(values)


NUMBERS = st.builds(
    lambda least, length, modulus, remainders, out: Numbers(
        least, None if length is None else least + length, modulus,
        tuple(sorted({r % modulus for r in remainders})), tuple(out),
    ),
    st.integers(1, 12), st.none() | st.integers(-1, 30), st.integers(1, 8),
    st.lists(st.integers(0, 7), min_size=0, max_size=4), st.lists(st.integers(1, 20), max_size=4),
)  # fmt: skip


@given(NUMBERS, NUMBERS)
def test_sets_meet_and_are_tidied(one, other):
    met = one.meet(other)
    assert [n for n in range(1, 200) if n in met] == [n for n in range(1, 200) if n in one and n in other]
    assert met.tidy() == met
    assert met.empty == (not [n for n in range(1, 200) if n in met])
    assert met.empty or met.least in met
    assert met.first(3) == [n for n in range(1, 400) if n in met][:3]


@given(
    st.integers(1, 9),
    st.none() | st.integers(1, 60),
    st.integers(1, 6),
    st.sets(st.integers(0, 5), min_size=1),
    st.sets(st.integers(1, 30), max_size=4),
)
def test_runs_are_the_numbers_in_a_row(least, most, modulus, remainders, without):
    rests = tuple(sorted({rest % modulus for rest in remainders}))
    numbers = Numbers(least, most, modulus, rests, tuple(sorted(without))).tidy()
    runs = numbers.runs(5)
    end = 1000 if not runs or runs[-1][1] is None else runs[-1][1]
    told = {n for first, last in runs for n in range(first, (end if last is None else last) + 1)}
    assert told == {n for n in range(1, end + 1) if n in numbers}
    assert all(last + 1 < later for (_, last), (later, _) in pairwise(runs))
    if len(runs) < 5:  # then these are all
        assert not any(n in numbers for n in range(end + 1, 1000))


def told(rules, assumed=(), names=("H",)):
    return [shown.text(each) for each in reduced(rules, assumed, names).listed()]


def test_conditions_are_told_once_and_simply():
    rules = [positive(H, "A305", ""), positive(H // 2, "A301", ""), positive((H + 31) // 32 - 6, "A301", "")]
    assert told(rules) == ["H ≥ 193"]
    assert told([multiple(H, 8, "A302", ""), multiple(H, 12, "A302", "")]) == ["H ≡ 0 (mod 24)"]
    assert told([multiple(H, 8, "A302", ""), positive(H - 3, "A301", "")]) == ["H ≡ 0 (mod 8)"]
    assert told([multiple(H, 8, "A302", ""), positive(H - 8, "A301", "")]) == ["H ≥ 16", "H ≡ 0 (mod 8)"]
    assert told([equal(H // 32, 7, "A303", "")]) == ["H ≥ 224", "H ≤ 255"]
    assert told([], [Assumption("differs", H, 1)]) == ["H ≥ 2"]
    assert told([], [Assumption("differs", H, 16)]) == ["H ≠ 16"]
    assert told([], [Assumption("multiple", 3 * H, 4)]) == ["H ≡ 0 (mod 4)"]
    assert told([equal(H, W, "A303", "")], names=("H", "W")) == ["H = W"]
    assert told([equal(2 * H - H, H, "A303", "")]) == []
    assert told([positive(H * W - 2, "A301", "")], names=("H", "W")) == ["H·W ≥ 3"]
    two = [positive(H * W - 2, "A301", ""), positive(H - 2, "A301", "")]
    assert told(two, names=("H", "W")) == ["H ≥ 3"]


def test_what_contradicts_itself_fits_nothing():
    found = reduced([multiple(H, 2, "A302", ""), multiple(H + 1, 2, "A302", "")], (), ["H"])
    assert found.never
    assert not found.hold({"H": 2}) and not found.hold({"H": 3})


@pytest.mark.parametrize("value", [1, 2, 8, 9, 40])
def test_the_three_ways_to_write_a_condition_agree(value):
    rules = [multiple(H, 8, "A302", ""), positive(H - 8, "A301", ""), positive(90 - H, "A301", "")]
    found = reduced(rules, [Assumption("differs", H, 40)], ["H"])
    by_python = all(eval(shown.python(each), {"H": value}) for each in found.listed())
    assert by_python == found.hold({"H": value}) == (value in range(16, 90, 8) and value != 40)
    assert [symbols_of(each.left) for each in found.listed()] == [{"H"}] * 4
    assert r"\equiv 0 \pmod{8}" in " ".join(shown.latex(each) for each in found.listed())
