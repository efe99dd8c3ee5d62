"""What a table's cells hold: layers, sizes and figures."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING

from archcalc.claims import Claim
from archcalc.diagnostics import Fault
from archcalc.layers import IMAGE
from archcalc.notation.labelled import whole_figure
from archcalc.notation.reading import Reading
from archcalc.notation.scope import Scope
from archcalc.notation.statements import InputLine, LayerLine
from archcalc.notation.tables import Row, Table
from archcalc.notation.text import Line
from archcalc.notation.tokens import Unreadable
from archcalc.notation.work import TooMuch

if TYPE_CHECKING:
    from archcalc.notation.elaborate import Elaborator

_SIC = re.compile(r"\(\s*sic\s*:\s*([^()]*)\)", re.I)
NOTHING = re.compile(r"[-–—]?$")


class CellReading(Reading):
    """Reads one cell, which its first fault ends."""

    def fault(self, line: Line, error: Unreadable) -> None:
        raise error.within(line)


class TableCells:
    def __init__(self, work: Elaborator, table: Table, scope: Scope) -> None:
        self.work, self.table, self.scope = work, table, scope

    def statement(self, cell: Line) -> LayerLine | InputLine:
        """A cell as a line of layers."""
        reading = CellReading(frozenset(self.scope.params) | {"in", "i"} | work_blocks(self.work))
        made = reading.layers(Line(cell.source, cell.text, cell.start, 0, cell.origins))
        assert isinstance(made, (LayerLine, InputLine))
        return made

    def value(self, row: Row, names: frozenset[str]) -> Line | None:
        column = self.table.column(names)
        if column is None or column >= len(row.cells) or NOTHING.match(row.cells[column].text):
            return None
        return row.cells[column]

    def guarded(self, cell: Line, current: int | None, lay: Callable[[], int | None]) -> int | None:
        """Lays a cell; a fault is the cell's alone."""
        try:
            return lay()
        except TooMuch as error:
            raise error.within(cell) from None
        except (Unreadable, Fault) as error:
            self.work.fault(cell, error)
            self.work.work.poisoned = True
            return current

    def claim(self, quantity: str, cell: Line, where: tuple[int, int, int] | None) -> None:
        """A figure in a cell, with the true one beside it perhaps."""
        sic = _SIC.search(cell.text)
        figure = whole_figure(_SIC.sub("", cell.text), quantity)
        true = whole_figure(sic[1], quantity) if sic else None
        if figure is None or (sic and true is None):
            raise Unreadable(f"'{cell.text}' is no figure", (0, len(cell.text)), code="A107").within(cell)
        span = cell.span((0, len(figure.text)))
        self.work._add(
            Claim(quantity, "=", figure, span, at=where, sic=true, sic_span=cell.span(sic.span(1)) if sic else None)
        )

    def shape_claim(self, cell: Line, where: tuple[int, int, int]) -> None:
        """A printed output size: 112x112, 112x112x64, 1x1 or 4096."""
        text = cell.text.strip().strip("[]").replace("²", "x")
        numbers = [int(n) for n in re.findall(r"\d+", text)]
        if "²" in cell.text:
            numbers = [numbers[0], *numbers]
        if not numbers or not re.fullmatch(r"[\d\sx²]+", cell.text.strip().strip("[]"), re.I):
            help = "112x112 or 112x112x64"
            raise Unreadable(f"'{cell.text}' is no size", (0, len(cell.text)), help, "A110").within(cell)
        shape = self.work.builder.shapes[where[2]]
        if len(shape) != IMAGE and all(n == 1 for n in numbers[:2]) and len(numbers) in (2, IMAGE):
            numbers = numbers[2:]  # a vector, printed 1x1x1000
        if numbers:
            dims = tuple(numbers)
            self.work._add(Claim("out", "=", dims, cell.span(), at=where))

    def sizes(self, cell: Line) -> tuple[int, int] | None:
        """Height and width that a cell prints."""
        numbers = [int(n) for n in re.findall(r"\d+", cell.text)]
        if not numbers:
            return None
        return (numbers[0], numbers[0] if "²" in cell.text or len(numbers) < 2 else numbers[1])


def work_blocks(work: Elaborator) -> frozenset[str]:
    """The block names that a phrase may call bare, as the lexer marks them."""
    return frozenset(f"\0{name}" for name in work.work.blocks)


def cell_parts(cell: Line) -> list[Line]:
    """A cell's parts, one for each of several layers."""
    cuts = [-1, *(index for index, character in enumerate(cell.text) if character == ";"), len(cell.text)]
    return [cell.part(first + 1, last) for first, last in pairwise(cuts)]
