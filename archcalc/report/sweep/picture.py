"""The points that are told, by two quantities: those of the front joined."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from archcalc.analyses.sweep.latency import LATENCY
from archcalc.report.plot import Axis, Point
from archcalc.report.sweep.heading import Swept

if TYPE_CHECKING:
    from archcalc.report.sweep.text import Shown

#: Points that have their values beside them.
_LABELLED = 8


def picture(swept: Swept, shown: Shown, x: str, y: str) -> tuple[Sequence[Point], Axis, Axis]:
    """What ``scatter`` and ``svg`` draw. Raises ValueError where a point has no such number."""
    cells: Mapping[str, Sequence[Any]] = shown.cells
    pairs = list(zip(cells.get(x, ()), cells.get(y, ()), strict=True))
    if any(value is None or isinstance(value, str) for pair in pairs for value in pair):
        raise ValueError(f"not every point has {x} and {y}")
    front = bool(swept.request.objectives) and not swept.request.top and len(swept.request.objectives) > 1
    step = max(-(-len(pairs) // _LABELLED), 1)
    names = [each.name for each in swept.request.variables]
    points = [
        Point(_scaled(x, one), _scaled(y, other), _label(cells, names, place) if place % step == 0 else "", front)
        for place, (one, other) in enumerate(pairs)
    ]
    return points, _axis(x), _axis(y)


def _label(cells: Mapping[str, Sequence[Any]], names: Sequence[str], place: int) -> str:
    return " ".join(f"{name}={cells[name][place]}" for name in names)


def _scaled(name: str, value: Any) -> Any:
    """Times in milliseconds."""
    return Fraction(value, 10**6) if name in LATENCY else value


def _axis(name: str) -> Axis:
    in_bytes = name.endswith("bytes") or name in ("inference memory", "training memory")
    return Axis(f"{name}, ms" if name in LATENCY else name, bytes=in_bytes)
