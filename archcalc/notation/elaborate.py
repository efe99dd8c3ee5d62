"""A network's statements to its graph: each in turn, a fault's line stepped over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from archcalc.algebra import Dim, symbol
from archcalc.claims import Claim
from archcalc.diagnostics import Diagnostic, Fault, nearest
from archcalc.graph import Builder, Graph, Place
from archcalc.layers import IMAGE, NAMES_OF_RANKS, Input, Pair, shown
from archcalc.notation import tree
from archcalc.notation.arithmetic import evaluate
from archcalc.notation.finish import finished, last_hidden
from archcalc.notation.lines import LayerLines
from archcalc.notation.lower import as_shape
from archcalc.notation.naming import Frame, Leaf, same_name
from archcalc.notation.order import Order
from archcalc.notation.rows import lay_table
from archcalc.notation.scope import BlockDef, NameTable, Scope
from archcalc.notation.statements import (
    BlockLine,
    ClaimLine,
    FaultyLine,
    FitStrict,
    InputLine,
    LayerLine,
    MeansLine,
    ParamLine,
    Statement,
    TableLines,
)
from archcalc.notation.tokens import Follows, Unreadable
from archcalc.notation.work import TooMuch, Work


class Elaborator(LayerLines):
    """One network from its statements."""

    def __init__(
        self,
        order: Order,
        blocks: Mapping[str, list[BlockDef]],
        spared: frozenset[int] = frozenset(),
        halting: bool = False,
    ) -> None:
        own = {key: list(value) for key, value in blocks.items()}
        builder = Builder(order.recordings.known)
        super().__init__(Work(own, builder, spared=spared, halting=halting, shared=order.recordings))
        self.order = order
        self.claims: list[Claim] = []
        self.printed: list[Claim] = []
        self.root = Frame()
        self.strides: dict[tuple[int, int], Pair] = dict(order.strides)
        self.used: set[str] = set()
        self.params: dict[str, Dim | Fraction] = {}
        inside = _declared_inside(blocks) if order.settings else frozenset()
        self.given_inside = tuple(sorted((name, order.settings[name]) for name in inside & order.settings.keys()))
        self.used |= inside  # a block that is laid again does not say what it declares

    def run(self) -> int | None:
        """Elaborates everything; the output node, or None where nothing was made."""
        scope = Scope({}, (), NameTable(), self.root)
        try:
            current = self.body(list(self.order.statements), scope, None)
        except TooMuch as error:
            self.fault(error.line or self.order.statements[0].line, error)
            return None
        for claim in self.claims:
            for name in claim.settings:
                if name not in self.used:
                    message = f"network {self.order.name} has no parameter '{name}'"
                    self.misread(Diagnostic("A409", message, claim.span, help=nearest(name, self.used)))
        self.claims = [claim for claim in self.claims if self.used.issuperset(claim.settings)]
        unknown = [name for name in self.order.settings if name not in self.used]
        for name in unknown:
            message = f"network {self.order.name} has no parameter '{name}'"
            self.work.faults.append(Diagnostic("A409", message, help=nearest(name, self.used)))
        return current

    def body(self, statements: Sequence[Statement], scope: Scope, current: int | None) -> int | None:
        """Statements in order. A fault is kept, and reading goes on with the shape that its line prints."""
        chosen: bool | None = None
        for statement in statements:
            try:
                scope, current, chosen = self._statement(statement, scope, current, chosen)
            except TooMuch as error:
                raise error.within(statement.line) from None
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
                return (
                    scope,
                    current
                    if chosen
                    else self._inner(first.body, scope, statement.layers or statement.line, current, statement.body),
                    None,
                )
            current = self.layers(statement, scope, current)
            if isinstance(first, tree.When):
                assert first.condition is not None
                return scope, current, bool(evaluate(first.condition, self.names(scope, current)))
        elif isinstance(statement, FaultyLine):
            current = self._recovered(statement, scope, current)
        elif isinstance(statement, InputLine):
            scope, current = self.input(statement, scope)
        elif isinstance(statement, MeansLine):
            scope = scope.but(means=(*scope.means, statement))
        elif isinstance(statement, ParamLine):
            value = self._param(statement, scope)
            scope = scope.but(params={**scope.params, statement.name: value})
        elif isinstance(statement, BlockLine):
            self._define(statement, scope)
        elif isinstance(statement, ClaimLine):
            self._claim(statement)
        elif isinstance(statement, TableLines):
            current = lay_table(self, statement, scope, current)
        elif not isinstance(statement, FitStrict):
            raise Unreadable("this statement has no place here", (0, len(statement.line.text)), code="A406")
        return scope, current, None

    def _define(self, statement: BlockLine, scope: Scope) -> None:
        """A block as it stands here: the text's own definition, unless parameters or rules above it say more."""
        known = self.work.blocks.get(same_name(statement.name), [])
        made = BlockDef(statement, scope.params, scope.means)
        if made not in known:
            self.work.blocks[same_name(statement.name)] = [*[b for b in known if b.line is not statement], made]

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
        self.work.stumble()
        if isinstance(statement, FaultyLine) and not statement.flows:
            self.work.lost.add(same_name(statement.name or ""))
            return current
        shown = statement.shown if isinstance(statement, (LayerLine, FaultyLine)) else None
        name = statement.name if isinstance(statement, (LayerLine, FaultyLine, InputLine, ParamLine)) else None
        try:
            if shown is None:
                raise Follows("", (0, 0))
            shape = as_shape(self.shape(shown, scope, current))
            current = self.builder.add(Input(shape=shape), (), statement.line.span())
            self.work.poisoned = False
            self.named(scope, name or "", Place(current, current + 1, current))
        except (Unreadable, Fault):
            self.work.poisoned = True
            self.work.lost.add(same_name(name or ""))
        return current

    def input(self, statement: InputLine, scope: Scope) -> tuple[Scope, int]:
        """The scope with the sizes that are no parameters as symbols, and the input's node."""
        line = statement.line
        names = {
            d.text: symbol(d.text) for d in statement.dims if isinstance(d, tree.Name) and d.text not in scope.params
        }
        for name in names:
            self.used.add(name)
            if name in self.order.settings:
                names[name] = self.order.settings[name]  # type: ignore[assignment]
        inner = scope.but(params={**scope.params, **names})
        dims = tuple(self.number(dim, inner, None) for dim in statement.dims)
        if len(dims) > IMAGE:
            raise Unreadable(
                "an input has at most three sizes: height x width x channels", statement.dims[0].at, code="A107"
            )
        if len(dims) == IMAGE - 1 and not self.order.input_shape:
            raise Unreadable("the input's channels are missing", statement.dims[-1].at, "input 224x224x3", "A108")
        shape = as_shape(dims)
        at = (statement.dims[0].at[0], statement.dims[-1].at[1])
        if self.order.input_shape is not None and not self.work.inputs:
            written, shape = shape, self.order.input_shape
            if len(shape) != len(written):
                asked = f"the input asked for, {shown(shape)}, is {NAMES_OF_RANKS[len(shape)]}"
                here = f"the network takes {NAMES_OF_RANKS[len(written)]}"
                help = f"a shape of {len(written)} numbers, as {shown(written)}"
                raise Unreadable(f"{asked}; {here}", at, help, "A304")
        if self.work.inputs and statement.name is None:
            raise Unreadable("a second input without a name", at, "input left: 64x64x3", "A405")
        node = self.builder.add(Input(shape=shape), (), line.span(at))
        self.work.inputs.append(node)
        frame = Frame(
            label=statement.name or "input", first=node, stop=node + 1, output=node, members=[Leaf(node, "input")]
        )
        scope.frame.members.append(frame)
        self.remember(scope, statement.name or "input", frame)
        self.print_claims(statement.figures, line, (node, node + 1, node))
        return inner, node


def _declared_inside(blocks: Mapping[str, list[BlockDef]]) -> frozenset[str]:
    """The parameters that blocks declare in their bodies."""
    waiting = [statement for defs in blocks.values() for each in defs for statement in each.line.body]
    found = set()
    while waiting:
        statement = waiting.pop()
        if isinstance(statement, ParamLine):
            found.add(statement.name)
        elif isinstance(statement, LayerLine | BlockLine):
            waiting += statement.body
    return frozenset(found)


def elaborate(order: Order, blocks: Mapping[str, list[BlockDef]]) -> tuple[Graph | None, tuple[Diagnostic, ...]]:
    """A network's graph, or None and why not; warnings are in the graph."""
    if order.input_shape is not None and order.column is not None and not order.strides:
        nominal = Elaborator(replace(order, input_shape=None), blocks)
        nominal.run()
        order = replace(order, strides=nominal.strides)
    work = Elaborator(order, blocks)
    output = work.run()
    spared = last_hidden(work)
    if spared:
        work = Elaborator(order, blocks, spared)
        output = work.run()
    if work.work.faults or output is None or not work.work.inputs:
        if not work.work.faults and not work.work.poisoned:
            message = "no layers" if work.work.inputs else "no input: a network begins with one, as 'input 224x224x3'"
            span = order.head or (order.statements[0].line.span() if order.statements else None)
            code = "A103" if work.work.inputs else "A404"
            work.work.faults.append(Diagnostic(code, f"network {order.name} has {message}", span))
        return None, (*work.work.faults, *work.work.misread)
    return finished(work, output), ()
