"""The best points against brute force, in blocks of any size."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archcalc.analyses.sweep.front import First, Front, Objective

HUGE = 10**25


def _kept(best, names, points, blocks):
    """Feeds points in blocks; the places of those that are kept, in the order in which they are kept."""
    start = 0
    for size in [*blocks, len(points)]:
        block = points[start : start + size]
        if block:
            columns = {name: _column([point[axis] for point in block]) for axis, name in enumerate(names)}
            costs = best.costs_of(columns, len(block))
            wanted = best.wanted(costs)
            rows = {"place": np.arange(start, start + len(block))[wanted]}
            best.add([cost[wanted] for cost in costs], rows)
        start += size
    return best.rows["place"].tolist() if best.rows else []


def _column(values):
    return np.array(values, dtype=object if any(abs(value) >= 2**63 for value in values) else np.int64)


def _costs(point, senses):
    return tuple(value if sense == "minimize" else -value for value, sense in zip(point, senses, strict=True))


NUMBERS = st.integers(0, 6) | st.sampled_from([HUGE, -HUGE, 2**63 - 1, -(2**63)])
CASES = st.integers(1, 4).flatmap(
    lambda axes: st.tuples(
        st.lists(st.sampled_from(["minimize", "maximize"]), min_size=axes, max_size=axes),
        st.lists(st.tuples(*[NUMBERS] * axes), max_size=40),
        st.lists(st.integers(1, 15), max_size=5),
    )
)


@given(CASES)
def test_the_front_is_what_no_other_point_beats(case):
    senses, points, blocks = case
    names = [f"q{axis}" for axis in range(len(senses))]
    objectives = [Objective(sense, name) for sense, name in zip(senses, names, strict=True)]
    costs = [_costs(point, senses) for point in points]
    expected = {
        place
        for place, own in enumerate(costs)
        if own not in costs[:place]
        and not any(other != own and all(a <= b for a, b in zip(other, own, strict=True)) for other in costs)
    }
    found = _kept(Front(objectives), names, points, blocks)
    assert set(found) == expected and len(found) == len(expected)


@given(CASES, st.integers(1, 8))
def test_the_first_few_are_those_of_a_stable_sort(case, count):
    senses, points, blocks = case
    names = [f"q{axis}" for axis in range(len(senses))]
    objectives = [Objective(sense, name) for sense, name in zip(senses, names, strict=True)]
    costs = [_costs(point, senses) for point in points]
    expected = sorted(range(len(points)), key=lambda place: costs[place])[:count]
    assert _kept(First(objectives, count), names, points, blocks) == expected


def test_a_long_front_in_many_blocks():
    """Longer than what is looked at first, in three objectives as in two."""
    points = [(place, 5000 - place, (place * 37) % 101) for place in range(5000)]
    for axes in (2, 3):
        names = [f"q{axis}" for axis in range(axes)]
        kept = _kept(
            Front([Objective("minimize", name) for name in names]), names, [p[:axes] for p in points], [700] * 8
        )
        assert sorted(kept) == list(range(5000))


@pytest.mark.parametrize("column", [3, 2.5])
def test_a_column_may_be_one_number(column):
    assert Objective("maximize", "q").cost(column, 3).tolist() == [-column] * 3
