"""Laying a table's layers: one column of a table of networks, or the rows of a table of layers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from archcalc.layers import Shape
from archcalc.notation import tree
from archcalc.notation.columns import Column
from archcalc.notation.filling import number
from archcalc.notation.headings import (
    ACTIVATIONS,
    CHANNELS,
    INPUTS,
    LABELS,
    OPERATORS,
    OUTPUTS,
    REPEATS,
    STRIDES,
    WINDOWS,
    heading_quantity,
)  # fmt: skip
from archcalc.notation.labels import lent_kind
from archcalc.notation.lower import as_shape
from archcalc.notation.naming import Frame, same_name
from archcalc.notation.row_parts import Parts
from archcalc.notation.scope import Scope
from archcalc.notation.statements import InputLine, LayerLine, MeansLine, TableLines
from archcalc.notation.table_cells import NOTHING, TableCells, cell_parts
from archcalc.notation.tables import Row, read_table
from archcalc.notation.text import Line
from archcalc.notation.tokens import Unreadable

if TYPE_CHECKING:
    from archcalc.notation.elaborate import Elaborator

_INPUT = re.compile(r"inputs?(?:\s+(?:image|layer))?", re.I)
#: conv1, pool_2, FC 6: a kind and a number.
_NAME = re.compile(r"[A-Za-z][A-Za-z ]*[_ \-]?\d+[a-z]?(?:_\d+)?")


def lay_table(work: Elaborator, statement: TableLines, scope: Scope, current: int | None) -> int | None:
    """The layers of a table. Raises Unreadable where it is none."""
    table = read_table(statement.rows, statement.wide)
    inner = scope.but(in_table=True)
    lay = Column(work, table, inner) if table.by_column else Rows(work, table, inner)
    return lay.run(current)


class Rows(TableCells):
    """A table with a row a layer."""

    def run(self, current: int | None) -> int | None:
        operator = self.table.column(OPERATORS)
        if operator is None:
            operator = self.table.column(LABELS)
        if operator is None:
            raise Unreadable(
                "no column says what the layers are", (0, len(self.table.line.text)),
                "head one column 'operator' or 'type', or each column with a network's name", "A110",
            )  # fmt: skip
        self.named = self.table.column(OPERATORS) is None
        for row in self.table.rows:
            if operator >= len(row.cells) or NOTHING.match(row.cells[operator].text):
                continue
            current = self._guarded_row(row, row.cells[operator], current)
        return current

    def _guarded_row(self, row: Row, cell: Line, current: int | None) -> int | None:
        return self.guarded(cell, current, lambda: self._row(row, cell, current))

    def _row(self, row: Row, cell: Line, current: int | None) -> int | None:
        """One row: checks what enters, lays its layers as often as ``n`` says, then checks what it prints."""
        if _INPUT.fullmatch(cell.text):
            return self._input(cell, self.value(row, OUTPUTS) or self.value(row, INPUTS) or self.value(row, WINDOWS))
        statement = self._named(row, cell)
        if isinstance(statement, InputLine):
            return self.work.input(statement, self.scope)[1]
        entering = self.value(row, INPUTS)
        if entering is not None and current is None:
            current = self._input(cell, cell_parts(entering)[0])
        elif entering is not None and current is not None:
            self.shape_claim(cell_parts(entering)[0], (current, current + 1, current))
        node = self.work.need(current, (0, len(cell.text)))
        first = len(self.work.builder.layers)
        scope = self.scope
        frame = Frame(label=statement.name) if statement.name else None
        if frame is not None:
            scope = scope.but(frame=frame)
        count = self._count(row, scope, node)
        scope = scope.but(shown=self._printed_output(row))
        for turn in range(count):
            node = self._turn(row, statement, cell, scope, node, turn, count)
        if frame is not None and statement.name:
            self.work._end_line(frame, statement.name, self.scope, first, node)
        self._printed(row, (first, max(len(self.work.builder.layers), first + 1), node))
        return node

    def _printed_output(self, row: Row) -> Shape | None:
        """The row's output size as a shape, from which a fully connected layer without a width takes it."""
        size = self.value(row, OUTPUTS)
        numbers = [int(number) for number in re.findall(r"\d+", size.text)] if size is not None else []
        return as_shape(tuple(numbers)) if numbers else None

    def _input(self, cell: Line, size: Line | None) -> int:
        """The network's input, of the size that the first row's cell prints."""
        if size is None:
            raise Unreadable("the input does not say its size", (0, len(cell.text)), "input 224x224x3", "A108")
        implied = size.implying(before="input ")
        statement = self.statement(implied)
        assert isinstance(statement, InputLine)
        try:
            return self.work.input(statement, self.scope)[1]
        except Unreadable as error:
            raise error.within(implied) from None

    def _named(self, row: Row, cell: Line) -> LayerLine | InputLine:
        """A row's layers; under a heading of names ``conv1`` is one, of the layer that the other cells describe."""
        kind = lent_kind(cell.text)
        if self.named and kind is not None and _NAME.fullmatch(cell.text) and self._described(row):
            return self.statement(cell.implying(after=f": {kind}"))
        statement = self.statement(cell)
        label = self.value(row, LABELS)
        if label is not None and not self.named and isinstance(statement, LayerLine) and not label.text.isdigit():
            statement.name = statement.name or label.text
        return statement

    def _described(self, row: Row) -> bool:
        return any(self.value(row, names) is not None for names in (WINDOWS, CHANNELS, STRIDES))

    def _count(self, row: Row, scope: Scope, node: int) -> int:
        cell = self.value(row, REPEATS)
        if cell is None:
            return 1
        if not cell.text.isdigit() or int(cell.text) > 10_000:
            message = f"'{cell.text}' turns: a whole number is wanted"
            raise Unreadable(message, (0, len(cell.text)), code="A110").within(cell)
        return int(cell.text)

    def _turn(self, row: Row, statement: LayerLine, cell: Line, scope: Scope, node: int, turn: int, count: int) -> int:
        """One turn of a row: its block called with the cells' numbers, or its phrase with the cells' attributes."""
        before = len(self.work.builder.layers)
        numbered = count > 1 and scope.frame.label is not None
        inner = scope.but(frame=Frame()) if numbered else scope
        call = self._call(statement, row)
        if call is not None:
            name, rule = call
            node = self._called(name, rule, row, statement, cell, inner, node, turn)
        else:
            node = self._phrase(row, statement, inner, node, turn)
        if numbered:
            self.work._close(inner.frame, scope, before, node)
        return node

    def _word(self, statement: LayerLine) -> str | None:
        """The operator as one word, if it is one."""
        items = statement.items.items
        if len(items) != 1 or not isinstance(items[0], tree.Chain) or len(items[0].elements) != 1:
            return None
        element = items[0].elements[0]
        if isinstance(element, tree.Call):
            return element.block if not element.positional and not element.named else None
        if isinstance(element, tree.Group) and len(element.atoms) == 1 and isinstance(element.atoms[0], tree.Word):
            return element.atoms[0].text
        return None

    def _call(self, statement: LayerLine, row: Row) -> tuple[str, MeansLine | None] | None:
        """The block that this row calls: by a rule that lists its columns, or by its own name."""
        word = self._word(statement)
        if word is None:
            return None
        for rule in reversed(self.scope.means):
            if rule.block is not None and same_name(rule.subject) == same_name(word):
                return rule.block, rule
        return (word, None) if same_name(word) in self.work.work.blocks else None

    def _called(
        self,
        name: str,
        rule: MeansLine | None,
        row: Row,
        statement: LayerLine,
        cell: Line,
        scope: Scope,
        node: int,
        turn: int,
    ) -> int:
        definitions = self.work.work.blocks.get(same_name(name))
        if not definitions:
            raise Unreadable(f"no block named '{name}'", (0, len(cell.text)), code="A401")
        headings = rule.headings if rule is not None else tuple(key or "" for key, _ in definitions[0].line.parameters)
        named: dict[str, tree.Arithmetic] = {}
        for (key, _), heading in zip(definitions[0].line.parameters, headings, strict=False):
            column = self.table.column(frozenset({heading.lower()}))
            if column is None or column >= len(row.cells) or NOTHING.match(row.cells[column].text) or key is None:
                continue
            text = row.cells[column].text
            stride = heading.lower() in STRIDES and turn > 0
            named[key] = tree.Number(1, (0, 1)) if stride else number(text)
        result = self.work.call(name, (), named, scope, cell, node, (0, len(cell.text)))
        return self.work.need(result, (0, len(cell.text)))

    def _phrase(self, row: Row, statement: LayerLine, scope: Scope, node: int, turn: int) -> int:
        """The row's layers, each filled from its part of the cells; then what its activation column says."""
        node = Parts(self, row, statement.layers or statement.line, scope, turn).lay_all(statement.items, node)
        cell = self.value(row, ACTIVATIONS)
        if cell is None:
            return node
        activation = self.statement(cell)
        assert isinstance(activation, LayerLine)
        return self.work.need(self.work.items(activation.items, scope, cell, node, []), (0, len(cell.text)))

    def _printed(self, row: Row, where: tuple[int, int, int]) -> None:
        size = self.value(row, OUTPUTS)
        if size is not None:
            self.shape_claim(size, where)
        for column, head in enumerate(self.table.header):
            quantity = heading_quantity(head)
            if quantity and column < len(row.cells) and not NOTHING.match(row.cells[column].text):
                self.claim(quantity, row.cells[column], where)
