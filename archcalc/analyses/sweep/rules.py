"""Which points are networks at all: the rules of layers over whole blocks, and what a trace took for granted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from archcalc.algebra import Assumption, evaluate_many, lower_bound
from archcalc.analyses.sweep.grid import Block, spread
from archcalc.graph import Graph, Node
from archcalc.layers import Rule
from archcalc.source import Span

if TYPE_CHECKING:
    from archcalc.algebra.bounded import Array


class Placed(NamedTuple):
    """A rule, and the layer that makes it; None where a text asserts it."""

    rule: Rule
    node: Node | None = None

    @property
    def why(self) -> str:
        """What a point is told that breaks it."""
        return reason(self.rule.code, self.rule.message, self.node.name if self.node else "", self.node)


class Spanned(Protocol):
    @property
    def span(self) -> Span | None: ...


def reason(code: str, message: str, name: str, placed: Spanned | None, of: Iterable[str] = ()) -> str:
    """Why points are no networks: what is wrong, in which layer and line, and ``of`` which values."""
    line = f"line {placed.span.line}" if placed is not None and placed.span is not None else ""
    at = ", ".join(part for part in (name, line, *of) if part)
    return f"{code}: {message}" + (f" ({at})" if at else "")


def open_rules(graph: Graph) -> tuple[Placed, ...]:
    """The rules that open symbols leave undecided, each once, in the order of their layers."""
    found: dict[tuple[object, ...], Placed] = {}
    layers = [
        Placed(rule, node)
        for index, (node, alike) in enumerate(zip(graph.nodes, graph.alike, strict=True))
        if alike == index
        for rule in node.layer.rules(*graph.input_shapes(node))
    ]
    for placed in (*layers, *map(Placed, graph.conditions)):  # these, too, of what a text asserts
        rule = placed.rule
        if rule.holds() is None and not _sure(rule):
            found.setdefault((rule.test, rule.value, rule.operand), placed)
    return tuple(found.values())


def _sure(rule: Rule) -> bool:
    """Whether it holds at all values that its symbols may have."""
    if rule.test == "positive":
        bound = lower_bound(rule.value)
        return bound is not None and bound > 0
    return rule.test == "multiple" and (rule.operand == 1 or rule.value == rule.operand)


def broken(rules: Iterable[Placed], block: Block) -> Iterator[tuple[Placed, Array]]:
    """The rules that some points break, with a flat mask of the points."""
    rules = list(rules)
    values = evaluate_many([dim for each in rules for dim in (each.rule.value, each.rule.operand)], block.values)
    for place, each in enumerate(rules):
        wrong = _breaks(each.rule.test, values[2 * place], values[2 * place + 1])
        if _any(wrong):
            yield each, _mask(wrong, block)


def doubtful(assumptions: Iterable[Assumption], block: Block) -> Array | None:
    """The points at which what was taken for granted fails; None where it holds throughout."""
    found = None
    assumptions = list(assumptions)
    values = evaluate_many([dim for each in assumptions for dim in (each.left, each.right)], block.values)
    for place, each in enumerate(assumptions):
        left, right = values[2 * place : 2 * place + 2]
        wrong = left == right if each.what == "differs" else _breaks("multiple", left, right)
        if _any(wrong):
            mask = _mask(wrong, block)
            found = mask if found is None else found | mask
    return found


def _breaks(test: str, value: Any, operand: Any) -> Any:
    if test == "positive":
        return value <= 0
    if test == "equal":
        return value != operand
    if isinstance(operand, int):
        return value % operand != 0 if operand > 0 else True
    import numpy as np

    positive = operand > 0
    return ~positive | (value % np.where(positive, operand, 1) != 0)


def _any(wrong: Any) -> bool:
    return wrong if isinstance(wrong, bool) else bool(wrong.any())


def _mask(wrong: Any, block: Block) -> Array:
    import numpy as np

    return spread(np.asarray(wrong, dtype=bool), block.shape)
