"""What is drawn: points, two axes, and letters for points whose names have no room."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise
from string import ascii_letters
from typing import Literal

from archcalc.record import Record
from archcalc.report.plot.placing import Box, Stand, place

Number = int | float | Fraction


class Point(Record):
    """Where something lies, and what it is called; without a ``label`` it is one of a cloud.

    ``front``: it is one of those that a line joins, in the order of x. ``sign``: it is drawn ``small`` or ``hollow``,
    and seen without a label.
    """

    x: Number
    y: Number
    label: str = ""
    front: bool = False
    sign: Literal["", "small", "hollow"] = ""

    @property
    def marked(self) -> bool:
        """Whether it has a mark of its own, and is not one of a cloud."""
        return bool(self.label) or self.front or bool(self.sign)


class Line(Record):
    """A line through places, straight from each to the next as it is drawn, and its name, which stands at its end."""

    places: tuple[tuple[Number, Number], ...]
    label: str = ""


class Axis(Record):
    """What is measured: its name, whether it is bytes, and whether its scale is logarithmic.

    ``log`` None: where the values are positive and their range is over two decades. It goes at least to ``reach``.
    """

    title: str
    bytes: bool = False
    log: bool | None = None
    reach: tuple[Number, ...] = ()


class Spot(Record):
    """A named place of a picture: everything that is drawn there, its mark, and where its name stands, if it does."""

    at: tuple[float, float]
    names: tuple[str, ...]
    front: bool
    sign: str = ""
    letter: str = ""
    box: Box | None = None

    @property
    def name(self) -> str:
        return ", ".join(self.names)


def named(
    at: Sequence[tuple[float, float]],
    points: Sequence[Point],
    around: Callable[[tuple[float, float], str], Sequence[Stand]],
    taken: Sequence[Box],
    bounds: Box,
) -> list[Spot]:
    """The spots of the points that have labels, placed ``at``: those at one place share a spot.

    ``around`` gives where a name may stand beside a place, best first; ``taken`` is where none may. A spot whose name
    finds no room has a letter, as long as there are letters, for a list beneath.
    """
    spots = together(at, points)
    boxes = place([around(spot.at, spot.name) for spot in spots], taken, bounds)
    letters = iter(ascii_letters)
    return [
        spot.but(box=box, letter="" if box is not None else next(letters, ""))
        for spot, box in zip(spots, boxes, strict=True)
    ]


def together(at: Sequence[tuple[float, float]], points: Sequence[Point]) -> list[Spot]:
    """A spot for each place that has labelled points, all their labels its name."""
    found: dict[tuple[float, float], Spot] = {}
    for where, point in zip(at, points, strict=True):
        if not point.label:
            continue
        old = found.get(where)
        names = (point.label,) if old is None else (*old.names, point.label)
        found[where] = Spot(where, names, point.front or (old is not None and old.front), point.sign)
    return [*found.values()]


def extent(points: Sequence[Point], lines: Sequence[Line], x: Axis, y: Axis) -> tuple[list[Number], list[Number]]:
    """All values on each axis. Raises ValueError where there is no point."""
    if not points:
        raise ValueError("there is nothing to draw: no point")
    places = [place for line in lines for place in line.places]
    return (
        [*(point.x for point in points), *(across for across, _ in places), *x.reach],
        [*(point.y for point in points), *(up for _, up in places), *y.reach],
    )


def along(places: Sequence[tuple[float, float]], steps: int) -> list[tuple[float, float]]:
    """Where a line through these goes, at so many equal steps of each stretch, from its end to its start."""
    found = [places[-1]]
    for (x, y), (left, low) in pairwise(reversed(places)):
        found += [(x + (left - x) * step / steps, y + (low - y) * step / steps) for step in range(1, steps + 1)]
    return found


def without_room(spots: Sequence[Spot]) -> str:
    """What is said of names that neither stand in the picture nor have a letter; nothing if there are none."""
    lost = sum(len(spot.names) for spot in spots if spot.box is None and not spot.letter)
    return f"{lost:,} more without a name: there is no room" if lost else ""
