"""Two quantities of compared networks as points."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from archcalc.analyses.latency.band import Latency
from archcalc.analyses.quantities import BYTES_ONLY
from archcalc.report.comparison.words import quantity
from archcalc.report.plot import Axis, Point

if TYPE_CHECKING:
    from archcalc.analyses.comparison import Comparison, Line


_MILLISECOND = 10**6


def points(found: Comparison) -> tuple[list[Point], Axis, Axis]:
    """The networks by the first two of their quantities. Raises ValueError where one has no such number."""
    x, y = found.totals[:2]
    made = [Point(_number(found, x, place), _number(found, y, place), name) for place, name in enumerate(found.names)]
    return made, _axis(x), _axis(y)


def _axis(line: Line) -> Axis:
    if line.quantity == "latency":
        return Axis("latency, ms")
    return Axis(quantity(line.quantity), bytes=line.quantity in BYTES_ONLY)


def _number(found: Comparison, line: Line, place: int) -> int | Fraction:
    it = line.values[place]
    if isinstance(it, Latency):
        if it.time is None:
            raise ValueError(f"the latency of {found.names[place]} is not predicted: archcalc calibrate")
        return Fraction(it.time, _MILLISECOND)
    if not isinstance(it, int | Fraction):
        said = "none" if it is None else "no single number"
        raise ValueError(f"{quantity(line.quantity)} of {found.names[place]} is {said}: choose another to draw")
    return it
