"""What each layer of a run gives its device to do: the routine that it is run as, operations, and bytes moved."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from archcalc.analyses.cost import costs, stored_as
from archcalc.analyses.memory.logits import ends
from archcalc.analyses.memory.plan import plan
from archcalc.analyses.memory.setting import numeric, taped
from archcalc.graph import Graph, Node
from archcalc.record import Record

#: What does nothing in inference: inputs, dropout, and other names of the same numbers.
IDLE = "no work"
IN_PLACE = " in place"


class Work(Record):
    """One layer's work on a whole batch: ``flops`` operations, ``moved_bytes`` read and written, weights included.

    Or that of several ``layers`` of a routine. Both are numbers or, of a network with open symbols, closed forms.
    """

    routine: str
    flops: Any
    moved_bytes: Any
    layers: int = 1


def works(graph: Graph, *, batch: int = 1, dtype: str = "fp32") -> tuple[Work, ...]:
    """The work of each node in inference, in order. Raises OpenSize where a size is an open symbol."""
    return tuple(
        work.but(flops=numeric(work.flops), moved_bytes=numeric(work.moved_bytes))
        for work in open_works(graph, batch=batch, dtype=dtype)
    )


def open_works(graph: Graph, *, batch: Any = 1, dtype: str = "fp32") -> tuple[Work, ...]:
    """The same where sizes, or the batch, may be open symbols."""
    overwrites = plan(graph, ends(graph)).overwrites
    found = []
    each = zip(graph.nodes, costs(graph, batch=batch, dtype=stored_as(dtype)), strict=True)
    for index, (node, cost) in enumerate(each):
        if not runs(graph, node):
            found.append(Work(IDLE, 0, 0))
            continue
        routine = node.layer.routine(*graph.input_shapes(node)) + (IN_PLACE if index in overwrites else "")
        found.append(Work(routine, cost.flops, cost.moved_bytes))
    return tuple(found)


def by_routine(works: Iterable[Work]) -> tuple[Work, ...]:
    """The work of all layers of each routine together, in the order of their names: so are floats added up alike."""
    found: dict[str, Work] = {}
    for work in works:
        one = found.get(work.routine)
        found[work.routine] = work if one is None else Work(
            work.routine, one.flops + work.flops, one.moved_bytes + work.moved_bytes, one.layers + work.layers
        )  # fmt: skip
    return tuple(found[name] for name in sorted(found))


def runs(graph: Graph, node: Node) -> bool:
    """Whether a layer does anything in inference."""
    if not node.inputs:
        return False
    ops, _ = taped(node.layer, graph.input_shapes(node), False, False)
    return not all(op.view for op in ops)
