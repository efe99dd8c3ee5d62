"""What came of a measurement, figure by figure: how much, and what is to be said of it."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import ceil

from archcalc.analyses.latency.measured import Profile
from archcalc.record import Record
from archcalc.report.numbers import duration, exact, short, size
from archcalc.report.profile.rows import summed

_SECOND = 10**9
_UNITS = ((10**9, "s"), (10**6, "ms"), (10**3, "µs"), (1, "ns"))
#: Digits of a time that is told beside others.
_DIGITS = 4


class Scale(Record):
    """Writes times in one unit, to so many decimals."""

    each: int
    unit: str
    decimals: int

    def bare(self, nanoseconds: int) -> str:
        return f"{nanoseconds / self.each:,.{self.decimals}f}"

    def told(self, nanoseconds: int) -> str:
        return f"{self.bare(nanoseconds)} {self.unit}"


def scale(like: int) -> Scale:
    """A scale that tells this time in four digits, and others beside it."""
    each, unit = next(((each, unit) for each, unit in _UNITS if like >= each), _UNITS[-1])
    return Scale(each, unit, max(_DIGITS - len(str(like // each)), 0) if each > 1 else 0)


class Figure(Record):
    """A line below the heading: what, how much, and what is to be said of it."""

    name: str
    value: str
    remark: str = ""


def figures(profile: Profile, least: Fraction | None = None) -> list[Figure]:
    """What came of it. ``least``: nanoseconds that the layers take at the device's roof."""
    return [*_times(profile), *_rates(profile, least), *_beside(profile)]


def _times(profile: Profile) -> Iterator[Figure]:
    whole = profile.whole
    to = scale(whole.median)
    yield Figure("median", to.told(whole.median), interval(profile))
    within, between = whole.third_quartile - whole.first_quartile, to.bare(whole.first_quartile)
    remark = f"{between} to {to.told(whole.third_quartile)}, {_percent(within, whole.median)} of the median"
    yield Figure("interquartile range", to.told(within), remark)
    yield Figure("fastest", to.told(whole.minimum))
    if whole.p95 is not None:
        yield Figure("95th percentile", to.told(whole.p95))
    yield from _phases(profile, to)


def _phases(profile: Profile, to: Scale) -> Iterator[Figure]:
    """What a step is made of, and the rest: as printed it adds up."""
    if not profile.phases:
        return
    whole, medians = profile.whole.median, [phase.time.median for phase in profile.phases]
    times = summed(medians, whole, to.each // 10**to.decimals, to.decimals, to.unit)
    parts = summed([1000 * median for median in medians], 1000 * whole, max(whole, 1), 1, "%")
    names = [*(phase.name for phase in profile.phases), "other"]
    for name, time, part in zip(names, (*times.rows, times.other), (*parts.rows, parts.other), strict=True):
        yield Figure(f"  {name}", f"{time} {to.unit}", f"{part} %")


def interval(profile: Profile) -> str:
    """How sure the median is."""
    whole = profile.whole
    if whole.low is None or whole.high is None:
        return f"of {exact(whole.count)} runs: too few to bound it"
    to = scale(whole.median)
    return f"95 % between {to.bare(whole.low)} and {to.told(whole.high)}"


def _rates(profile: Profile, least: Fraction | None) -> Iterator[Figure]:
    median, batch = profile.whole.median, profile.setting.batch
    if not median:
        return
    yield Figure(
        "throughput", f"{images_a_second(batch, median)} images/s", f"{_each(median, batch)} each" if batch > 1 else ""
    )
    if profile.flops:
        work = f"{short(profile.flops)}FLOPs a run"
        if least:
            work = f"{_percent(least, median)} of what the roof allows: {duration(ceil(least))}"
        yield Figure("achieved", f"{rate(profile.flops, median)}FLOP/s", work)


def images_a_second(batch: int, nanoseconds: int) -> str:
    """Three significant digits."""
    return _significant(Fraction(batch * _SECOND, max(nanoseconds, 1)))


def _significant(value: Fraction) -> str:
    if value >= 100:
        return exact(round(value))
    return f"{float(value):.3g}" if value < 1 else f"{float(value):.{1 if value >= 10 else 2}f}"


def _each(median: int, batch: int) -> str:
    return duration(round(Fraction(median, batch)))


def rate(flops: int | None, nanoseconds: int) -> str:
    """Operations a second: ``305 G``."""
    return short(flops * _SECOND // nanoseconds) if flops and nanoseconds > 0 else ""


def _beside(profile: Profile) -> Iterator[Figure]:
    memory = profile.memory
    if memory.measured is not None:
        yield Figure("memory", size(memory.measured), _beside_predicted(memory.measured, memory.predicted))
    elif memory.predicted is not None:
        yield Figure("memory", size(memory.predicted), "predicted: the peak beyond weights; not measured here")
    if profile.millijoules is not None:
        joules = f"{float(f'{profile.millijoules / 1000:.3g}'):g} J"
        yield Figure("energy", joules, "an image, an estimate by the GPU's own counter")
    runs = f"in {_blocks(profile)}, after {exact(profile.warmup)} to warm up"
    yield Figure("runs", exact(profile.whole.count), runs + (", interrupted" if profile.interrupted else ""))


def _blocks(profile: Profile) -> str:
    count = len(profile.blocks)
    return f"{count} block{'' if count == 1 else 's'}"


def _beside_predicted(measured: int, predicted: int | None) -> str:
    what = "the peak beyond weights"
    if predicted is None:
        return what
    if measured == predicted:
        return f"{what}; as predicted"
    beyond = f", {(measured - predicted) / predicted:+.1%} of it".replace("%", " %") if predicted else ""
    return f"{what}; {size(predicted)} predicted{beyond}"


def _percent(part: int | Fraction, whole: int) -> str:
    return f"{100 * float(Fraction(part) / max(whole, 1)):.1f} %"
