"""The layers of a measurement as rows of a table that add up as they are printed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from archcalc.analyses.latency.measured import OWN, LayerTime, Profile
from archcalc.record import Configuration
from archcalc.report.fold import parted

#: From so many nanoseconds on a column is told in milliseconds.
_LONG = 100_000_000


class Line(Configuration):
    """A layer, or a folded group of ``layers``: its time in nanoseconds, and its work for the whole batch.

    ``bound``: what most of its time is bound by.
    """

    name: str
    kind: str
    nanoseconds: int
    macs: int | None
    flops: int | None
    bound: str
    layers: int = 1


def lines(profile: Profile, depth: int | None) -> list[Line]:
    """A row a layer in the network's order, groups of ``depth`` names folded into one; times are sums of medians."""
    if depth is None:
        return [_line(layer.name, [layer]) for layer in profile.layers]
    parts: dict[str, list[LayerTime]] = {}
    for name, members in parted(profile.layers, depth):
        # what a module does itself between others of its own belongs to it
        parts.setdefault(name.removesuffix(OWN), []).extend(members)
    return [_line(name, members) for name, members in parts.items()]


def _line(name: str, members: Sequence[LayerTime]) -> Line:
    of_spec = any(member.line is not None for member in members)
    bounds = Counter[str]()
    for member in members:
        bounds[member.bound] += max(member.time.median, 0)
    return Line(
        name=name,
        kind=members[0].kind if len(members) == 1 else f"{len(members)} {'layers' if of_spec else 'modules'}",
        nanoseconds=sum(member.time.median for member in members),
        macs=_sum(member.macs for member in members),
        flops=_sum(member.flops for member in members),
        bound=bounds.most_common(1)[0][0],
        layers=len(members),
    )


def _sum(counts: Iterable[int | None]) -> int | None:
    """None where one of them is not known."""
    total = 0
    for count in counts:
        if count is None:
            return None
        total += count
    return total


class Sums(Configuration):
    """A column as it is printed, a text a row: the rows add up to ``layers``, that and ``other`` to ``whole``."""

    unit: str
    rows: tuple[str, ...]
    layers: str
    other: str
    whole: str


def times(rows: Sequence[Line], whole: int, like: int = 0) -> Sums:
    """The times of rows and of the whole run in one unit: to a tenth of a microsecond, to a whole one of long runs, or
    where they stand beside one as long as ``like``."""
    step, decimals, unit = (1000, 3, "ms") if max(whole, like) >= _LONG else (100, 1, "µs")
    return summed([row.nanoseconds for row in rows], whole, step, decimals, unit)


def shares(rows: Sequence[Line], whole: int) -> Sums:
    """What part of the whole run each is, to a tenth of a percent."""
    return summed([row.nanoseconds * 1000 for row in rows], whole * 1000, whole, 1, "%")


def summed(values: Sequence[int], whole: int, step: int, decimals: int, unit: str) -> Sums:
    """Values rounded to steps that add up: all go down, and those that lost most up again as far as it takes (the
    largest remainders), so that none is off by a step or more."""
    total, end = (_nearest(value, step) for value in (sum(values), whole))
    steps = [value // step for value in values]
    most = sorted(range(len(values)), key=lambda index: values[index] % step, reverse=True)
    for index in most[: total - sum(steps)]:
        steps[index] += 1
    *told, layers, other, last = (f"{each / 10**decimals:,.{decimals}f}" for each in (*steps, total, end - total, end))
    return Sums(unit=unit, rows=tuple(told), layers=layers, other=other, whole=last)


def _nearest(value: int, step: int) -> int:
    return (2 * value + step) // (2 * step)
