"""Merges: branches laid from one node, shortcuts last, and the layer where they meet."""

from __future__ import annotations

from collections.abc import Sequence

from archcalc.algebra import Expr
from archcalc.layers import Concat, Layer, Max, Mean, Product, Sum, Warp
from archcalc.notation import tree
from archcalc.notation.arithmetic import open_symbol
from archcalc.notation.calls import Calls
from archcalc.notation.naming import Frame, Leaf
from archcalc.notation.scope import Around, Scope
from archcalc.notation.statements import FaultyLine, LayerLine, Statement
from archcalc.notation.text import Line
from archcalc.notation.tokens import Follows, Unreadable
from archcalc.notation.work import TooMuch
from archcalc.source import Span

_MERGES: dict[str, type[Layer]] = {"sum": Sum, "concat": Concat, "mean": Mean, "max": Max, "product": Product}


class Merging(Calls):
    """``items`` is given by the class that reads chains."""

    def items(
        self, items: tree.Items, scope: Scope, line: Line, current: int | None, body: Sequence[Statement]
    ) -> int | None:
        raise NotImplementedError

    def merge(
        self, item: tree.Merge, scope: Scope, line: Line, current: int | None, body: Sequence[Statement]
    ) -> int | None:
        """Branches from here, each to its end, then the merge. A shortcut goes around the first branch without one."""
        inline = list(item.branches)
        branches: list[tuple[tree.Branch | LayerLine, Sequence[Statement]]] = [(branch, []) for branch in inline]
        bar = next((i for i, s in enumerate(body) if isinstance(s, LayerLine) and s.branch), len(body))
        if inline:
            branches[-1] = (inline[-1], body[:bar])  # lines without a bar go on with the branch above
        branches += self._branch_lines(body[bar:] if inline else body)
        if not branches:
            raise Unreadable(f"{item.kind}: has no branches", item.at, "a branch a line, each after a |", "A108")
        ends: list[list[int]] = [[] for _ in branches]
        late = [index for index, (branch, below) in enumerate(branches) if _mentions_shortcut(branch, below)]
        around: Around | None = None
        for index in [i for i in range(len(branches)) if i not in late] + late:
            branch, below = branches[index]
            if index in late and around is None:
                first = next((i for i in range(len(branches)) if ends[i]), None)
                if first is None or current is None:
                    raise Unreadable("a shortcut needs another branch to go around", item.at, code="A303")
                around = Around(current, ends[first][-1], self.strides_between(current, ends[first][-1]))
            ends[index] = self._branch(item, branch, below, scope.but(around=around), line, current)
        inputs = tuple(end for group in ends for end in group)
        spans = tuple(
            _branch_span(branch, line) for (branch, _), group in zip(branches, ends, strict=True) for _ in group
        )
        return self._join(item, inputs, scope, line, spans)

    def _join(
        self, item: tree.Merge, inputs: tuple[int, ...], scope: Scope, line: Line, spans: tuple[Span, ...]
    ) -> int:
        if item.kind == "warp":
            if item.size is None:
                raise Unreadable("an affine warp says its output's size", item.at, "affine warp 28x28:", "A108")
            height, width = (self.number(dim, scope, inputs[0]) for dim in item.size.dims)
            layer: Layer = Warp(height=height, width=width)
        else:
            layer = _MERGES[item.kind]()
        return self.place(layer, inputs, scope, line, item.at, spans)

    def _branch_lines(self, body: Sequence[Statement]) -> list[tuple[tree.Branch | LayerLine, Sequence[Statement]]]:
        """Lines under a merge: a bar begins a branch, lines without one go on with it."""
        branches: list[tuple[tree.Branch | LayerLine, Sequence[Statement]]] = []
        for statement in body:
            if isinstance(statement, LayerLine) and statement.branch:
                branches.append((statement, ()))
            elif branches:
                branches[-1] = (branches[-1][0], (*branches[-1][1], statement))
            else:
                at = (0, len(statement.line.text))
                if isinstance(statement, FaultyLine) and statement.line.text.startswith("|"):
                    raise Follows("", at)  # a branch: why it cannot be read is told
                raise Unreadable("a branch begins with a |", at, code="A104").within(statement.line)
        return branches

    def _branch(
        self,
        item: tree.Merge,
        branch: tree.Branch | LayerLine,
        below: Sequence[Statement],
        scope: Scope,
        line: Line,
        current: int | None,
    ) -> list[int]:
        """The end of a branch (of each of its copies); under ``flat`` a merge of the same kind at its end gives up
        its inputs."""
        copies = 1 if branch.copies is None else self.number(branch.copies, scope, current)
        if isinstance(copies, Expr):
            assert branch.copies is not None, "one branch is a number"
            raise open_symbol("a number of branches", copies, branch.copies.at)
        if copies < 1:
            raise Unreadable(
                f"{copies} branches: it must be at least 1", branch.copies.at if branch.copies else item.at, code="A305"
            )
        ends: list[int] = []
        for _ in range(copies):
            inner = scope.but(names=self.fresh_names(scope))
            before = len(self.builder.layers)
            if isinstance(branch, LayerLine):
                end = self.body([branch], inner, current)
            elif branch.items is not None:
                end = self.items(branch.items, inner, line, current, below)
            else:
                end = current
            if isinstance(branch, LayerLine) and below:
                end = self.body(below, inner, end)
            self.promote(inner, scope)
            ends += self._flattened(item, self.need(end, item.at), before, scope)
            if len(ends) > self.work.most:
                raise TooMuch(f"more than {self.work.most:,} branches", item.at, code="A403")
        return ends

    def promote(self, inner: Scope, scope: Scope) -> None:
        """Names of a branch are seen by the lines after the merge too."""
        for key, place in inner.names.own.items():
            scope.names.own.setdefault(key, place)

    def _flattened(self, item: tree.Merge, end: int, before: int, scope: Scope) -> list[int]:
        kind = _MERGES.get(item.kind)
        last = len(self.builder.layers) - 1
        if (
            not item.flat
            or kind is None
            or end != last
            or end < before
            or not isinstance(self.builder.layers[end][0], kind)
        ):
            return [end]
        inputs = self.builder.layers[end][1]
        self.builder.layers.pop()
        self.builder.shapes.pop()
        _drop_leaf(scope.frame, end)
        return list(inputs)


def _branch_span(branch: tree.Branch | LayerLine, line: Line) -> Span:
    """What a diagnostic underlines of a branch: its layers, or its bar where it is empty."""
    if isinstance(branch, LayerLine):
        return branch.layers.span() if branch.layers is not None and branch.layers.text else branch.line.span()
    return line.span(branch.items.at if branch.items is not None else branch.at)


def _drop_leaf(frame: Frame, node: int) -> None:
    """Takes a node's leaf out of the frames that end with it."""
    member = frame.members[-1]
    if isinstance(member, Leaf):
        assert member.node == node
        frame.members.pop()
        return
    member.stop -= 1
    _drop_leaf(member, node)
    if not member.members:
        frame.members.pop()


def _mentions_shortcut(branch: tree.Branch | LayerLine, below: Sequence[Statement]) -> bool:
    """Whether a branch itself (not a merge inside it) takes a shortcut."""
    items = branch.items
    own = items is not None and any(_is_shortcut(item) for item in items.items)
    return own or any(
        isinstance(s, LayerLine) and not s.branch and any(_is_shortcut(i) for i in s.items.items) for s in below
    )


def _is_shortcut(item: tree.Item) -> bool:
    return isinstance(item, tree.Chain) and any(
        isinstance(element, tree.Group)
        and any(isinstance(a, tree.Word) and a.text.casefold().startswith("shortcut") for a in element.atoms)
        for element in item.elements
    )
