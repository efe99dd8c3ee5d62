"""Structure: chains, repeats and choices, each taking the node that flows in to the one that flows out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from archcalc.algebra import Expr
from archcalc.layers import Pair
from archcalc.notation import tree
from archcalc.notation.arithmetic import evaluate, open_symbol
from archcalc.notation.cells import lay_cell
from archcalc.notation.draft import Draft
from archcalc.notation.merging import Merging
from archcalc.notation.naming import Frame, same_name
from archcalc.notation.phrases import checked
from archcalc.notation.scope import Scope
from archcalc.notation.statements import Statement
from archcalc.notation.text import Line
from archcalc.notation.tokens import Unreadable
from archcalc.notation.work import TooMuch

Part = Draft | tree.Call | tree.Items | tree.Cell | tree.From | tree.Shown | tree.Remark
Turn = Callable[[Scope, int | None], int | None]


class Flowing(Merging):
    """Reads items; what a line prints about them is given by the class that reads lines."""

    def shown(self, shown: tree.Shown, scope: Scope, line: Line, first: int, current: int) -> None:
        raise NotImplementedError

    def items(
        self, items: tree.Items, scope: Scope, line: Line, current: int | None, body: Sequence[Statement]
    ) -> int | None:
        """Items in order; the line's body belongs to the last of them that is open."""
        chosen = False
        inside, after = _dedent(body)
        for index, item in enumerate(items.items):
            below = inside if index == len(items.items) - 1 else []
            try:
                if isinstance(item, tree.Chain):
                    current = self.chain(item, scope, line, current)
                elif isinstance(item, tree.Merge):
                    current = self.merge(item, scope, line, current, below)
                elif isinstance(item, tree.Repeat):
                    current = self.repeat(item, scope, line, current, below)
                elif isinstance(item, tree.Aux):
                    self.aux(item, scope, line, current, below)
                else:
                    chosen, current = self.choose(item, chosen, scope, line, current, below)
            except Unreadable as error:
                raise error.within(line) from None
        return self.body(after, scope, current) if after else current

    def chain(self, chain: tree.Chain, scope: Scope, line: Line, current: int | None) -> int | None:
        """Elements parted by commas; a repeat turns the last layer, or all of them if it stands before."""
        parts = self._parts(chain.elements, line)
        for part in parts:
            if isinstance(part, Draft) and part.block is not None and same_name(part.block) not in self.work.blocks:
                at = part.kind_at or part.at
                raise self.unknown(line.text[at[0] : at[1]], at, scope, line, called=False)
        if chain.times is None:
            for part in parts:
                current = self.part(part, scope, line, current)
            return current
        head, last = ([], parts) if chain.before else (parts[:-1], parts[-1:])
        for part in head:
            current = self.part(part, scope, line, current)
        numbered = scope.frame.label is not None
        stride = self.stride_after(chain, scope, line, current)

        def turn(inner: Scope, current: int | None) -> int | None:
            for part in last:
                if isinstance(part, tree.Cell) and stride and not inner.params["i"]:
                    current = lay_cell(self, part, inner, line, self.need(current, part.at), stride)
                else:
                    current = self.part(part, inner, line, current)
            return current

        current = self.turns(chain.times, scope, line, current, turn, numbered)
        for part in self._parts(chain.after, line) if stride is None else ():
            current = self.part(part, scope, line, current)
        return current

    def stride_after(self, chain: tree.Chain, scope: Scope, line: Line, current: int | None) -> Pair | None:
        """``[3x3, 64] x 2, stride 2``: behind a cell's repeat it is the first turn's; elsewhere it is unclear."""
        attributes = self._parts(chain.after, line)
        draft = attributes[0] if len(attributes) == 1 else None
        if not isinstance(draft, Draft) or draft.settled is not None or draft.block is not None or not draft.said:
            return None
        if set(draft.said) != {"stride"} or not isinstance(chain.elements[-1], tree.Cell):
            raise Unreadable(
                "behind a repeat this may be said of each turn or of the first", draft.at,
                "say it before the repeat: conv 3x3, 64, stride 2 x 2", "A106",
            )  # fmt: skip
        values = [self.number(node, scope, current) for node in draft.said["stride"]]
        return values[0], values[-1]

    def _parts(self, elements: Sequence[tree.Element], line: Line) -> list[Part]:
        """Groups gathered into drafts, other elements as they are; ``share`` after a call stays a draft without a
        kind."""
        parts: list[Part] = []
        groups: list[tree.Group] = []
        for element in [*elements, None]:
            if isinstance(element, tree.Group):
                groups.append(element)
                continue
            if groups:
                parts += self.drafts(tuple(groups), line)
                groups = []
            if element is not None:
                parts.append(element)
        return parts

    def turns(
        self, times: tree.Arithmetic, scope: Scope, line: Line, current: int | None, turn: Turn, numbered: bool
    ) -> int | None:
        """``turn`` as often as ``times`` says, i counting from 0; bounded by what the first turn makes."""
        count = self.number(times, scope, current)
        if isinstance(count, Expr):
            raise open_symbol("a repeat", count, times.at)
        if count < 0:
            raise Unreadable(f"{count} turns: it must be at least 0", times.at, code="A403")
        for i in range(count):
            self.work.step(times.at)
            before = len(self.builder.layers)
            frame = Frame(first=before) if numbered else scope.frame
            inner = scope.but(params={**scope.params, "i": i}, frame=frame)
            current = turn(inner, current)
            made = len(self.builder.layers) - before
            if numbered and made:
                self._close(frame, scope, before, current)
            if max(made, 1) * count > self.work.most:
                layers = "1 layer" if made == 1 else f"{made:,} layers"
                raise TooMuch(
                    f"{count:,} turns of {layers}: a network has at most {self.work.most:,}", times.at, code="A403"
                )
        return current

    def part(self, part: Part, scope: Scope, line: Line, current: int | None) -> int | None:
        """One element of a chain."""
        if isinstance(part, Draft):
            return self._draft(part, scope, line, current)
        if isinstance(part, tree.Call):
            return self.call(part.block, part.positional, dict(part.named), scope, line, current, part.at)
        if isinstance(part, tree.Items):
            return self.items(part, scope, line, current, [])
        if isinstance(part, tree.Cell):
            return lay_cell(self, part, scope, line, self.need(current, part.at))
        if isinstance(part, tree.From):
            return self.origin(part.name, scope, part.at)
        if isinstance(part, tree.Shown):
            node = self.need(current, part.at)
            self.shown(part, scope, line, node, node)
            return node
        assert isinstance(part, tree.Remark)
        node = self.need(current, part.at)
        self.remark(part, line, node)
        return node

    def remark(self, remark: tree.Remark, line: Line, node: int) -> None:
        raise NotImplementedError

    def _draft(self, draft: Draft, scope: Scope, line: Line, current: int | None) -> int | None:
        if draft.block is not None:
            return self.call(draft.block, (), {}, scope, line, current, draft.kind_at or draft.at, draft)
        if draft.settled is None and "share" in draft.said and scope.frame.members:
            name, everything = draft.said["share"]
            last = scope.frame.members[-1]
            first = last.first if isinstance(last, Frame) else last.node
            self.share(name, everything, first, scope, draft.at)
            return current
        if draft.kind is None and scope.lent is not None and not draft.plain:
            draft = checked(draft.but(kind=scope.lent))
        return self.lay(draft, scope, line, current)

    def origin(self, name: str, scope: Scope, at: tree.At) -> int:
        """The node that ``from NAME`` starts at."""
        return self.found(name, scope, at).output

    def repeat(
        self, item: tree.Repeat, scope: Scope, line: Line, current: int | None, body: Sequence[Statement]
    ) -> int | None:
        def turn(inner: Scope, current: int | None) -> int | None:
            return self._inner(item.body, inner.but(names=self.fresh_names(inner)), line, current, body)

        return self.turns(item.count, scope, line, current, turn, scope.frame.label is not None)

    def _inner(
        self, items: tree.Items | None, scope: Scope, line: Line, current: int | None, body: Sequence[Statement]
    ) -> int | None:
        """What stands behind a word with a colon, and on the lines below."""
        if items is not None:
            return self.items(items, scope, line, current, body)
        return self.body(body, scope, current)

    def choose(
        self, item: tree.When, chosen: bool, scope: Scope, line: Line, current: int | None, body: Sequence[Statement]
    ) -> tuple[bool, int | None]:
        """``when`` takes its body if its condition holds; ``otherwise`` if none before it on the line did."""
        if item.condition is None:
            return chosen, current if chosen else self._inner(item.body, scope, line, current, body)
        holds = evaluate(item.condition, self.names(scope, current))
        if not isinstance(holds, bool):
            raise Unreadable("a comparison is wanted after 'when'", item.condition.at, "when n == 1:", "A107")
        own, other = _split_at_otherwise(item.body)
        if holds:
            return True, self._inner(own, scope, line, current, [] if other else body)
        return bool(other), self.items(other, scope, line, current, body) if other else current

    def aux(self, item: tree.Aux, scope: Scope, line: Line, current: int | None, body: Sequence[Statement]) -> None:
        """A side head: layers of their own from here; the main line goes on as if they were not there."""
        self.need(current, item.at)
        self.work.heads += 1
        inner = scope.but(head=self.work.heads, names=self.fresh_names(scope))
        self._inner(item.body, inner, line, current, body)


def _split_at_otherwise(items: tree.Items | None) -> tuple[tree.Items | None, tree.Items | None]:
    """``when a: b; otherwise: c`` on one line: what stands before ``otherwise``, and from it on."""
    for index, item in enumerate(items.items if items else ()):
        if items and isinstance(item, tree.When) and item.condition is None:
            return tree.Items(items.items[:index], items.at), tree.Items(items.items[index:], item.at)
    return items, None


def _dedent(body: Sequence[Statement]) -> tuple[Sequence[Statement], Sequence[Statement]]:
    """The lines of an open item, and those after them that stand less deep: they go on with the line above both."""
    for index, statement in enumerate(body):
        if statement.line.indent < body[0].line.indent:
            return body[:index], body[index:]
    return body, []
