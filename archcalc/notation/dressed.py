"""Listings in the dress of a Markdown table, or with tabs: bars and rule go, headings say what their cells print."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from archcalc.notation.headings import EXPLAINED, LABELS, OPERATORS, heading, heading_quantity
from archcalc.notation.tables import PRINTED_SHAPE, is_separator, outside
from archcalc.notation.text import Line

_BARS = r"[|\t]"


@dataclass(frozen=True, slots=True)
class _Heading:
    """A column of a listing: the quantity of its figures, or that it holds names of layers described beside them."""

    quantity: str | None
    names: bool

    def cell(self, cell: Line) -> Line:
        """The cell as a listing prints it."""
        if self.quantity and ":" not in cell.text:
            return cell.implying(before=f"{self.quantity}: ")
        return cell.implying(after=":") if self.names and ":" not in cell.text else cell


def undressed(lines: Sequence[Line]) -> Iterator[Line]:
    """A text's lines, those of dressed listings as plain listings have them."""
    headings: list[_Heading] | None = None
    for index, line in enumerate(lines):
        if _is_dressed(line):
            cells = (
                [] if headings is None else [h.cell(c) for h, c in zip(headings, _cells(line), strict=False) if c.text]
            )
            yield _joined(cells) if cells else _plain(line)
        elif (found := _headings(lines, index)) is not None:
            headings = found
        else:
            if not is_separator(line):
                headings = None
            yield line


def _is_dressed(line: Line) -> bool:
    """Whether a line is one of a listing, which prints shapes in brackets, with bars or tabs."""
    return _has_bars(line) and bool(PRINTED_SHAPE.search(line.text))


def _has_bars(line: Line) -> bool:
    return ("|" in line.text or "\t" in line.text) and bool(outside(line.text, _BARS))


def _headings(lines: Sequence[Line], index: int) -> list[_Heading] | None:
    """The columns that a row above a listing heads, or None where it is none of headings."""
    if not _has_bars(lines[index]) or is_separator(lines[index]):
        return None
    below = next((line for line in islice(lines, index + 1, None) if not is_separator(line)), None)
    if below is None or not _is_dressed(below):
        return None
    words = [heading(cell.text) for cell in _cells(lines[index])]
    known = [word in EXPLAINED | OPERATORS or heading_quantity(word) is not None for word in words]
    if not all(known) and not is_separator(lines[index + 1]):
        return None
    labels = [word for word in words if word in LABELS]
    described = not all(known) or any(word in OPERATORS for word in words)
    names = labels if described else labels[:-1]  # the last of them holds the layers if no other column does
    return [_Heading(heading_quantity(word), word in names) for word in words]


def _cells(line: Line) -> list[Line]:
    """A row's cells; bars at its ends part nothing."""
    cuts = outside(line.text, _BARS)
    starts, ends = [0, *(last for _, last in cuts)], [*(first for first, _ in cuts), len(line.text)]
    cells = [line.part(first, last) for first, last in zip(starts, ends, strict=True)]
    return cells[not cells[0].text : len(cells) - (not cells[-1].text)]


def _plain(line: Line) -> Line:
    """A line with blanks for its bars and tabs."""
    text = "".join(" " if character in "|\t" else character for character in line.text)
    return Line(line.source, text, line.start, line.indent, line.origins).part(0, len(text))


def _joined(cells: Sequence[Line]) -> Line:
    """Cells as one line, blanks between them."""
    first = cells[0]
    text = ""
    origins: tuple[int, ...] = ()
    for cell in cells:
        own = cell.origins or tuple(range(cell.start, cell.start + len(cell.text) + 1))
        text, origins = text + cell.text + "  ", (*origins, *own, own[-1])
    return Line(first.source, text.rstrip(), first.start, first.indent, origins[: len(text.rstrip()) + 1])
