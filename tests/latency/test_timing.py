"""What is said of samples, held against textbooks' tables, whole enumeration and exact integers."""

from __future__ import annotations

import statistics
from fractions import Fraction
from itertools import product
from math import comb, floor
from random import Random

import pytest

from archcalc.analyses.latency.timing import median_rank, timing


def drawn(count, seed=0):
    random = Random(seed)
    return [round(random.lognormvariate(14, 0.3)) for _ in range(count)]


@pytest.mark.parametrize(
    ("count", "ranks"),
    [(6, (1, 6)), (9, (2, 8)), (10, (2, 9)), (20, (6, 15)), (25, (8, 18)), (30, (10, 21)), (100, (40, 61))],
)
def test_the_interval_has_the_ranks_of_the_tables(count, ranks):
    summed = timing([100 * rank for rank in range(1, count + 1)])
    assert (summed.low, summed.high) == (100 * ranks[0], 100 * ranks[1])


@pytest.mark.parametrize("count", range(1, 13))
def test_of_all_ways_in_which_samples_fall_about_the_median_95_in_100_are_covered_and_no_closer_ranks_do(count):
    falls = [sum(sides) for sides in product((0, 1), repeat=count)]  # how many lie below the true median

    def covered(rank):
        return Fraction(sum(rank <= below <= count - rank for below in falls), len(falls))

    enough = [rank for rank in range(1, count // 2 + 1) if covered(rank) >= Fraction(95, 100)]
    assert median_rank(count) == max(enough, default=None)


def test_ranks_are_those_of_exact_integers():
    for count in [*range(13, 200), 1000, 3001]:
        rank = median_rank(count)
        outside = sum(comb(count, below) for below in range(rank))
        assert 40 * outside <= 2**count < 40 * (outside + comb(count, rank))


def test_a_million_samples_are_summed_up_in_no_time():
    assert median_rank(10**6) == pytest.approx(500_000 - 980, abs=1)  # 1.96 standard deviations of 500


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 6, 7, 8, 30, 58, 101])
def test_median_and_quartiles_are_those_of_the_standard_library(count):
    samples = drawn(count)
    summed = timing(samples)
    exact = [Fraction(sample) for sample in samples]
    assert summed.median == floor(statistics.median(exact) + Fraction(1, 2))
    if count > 1:
        first, _, third = statistics.quantiles(exact, n=4, method="inclusive")
        assert summed.first_quartile == floor(first + Fraction(1, 2))
        assert summed.third_quartile == floor(third + Fraction(1, 2))
    assert (summed.minimum, summed.maximum, summed.count) == (min(samples), max(samples), count)


def test_times_stay_integers_and_a_half_is_rounded_up():
    assert timing([1, 2]).median == 2
    assert timing([10, 11, 13, 14]).median == 12
    assert all(value is None or type(value) is int for value in vars(timing(drawn(60))).values())


@pytest.mark.parametrize("count", [1, 5])
def test_of_fewer_than_six_samples_no_interval_is_given(count):
    summed = timing(drawn(count))
    assert (summed.low, summed.high, summed.p95) == (None, None, None)


def test_the_95th_percentile_needs_59_samples():
    assert timing(drawn(58)).p95 is None
    assert 1 - Fraction(95, 100) ** 59 >= Fraction(95, 100) > 1 - Fraction(95, 100) ** 58


@pytest.mark.parametrize(("count", "rank"), [(59, 57), (60, 57), (61, 58), (100, 95), (101, 96), (1000, 950)])
def test_the_95th_percentile_is_a_sample_that_95_in_100_do_not_exceed(count, rank):
    samples = [7 * place for place in range(1, count + 1)]
    Random(1).shuffle(samples)
    found = timing(samples).p95
    assert found == 7 * rank
    assert 100 * sum(sample <= found for sample in samples) >= 95 * count
    assert 100 * sum(sample < found for sample in samples) < 95 * count


def test_the_interval_holds_the_median_of_skewed_samples():
    random = Random(3)
    truth = 1_000_000
    held = 0
    for _ in range(400):
        summed = timing([round(truth * random.lognormvariate(0, 0.2) ** 2) for _ in range(35)])
        held += summed.low <= truth <= summed.high
    assert 372 <= held <= 396  # ranks 12 and 24 of 35 hold it in 95.9 % of draws: 384 are expected


def test_nothing_timed_is_an_error():
    with pytest.raises(ValueError, match="nothing was timed"):
        timing([])
