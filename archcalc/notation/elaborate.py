"""Lines to a graph: each statement of a network in turn, claims gathered, a fault's line stepped over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from archcalc.algebra import Dim, Expr, symbol
from archcalc.claims import Claim, Figure
from archcalc.diagnostics import Diagnostic, Fault, nearest
from archcalc.graph import Graph, Node
from archcalc.layers import IMAGE, Input, Pair, Shape
from archcalc.notation import tree
from archcalc.notation.arithmetic import evaluate
from archcalc.notation.expectations import read_claim
from archcalc.notation.figures import Printed, read_figure
from archcalc.notation.flowing import Flowing
from archcalc.notation.laying import TooMuch, Work
from archcalc.notation.lexer import Unreadable
from archcalc.notation.lower import as_shape
from archcalc.notation.naming import Frame, Leaf, resolve
from archcalc.notation.phrases import Draft, read_groups
from archcalc.notation.scope import BlockDef, NameTable, Scope
from archcalc.notation.statements import (
    BlockLine, ClaimLine, FitStrict, InputLine, LayerLine, MeansLine, ParamLine, Statement, TableLines,
)  # fmt: skip
from archcalc.notation.syntax import parse_items
from archcalc.notation.text import Line
from archcalc.notation.vocabulary import KINDS, kind_words, spelled


@dataclass(frozen=True)
class Order:
    """What is asked for: a network's statements under these settings, with an input of another size perhaps."""

    name: str
    title: str
    file: str
    statements: tuple[Statement, ...]
    column: int | None = None
    settings: Mapping[str, Dim | Fraction] = field(default_factory=dict)
    input_shape: Shape | None = None
    strides: Mapping[tuple[int, int], Pair] = field(default_factory=dict)

    @property
    def changed(self) -> bool:
        """Whether figures printed for the text as it stands do not apply."""
        return bool(self.settings) or self.input_shape is not None


class Elaborator(Flowing):
    """One network from its statements."""

    def __init__(self, order: Order, blocks: Mapping[str, list[BlockDef]], spared: frozenset[int] = frozenset()) -> None:
        super().__init__(Work({key: list(value) for key, value in blocks.items()}, spared=spared))
        self.order = order
        self.claims: list[Claim] = []
        self.root = Frame()
        self.strides: dict[tuple[int, int], Pair] = dict(order.strides)
        self.used: set[str] = set()
        self.params: dict[str, Dim | Fraction] = {}

    def run(self) -> int | None:
        """Elaborates everything; the output node, or None where nothing was made."""
        scope = Scope({}, (), NameTable(), self.root)
        try:
            current = self.body(list(self.order.statements), scope, None)
        except TooMuch as error:
            self.fault(self._line, error)
            return None
        unknown = [name for name in self.order.settings if name not in self.used]
        for name in unknown:
            message = f"network {self.order.name} has no parameter '{name}'"
            self.work.faults.append(Diagnostic("A409", message, help=nearest(name, self.used)))
        return current

    # -- lines ------------------------------------------------------------------------------------------------------------

    def body(self, statements: list[Statement], scope: Scope, current: int | None) -> int | None:
        """Statements in order. A fault is kept, and reading goes on with the shape that its line prints."""
        chosen: bool | None = None
        for statement in statements:
            self._line = statement.line
            try:
                scope, current, chosen = self._statement(statement, scope, current, chosen)
            except TooMuch:
                raise
            except (Unreadable, Fault) as error:
                self.fault(statement.line, error)
                current = self._recovered(statement, scope, current)
        return current

    def _statement(
        self, statement: Statement, scope: Scope, current: int | None, chosen: bool | None
    ) -> tuple[Scope, int | None, bool | None]:
        if isinstance(statement, LayerLine):
            first = statement.items.items[0] if statement.items.items else None
            if isinstance(first, tree.When) and first.condition is None:
                if chosen is None:
                    raise Unreadable("'otherwise' stands below a 'when'", first.at, code="A406")
                return scope, current if chosen else self._inner(first.body, scope, statement.line, current, statement.body), None
            current = self.layers(statement, scope, current)
            if isinstance(first, tree.When):
                assert first.condition is not None
                return scope, current, bool(evaluate(first.condition, self.names(scope, current)))
        elif isinstance(statement, InputLine):
            current = self.input(statement, scope)
        elif isinstance(statement, MeansLine):
            scope = scope.but(means=(*scope.means, statement))
        elif isinstance(statement, ParamLine):
            value = self._param(statement, scope)
            scope = scope.but(params={**scope.params, statement.name: value})
        elif isinstance(statement, BlockLine):
            from archcalc.notation.naming import same_name

            self.work.blocks[same_name(statement.name)] = [  # type: ignore[index]
                *[b for b in self.work.blocks.get(same_name(statement.name), []) if b.line is not statement],
                BlockDef(statement, scope.params, scope.means),
            ]
        elif isinstance(statement, ClaimLine):
            self._claim(statement)
        elif isinstance(statement, TableLines):
            from archcalc.notation.rows import lay_table

            current = lay_table(self, statement, scope, current)
        elif not isinstance(statement, FitStrict):
            raise Unreadable("this statement has no place here", (0, len(statement.line.text)), code="A406")
        return scope, current, None

    def _param(self, statement: ParamLine, scope: Scope) -> Dim | Fraction:
        self.used.add(statement.name)
        value = self.order.settings.get(statement.name)
        if value is None:
            made = evaluate(statement.value, scope.params)
            if isinstance(made, bool):
                raise Unreadable("a parameter is a number", statement.value.at, code="A107")
            value = made
        self.params[statement.name] = value
        return value

    def _recovered(self, statement: Statement, scope: Scope, current: int | None) -> int | None:
        """Where to go on after a fault: at the printed shape, or where the line began."""
        shown = statement.shown if isinstance(statement, LayerLine) else None
        if shown is None or current is None:
            self.work.poisoned = True
            return current
        try:
            shape = as_shape(self.shape(shown, scope, current))
            return self.builder.add(Input(shape=shape), (), statement.line.span())
        except (Unreadable, Fault):
            self.work.poisoned = True
            return current

    def shape(self, shown: tree.Shown, scope: Scope, current: int | None) -> tuple[Dim, ...]:
        """A printed shape's numbers, in the order they are printed."""
        return tuple(self.number(dim, scope, current) for dim in shown.dims)

    def input(self, statement: InputLine, scope: Scope) -> int:
        """The input's node; a size that is no parameter is a symbol."""
        line = statement.line
        names = {d.text: symbol(d.text) for d in statement.dims if isinstance(d, tree.Name) and d.text not in scope.params}
        for name in names:
            self.used.add(name)
            if name in self.order.settings:
                names[name] = self.order.settings[name]  # type: ignore[assignment]
        inner = scope.but(params={**scope.params, **names})
        dims = tuple(self.number(dim, inner, None) for dim in statement.dims)
        if len(dims) > IMAGE:
            raise Unreadable("an input has at most three sizes: height x width x channels", statement.dims[0].at, code="A107")
        if len(dims) == IMAGE - 1 and not self.order.input_shape:
            raise Unreadable("the input's channels are missing", statement.dims[-1].at, "input 224x224x3", "A108")
        shape = as_shape(dims)
        if self.order.input_shape is not None and not self.work.inputs:
            shape = self.order.input_shape
        at = (statement.dims[0].at[0], statement.dims[-1].at[1])
        node = self.builder.add(Input(shape=shape), (), line.span(at))
        self.work.inputs.append(node)
        frame = Frame(label=statement.name or "input", first=node, stop=node + 1, output=node, members=[Leaf(node, "input")])
        scope.frame.members.append(frame)
        self.remember(scope, statement.name or "input", frame)
        self.print_claims(statement.figures, line, (node, node + 1, node))
        return node

    def remember(self, scope: Scope, name: str, frame: Frame) -> None:
        from archcalc.graph import Place

        self.named(scope, name, Place(frame.first, frame.stop, frame.output))

    def layers(self, statement: LayerLine, scope: Scope, current: int | None) -> int | None:
        """A line of layers: its frame, its items, then what it prints about them."""
        line, items, name = statement.line, statement.items, statement.name
        shown = None
        if statement.shown is not None:
            shown = as_shape(self.shape(statement.shown, scope, current))
        elif (lone := _lone_shape(items)) is not None:
            shown = as_shape(self.shape(lone, scope, current))
        inner = scope.but(shown=shown)
        first = len(self.builder.layers)
        names_itself = name is not None and not statement.body and all(_only_shape(item) for item in items.items)
        if name is not None and names_itself:
            items = tree.Items((*_label(name, statement, line).items, *items.items), items.at)
            current = self.items(items, inner, line, current, [])
        elif name is not None:
            frame = Frame(label=name)
            lent = lent_kind(name)
            inner = inner.but(frame=frame, lent=lent)
            body = statement.body
            current = self.items(items, inner, line, current, body) if items.items else self.body(body, inner, current)
            if items.items and body and not _takes_body(items):
                current = self.body(body, inner, current)
            self._end_line(frame, name, scope, first, current)
        else:
            current = self.items(items, inner, line, current, statement.body)
            if statement.body and not _takes_body(items):
                current = self.body(statement.body, scope, current)
        if current is not None:
            self._line_claims(statement, scope, first, current)
        return current

    def _end_line(self, frame: Frame, name: str, scope: Scope, first: int, current: int | None) -> None:
        """Closes a named line's frame; a line that adds nothing names what flows through it."""
        if len(self.builder.layers) > first:
            self._close(frame, scope, first, current)
        elif current is not None:
            frame.first, frame.stop, frame.output = current, current + 1, current
        self.remember(scope, name, frame)

    def _line_claims(self, statement: LayerLine, scope: Scope, first: int, current: int) -> None:
        where = (min(first, current), max(len(self.builder.layers), current + 1), current)
        if len(self.builder.layers) > first:
            where = (first, len(self.builder.layers), current)
        if statement.shown is not None:
            dims = self.shape(statement.shown, scope, current)
            span = statement.line.span(statement.shown.at)
            sic: tuple[Dim, ...] | None = None
            if statement.shown_sic is not None:
                numbers = [int(n) for n in statement.shown_sic[0].replace("x", " ").split() if n.isdigit()]
                sic = tuple(numbers)
            self._add(Claim("out", "=", dims, span, at=where, sic=sic, parts=(statement.line.span(),)))
        self.print_claims(statement.figures, statement.line, where)

    def shown(self, shown: tree.Shown, scope: Scope, line: Line, first: int, current: int) -> None:
        dims = self.shape(shown, scope, current)
        self._add(Claim("out", "=", dims, line.span(shown.at), at=(current, current + 1, current)))

    def remark(self, remark: tree.Remark, line: Line, node: int) -> None:
        figure = read_figure(remark.value)
        if figure is None:
            raise Unreadable("a figure is wanted here", remark.at, code="A107")
        from archcalc.notation.figures import QUANTITIES

        self._add(Claim(QUANTITIES[remark.quantity.lower()], "=", figure, line.span(remark.at), at=(node, node + 1, node)))

    def print_claims(self, figures: tuple[Printed, ...], line: Line, where: tuple[int, int, int] | None) -> None:
        for printed in figures:
            sic_span = line.span(printed.sic_at) if printed.sic_at else None
            self._add(
                Claim(
                    printed.quantity, "=", printed.figure, line.span(printed.at), at=where, worked=printed.worked, sic=printed.sic,
                    sic_span=sic_span, weights_only=printed.weights_only,
                )
            )  # fmt: skip

    def _claim(self, statement: ClaimLine) -> None:
        if statement.printed is not None:
            self.print_claims((statement.printed,), statement.line, None)
            return
        claim = read_claim(statement.line)
        if claim.network is None or claim.network.lower() == self.order.name.lower():
            self.claims.append(claim)

    def _add(self, claim: Claim) -> None:
        """Keeps what a line prints, unless the network is not the one it prints it of."""
        if not self.order.changed:
            self.claims.append(claim)


def _lone_shape(items: tree.Items) -> tree.Shown | None:
    """The one shape printed behind a line's layers, from which an fc without a width takes its own."""
    shapes = [e for item in items.items if isinstance(item, tree.Chain) for e in item.elements if isinstance(e, tree.Shown)]
    return shapes[-1] if shapes else None


def _only_shape(item: tree.Item) -> bool:
    return isinstance(item, tree.Chain) and all(isinstance(e, (tree.Shown, tree.Remark)) for e in item.elements)


def _takes_body(items: tree.Items) -> bool:
    """Whether the last item has a colon, and so takes the lines below."""
    return bool(items.items) and not isinstance(items.items[-1], tree.Chain)


def lent_kind(name: str) -> str | None:
    """The kind that a name lends to a phrase without one: pool1 is a max pool, FC6 fully connected."""
    words = [word for word in kind_words(name.replace(" ", "-")) if not word.isdigit()]
    words = [word.rstrip("0123456789") for word in words]
    for count in range(len(words), 0, -1):
        kind = spelled(tuple(words[:count]))
        if kind:
            return kind
    return None


def _label(name: str, statement: LayerLine, line: Line) -> tree.Items:
    """A name alone, as the layer that it says: CONV3-64, FC, POOL2."""
    assert statement.name_at is not None
    text = " " * statement.name_at[0] + name
    items = parse_items(text, frozenset())
    groups = tuple(e for item in items.items if isinstance(item, tree.Chain) for e in item.elements if isinstance(e, tree.Group))
    drafts = read_groups(groups, text)
    for draft in drafts:
        _unambiguous(draft, statement.name_at)
    return items


def _unambiguous(draft: Draft, at: tree.At) -> None:
    """A pool of another window than 2x2 does not say its stride; a name that is no layer needs one behind it."""
    if draft.settled is None or draft.block is not None:
        raise Unreadable("this line names no layer", at, "say what it is: conv 3x3, 64 or fc 4096", "A108")
    if draft.settled in ("max pool", "avg pool") and (draft.window or draft.numbers):
        sides = [d.value for d in (draft.window or draft.numbers) if isinstance(d, tree.Number)]
        if any(side != 2 for side in sides):
            side = sides[0]
            raise Unreadable(
                f"a pool over {side}x{side} does not say its stride: {side}, or 2 with overlap?", at,
                f"write '{side}x{side}, stride 2' behind the name", "A106",
            )  # fmt: skip


def elaborate(order: Order, blocks: Mapping[str, list[BlockDef]]) -> tuple[Graph | None, tuple[Diagnostic, ...]]:
    """A network's graph, or None and why not; warnings are in the graph."""
    if order.input_shape is not None and order.column is not None and not order.strides:
        nominal = Elaborator(replace(order, input_shape=None), blocks)
        nominal.run()
        order = replace(order, strides=nominal.strides)
    work = Elaborator(order, blocks)
    output = work.run()
    spared = _last_hidden(work)
    if spared:
        work = Elaborator(order, blocks, spared)
        output = work.run()
    if work.work.faults or output is None or not work.work.inputs:
        if not work.work.faults:
            message = "no layers" if work.work.inputs else "no input: a network begins with one, as 'input 224x224x3'"
            span = order.statements[0].line.span() if order.statements else None
            code = "A103" if work.work.inputs else "A404"
            work.work.faults.append(Diagnostic(code, f"network {order.name} has {message}", span))
        return None, tuple(work.work.faults)
    return _graph(work, output), ()


def _last_hidden(work: Elaborator) -> frozenset[int]:
    """The uses of a hidden rule that made the last weight layer of a head: they are to be left out."""
    last: dict[int, int] = {}
    heads = {head for head, _ in work.work.hidden}
    for head in heads:
        nodes = [n for n, (layer, _, _, aux, _) in enumerate(work.builder.layers) if layer.weight_layer and aux == (head > 0)]
        if nodes:
            last[head] = nodes[-1]
    return frozenset(index for index, (head, node) in enumerate(work.work.hidden) if node >= 0 and last.get(head) == node)


def _graph(work: Elaborator, output: int) -> Graph:
    names = resolve(work.root)
    builder = work.builder
    nodes = tuple(
        Node(names.of.get(i, f"{layer.kind}.{i}"), names.blocks.get(i, ""), layer, inputs, builder.shapes[i], span, aux, shares)
        for i, (layer, inputs, span, aux, shares) in enumerate(builder.layers)
    )
    claims = tuple(work.claims)
    if any(claim.weights_only for claim in claims):
        claims = tuple(replace(c, weights_only=True) if c.quantity == "params" and not c.place and c.expected and isinstance(c.expected, Figure) and c.span.text[:6] != "expect" else c for c in claims)
    settings = {name: value for name, value in work.params.items() if isinstance(value, (int, Expr))}
    return Graph(
        work.order.name, work.order.title, work.order.file, nodes, tuple(work.work.inputs), output, settings, names.places,
        tuple(builder.conditions), claims, tuple(builder.warnings.values()),
    )  # fmt: skip
