"""The points that are told, by two quantities: those of the front joined."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from archcalc.report.plot import Axis, Point
from archcalc.report.sweep.heading import Swept

if TYPE_CHECKING:
    from archcalc.report.sweep.text import Shown

#: Points that have their values beside them.
_LABELLED = 8


def picture(swept: Swept, shown: Shown, x: str, y: str) -> tuple[Sequence[Point], Axis, Axis]:
    """What ``scatter`` and ``svg`` draw. Raises ValueError where a point has no such number."""
    cells: Mapping[str, Sequence[Any]] = shown.cells
    xs, ys = cells.get(x, ()), cells.get(y, ())
    if any(value is None or isinstance(value, str) for value in (*xs, *ys)):
        raise ValueError(f"not every point has {x} and {y}")
    front = bool(swept.request.objectives) and not swept.request.top and len(swept.request.objectives) > 1
    step = max(-(-len(xs) // _LABELLED), 1)
    names = [each.name for each in swept.request.variables]
    points = [
        Point(one, other, _label(cells, names, place) if place % step == 0 else "", front)
        for place, (one, other) in enumerate(zip(_scaled(swept, x, xs), _scaled(swept, y, ys), strict=True))
    ]
    return points, _axis(swept, x), _axis(swept, y)


def _label(cells: Mapping[str, Sequence[Any]], names: Sequence[str], place: int) -> str:
    return " ".join(f"{name}={cells[name][place]}" for name in names)


def _scaled(swept: Swept, name: str, values: Sequence[Any]) -> Sequence[Any]:
    """Times in milliseconds."""
    return [Fraction(value, 10**6) for value in values] if swept.is_time(name) else values


def _axis(swept: Swept, name: str) -> Axis:
    in_bytes = name.endswith("bytes") or name in ("inference memory", "training memory")
    return Axis(f"{name}, ms" if swept.is_time(name) else name, bytes=in_bytes)
