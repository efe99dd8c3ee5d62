"""What faults leave certain of a network: its layers above the first of them, and what is printed beside those."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from archcalc.claims import Claim
from archcalc.diagnostics import Diagnostic
from archcalc.graph import Graph
from archcalc.notation.elaborate import Elaborator
from archcalc.notation.finish import finished
from archcalc.notation.labelled import WITHOUT_BIASES
from archcalc.notation.order import Order
from archcalc.notation.scope import BlockDef
from archcalc.notation.work import Halted
from archcalc.source import Source, Span


def sound(
    order: Order,
    blocks: Mapping[str, list[BlockDef]],
    source: Source,
    told: Sequence[Diagnostic],
    heads: Sequence[int],
) -> Graph | None:
    """A network up to its first fault, with those figures printed beside its layers that no fault makes doubtful.

    ``told`` is what is wrong with the lines of the whole text, ``heads`` where its networks begin. None where nothing
    is certain.
    """
    work = Elaborator(order, blocks, halting=True)
    with suppress(Halted):
        work.run()
    if not work.work.inputs or not work.printed:
        return None
    graph = finished(work, len(work.builder.layers) - 1)
    certain = _certain(order, source, told, heads)
    layers = next((index for index, node in enumerate(graph.nodes) if not certain(node.span)), len(graph.nodes))
    counts = graph.claims[0].weights_only or not WITHOUT_BIASES.search(source.text)

    def holds(claim: Claim) -> bool:
        if claim.at is None or max(claim.at[1], claim.at[2] + 1) > layers or not certain(claim.span):
            return False
        if work.work.hidden and claim.quantity != "out":
            return False  # which layer is the last, and so not hidden, nobody knows
        return counts or claim.quantity != "params"  # a line below may say that biases are not counted

    claims = tuple(filter(holds, graph.claims))
    return replace(graph, claims=claims) if claims else None


def _certain(order: Order, source: Source, told: Sequence[Diagnostic], heads: Sequence[int]) -> Callable[[Span], bool]:
    """Whether what stands at a place is this network's, or all networks', and above every fault of these."""
    begin = order.head.start if order.head else 0
    others = min(heads, default=begin)  # from here to ``begin`` are networks written above this one
    spans = [diagnostic.span for diagnostic in told]
    elsewhere = any(span is None or span.source is not source for span in spans)
    own = [span.start for span in spans if span and not others <= span.start < begin]
    end = 0 if elsewhere else min(own, default=len(source.text))
    return lambda span: span.source is source and span.start < end and not others <= span.start < begin
