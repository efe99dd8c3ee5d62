"""Laying a table's layers: one column of a table of networks, or the rows of a table of layers."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from archcalc.notation import tree
from archcalc.notation.columns import Column
from archcalc.notation.draft import Draft
from archcalc.notation.naming import Frame, same_name
from archcalc.notation.scope import Scope
from archcalc.notation.statements import InputLine, LayerLine, MeansLine, TableLines
from archcalc.notation.syntax import parse_expression
from archcalc.notation.table_cells import NOTHING, TableCells
from archcalc.notation.tables import (
    CHANNELS,
    INPUTS,
    LABELS,
    OPERATORS,
    OUTPUTS,
    REPEATS,
    STRIDES,
    WINDOWS,
    Row,
    heading_quantity,
    read_table,
)  # fmt: skip
from archcalc.notation.text import Line
from archcalc.notation.tokens import Unreadable

if TYPE_CHECKING:
    from archcalc.notation.elaborate import Elaborator

_STRIDED = frozenset({"conv", "depthwise", "deconv", "local", "max pool", "avg pool", "subsample"})


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
        for row in self.table.rows:
            if operator >= len(row.cells) or NOTHING.match(row.cells[operator].text):
                continue
            cell = row.cells[operator]
            current = self._guarded_row(row, cell, current)
        return current

    def _guarded_row(self, row: Row, cell: Line, current: int | None) -> int | None:
        return self.guarded(cell, current, lambda: self._row(row, cell, current))

    def _value(self, row: Row, names: frozenset[str]) -> Line | None:
        column = self.table.column(names)
        if column is None or column >= len(row.cells) or NOTHING.match(row.cells[column].text):
            return None
        return row.cells[column]

    def _row(self, row: Row, cell: Line, current: int | None) -> int | None:
        """One row: checks what enters, lays its layers as often as ``n`` says, then checks what it prints."""
        statement = self.statement(cell)
        if isinstance(statement, InputLine):
            return self.work.input(statement, self.scope)
        entering = self._value(row, INPUTS)
        if entering is not None and current is None:
            return self._first_input(row, cell, entering)
        node = self.work.need(current, (0, len(cell.text)))
        if entering is not None:
            self.shape_claim(entering, (node, node + 1, node))
        first = len(self.work.builder.layers)
        scope = self.scope
        frame = Frame(label=statement.name) if statement.name else None
        if frame is not None:
            scope = scope.but(frame=frame)
        count = self._count(row, scope, node)
        for turn in range(count):
            node = self._turn(row, statement, cell, scope, node, turn, count)
        if frame is not None and statement.name:
            self.work._end_line(frame, statement.name, self.scope, first, node)
        self._printed(row, (first, max(len(self.work.builder.layers), first + 1), node))
        return node

    def _first_input(self, row: Row, cell: Line, entering: Line) -> int | None:
        """The first row's input size is the network's input."""
        statement = self.statement(Line(entering.source, "input " + entering.text, entering.start, 0, None))
        assert isinstance(statement, InputLine)
        node = self.work.input(statement, self.scope)
        return self._row(row, cell, node)

    def _count(self, row: Row, scope: Scope, node: int) -> int:
        cell = self._value(row, REPEATS)
        if cell is None:
            return 1
        if not cell.text.isdigit() or int(cell.text) > 10_000:
            raise Unreadable(f"'{cell.text}' turns: a whole number is wanted", (0, len(cell.text)), code="A110")
        return int(cell.text)

    def _turn(self, row: Row, statement: LayerLine, cell: Line, scope: Scope, node: int, turn: int, count: int) -> int:
        """One turn of a row: its block called with the cells' numbers, or its phrase with the cells' attributes."""
        before = len(self.work.builder.layers)
        inner = scope.but(frame=Frame()) if count > 1 else scope
        call = self._call(statement, row)
        if call is not None:
            name, rule = call
            node = self._called(name, rule, row, statement, cell, inner, node, turn)
        else:
            node = self._phrase(row, statement, inner, node, turn)
        if count > 1:
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
            named[key] = tree.Number(1, (0, 1)) if stride else _number(text, row.cells[column])
        result = self.work.call(name, (), named, scope, cell, node, (0, len(cell.text)))
        return self.work.need(result, (0, len(cell.text)))

    def _phrase(self, row: Row, statement: LayerLine, scope: Scope, node: int, turn: int) -> int:
        items = statement.items.items
        for index, item in enumerate(items):
            plain = (
                isinstance(item, tree.Chain)
                and item.times is None
                and all(isinstance(e, tree.Group) for e in item.elements)
            )
            if index == 0 and plain and isinstance(item, tree.Chain):
                drafts = self.work.drafts(tuple(e for e in item.elements if isinstance(e, tree.Group)), statement.line)
                for place, draft in enumerate(drafts):
                    whole = self._filled(row, draft, turn) if place == 0 else draft
                    node = self.work.lay(whole, scope, statement.line, node)
            else:
                result = self.work.items(tree.Items((item,), item.at), scope, statement.line, node, [])
                node = self.work.need(result, item.at)
        return node

    def _filled(self, row: Row, draft: Draft, turn: int) -> Draft:
        """A phrase with the window, stride and channels of its row's cells, where it does not say them."""
        said = dict(draft.said)
        window, numbers = draft.window, draft.numbers
        patch = self._value(row, WINDOWS)
        if patch is not None:
            match = re.fullmatch(
                r"(\d+)(?:\s*[xX]\s*(\d+))?(?:\s*[xX][\sxX\d]*(?:dw)?)?\s*(?:/\s*(\d+)|\+\s*(\d+)\(S\))?",
                patch.text.strip(),
            )
            if match is None:
                raise Unreadable(f"'{patch.text}' is no window", (0, len(patch.text)), "3x3 or 3x3/2", "A110")
            if not window and draft.kind not in ("fc", "softmax", "dropout"):
                window = (_plain(match[1]), _plain(match[2] or match[1]))
            if match[3]:
                said.setdefault("stride", (_plain(match[3]),))
        stride = self._value(row, STRIDES)
        if stride is not None and "stride" not in said and draft.settled in _STRIDED:
            said["stride"] = (_plain("1") if turn else _number(stride.text, stride),)
        channels = self._value(row, CHANNELS)
        if channels is not None and not numbers and draft.kind in ("conv", "fc", "deconv", "local", None):
            numbers = (_number(channels.text, channels),)
        return replace(draft, window=window, numbers=numbers, said=said)

    def _printed(self, row: Row, where: tuple[int, int, int]) -> None:
        size = self._value(row, OUTPUTS)
        if size is not None:
            self.shape_claim(size, where)
        for column, heading in enumerate(self.table.header):
            quantity = heading_quantity(heading)
            if quantity and column < len(row.cells) and not NOTHING.match(row.cells[column].text):
                self.claim(quantity, row.cells[column], where)


def _plain(text: str) -> tree.Number:
    return tree.Number(int(text), (0, len(text)))


def _number(text: str, cell: Line) -> tree.Arithmetic:
    stripped = text.strip().replace(",", "")
    return _plain(stripped) if stripped.isdigit() else parse_expression(stripped)
