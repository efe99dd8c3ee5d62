"""Reasons not to believe a measurement, out of what was seen while it was made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from math import exp, log, sqrt
from statistics import fmean, median

from archcalc.analyses.latency.measured import Noise
from archcalc.analyses.latency.steady import ALIKE, ENOUGH
from archcalc.analyses.latency.timing import timing
from archcalc.record import Configuration

#: a repeat is held to 3 %: a median that moves by more, or is known less closely, is not to be believed
WITHIN = 0.03
#: PyTorch's own timer warns above it too
WIDEST_SPREAD = 0.1
#: of the time that threads should have run
MOST_TAKEN = 0.02
#: a thread alone that is not on a core all the time was kept off it, or slept
LEAST_BUSY = 0.9
#: what a quiet machine's services take: half a core, 2 % of a large machine's cores
QUIET_CORES = 0.5
QUIET_SHARE = 0.02
CLOCKS_WITHIN = 0.05

#: so many stretches show two swings up and down, and are long enough for what one run leaves to the next
STRETCHES = 13
#: stretches of three samples pass over a single outlier
STRETCH = 3
#: standard deviations below what chance gives: about one in eleven quiet runs, most of which move too little to count
UNLIKELY = 1.35


class Evidence(Configuration):
    """What was seen while samples were taken; None where it could not be seen.

    ``blocks``: the samples, ns, in the order in which they were taken. ``wall`` and ``cpu``: ns over them, by the
    clock and of the process on all cores; ``waited``: ns that its threads stood ready without a core, all together.
    ``stolen``: the share of the machine's time that its host gave to others. ``others``: how many cores other processes
    kept busy meanwhile; ``load``: how many before. ``clocks``: Hz before and after. ``warming``: by what share the last
    windows of the warm-up differed, where it was given up.
    """

    blocks: tuple[tuple[int, ...], ...]
    wall: int
    threads: int
    cpu: int | None = None
    waited: int | None = None
    stolen: float | None = None
    others: float | None = None
    load: float | None = None
    cores: int | None = None
    clocks: tuple[int, int] | None = None
    warming: float | None = None


def noise(evidence: Evidence) -> tuple[Noise, ...]:
    """All reasons not to believe the samples, at least one of which there must be; none of a quiet machine."""
    samples = [*chain.from_iterable(evidence.blocks)]
    return (*_of_samples(samples, evidence.warming), *_of_machine(evidence))


def drift(samples: Sequence[int]) -> float | None:
    """By what share samples slowly moved, from their quickest to their slowest stretch; None where chance may do that.

    Medians of a dozen stretches pass over outliers and over what one run leaves to the next, and slow change of any
    shape, a ramp, a step or a swing, makes neighbours among them more alike than others (von Neumann's ratio), whatever
    the scatter. That alone would tell of harmless change in long measurements: so they must also move by 3 % and by
    what the stretches scatter, which is known from neighbours and owes nothing to slow change.
    """
    count = min(STRETCHES, len(samples) // STRETCH)
    if count < STRETCH + 1:
        return None
    levels = [median(log(sample) for sample in stretch) for stretch in _parted(samples, count)]
    mean = fmean(levels)
    squares = sum((level - mean) ** 2 for level in levels)
    steps = sum((after - before) ** 2 for before, after in pairwise(levels))
    # the ratio is 2 on average if order does not matter, with a variance of 4 (n - 2) / (n² - 1)
    if steps >= squares * (2 - UNLIKELY * sqrt(4 * (count - 2) / (count**2 - 1))):
        return None
    smooth = [median(levels[place : place + STRETCH]) for place in range(count - STRETCH + 1)]
    moved = max(smooth) - min(smooth)
    scatter = sqrt(steps / (count - 1) / 2)
    return exp(moved) - 1 if moved > log(1 + WITHIN) + scatter else None


def _parted(samples: Sequence[int], count: int) -> list[Sequence[int]]:
    ends = [len(samples) * place // count for place in range(count + 1)]
    return [samples[begin:end] for begin, end in pairwise(ends)]


def _of_samples(samples: Sequence[int], warming: float | None) -> Iterator[Noise]:
    summed = timing(samples)
    if warming is not None and warming > ALIKE:
        yield Noise("warm-up", f"runs still changed by {_percent(warming)} when the warm-up was given up")
    moved = drift(samples)
    if moved is not None:
        yield Noise("drift", f"the time moved by {_percent(moved)} while it was measured")
    spread = (summed.third_quartile - summed.first_quartile) / summed.median
    if spread > WIDEST_SPREAD:
        yield Noise("spread", f"the middle half of the samples spreads over {_percent(spread)} of the median")
    unsure = (summed.high - summed.low) / (2 * summed.median) if summed.low and summed.high else None
    if summed.count < ENOUGH:
        yield Noise("few", f"{ENOUGH} samples are wanted, {summed.count} taken")
    elif unsure is not None and unsure > WITHIN:
        yield Noise("few", f"{summed.count} samples tell the median within {_percent(unsure)} only")


def _of_machine(seen: Evidence) -> Iterator[Noise]:
    meant = seen.wall * seen.threads
    waited = seen.waited / meant if seen.waited is not None else None
    if seen.cores and seen.threads > seen.cores:
        share = f", and waited for one {_percent(waited)} of the time" if waited else ""
        yield Noise("cores", f"{seen.threads} threads had {seen.cores} core{'s' * (seen.cores > 1)}{share}")
    elif waited is not None and waited > MOST_TAKEN:
        yield Noise("cores", f"threads waited for a core {_percent(waited)} of the time")
    # threads of a network that does not divide well sleep on a quiet machine too: only one core can be asked for
    elif seen.cpu is not None and seen.cpu < LEAST_BUSY * seen.wall:
        yield Noise("cores", f"the process ran {_percent(seen.cpu / seen.wall)} of the time, not even one core's worth")
    if seen.stolen is not None and seen.stolen > MOST_TAKEN:
        yield Noise("stolen", f"the host of this virtual machine took {_percent(seen.stolen)} of its time")
    quiet = max(QUIET_CORES, QUIET_SHARE * (seen.cores or 0))
    # load is an average over a minute, in which this tool may have run itself: only where nothing better was seen
    if seen.others is not None and seen.others > quiet:
        yield Noise("load", f"other processes used {seen.others:.1f} cores")
    elif seen.others is None and seen.load is not None and seen.load > quiet:
        yield Noise("load", f"other processes used {seen.load:.1f} cores before")
    if seen.clocks and abs(seen.clocks[1] - seen.clocks[0]) > CLOCKS_WITHIN * seen.clocks[0]:
        before, after = (round(clock / 10**6) for clock in seen.clocks)
        yield Noise("clocks", f"the clock went from {before} to {after} MHz")


def _percent(share: float) -> str:
    """Two digits: noise has no more."""
    return f"{100 * share:.0f} %" if share >= 0.0995 else f"{100 * share:.1f} %"
