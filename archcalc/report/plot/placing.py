"""Where names of points may stand so that none covers another."""

from __future__ import annotations

from collections.abc import Sequence

#: left, top, right and bottom: right and bottom are outside
Box = tuple[float, float, float, float]


#: what a name would take: its own box, then those of a line that leads to it
Stand = tuple[Box, ...]


def place(wanted: Sequence[Sequence[Stand]], taken: Sequence[Box], bounds: Box) -> list[Box | None]:
    """The box of each name, of its stands the first that is free; None where all are taken.

    Who has the least choice chooses first: a name in a crowd before one that stands alone.
    """
    free = [[each for each in stands if _inside(each[0], bounds) and not _hits(each, taken)] for stands in wanted]
    given: list[Box] = []
    found: list[Box | None] = [None] * len(wanted)
    for number in sorted(range(len(wanted)), key=lambda number: len(free[number])):
        stand = next((each for each in free[number] if not _hits(each, given)), None)
        if stand is not None:
            found[number] = stand[0]
            given.extend(stand)
    return found


def _inside(box: Box, bounds: Box) -> bool:
    return bounds[0] <= box[0] and bounds[1] <= box[1] and box[2] <= bounds[2] and box[3] <= bounds[3]


def _hits(stand: Stand, others: Sequence[Box]) -> bool:
    return any(
        box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3]
        for box in stand
        for other in others
    )
