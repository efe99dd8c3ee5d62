"""Predicted times in cells and lines: aligned, in one unit a column, the band beside each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from archcalc.report.profile.figures import scale
from archcalc.report.profile.words import moment
from archcalc.report.roofline.words import at_least
from archcalc.report.style import visible

if TYPE_CHECKING:
    from archcalc.analyses.latency.asked import Target
    from archcalc.analyses.latency.band import Latency

_MILLISECOND = 1_000_000
_NOISY = ", which was noisy"


def cells(found: Sequence[Latency | None], *, bands: bool = True) -> list[str]:
    """A column of times: ``1.234 ms (1.050 to 1.460)``, or without the bands; a bound as ``≥ 1.20 ms``."""
    longest = max((each.time for each in found if each is not None and each.time is not None), default=0)
    each, unit, digits = (_MILLISECOND, "ms", 3) if longest >= _MILLISECOND else (1000, "µs", 1)

    def parts(latency: Latency | None) -> tuple[str, ...]:
        if latency is None or latency.time is None:
            return ()
        return tuple(f"{(value or 0) / each:,.{digits}f}" for value in (latency.time, latency.low, latency.high))

    made = [parts(latency) for latency in found]
    widths = [max((len(row[place]) for row in made if row), default=0) for place in range(3)]

    def cell(row: tuple[str, ...]) -> str:
        band = f" ({row[1]:>{widths[1]}} to {row[2]:>{widths[2]}})" if bands else ""
        return f"{row[0]:>{widths[0]}} {unit}{band}"

    return [cell(row) if row else bound(latency) for row, latency in zip(made, found, strict=True)]


def bound(latency: Latency | None) -> str:
    """``≥ 1.20 ms``; nothing where there is none."""
    return "" if latency is None or latency.bound is None else at_least(Fraction(latency.bound))


def told(latency: Latency) -> str:
    """One time: ``25.3 ms``, or a bound."""
    return bound(latency) if latency.time is None else scale(latency.time).told(latency.time)


def band(latency: Latency) -> str:
    """Between which it lies: ``22.1 to 29.0 ms``; nothing of a bound."""
    if latency.time is None or latency.low is None or latency.high is None:
        return ""
    to = scale(latency.time)
    return f"{to.bare(latency.low)} to {to.told(latency.high)}"


def of(target: Target) -> str:
    """A device, and when it was calibrated."""
    if target.calibration is None:
        return visible(f"{target.name}, not calibrated")
    noisy = _NOISY if target.calibration.noisy else ""
    return visible(f"{target.name}, calibrated {_day(target.calibration.started)}{noisy}")


def _day(started: str) -> str:
    return moment(started).partition(" ")[0]


def conditions(device: Mapping[str, Any]) -> Iterator[str]:
    """What a report's times are of, and what is not known of them."""
    if device["calibrated"] is None:
        yield visible(f"latency on {device['name']}, not calibrated: no program is faster than this bound")
        return
    noisy = _NOISY if device["noisy"] else ""
    yield visible(
        f"latency on {device['name']}, calibrated {_day(device['calibrated'])}{noisy}; nine of ten lie in the band"
    )
    yield from averaged(device["unknown"])


def averaged(routines: Sequence[str]) -> Iterator[str]:
    """Which routines were not measured; nothing where all were."""
    if routines:
        yield visible(f"not calibrated, taken for any other: {', '.join(routines)}")


def remark(latency: Latency) -> str:
    """What is to be said of a network's time."""
    if latency.time is None:
        return "no program is faster: its published peaks"
    return f"nine of ten {band(latency)}"
