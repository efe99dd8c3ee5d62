"""Laying the layers of one row of a table, each from its part of the row's cells."""

from __future__ import annotations

from archcalc.algebra import Expr
from archcalc.notation import tree
from archcalc.notation.arithmetic import open_symbol
from archcalc.notation.filling import filled
from archcalc.notation.headings import INPUTS, STRIDES
from archcalc.notation.scope import Scope
from archcalc.notation.table_cells import NOTHING, TableCells, cell_parts
from archcalc.notation.tables import Row
from archcalc.notation.text import Line
from archcalc.notation.tokens import Unreadable

MOST_TURNS = 10_000


class Parts:
    """The layers of one row that its cells fill: several (parted by ; or <br>) have a part of each cell."""

    def __init__(self, rows: TableCells, row: Row, line: Line, scope: Scope, turn: int) -> None:
        self.rows, self.row, self.line, self.scope = rows, row, line, scope
        self.turn, self.slots, self.slot = turn, 1, 0

    def lay_all(self, items: tree.Items, node: int) -> int:
        """Every layer of the row, from ``node`` on."""
        self.slots = _slots(items)
        return self.lay(items, node)

    def lay(self, items: tree.Items, node: int) -> int:
        _ask_about_repeats(items)
        for item in items.items:
            group = _repeated(item)
            if group is not None:
                node = self._turns(group, node)
            elif isinstance(item, tree.Chain) and _plain(item):
                node = self._chain(item, node)
            else:
                result = self.rows.work.items(tree.Items((item,), item.at), self.scope, self.line, node, [])
                node = self.rows.work.need(result, item.at)
        return node

    def _turns(self, chain: tree.Chain, node: int) -> int:
        """``5x (a; b)``: the same parts of the cells at every turn."""
        assert chain.times is not None
        count = self.rows.work.number(chain.times, self.scope, node)
        if isinstance(count, Expr):
            raise open_symbol("a repeat", count, chain.times.at)
        if not 0 <= count <= MOST_TURNS:
            raise Unreadable(f"{count} turns: at most {MOST_TURNS:,}", chain.times.at, code="A403")
        inner, slot = chain.elements[0], self.slot
        items = inner if isinstance(inner, tree.Items) else tree.Items((chain.but(times=None),), chain.at)
        for turn in range(count):
            self.slot, self.turn = slot, max(self.turn, turn)
            node = self.lay(items, node)
        return node

    def _chain(self, chain: tree.Chain, node: int) -> int:
        work = self.rows.work
        groups = tuple(e for e in chain.elements if isinstance(e, tree.Group))
        entering = self._find(INPUTS)
        if entering is not None and self.slot:
            self.rows.shape_claim(entering, (node, node + 1, node))
        for place, draft in enumerate(work.drafts(groups, self.line)):
            if draft.block is not None:
                node = work.need(work.part(draft, self.scope, self.line, node), draft.at)
                continue
            shape = work.builder.shapes[node]
            whole = draft if place else filled(self._find, draft, self.turn, shape)
            node = work.lay(whole, self.scope, self.line, node)
        self.slot += 1
        return node

    def _find(self, names: frozenset[str]) -> Line | None:
        """This layer's part of the row's cell under one of these headings."""
        cell = self.rows.value(self.row, names)
        if cell is None:
            return None
        parts = cell_parts(cell)
        if len(parts) == 1:
            return cell if self.slot == 0 or names is STRIDES else None
        if len(parts) != self.slots:
            message = f"{len(parts)} parts for {self.slots} layers"
            help = "a part of each cell for each layer"
            raise Unreadable(message, (0, len(cell.text)), help, "A110").within(cell)
        part = parts[self.slot]
        return None if NOTHING.match(part.text) else part


def _plain(chain: tree.Chain) -> bool:
    return chain.times is None and all(isinstance(element, tree.Group) for element in chain.elements)


def _repeated(item: tree.Item) -> tree.Chain | None:
    """A chain that repeats one group or one phrase."""
    if isinstance(item, tree.Chain) and item.times is not None:
        only_groups = all(isinstance(element, tree.Group) for element in item.elements)
        if only_groups or (len(item.elements) == 1 and isinstance(item.elements[0], tree.Items)):
            return item
    return None


def _slots(items: tree.Items) -> int:
    """How many phrases of a row the cells fill."""
    count = 0
    for item in items.items:
        group = _repeated(item)
        inner = group.elements[0] if group is not None else None
        if isinstance(inner, tree.Items):
            count += _slots(inner)
        elif group is not None or (isinstance(item, tree.Chain) and _plain(item)):
            count += 1
    return count


def _ask_about_repeats(items: tree.Items) -> None:
    """``5x a <br> 5x b``: each five times in a row, or five times the pair."""
    repeats = [group for item in items.items if (group := _repeated(item)) is not None and group.before]
    if len(repeats) > 1 and len(repeats) == len(items.items):
        raise Unreadable(
            "these repeats have two readings: each layer's turns in a row, or turns of all of them together", items.at,
            "write 5x (a; b) for turns of both, or rows of their own", "A106",
        )  # fmt: skip
