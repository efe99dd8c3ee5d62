"""What training keeps of each layer for its backward pass, tensor by tensor."""

from __future__ import annotations

from typing import Literal, NamedTuple

from archcalc.analyses.explain.tree import NAMELESS, Number, added
from archcalc.analyses.explain.values import Equation, Part
from archcalc.analyses.memory.logits import logits
from archcalc.analyses.memory.setting import Setting
from archcalc.analyses.memory.step import TrainingStep
from archcalc.graph import Graph

What = Literal["input", "output", "beside", "between"]
_WORDS: dict[What, str] = {
    "input": "what it reads", "output": "what it gives", "beside": "indices, noise or statistics",
    "between": "tensors between its operations",
}  # fmt: skip
TITLE = "kept for the backward pass"


class Kept(NamedTuple):
    """A storage that a layer keeps: what it is to the layer, its bytes, and the layer that was the first to keep it."""

    what: What
    bytes: int
    first: int


def kept(graph: Graph, dtype: str) -> tuple[list[list[Kept]], tuple[int, ...]]:
    """What each node keeps, each storage once a node, and the bytes that each is the first to keep, up to the loss."""
    found: list[list[Kept]] = [[] for _ in graph.nodes]
    if dtype == "int8":
        return found, ()
    step = TrainingStep(logits(graph), Setting(dtype=dtype))
    firsts = step.forward()
    autograd, heap = step.autograd, step.heap
    operations: dict[int, list[tuple[list[int], int, list[int]]]] = {}
    for _, reads, result, storages, node, _, _ in autograd.taken:
        operations.setdefault(node, []).append((reads, result, storages))
    for node, taken in operations.items():
        results = [result for _, result, _ in taken]
        read = {autograd.blocks[each] for reads, _, _ in taken for each in reads if each not in results}
        given = autograd.blocks[results[-1]]
        for block in dict.fromkeys(block for _, _, storages in taken for block in storages):
            what: What = "beside" if block in autograd.beside else "between"
            what = "output" if block == given else "input" if block in read else what
            found[node].append(Kept(what, heap.sizes[block], autograd.saved[block]))
    return found, firsts


def saved(graph: Graph, node: int, storages: list[Kept], whole: int) -> Part:
    """The bytes that a layer is the first to keep; what another has kept before it costs nothing more."""
    new = [each for each in storages if each.first == node]
    shared = [each for each in storages if each.first != node]
    notes = [f"{_WORDS[each.what]}, which {graph.nodes[each.first].name} has kept already" for each in shared]
    equations = [Equation(_WORDS[each.what], Number(each.bytes), each.bytes, "B") for each in new]
    if len(new) > 1:
        equations.append(Equation("all", added([(1, Number(each.bytes, NAMELESS)) for each in new]), whole, "B"))
    return Part(title=TITLE, equations=tuple(equations), notes=tuple(notes or ([] if new else ["nothing"])))
