"""Laying layers: phrases become nodes of the graph, rules of ``means`` applied, shapes known at every step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from archcalc.algebra import Dim, same
from archcalc.diagnostics import Diagnostic, Fault, nearest
from archcalc.graph import Place
from archcalc.layers import TOKENS, BatchNorm, Conv, Layer, Pair, Shape, Sliding, ZeroShortcut
from archcalc.notation import tree
from archcalc.notation.arithmetic import UnknownParameter, evaluate, whole
from archcalc.notation.draft import Draft
from archcalc.notation.lower import lower
from archcalc.notation.naming import Frame, Leaf, same_name
from archcalc.notation.phrases import read_groups
from archcalc.notation.scope import NameTable, Scope
from archcalc.notation.setting import Here
from archcalc.notation.statements import MeansLine
from archcalc.notation.text import Line
from archcalc.notation.tokens import Follows, Unreadable
from archcalc.notation.work import Work
from archcalc.source import Span

_POOLS = ("global avg pool", "max pool", "avg pool", "spatial pyramid pool")
_STEMS = dict.fromkeys(_POOLS, "pool") | {"depthwise": "conv"}

#: Faults that hang on what flows in.
_FLOWING = frozenset({"A301", "A302", "A303", "A304"})


class Laying:
    """Adds nodes; knows the work, the line being read and nothing of structure."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.builder = work.builder

    # -- numbers -----------------------------------------------------------------------------------------------------

    def names(self, scope: Scope, current: int | None) -> Mapping[str, Dim | Fraction]:
        """The parameters in scope; ``in`` is the number of channels that enter, unless a block has fixed it."""
        if scope.fixed_in or current is None:
            return scope.params
        return {**scope.params, "in": self.channels(current)}

    def channels(self, node: int) -> Dim:
        shape = self.builder.shapes[node]
        return shape[1] if len(shape) == TOKENS else shape[0]

    def number(self, node: tree.Arithmetic, scope: Scope, current: int | None) -> Dim:
        """A whole number. Raises Unreadable."""
        if isinstance(node, tree.Number) and isinstance(node.value, int):
            return node.value
        return whole(evaluate(node, self.names(scope, current)), node.at)

    def need(self, current: int | None, at: tree.At) -> int:
        """The node that flows in; where none does, the first layer is told so, or the input is at fault."""
        if current is None:
            if self.work.poisoned or self.work.starved:
                raise Follows("", at)
            self.work.starved = True
            raise Unreadable("no input yet: nothing flows into this layer", at, "begin with 'input 224x224x3'", "A404")
        return current

    # -- nodes -------------------------------------------------------------------------------------------------------

    def place(
        self,
        layer: Layer,
        inputs: tuple[int, ...],
        scope: Scope,
        line: Line,
        at: tree.At,
        branches: tuple[Span, ...] = (),
    ) -> int:
        """A node, and a leaf in the frame that gives it a name; ``branches`` are the places of what a merge joins."""
        self.work.step(at)
        node = self.builder.add(layer, inputs, line.span(at), scope.head > 0, also=branches)
        words = _STEMS.get(layer.kind) or layer.kind.split()[-1]
        scope.frame.members.append(Leaf(node, words))
        return node

    def share(self, name: str, everything: bool, first: int, scope: Scope, at: tree.At) -> None:
        """The nodes from ``first`` on use the conv and fc weights (``everything``: all) of those that ``name``
        covers."""
        place = self.found(name, scope, at)
        owners = self._sharing(range(place.first, place.stop), everything)
        users = self._sharing(range(first, len(self.builder.layers)), everything)
        if len(owners) != len(users):
            raise Unreadable(f"'{name}' has {len(owners)} layers with weights, these are {len(users)}", at, code="A402")
        for owner, user in zip(owners, users, strict=True):
            theirs, ours = self._tensors(owner), self._tensors(user)
            if theirs != ours:
                raise Unreadable(f"weights of '{name}' have other shapes: {theirs} against {ours}", at, code="A303")
            layer, inputs, span, aux, _ = self.builder.layers[user]
            source = self.builder.layers[owner][4]
            self.builder.layers[user] = (layer, inputs, span, aux, owner if source is None else source)

    def _tensors(self, node: int) -> list[Shape]:
        layer, inputs, *_ = self.builder.layers[node]
        shapes = tuple(self.builder.shapes[index] for index in inputs)
        return [weight.shape for weight in layer.weights(*shapes).values() if weight.role != "buffers"]

    def _sharing(self, nodes: range, everything: bool) -> list[int]:
        return [n for n in nodes if self._tensors(n) and (everything or self.builder.layers[n][0].weight_layer)]

    # -- phrases -----------------------------------------------------------------------------------------------------

    def drafts(self, groups: tuple[tree.Group, ...], line: Line) -> tuple[Draft, ...]:
        return read_groups(groups, line.text)

    def lay(self, draft: Draft, scope: Scope, line: Line, current: int | None) -> int:
        """The layers of one draft, as the rules above it rewrite them; the last node."""
        before = self.need(current, draft.at)
        if draft.settled == "shortcut":
            return self._shortcut(draft, scope, line, before)
        rule, hidden = (None, False) if draft.plain else self._rule(draft, scope)
        if rule is None or rule.items is None:
            return self._lower(draft, scope, line, before)
        if hidden and len(self.work.hidden) in self.work.spared:
            self.work.hidden.append((scope.head, -1))
            return self._lower(draft, scope, line, before)
        return self._rewritten(draft, rule, scope, line, before, hidden)

    def _rule(self, draft: Draft, scope: Scope) -> tuple[MeansLine | None, bool]:
        kind = draft.settled
        for rule in reversed(scope.means):
            if rule.items is not None and (rule.subject == kind or (rule.subject == "conv" and kind == "depthwise")):
                return rule, rule.hidden
        return None, False

    def _rewritten(self, draft: Draft, rule: MeansLine, scope: Scope, line: Line, current: int, hidden: bool) -> int:
        """What a rule makes of a phrase: its own kind of layer takes the phrase's attributes, the others stand as
        written."""
        assert rule.items is not None
        pending: Draft | None = draft
        for item in rule.items.items:
            if not isinstance(item, tree.Chain):
                raise Unreadable("a rule of 'means' is layers in a row", (0, len(line.text)), code="A406")
            groups = tuple(element for element in item.elements if isinstance(element, tree.Group))
            for template in read_groups(groups, rule.line.text):
                if pending is not None and template.settled is None and template.block is None:
                    raise Unreadable("this names no layer", draft.at, "say what it is: conv 3x3, 64 or fc 4096", "A108")
                if pending is not None and (template.settled or template.block) == rule.subject:
                    current = self._lower(template.under(pending), scope, line, current)
                    if hidden:
                        self.work.hidden.append((scope.head, current))
                    pending = None
                else:
                    current = self._lower(template, scope, line, current, draft.at)
        return current

    def _lower(self, draft: Draft, scope: Scope, line: Line, current: int, at: tree.At | None = None) -> int:
        if draft.settled == "identity":
            return current
        if draft.settled == "lrn" and draft.window:
            raise Unreadable("lrn takes no window", draft.where("window"), code="A109")
        setting = Here(self, scope, line, current)
        for lowered in lower(draft, setting):
            first = len(self.builder.layers)
            try:
                current = self.place(lowered.layer, (current,), scope, line, at or draft.at)
            except Fault as error:
                error.diagnostic = replace(error.diagnostic, span=line.span(at or draft.where(error.part)))
                raise
            if isinstance(lowered.layer, Sliding):
                self.work.said[current] = (line, draft)
            if lowered.share and lowered.layer.weight_layer:
                self.share(lowered.share[0], lowered.share[1], first, scope, draft.where("share"))
        return current

    def _shortcut(self, draft: Draft, scope: Scope, line: Line, current: int) -> int:
        """Identity where nothing changes, else option A, B or C of He et al. 2016, section 3.3 and 4.1."""
        around = scope.around
        if around is None:
            raise Unreadable("a shortcut stands in a sum, beside the branch that it goes around", draft.at, code="A406")
        channels, stride = self.channels(around.end), around.strides
        alike = same(stride, (1, 1)) and same(channels, self.channels(around.start))
        option = draft.said.get("option", "b")
        if alike and option != "c":
            return current
        if option == "a":
            return self.place(ZeroShortcut(channels=channels, stride=stride), (current,), scope, line, draft.at)
        frame = Frame(stem="shortcut", first=len(self.builder.layers))
        inner = scope.but(frame=frame)
        conv = Conv(channels=channels, kernel=(1, 1), stride=stride, bias=False)
        node = self.place(conv, (current,), inner, line, draft.at)
        if "no bn" not in draft.said:
            node = self.place(BatchNorm(), (node,), inner, line, draft.at)
        frame.stop, frame.output = len(self.builder.layers), node
        scope.frame.members.append(frame)
        return node

    def strides_between(self, start: int, end: int) -> Pair:
        """The product of the strides on the way back from ``end``, along first inputs, to ``start``."""
        height: Dim = 1
        width: Dim = 1
        while end > start:
            layer, inputs, *_ = self.builder.layers[end]
            high, wide = layer.strides(*(self.builder.shapes[index] for index in inputs))
            height, width = height * high, width * wide
            if not inputs:
                break
            end = inputs[0]
        return height, width

    # -- faults ------------------------------------------------------------------------------------------------------

    def fault(self, line: Line, error: Unreadable | Fault) -> None:
        """Keeps a fault, unless it only follows from one before it."""
        self.work.stumble()
        follows = isinstance(error, UnknownParameter) and same_name(error.name) in self.work.lost
        if follows or isinstance(error, Follows):
            self.work.poisoned = True
            return
        if isinstance(error, Fault):
            diagnostic = error.diagnostic
        else:
            place = error.line or line
            inside = error.at[1] <= len(place.text)  # a number of another cell of the row is told of the row's first
            span = place.span(error.at if inside else None)
            diagnostic = Diagnostic(error.code, str(error), span, help=error.help)
        flows = isinstance(error, Fault) or diagnostic.code in _FLOWING
        told = any((d.code, d.span) == (diagnostic.code, diagnostic.span) for d in self.work.faults)
        if not told and not (self.work.poisoned and flows):
            self.work.faults.append(diagnostic)

    def found(self, name: str, scope: Scope, at: tree.At) -> Place:
        """What a name stands for above this line. Raises Unreadable."""
        place = scope.names.find(name)
        if place is None and same_name(name) == "input" and self.work.inputs:
            place = Place(self.work.inputs[0], self.work.inputs[0] + 1, self.work.inputs[0])
        if place is None:
            if same_name(name) in self.work.lost:
                raise Follows("", at)
            known = [*scope.names.all(), "input"]
            raise Unreadable(f"no layer named '{name}' above", at, nearest(name, known), "A401")
        return place

    def fresh_names(self, scope: Scope) -> NameTable:
        return NameTable(outer=scope.names)

    def named(self, scope: Scope, name: str, place: Place) -> None:
        scope.names.own[same_name(name)] = place
