"""Two sequences of layers brought side by side with the fewest departures: an inserted layer is told once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")
Pairs = list[tuple[int | None, int | None]]

#: What a layer costs that only one side has.
GAP = 10
_BOTH, _OURS, _THEIRS = range(3)


def align(ours: Sequence[T], theirs: Sequence[T], cost: Callable[[T, T], int | None]) -> Pairs:
    """Places of both sides, in order, paired so that the sum of costs is least; None: the other side has none.

    ``cost`` of a pair is 0 if both are the same, at most twice a gap's, None if they can be no pair.
    """
    start = _common(ours, theirs, cost)
    end = _common(ours[start:][::-1], theirs[start:][::-1], cost)
    middle = _least(ours[start : len(ours) - end], theirs[start : len(theirs) - end], cost)
    shifted = [(None if i is None else i + start, None if j is None else j + start) for i, j in middle]
    tail = [(len(ours) - end + k, len(theirs) - end + k) for k in range(end)]
    return [*((k, k) for k in range(start)), *shifted, *tail]


def _common(ours: Sequence[T], theirs: Sequence[T], cost: Callable[[T, T], int | None]) -> int:
    """How many layers both begin with."""
    count = 0
    while count < min(len(ours), len(theirs)) and cost(ours[count], theirs[count]) == 0:
        count += 1
    return count


def _least(ours: Sequence[T], theirs: Sequence[T], cost: Callable[[T, T], int | None]) -> Pairs:
    """Needleman and Wunsch (1970): the least cost of every pair of beginnings, and the way back through them."""
    before = [GAP * j for j in range(len(theirs) + 1)]
    steps = [bytes([_THEIRS]) * len(before)]
    for i, one in enumerate(ours, 1):
        row, step = [GAP * i], bytearray([_OURS])
        for j, other in enumerate(theirs, 1):
            least, way = before[j] + GAP, _OURS
            if row[j - 1] + GAP < least:
                least, way = row[j - 1] + GAP, _THEIRS
            paired = cost(one, other)
            if paired is not None and before[j - 1] + paired <= least:
                least, way = before[j - 1] + paired, _BOTH
            row.append(least)
            step.append(way)
        before = row
        steps.append(bytes(step))
    return _way_back(steps, len(ours), len(theirs))


def _way_back(steps: Sequence[bytes], i: int, j: int) -> Pairs:
    found: Pairs = []
    while i or j:
        way = steps[i][j] if i else _THEIRS
        i, j = i - (way != _THEIRS), j - (way != _OURS)
        found.append((i if way != _THEIRS else None, j if way != _OURS else None))
    return found[::-1]
