"""What runs from one column to a later one: below the columns, up between two of them, and in at the head."""

from __future__ import annotations

from collections.abc import Sequence

from archcalc.report.draw.dot_layout import Column, Spot
from archcalc.report.draw.picture import Drawing

#: Pixels between two tracks, between two columns, and from a column to its first track.
_TRACK, _GUTTER, _APART = 9.0, 30.0, 14.0


class Routes:
    """Tracks for the tensors that columns carry over, and so the columns' places: a tensor has one way to a column."""

    def __init__(self, drawing: Drawing, columns: Sequence[Column]) -> None:
        self.drawing, self.columns = drawing, columns
        self.home = {place: number for number, each in enumerate(columns) for place in each.boxes}
        #: who comes into each column, from the leftmost track to the rightmost: no two of them cross
        coming = [sorted(each.entries, key=lambda place: -each.entries[place]) for each in columns]
        above = max(map(len, coming)) * _TRACK
        above += _APART if above else 0
        self.corners: list[Spot] = []
        self.upwards: dict[tuple[int, int], float] = {}
        self.over: dict[tuple[int, int], float] = {}
        across = 0.0
        for number, (each, places) in enumerate(zip(columns, coming, strict=True)):
            across += _GUTTER / 2 if places else 0.0
            for track, place in enumerate(places):
                self.upwards[place, number] = across + track * _TRACK
                self.over[place, number] = above - _APART - (len(places) - 1 - track) * _TRACK
            across += (len(places) - 1) * _TRACK + _GUTTER / 2 if places else _GUTTER * (number > 0)
            self.corners.append((across, above))
            across += each.width
        self.width = across
        foot = above + max(each.height for each in columns)
        self.under = self._levels(foot + _APART)
        self.height = max(self.under.values(), default=foot)

    def _levels(self, first: float) -> dict[tuple[int, int], float]:
        """How far down each route runs below the columns: one level for those that are apart."""
        taken: list[float] = []
        found: dict[tuple[int, int], float] = {}
        for key, end in sorted(self.upwards.items(), key=lambda item: (item[0][1], item[1])):
            start = self._foot(key[0])[0]
            level = next((level for level, until in enumerate(taken) if until + _TRACK <= start), len(taken))
            taken[level:] = [end, *taken[level + 1 :]]
            found[key] = first + level * _TRACK
        return found

    def _foot(self, place: int) -> Spot:
        """Where a tensor leaves its column."""
        number = self.home[place]
        (across, down), end = self.corners[number], self.columns[number].leaving[place].points[-1]
        return across + end[0], down + end[1]

    def around(self, place: int, number: int) -> list[Spot]:
        """The corners of a tensor's way to a column, from where it leaves its own to where it comes in."""
        key = place, number
        entry = self.corners[number][0] + self.columns[number].entries[place]
        return [
            (self._foot(place)[0], self.under[key]),
            (self.upwards[key], self.under[key]),
            (self.upwards[key], self.over[key]),
            (entry, self.over[key]),
        ]
