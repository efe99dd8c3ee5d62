"""Warm-up and sampling, fed with runs of known course."""

from __future__ import annotations

from itertools import chain, cycle, repeat
from random import Random

import pytest

from archcalc.analyses.latency.steady import Sampling, WarmUp

SECOND = 10**9
MILLISECOND = 10**6


def warmed(times):
    warm = WarmUp()
    for taken in times:
        warm.add(taken)
        if warm.over:
            return warm
    raise AssertionError("ran out of runs")


def sampled(taken, seconds=5.0):
    sampling, starts = Sampling(seconds), 0
    while not sampling.over:
        starts += sampling.block_over
        sampling.add(taken)
        assert sampling.samples <= 10**6
    assert starts == len(sampling.blocks) and sum(sampling.blocks) == sampling.samples
    return sampling


def test_equal_runs_are_warm_after_half_a_second_and_no_earlier():
    warm = warmed(repeat(10 * MILLISECOND))
    assert (warm.runs, warm.settled, warm.moved) == (50, True, 0)


def test_three_runs_are_made_of_a_network_that_takes_longer():
    assert warmed(repeat(SECOND)).runs == 3


def test_slow_first_runs_are_outlived():
    """Ten runs of compiling and tuning, each quicker than the one before, then a steady pace."""
    first = [round(400 * MILLISECOND * 0.6**place) for place in range(10)]
    warm = warmed(chain(first, repeat(2 * MILLISECOND)))
    assert warm.settled
    # neither window has the slow ones for its median any more, and few runs were spent on telling that
    assert 16 <= warm.runs <= 30


def test_a_pace_that_keeps_falling_by_a_third_is_not_yet_warm():
    falling = [round(90 * MILLISECOND * 0.97**place) for place in range(60)]
    warm = WarmUp()
    for taken in falling:
        warm.add(taken)
        assert not warm.settled


def test_noise_does_not_keep_a_network_cold():
    random = Random(5)
    networks = [(round(5 * MILLISECOND * random.lognormvariate(0, 0.05)) for _ in repeat(0)) for _ in range(40)]
    assert sorted(warmed(runs).elapsed for runs in networks)[36] < 2 * SECOND


def test_a_machine_that_slows_down_for_ever_is_given_up_and_that_is_seen():
    warm = warmed(round(20 * MILLISECOND * 1.01**place) for place in range(10**4))
    assert not warm.settled
    assert warm.moved > 0.02
    assert 10 * SECOND <= warm.elapsed < 10.5 * SECOND


@pytest.mark.parametrize(("taken", "runs"), [(5, 2), (60, 1)])
def test_a_slow_network_is_not_warmed_up_for_minutes(taken, runs):
    warm = warmed(repeat(taken * SECOND))
    assert (warm.runs, warm.settled, warm.moved) == (runs, False, None)


@pytest.mark.parametrize(
    ("milliseconds", "seconds", "samples"),
    # 30 at least, then as many as the seconds asked hold, one second at least
    [(1, 5, 5000), (10, 2, 200), (100, 1, 30), (300, 5, 30), (100, 5, 50), (10, 0, 100), (1000, 5, 30)],
)
def test_so_many_samples_are_taken(milliseconds, seconds, samples):
    sampling = sampled(milliseconds * MILLISECOND, seconds)
    assert sampling.samples == samples
    assert len(sampling.blocks) == 5
    assert max(sampling.blocks) - min(sampling.blocks) <= 1


@pytest.mark.parametrize(
    ("taken", "seconds", "blocks"),
    [(5, 5, (2, 1, 1, 1, 1)), (60, 5, (1, 1, 1)), (5, 60, (5, 5, 5, 5, 4)), (2, 5, (3, 3, 3, 3, 3))],
)
def test_a_slow_network_ends_with_fewer_samples_in_as_many_blocks_as_can_be(taken, seconds, blocks):
    assert sampled(taken * SECOND, seconds).blocks == blocks


def test_what_is_done_grows_to_one():
    for taken in (3 * MILLISECOND, 400 * MILLISECOND, 7 * SECOND, 40 * SECOND):
        sampling, before = Sampling(5), 0.0
        assert sampling.share == 0
        while not sampling.over:
            sampling.add(taken)
            assert before <= sampling.share <= 1
            before = sampling.share
        assert sampling.share == 1


def test_blocks_are_of_equal_time_where_runs_are_not():
    """Runs that alternate between quick and slow fill blocks by time, not by number alone."""
    sampling, lengths = Sampling(5), cycle([MILLISECOND, 9 * MILLISECOND])
    ends = []
    while not sampling.over:
        if sampling.block_over:
            ends.append(sampling.elapsed)
        sampling.add(next(lengths))
    assert all(abs(end - place * SECOND) < 10 * MILLISECOND for place, end in enumerate(ends))
