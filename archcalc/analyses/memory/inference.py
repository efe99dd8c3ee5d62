"""The memory of a run without gradients: what lives at each layer, and the most at once."""

from __future__ import annotations

from collections.abc import Sequence

from archcalc.algebra import product
from archcalc.analyses.memory.heap import Heap
from archcalc.analyses.memory.plan import Plan
from archcalc.analyses.memory.setting import Program, Setting
from archcalc.graph import Graph
from archcalc.record import Record


class Inference(Record):
    """Bytes, without weights. ``peak``: the most that lives at once, the caller's input held throughout. ``arena``:
    the same if the input goes after its last use and no pool notes where its maxima were. ``moments``: the most at
    each node."""

    peak: int
    arena: int
    moments: tuple[int, ...]


def inference(graph: Graph, runs: Sequence[Program], plan: Plan, setting: Setting) -> Inference:
    """What ``runs``, the programs of a network's nodes in evaluation mode, hold at once."""
    heap = Heap()
    inputs = {index: heap.new(setting.activation(product(graph.nodes[index].shape))) for index in graph.inputs}
    given = heap.live
    arena = [0]
    held: list[int] = []
    gone = 0  # bytes of inputs that nothing reads any more
    moments = []
    for index, (node, run) in enumerate(zip(graph.nodes, runs, strict=True)):
        most = heap.live
        tensors = [held[source] for source in node.inputs]
        writes = index in plan.overwrites
        for step in run.steps:
            if step.view or (step.over and writes):
                tensors.append(heap.hold(tensors[step.reads[0]]))
            else:
                tensors.append(heap.new(step.size))
            most = max(most, heap.live + step.aside)
            arena.append(heap.live + (0 if step.notes else step.aside) - gone)
            for spent in step.drops:
                heap.drop(tensors[spent])
        if not node.inputs:
            held.append(heap.hold(inputs[index]))
        elif run.result < len(node.inputs):
            held.append(heap.hold(tensors[run.result]))
        else:
            held.append(tensors[run.result])
        for spent in plan.frees[index]:
            heap.drop(held[spent])
        if node.inputs and gone < given:
            gone = sum(heap.sizes[block] for block in inputs.values() if heap.holders[block] == 1)
        moments.append(most)
    return Inference(max(moments), max(max(arena), given), tuple(moments))
