"""The tensors that a network's module stores."""

from __future__ import annotations

from typing import NamedTuple

from archcalc.analyses.cost import COUNTER_BYTES, tensor_bytes
from archcalc.analyses.memory.setting import Setting
from archcalc.graph import Graph


class Stored(NamedTuple):
    """Bytes of every stored tensor, and of each that trains, in the module's order; shared ones once."""

    weights: int
    trained: tuple[int, ...]


def stored(graph: Graph, setting: Setting) -> Stored:
    """What a network stores. A batch norm counts its batches in 8 bytes more."""
    weights = 0
    trained: list[int] = []
    sizes: dict[int, tuple[tuple[int, ...], tuple[int, ...]]] = {}
    for index, (node, alike) in enumerate(zip(graph.nodes, graph.alike, strict=True)):
        if not node.inputs or node.shares is not None:
            continue
        if alike not in sizes:
            tensors = node.layer.weights(*graph.input_shapes(graph.nodes[index])).values()
            each = [(t.role, setting.allocated(tensor_bytes(t, setting.dtype))) for t in tensors]
            counters = (setting.allocated(COUNTER_BYTES),) * node.layer.counters
            learned = () if node.layer.frozen else tuple(size for role, size in each if role != "buffers")
            sizes[alike] = (*(size for _, size in each), *counters), learned
        weights += sum(sizes[alike][0])
        trained.extend(sizes[alike][1])
    return Stored(weights, tuple(trained))
