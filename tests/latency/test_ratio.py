"""What is said of pairs of runs, of which it is known by how much the second takes longer."""

from __future__ import annotations

from random import Random
from statistics import geometric_mean, median

import pytest
from latency.traces import DRIFTS, ramp, step, still, swing, trace

from archcalc.analyses.latency.ratio import ratio
from archcalc.analyses.latency.timing import timing


def turns(seed, truth, course=still, size=0.0, pairs=None, swapped=False, **more):
    """Runs of A and of B, which takes ``truth`` times as long, in turns on a machine that drifts; ``swapped``: every
    other turn begins with B."""
    random = Random(seed)
    pairs = pairs or random.randint(12, 90)
    runs = trace(random, 2 * pairs, course, size, **more)
    a, b = [], []
    for place in range(pairs):
        first, second = runs[2 * place], runs[2 * place + 1]
        if swapped and place % 2:
            first, second = second, first
        a.append(first)
        b.append(round(second * truth))
    return a, b


def holds(found, truth):
    return found.low <= truth <= found.high


@pytest.mark.parametrize(
    ("course", "size", "swapped"),
    [(still, 0, False), (step, 0.5, False), (swing, 0.2, False), (ramp, 0.1, False), (ramp, 0.5, True)],
    ids=["quiet", "step", "swing", "ramp", "steep ramp, in swapped turns"],
)
def test_the_interval_holds_the_truth_of_93_in_100_comparisons_whatever_both_suffer(course, size, swapped):
    found = [ratio(*turns(seed, 1.1, course, size, swapped=swapped)) for seed in range(200)]
    assert sum(holds(each, 1.1) for each in found) >= 186
    assert sum(holds(each, 1.155) for each in found) <= 40  # and it does not hold everything


@pytest.mark.parametrize("course", DRIFTS, ids=lambda course: course.__name__)
def test_drift_of_both_does_not_widen_the_interval_as_it_does_that_of_each_alone(course):
    def widths(course, size):
        pairs = [turns(seed, 0.9, course, size, pairs=60, spread=0.02, memory=0, spikes=0) for seed in range(20)]
        told = [ratio(*each) for each in pairs], [timing(a) for a, _ in pairs]
        return [median((each.high - each.low) / each.median for each in kind) for kind in told]

    (quiet, quiet_alone), (moved, moved_alone) = widths(still, 0), widths(course, 0.3)
    assert moved < 1.3 * quiet
    assert moved_alone > 3 * quiet_alone


def test_one_and_the_same_is_never_told_to_differ_and_five_per_cent_often():
    alike = [ratio(*turns(seed, 1)).verdict for seed in range(200)]
    assert alike.count("open") >= 186 and not {"slower", "faster"} & {*alike}
    small = {"pairs": 150, "spread": 0.03}
    assert [ratio(*turns(seed, 1.05, **small)).verdict for seed in range(50)].count("slower") >= 45
    assert [ratio(*turns(seed, 0.95, **small)).verdict for seed in range(50)].count("faster") >= 45
    assert [ratio(*turns(seed, 1.02, **small)).verdict for seed in range(50)].count("near") >= 40


def test_median_and_ends_are_those_of_the_ratios():
    found = ratio([100] * 10, [90, 91, 92, 93, 94, 96, 97, 98, 99, 300])
    assert (found.pairs, found.low, found.high) == (10, 0.91, 0.99)
    assert found.median == pytest.approx(geometric_mean([0.94, 0.96]))
    assert found.verdict == "faster" and found.but(noisy=True).verdict == "doubtful"
    assert ratio([100] * 10, [98] * 10).verdict == "near" == ratio([100] * 10, [102] * 10).verdict
    assert ratio([100] * 10, [96] * 10).verdict == "faster"
    assert ratio([7, 5, 9], [14, 5, 27]).median == 2


def test_the_other_way_round_it_is_the_inverse():
    a, b = turns(8, 1.3, pairs=40)
    there, back = ratio(a, b), ratio(b, a)
    assert (back.median, back.low, back.high) == pytest.approx((1 / there.median, 1 / there.high, 1 / there.low))
    assert (there.verdict, back.verdict) == ("slower", "faster")
    assert there.median == pytest.approx(median(y / x for x, y in zip(a, b, strict=True)), rel=1e-3)


def test_of_fewer_than_six_pairs_nothing_is_told():
    found = ratio([1, 1, 1, 1, 1], [2, 2, 2, 2, 2])
    assert (found.median, found.low, found.high, found.verdict) == (2, None, None, "open")


def test_a_run_without_a_partner_is_left_out():
    assert ratio([10, 10, 10], [20, 20]).pairs == 2
    with pytest.raises(ValueError, match="nothing was compared"):
        ratio([10], [])
