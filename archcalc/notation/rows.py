"""Laying a table's layers: one column of a table of networks, or the rows of a table of layers."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from archcalc.algebra import ceil_div
from archcalc.claims import Claim, Figure
from archcalc.diagnostics import Fault
from archcalc.layers import IMAGE, Pair
from archcalc.notation import tree
from archcalc.notation.cells import cell_rule, lay_cell
from archcalc.notation.figures import QUANTITIES, read_figure
from archcalc.notation.laying import TooMuch
from archcalc.notation.lexer import Unreadable
from archcalc.notation.naming import Frame, same_name
from archcalc.notation.phrases import Draft
from archcalc.notation.scope import Scope
from archcalc.notation.statements import InputLine, LayerLine, MeansLine, Reading, TableLines
from archcalc.notation.tables import (
    CHANNELS, INPUTS, LABELS, OPERATORS, OUTPUTS, REPEATS, STRIDES, WINDOWS, Row, Table, heading_quantity, read_table,
)  # fmt: skip
from archcalc.notation.text import Line

if TYPE_CHECKING:
    from archcalc.notation.elaborate import Elaborator

_SIC = re.compile(r"\(\s*sic\s*:\s*([^()]*)\)", re.I)
_NOTHING = re.compile(r"[-–—]?$")


def lay_table(work: Elaborator, statement: TableLines, scope: Scope, current: int | None) -> int | None:
    """The layers of a table. Raises Unreadable where it is none."""
    table = read_table(statement.rows, statement.wide)
    inner = scope.but(in_table=True)
    lay = _Column(work, table, inner) if table.by_column else _Rows(work, table, inner)
    return lay.run(current)


class _Laying:
    def __init__(self, work: Elaborator, table: Table, scope: Scope) -> None:
        self.work, self.table, self.scope = work, table, scope

    def statement(self, cell: Line) -> LayerLine | InputLine:
        """A cell as a line of layers."""
        reading = Reading(frozenset(self.scope.params) | {"in", "i"} | work_blocks(self.work))
        made = reading.layers(Line(cell.source, cell.text, cell.start, 0, cell.origins))
        if reading.faults:
            raise Unreadable("this cell cannot be read", (0, len(cell.text)))
        assert isinstance(made, (LayerLine, InputLine))
        return made

    def guarded(self, cell: Line, current: int | None, lay: object) -> int | None:
        """Lays a cell; a fault is the cell's alone."""
        try:
            return lay()  # type: ignore[operator,no-any-return]
        except TooMuch:
            raise
        except (Unreadable, Fault) as error:
            self.work.fault(cell, error)
            self.work.work.poisoned = True
            return current

    def claim(self, quantity: str, cell: Line, where: tuple[int, int, int] | None) -> None:
        """A figure in a cell, with the true one beside it perhaps."""
        sic = _SIC.search(cell.text)
        text = _SIC.sub("", cell.text).strip()
        figure = read_figure(text)
        if figure is None:
            raise Unreadable(f"'{cell.text}' is no figure", (0, len(cell.text)), code="A107")
        true = read_figure(sic[1]) if sic else None
        span = cell.span((0, len(figure.text)))
        self.work._add(Claim(quantity, "=", figure, span, at=where, sic=true, sic_span=cell.span(sic.span(1)) if sic else None))

    def shape_claim(self, cell: Line, where: tuple[int, int, int]) -> None:
        """A printed output size: 112x112, 112x112x64, 1x1 or 4096."""
        text = cell.text.strip().strip("[]").replace("²", "x")
        numbers = [int(n) for n in re.findall(r"\d+", text)]
        if "²" in cell.text:
            numbers = [numbers[0], *numbers]
        if not numbers or not re.fullmatch(r"[\d\sx²]+", cell.text.strip().strip("[]"), re.I):
            raise Unreadable(f"'{cell.text}' is no size", (0, len(cell.text)), "112x112 or 112x112x64", "A110")
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


class _Column(_Laying):
    """One network of a table with a column for each."""

    def __init__(self, work: Elaborator, table: Table, scope: Scope) -> None:
        super().__init__(work, table, scope)
        assert work.order.column is not None
        self.index = work.order.column

    def run(self, current: int | None) -> int | None:
        depth = self.table.depths.get(self.index)
        if depth is not None:
            figure = Figure(str(depth), _fraction(depth))
            self.work._add(Claim("depth", "=", figure, self.table.line.span()))
        for label, rows in self._stages():
            current = self._stage(label, rows, current)
        return current

    def _stages(self) -> list[tuple[Line | None, list[Row]]]:
        """Rows gathered under their labels; one without a label goes on with the stage above, unless it prints another size."""
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
            cell = self._cell(rows[0])
            if cell is not None and cell.text:
                self.guarded(cell, None, lambda: self.claim(quantity, cell, None))
            return current
        size_column = self.table.column(OUTPUTS)
        size = next((r.cells[size_column] for r in rows if size_column is not None and size_column < len(r.cells) and r.cells[size_column].text), None)
        first = len(self.work.builder.layers)
        frame = Frame(label=label.text) if label is not None else self.scope.frame
        scope = self.scope.but(frame=frame)
        for row in rows:
            cell = self._cell(row)
            if cell is not None and not _NOTHING.match(cell.text):
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
        asserted = re.fullmatch(r"(~?\s*[\d.,]+\s*[KMGB]?)\s+([A-Za-z -]+?)\s*(\(.*\))?", cell.text)
        if asserted and QUANTITIES.get(asserted[2].lower()):
            self.claim(QUANTITIES[asserted[2].lower()], cell, None)
            return current
        statement = self.statement(cell)
        if isinstance(statement, InputLine):
            return self.work.input(statement, scope)
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
        stride = self._stride(cell, size, current)
        for element in chain.elements[1:]:
            if isinstance(element, tree.Group):
                for draft in self.work.drafts((element,), statement.line):
                    said = [self.work.number(node, scope, current) for node in draft.said.get("stride", ())]
                    if said:
                        stride = (said[0], said[-1])
        count = self.work.number(chain.times, scope, current) if chain.times is not None else 1
        if not isinstance(count, int) or count > 100_000:
            raise TooMuch(f"{count} turns of a block", chain.at, code="A403")
        for turn in range(count):
            current = lay_cell(self.work, bracket, scope, statement.line, current, stride if turn == 0 else (1, 1))
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


class _Rows(_Laying):
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
            if operator >= len(row.cells) or _NOTHING.match(row.cells[operator].text):
                continue
            cell = row.cells[operator]
            current = self._guarded_row(row, cell, current)
        return current

    def _guarded_row(self, row: Row, cell: Line, current: int | None) -> int | None:
        return self.guarded(cell, current, lambda: self._row(row, cell, current))

    def _value(self, row: Row, names: frozenset[str]) -> Line | None:
        column = self.table.column(names)
        if column is None or column >= len(row.cells) or _NOTHING.match(row.cells[column].text):
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
        self, name: str, rule: MeansLine | None, row: Row, statement: LayerLine, cell: Line, scope: Scope, node: int, turn: int
    ) -> int:
        definitions = self.work.work.blocks.get(same_name(name))
        if not definitions:
            raise Unreadable(f"no block named '{name}'", (0, len(cell.text)), code="A401")
        headings = rule.headings if rule is not None else tuple(key or "" for key, _ in definitions[0].line.parameters)
        named: dict[str, tree.Arithmetic] = {}
        for (key, _), heading in zip(definitions[0].line.parameters, headings, strict=False):
            column = self.table.column(frozenset({heading.lower()}))
            if column is None or column >= len(row.cells) or _NOTHING.match(row.cells[column].text) or key is None:
                continue
            text = row.cells[column].text
            stride = heading.lower() in STRIDES and turn > 0
            named[key] = tree.Number(1, (0, 1)) if stride else _number(text, row.cells[column])
        result = self.work.call(name, (), named, scope, cell, node, (0, len(cell.text)))
        return self.work.need(result, (0, len(cell.text)))

    def _phrase(self, row: Row, statement: LayerLine, scope: Scope, node: int, turn: int) -> int:
        items = statement.items.items
        for index, item in enumerate(items):
            plain = isinstance(item, tree.Chain) and item.times is None and all(isinstance(e, tree.Group) for e in item.elements)
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
            match = re.fullmatch(r"(\d+)(?:\s*[xX]\s*(\d+))?(?:\s*[xX][\sxX\d]*(?:dw)?)?\s*(?:/\s*(\d+)|\+\s*(\d+)\(S\))?", patch.text.strip())
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
            if quantity and column < len(row.cells) and not _NOTHING.match(row.cells[column].text):
                self.claim(quantity, row.cells[column], where)


_STRIDED = frozenset({"conv", "depthwise", "deconv", "local", "max pool", "avg pool", "subsample"})


def _plain(text: str) -> tree.Number:
    return tree.Number(int(text), (0, len(text)))


def _number(text: str, cell: Line) -> tree.Arithmetic:
    from archcalc.notation.syntax import parse_expression

    stripped = text.strip().replace(",", "")
    return _plain(stripped) if stripped.isdigit() else parse_expression(stripped)


def _fraction(value: int) -> object:
    from fractions import Fraction

    return Fraction(value)
