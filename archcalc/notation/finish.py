"""From layers laid to a graph: names, claims and what a hidden rule spares."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from archcalc.algebra import Expr
from archcalc.diagnostics import Diagnostic
from archcalc.graph import Graph, Node
from archcalc.notation.naming import resolve
from archcalc.notation.statements import FitStrict

if TYPE_CHECKING:
    from archcalc.notation.elaborate import Elaborator


def last_hidden(work: Elaborator) -> frozenset[int]:
    """The uses of a hidden rule that made the last weight layer of a head: they are to be left out."""
    last: dict[int, int] = {}
    heads = {head for head, _ in work.work.hidden}
    for head in heads:
        nodes = [
            n for n, (layer, _, _, aux, _) in enumerate(work.builder.layers) if layer.weight_layer and aux == (head > 0)
        ]
        if nodes:
            last[head] = nodes[-1]
    return frozenset(
        index for index, (head, node) in enumerate(work.work.hidden) if node >= 0 and last.get(head) == node
    )


def finished(work: Elaborator, output: int) -> Graph:
    """The graph of a network whose lines are all laid, every layer named."""
    names = resolve(work.root)
    builder = work.builder
    nodes = []
    for index, ((layer, inputs, span, aux, shares), shape) in enumerate(
        zip(builder.layers, builder.shapes, strict=True)
    ):
        name = names.of.get(index) or f"{layer.kind}.{index}"
        nodes.append(Node(name, names.blocks.get(index, ""), layer, inputs, shape, span, aux, shares))
    printed = work.printed
    if any(claim.weights_only for claim in printed):  # "(not counting biases)" on one line speaks for the listing
        printed = [replace(claim, weights_only=True) for claim in printed]
    settings = {name: value for name, value in work.params.items() if isinstance(value, (int, Expr))}
    return Graph(
        work.order.name,
        work.order.title,
        work.order.file,
        tuple(nodes),
        tuple(work.work.inputs),
        output,
        settings,
        names.places,
        tuple(builder.conditions),
        (*printed, *work.claims),
        (*_fitting(work, builder.warnings.values()), *work.work.misread),
    )


def _fitting(work: Elaborator, warnings: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The warnings, of which those of windows that do not fit are errors in a text that says ``fit strict``."""
    if not any(isinstance(statement, FitStrict) for statement in work.order.statements):
        return tuple(warnings)
    return tuple(replace(each, severity="error") if each.code == "A306" else each for each in warnings)
