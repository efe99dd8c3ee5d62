"""Where a long drawing is cut into columns: even heights, and as few tensors as may be carried over a cut."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise

from archcalc.report.draw.picture import Drawing

#: Pixels between two boxes one above the other, about as many as the layout takes for a shape and an arrow.
_BETWEEN = 42.0
#: How much worse than uneven heights it is to carry one more tensor over a cut: a share of a column's height, squared.
_CARRIED = 0.35


class Cutter:
    """The columns of one drawing, for any number of them."""

    def __init__(self, drawing: Drawing) -> None:
        self.boxes = drawing.boxes
        count = len(self.boxes)
        self.reads: list[list[int]] = [[] for _ in range(count)]
        last = list(range(count))
        for arrow in drawing.arrows:
            self.reads[arrow.target].append(arrow.source)
            last[arrow.source] = max(last[arrow.source], arrow.target)
        #: how many tensors are carried over a cut before each box
        self.carried = _carried(last)
        self.whole, self.widest = self._size(0)

    def _size(self, first: int) -> tuple[float, float]:
        """About the height and width of all boxes from one on, in one column."""
        heights = self._heights(first)
        rows: dict[int, float] = {}
        for place in range(first, len(self.boxes)):
            level = round(heights[place] / _BETWEEN)
            rows[level] = rows.get(level, 0.0) + self.boxes[place].width + 30
        return max(heights[first:], default=0.0), max(rows.values(), default=1.0)

    def _heights(self, first: int) -> list[float]:
        found = [0.0] * len(self.boxes)
        for place, height in self._downwards(first):
            found[place] = height
        return found

    def _downwards(self, first: int) -> Iterator[tuple[int, float]]:
        """Each box from one on, and how far down its lower end is, in a column that begins with it."""
        ends: dict[int, float] = {}
        for place in range(first, len(self.boxes)):
            above = max((ends[source] for source in self.reads[place] if source >= first), default=0.0)
            ends[place] = above + self.boxes[place].height + _BETWEEN
            yield place, ends[place]

    def columns(self, count: int) -> list[tuple[int, int]]:
        """The drawing in so many columns, each from one box to another (exclusive)."""
        boxes = len(self.boxes)
        count = min(count, boxes)
        even = self.whole / count
        costs = self._costs(even)
        best: list[dict[int, tuple[float, int]]] = [{0: (0.0, 0)}]
        for _ in range(count):
            step: dict[int, tuple[float, int]] = {}
            for start, (before, _) in best[-1].items():
                for stop, cost in costs[start] if start < boxes else ():
                    if stop not in step or before + cost < step[stop][0]:
                        step[stop] = before + cost, start
            best.append(step)
        stops = [boxes]
        for step in reversed(best[1:]):
            if stops[-1] not in step:
                return [(0, boxes)]
            stops.append(step[stops[-1]][1])
        return [*pairwise(reversed(stops))]

    def _costs(self, even: float) -> list[list[tuple[int, float]]]:
        """For each start of a column, its stops and what each costs."""
        found: list[list[tuple[int, float]]] = []
        for start in range(len(self.boxes)):
            deepest, row = 0.0, []
            for place, height in self._downwards(start):
                deepest = max(deepest, height)
                if deepest > 2 * even and place > start:
                    break
                carried = self.carried[place + 1] if place + 1 < len(self.boxes) else 1
                row.append((place + 1, (deepest / even) ** 2 + _CARRIED * max(carried - 1, 0)))
            found.append(row)
        return found


def _carried(last: Sequence[int]) -> list[int]:
    """Before each box, how many earlier ones are read by it or by a later one; ``last`` is who reads each last."""
    changes = [0] * (len(last) + 2)
    for place, reader in enumerate(last):
        changes[place + 1] += 1
        changes[reader + 1] -= 1
    return [*accumulate(changes[: len(last)])]
