"""Text columns that never wrap: a table that gives up what matters least until it fits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from archcalc.record import Record
from archcalc.report.style import columns, paint

_GAP = "  "


class Column(Record):
    """One column as text, a cell a row.

    ``least``: the width down to which long cells may be cut (None: never), in the middle or, if ``tail``, at the end.
    ``style`` names a colour.
    """

    key: str
    title: str
    cells: Sequence[str]
    right: bool = False
    least: int | None = None
    tail: bool = False
    style: str | None = None

    @cached_property
    def width(self) -> int:
        """Columns of the widest cell, the title included."""
        return max(columns(text) for text in {self.title, *self.cells})

    @property
    def narrowest(self) -> int:
        return self.width if self.least is None else min(self.width, max(self.least, columns(self.title)))


def total(table: Sequence[Column]) -> int:
    """The least width of a table, gaps included."""
    return sum(column.narrowest for column in table) + len(_GAP) * (len(table) - 1)


def fold(text: str, width: int, ellipsis: str, tail: bool = False) -> str:
    """A text cut to a width: in its middle, where the start says what it is and the end which one, or at its end."""
    if columns(text) <= width:
        return text
    room = max(width - len(ellipsis), 0)
    head, end = (text[:room], "") if tail else (text[: (room + 1) // 2], text[len(text) - room // 2 :])
    while columns(head) + columns(end) > room:
        head, end = head[:-1], end[1:]
    return head + ellipsis[:width] + end


def fitted(table: Sequence[Column], width: int | None, ellipsis: str) -> list[Column]:
    """The columns with their foldable cells cut so that a line takes at most ``width``; unchanged if that is None."""
    spare = 10**9 if width is None else width - total(table)
    fit: list[Column] = []
    for column in table:
        grown = min(column.width, column.narrowest + max(spare, 0))
        spare -= grown - column.narrowest
        cells = [fold(cell, grown, ellipsis, column.tail) for cell in column.cells]
        fit.append(column.but(cells=cells, least=None))
    return fit


def draw(table: Sequence[Column], *, colour: bool, rule: str, summed: bool = True, foot: int = 1) -> Iterator[str]:
    """The lines of a table: titles, and a line a row; if ``summed`` the last ``foot`` rows are totals, under a rule."""
    widths = [column.width for column in table]
    line = _GAP.join(rule * width for width in widths)
    titles = (_pad(column.title, width, column.right) for column, width in zip(table, widths, strict=True))
    yield paint(_GAP.join(titles).rstrip(), "bold", colour)
    yield paint(line, "dim", colour)
    padded = [_padded(column, width, colour) for column, width in zip(table, widths, strict=True)]
    rows = [_GAP.join(cells).rstrip() for cells in zip(*padded, strict=True)]
    yield from rows[:-foot]
    if summed:
        yield paint(line, "dim", colour)
    yield from rows[-foot:]


def _padded(column: Column, width: int, colour: bool) -> list[str]:
    """A column's cells at one width; equal cells, of which deep networks have many, are padded once."""
    done: dict[str, str] = {}
    for cell in column.cells:
        if cell not in done:
            done[cell] = paint(_pad(cell, width, column.right), column.style, colour)
    return [done[cell] for cell in column.cells]


def _pad(text: str, width: int, right: bool) -> str:
    blanks = " " * (width - columns(text))
    return blanks + text if right else text + blanks
