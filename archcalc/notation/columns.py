"""Laying one network of a table with a column for each."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING

from archcalc.algebra import Expr, ceil_div
from archcalc.claims import Claim, Figure
from archcalc.layers import IMAGE, Pair
from archcalc.notation import tree
from archcalc.notation.arithmetic import open_symbol
from archcalc.notation.cells import cell_rule, lay_cell
from archcalc.notation.figures import QUANTITIES
from archcalc.notation.headings import LABELS, OUTPUTS, heading_quantity
from archcalc.notation.naming import Frame
from archcalc.notation.scope import Scope
from archcalc.notation.statements import InputLine, LayerLine
from archcalc.notation.table_cells import NOTHING, TableCells
from archcalc.notation.tables import Row, Table
from archcalc.notation.text import Line
from archcalc.notation.tokens import Unreadable
from archcalc.notation.work import TooMuch

if TYPE_CHECKING:
    from archcalc.notation.elaborate import Elaborator


class Column(TableCells):
    """One network of a table with a column for each."""

    def __init__(self, work: Elaborator, table: Table, scope: Scope) -> None:
        super().__init__(work, table, scope)
        if work.order.column is None:
            raise Unreadable(
                "a table with a column for each network stands by itself, not in a block or beside another",
                (0, len(table.line.text)), code="A110",
            )  # fmt: skip
        self.index = work.order.column

    def run(self, current: int | None) -> int | None:
        depth = self.table.depths.get(self.index)
        if depth is not None:
            figure = Figure(str(depth), Fraction(depth))
            self.work._add(Claim("depth", "=", figure, self.table.line.span()))
        for label, rows in self._stages():
            current = self._stage(label, rows, current)
        return current

    def _stages(self) -> list[tuple[Line | None, list[Row]]]:
        """Rows gathered under their labels; one without a label goes on with the stage above, unless it prints
        another size."""
        name, size = self.table.column(LABELS), self.table.column(OUTPUTS)
        stages: list[tuple[Line | None, list[Row]]] = []
        for row in self.table.rows:
            label = row.cells[name] if name is not None and name < len(row.cells) and row.cells[name].text else None
            sized = size is not None and size < len(row.cells) and bool(row.cells[size].text)
            if label is None and not sized and stages and name is not None and len(row.cells) > self.table.label_count:
                stages[-1][1].append(row)
            else:
                stages.append((label, [row]))
        return stages

    def _stage(self, label: Line | None, rows: list[Row], current: int | None) -> int | None:
        quantity = heading_quantity(label.text) if label is not None else None
        if quantity is not None:
            printed = self._cell(rows[0])
            if printed is not None and printed.text:
                self.guarded(printed, None, lambda: self.claim(quantity, printed, None))
            return current
        size_column = self.table.column(OUTPUTS)
        size = next(
            (
                r.cells[size_column]
                for r in rows
                if size_column is not None and size_column < len(r.cells) and r.cells[size_column].text
            ),
            None,
        )
        first = len(self.work.builder.layers)
        frame = Frame(label=label.text) if label is not None else self.scope.frame
        scope = self.scope.but(frame=frame)
        for row in rows:
            cell = self._cell(row)
            if cell is not None and not NOTHING.match(cell.text):
                current = self._lay_cell(cell, size, scope, current)
        made = len(self.work.builder.layers) > first
        if label is not None:
            self.work._end_line(frame, label.text, self.scope, first, current)
        if size is not None and made and current is not None:
            where = (first, len(self.work.builder.layers), current)
            self.guarded(size, None, lambda: self.shape_claim(size, where))
        return current

    def _lay_cell(self, cell: Line, size: Line | None, scope: Scope, current: int | None) -> int | None:
        return self.guarded(cell, current, lambda: self._laid(cell, size, scope, current))

    def _cell(self, row: Row) -> Line | None:
        """This network's cell: its own, or the one that spans all."""
        labels, columns = self.table.label_count, len(self.table.networks)
        rest = row.cells[labels:]
        if len(row.cells) == 1:
            return row.cells[0]
        if len(rest) == 1:
            return rest[0]
        full = [cell for cell in rest if cell.text]
        if len(full) == 1 and full[0] is rest[0] and len(rest) == columns > 1 and row.line.text.startswith("|"):
            self._ask(full[0])
        place = self.index - labels
        return rest[place] if place < len(rest) else None

    def _ask(self, cell: Line) -> None:
        """A cell alone in its row, the others empty: it may span all, or be the first network's."""
        error = Unreadable(
            "this cell may be the first network's alone, or span all", (0, len(cell.text)),
            "write it in every column, or alone without empty cells", "A106",
        )  # fmt: skip
        self.work.fault(cell, error)

    def _laid(self, cell: Line, size: Line | None, scope: Scope, current: int | None) -> int | None:
        asserted = re.fullmatch(r"(~?\s*[\d.,]+(?: \d{3})*\s*[KMGB]?)\s+([A-Za-z -]+?)\s*(\(.*\))?", cell.text)
        if asserted and QUANTITIES.get(asserted[2].lower()):
            self.claim(QUANTITIES[asserted[2].lower()], cell, None)
            return current
        statement = self.statement(cell)
        if isinstance(statement, InputLine):
            return self.work.input(statement, scope)[1]
        current = self.work.need(current, (0, len(cell.text)))
        if statement.name is None and self._bracketed(statement) and cell_rule(scope):
            return self._block(statement, cell, size, scope, current)
        return self.work.layers(statement, scope, current)

    def _bracketed(self, statement: LayerLine) -> bool:
        items = statement.items.items
        return len(items) == 1 and isinstance(items[0], tree.Chain) and isinstance(items[0].elements[0], tree.Cell)

    def _block(self, statement: LayerLine, cell: Line, size: Line | None, scope: Scope, current: int) -> int:
        """``[3x3, 64; 3x3, 64] x 2``: the first turn takes the stage's stride."""
        chain = statement.items.items[0]
        assert isinstance(chain, tree.Chain)
        bracket = chain.elements[0]
        assert isinstance(bracket, tree.Cell)
        line = statement.layers or statement.line
        stride = self.work.stride_after(chain, scope, line, current) or self._stride(cell, size, current)
        count = self.work.number(chain.times, scope, current) if chain.times is not None else 1
        if isinstance(count, Expr):
            raise open_symbol("a repeat", count, chain.at)
        if count > 100_000:
            raise TooMuch(f"{count} turns of a block", chain.at, code="A403")
        for turn in range(count):
            current = lay_cell(self.work, bracket, scope, line, current, stride if turn == 0 else (1, 1))
        return current

    def _stride(self, cell: Line, size: Line | None, current: int) -> Pair:
        """The stage's stride, its input over the output it prints; kept for the network at another input's size."""
        key = (cell.start, self.index)
        if key in self.work.strides:
            return self.work.strides[key]
        printed = self.sizes(size) if size is not None else None
        shape = self.work.builder.shapes[current]
        if printed is None or len(shape) != IMAGE or 0 in printed:
            return (1, 1)
        stride = (ceil_div(shape[1], printed[0]), ceil_div(shape[2], printed[1]))
        self.work.strides[key] = stride
        return stride
