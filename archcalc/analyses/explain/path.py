"""A receptive field in one sum: what each layer on the way from the input adds to it."""

from __future__ import annotations

from collections.abc import Sequence

from archcalc.analyses.explain.sides import joined
from archcalc.analyses.explain.tree import NAMELESS, Number, Tree, added, length, multiplied
from archcalc.analyses.explain.values import Equation
from archcalc.analyses.field import Field
from archcalc.graph import Graph
from archcalc.layers import Window

_LONGEST = 40


def one_sum(graph: Graph, sees: Sequence[Field | None], index: int) -> list[Equation]:
    """The field of a node behind windows only, one after the other: 1 and (F - 1)·j of each (Araujo et al. 2019,
    equation 2). Nothing where branches met on the way, or where a single window made it."""
    steps: list[tuple[tuple[Window, ...], Field]] = []
    field, node = sees[index], graph.nodes[index]
    while node.inputs:
        (source, *others), reading = node.inputs, node.layer.reads(*graph.input_shapes(node))
        before = sees[source]
        if others or before is None or before.kind != "window":
            return []
        if isinstance(reading, tuple):
            steps.append((reading, before))
        node = graph.nodes[source]
    if field is None or field.kind != "window" or field.size is None:
        return []
    told = []
    for axis, name in enumerate(("height", "width")):
        terms = [tree for reading, before in reversed(steps) if (tree := _term(reading, before, axis)) is not None]
        tree = added([(1, Number(1, NAMELESS)), *((1, term) for term in terms)])
        size = field.size[axis]
        if len(terms) > 1 and length(tree) <= _LONGEST and isinstance(size, int):
            told.append(Equation(f"size in one sum, {name}", tree, size))
    both = joined(told)
    return [each.but(what="size in one sum") for each in both] if len(both) == 1 else both


def _term(reading: Sequence[Window], before: Field, axis: int) -> Tree | None:
    """What one window adds along an axis: how far its last input is from its first, in strides of what it reads."""
    assert before.stride is not None
    window, stride = reading[axis], before.stride[axis]
    reach = window.last - window.first
    if not isinstance(reach, int) or not isinstance(stride, int) or not reach:
        return None
    kernel = added([(1, Number(reach + 1, NAMELESS)), (-1, Number(1))])
    return multiplied([kernel, Number(stride, NAMELESS)])
