"""Whether a run is told to be noisy: traces of known drift, and what a machine shows while it is shared."""

from __future__ import annotations

from random import Random

import pytest
from latency.traces import DRIFTS, many, parted, ramp, step, still, swing, trace

from archcalc.analyses.latency.noise import Evidence, drift, noise

SECOND = 10**9


def seen(samples, **more):
    """What is seen of samples on two cores of a machine that is otherwise idle."""
    wall = sum(samples)
    quiet = {
        "threads": 2, "cpu": 2 * wall, "waited": 0, "stolen": 0.0, "others": 0.05, "load": 0.1, "cores": 8,
        "clocks": (1_755_000_000, 1_740_000_000),
    }  # fmt: skip
    return Evidence(blocks=parted(samples), wall=wall, **{**quiet, **more})


def signs(samples, **more):
    return [each.sign for each in noise(seen(samples, **more))]


def quiet(count=200, seed=1, **more):
    return trace(Random(seed), count, still, 0, **{"spread": 0.02, "memory": 0, "spikes": 0.01, **more})


def test_of_200_quiet_machines_at_most_5_in_100_are_called_noisy():
    flagged = [signs(samples) for samples in many(range(200), (still, *DRIFTS), (0, 0.01))]
    assert sum(map(bool, flagged)) <= 10


def test_few_samples_and_runs_that_follow_the_one_before_are_not_taken_for_drift():
    for memory, counts in ((None, (60, 200)), (0.5, (100, 400))):
        flagged = [signs(samples) for samples in many(range(500, 900), (still,), (0, 0), counts, memory=memory)]
        assert sum(map(bool, flagged)) <= 16  # 4 in 100


def test_wide_scatter_is_seldom_taken_for_drift():
    found = [drift(samples) for samples in many(range(200), (still,), (0, 0), spread=0.25, memory=0)]
    assert sum(moved is not None for moved in found) <= 20


def test_of_200_drifting_machines_at_most_5_in_100_are_believed():
    believed = [samples for samples in many(range(1000, 1200), DRIFTS, (0.08, 0.15)) if "drift" not in signs(samples)]
    assert len(believed) <= 10


@pytest.mark.parametrize("course", DRIFTS, ids=lambda course: course.__name__)
@pytest.mark.parametrize("counts", [(30, 60), (60, 200)], ids=["few", "more"])
def test_so_it_is_of_each_shape_of_drift_and_of_few_samples(course, counts):
    flagged = ["drift" in signs(samples) for samples in many(range(2000, 2060), (course,), (0.09, 0.15), counts)]
    assert sum(flagged) >= 54  # of 60; of 200 of each the rate is above: 95 %


def test_what_moved_is_told_about_as_large_as_it_is():
    for size in (0.05, 0.1, 0.3):
        for course, shown in ((step, 1), (ramp, 11 / 13), (swing, 0.9)):  # stretches do not reach a ramp's ends
            moved = drift(trace(Random(4), 1000, course, size, spread=0.02, memory=0, spikes=0))
            assert moved == pytest.approx(size * shown, rel=0.2)


def test_nothing_drifts_where_all_samples_are_equal_or_few():
    assert drift([5] * 100) is None
    assert drift([10] * 5 + [20] * 6) is None
    assert drift([10] * 6 + [20] * 6) == pytest.approx(1)


def test_single_outliers_are_no_drift():
    samples = [20_000_000 + place % 7 for place in range(90)]
    for place in (5, 6, 40, 70):
        samples[place] *= 3
    assert signs(samples) == []


def test_a_busy_loop_beside_the_network_is_flagged_however_evenly_it_slows():
    """Two threads on two cores, and a loop that takes half of one from the first sample on: no sample tells of it."""
    slowed = [2 * sample for sample in quiet()]
    assert signs(slowed, waited=sum(slowed) // 2, others=1.0, cores=2) == ["cores", "load"]
    assert signs(slowed, waited=sum(slowed) // 2, others=None, load=None) == ["cores"]
    assert signs(slowed, waited=None, cpu=sum(slowed) * 3 // 2, others=1.0) == ["load"]


def test_a_busy_loop_that_begins_on_the_way_is_flagged_by_its_samples_alone():
    for seed in range(20):
        assert "drift" in signs(trace(Random(seed), 150, step, 0.5, spread=0.03))


def test_a_network_that_does_not_divide_over_threads_is_not_noisy_for_it():
    """Three of four threads sleep: the process has one core's time, and none waits."""
    samples = quiet()
    assert signs(samples, threads=4, cpu=sum(samples)) == []
    assert signs(samples, threads=4, cpu=sum(samples), waited=None) == []


@pytest.mark.parametrize(
    ("more", "sign", "says"),
    [
        ({"waited": 2 * SECOND}, "cores", "threads waited for a core 25 % of the time"),
        ({"waited": 2 * SECOND, "cores": 1}, "cores", "2 threads had 1 core, and waited for one 25 % of the time"),
        ({"waited": 0, "threads": 9}, "cores", "9 threads had 8 cores"),
        ({"waited": None, "threads": 9}, "cores", "9 threads had 8 cores"),
        ({"cpu": 3 * SECOND}, "cores", "the process ran 75 % of the time, not even one core's worth"),
        ({"stolen": 0.05}, "stolen", "the host of this virtual machine took 5.0 % of its time"),
        ({"others": 0.7}, "load", "other processes used 0.7 cores"),
        ({"others": None, "load": 1.2}, "load", "other processes used 1.2 cores before"),
        ({"clocks": (1_980_000_000, 1_410_000_000)}, "clocks", "the clock went from 1980 to 1410 MHz"),
        ({"clocks": (1_410_000_000, 1_980_000_000)}, "clocks", "the clock went from 1410 to 1980 MHz"),
        ({"warming": 0.034}, "warm-up", "runs still changed by 3.4 % when the warm-up was given up"),
    ],
)
def test_what_a_machine_shows_is_said(more, sign, says):
    (found,) = noise(seen([20_000_000] * 200, **more))
    assert (found.sign, found.seen) == (sign, says)


@pytest.mark.parametrize(
    "more",
    [
        {"waited": 4 * SECOND // 100},
        {"stolen": 0.01},
        {"others": 0.4},
        {"others": 2.0, "cores": 128},
        {"others": 0.1, "load": 2.0},  # before the run, perhaps this very tool
        {"clocks": (1_980_000_000, 1_900_000_000)},
        {"warming": 0.01},
        {"cpu": None, "waited": None, "stolen": None, "others": None, "load": None, "cores": None, "clocks": None},
    ],
    ids=str,
)
def test_what_every_machine_does_is_not(more):
    assert signs([20_000_000] * 200, **more) == []


def even(count, width):
    """Samples all over ``width`` of their median, high and low by turns: steps of a golden section of the range."""
    turn = round(0.382 * count)
    return [round(SECOND * (1 + width * (place * turn % count / (count - 1) - 0.5))) for place in range(count)]


def test_samples_that_scatter_are_told():
    """Half of them lie within half of the width."""
    (wide,) = noise(seen(even(201, 0.3)))
    assert (wide.sign, wide.seen) == ("spread", "the middle half of the samples spreads over 15 % of the median")
    assert noise(seen(even(201, 0.18))) == ()


def test_too_few_samples_are_told():
    (few,) = noise(seen([7 * SECOND] * 5))
    assert (few.sign, few.seen) == ("few", "30 samples are wanted, 5 taken")
    # the tenth and the last but nine of 31: twelve of thirty steps apart
    (unsure,) = noise(seen(even(31, 0.192)))
    assert (unsure.sign, unsure.seen) == ("few", "31 samples tell the median within 3.8 % only")
