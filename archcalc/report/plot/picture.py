"""What is drawn: points, two axes, and letters for points whose names have no room."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from string import ascii_letters

from archcalc.record import Record
from archcalc.report.plot.placing import Box, Stand, place

Number = int | float | Fraction


class Point(Record):
    """Where something lies, and what it is called; without a ``label`` it is one of a cloud.

    ``front``: it is one of those that a line joins, in the order of x.
    """

    x: Number
    y: Number
    label: str = ""
    front: bool = False


class Axis(Record):
    """What is measured: its name, whether it is bytes, and whether its scale is logarithmic.

    ``log`` None: where the values are positive and their range is over two decades.
    """

    title: str
    bytes: bool = False
    log: bool | None = None


class Spot(Record):
    """A named place of a picture: everything that is drawn there, its mark, and where its name stands, if it does."""

    at: tuple[float, float]
    names: tuple[str, ...]
    front: bool
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
        found[where] = Spot(where, names, point.front or (old is not None and old.front))
    return [*found.values()]


def without_room(spots: Sequence[Spot]) -> str:
    """What is said of names that neither stand in the picture nor have a letter; nothing if there are none."""
    lost = sum(len(spot.names) for spot in spots if spot.box is None and not spot.letter)
    return f"{lost:,} more without a name: there is no room" if lost else ""
