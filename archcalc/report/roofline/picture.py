"""Layers as points under the ceilings of a device: operations a second over operations a byte."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from archcalc.analyses.latency.roofline import Roof
from archcalc.report.numbers import short
from archcalc.report.plot import Axis, Line, Point
from archcalc.report.roofline.rows import Shown
from archcalc.report.roofline.words import percent

_SECOND = 10**9
#: How far a picture goes beyond what is in it, as a factor: to the sides, and above for names.
_BEYOND, _ABOVE = 2, 4


class NoPoint(ValueError):
    """There is nothing to draw: no layer has operations."""


def picture(shown: Shown, named: int) -> tuple[list[Point], Axis, Axis, list[Line]]:
    """The points, of which so many that take longest have names, both axes, and the ceilings. Raises NoPoint."""
    rows = [
        (row, share, took)
        for row, share, took in zip(shown.rows, shown.shares, shown.times, strict=True)
        if row.flops and row.moved_bytes
    ]
    if not rows:
        raise NoPoint(f"{shown.roofline.network}: no layer has operations: there is nothing to draw")
    longest = {id(row) for row, _, _ in sorted(rows, key=lambda each: -each[1])[:named]}
    points = []
    for row, share, took in rows:
        intensity, attainable = row.intensity or Fraction(0), row.attainable or Fraction(0)
        label = f"{row.name} {percent(share)}" if id(row) in longest else ""
        points.append(Point(intensity, attainable, label, sign="" if label else "small"))
        if took:
            points.append(Point(intensity, Fraction(row.flops * _SECOND, took), sign="hollow"))
    lines = [*_ceilings(shown.roofline.roof, [point.x for point in points])]
    top = max(place[1] for line in lines for place in line.places)
    return points, Axis("FLOPs per byte", log=True), Axis("FLOP/s", log=True, reach=(top * _ABOVE,)), lines


def _ceilings(roof: Roof, seen: list[float | Fraction]) -> Iterator[Line]:
    """The slope of the memory, and a level for each peak from where it meets the slope."""
    speed = roof.bandwidth.rate
    names: dict[int, dict[str, None]] = {}
    for peak in (roof.convolution, roof.matrix, roof.element):
        names.setdefault(peak.rate, {})[peak.name] = None
    ridges = {rate: Fraction(rate, speed) for rate in names}
    first = min(*seen, *ridges.values()) / _BEYOND
    last, top = max(*seen, *ridges.values()) * _BEYOND, max(ridges)
    yield Line(((first, first * speed), (ridges[top], top)), f"{roof.bandwidth.name} {short(speed)}B/s")
    for rate, called in names.items():
        yield Line(((ridges[rate], rate), (last, rate)), f"{', '.join(called)} {short(rate)}FLOP/s")
