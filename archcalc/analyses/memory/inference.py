"""The memory of a run without gradients: what lives at each layer, and the most at once."""

from __future__ import annotations

from collections.abc import Callable

from archcalc.algebra import product
from archcalc.analyses.memory.heap import Heap
from archcalc.analyses.memory.logits import ends
from archcalc.analyses.memory.moments import Largest, Most, Peak, blocks_of
from archcalc.analyses.memory.plan import Plan, plan
from archcalc.analyses.memory.setting import Setting, programs
from archcalc.graph import Graph
from archcalc.record import Record


class Inference(Record):
    """Bytes, without weights. ``peak``: the most that lives at once, the caller's input held throughout. ``arena``:
    the same if the input goes after its last use and no pool notes where its maxima were. ``moments``: the most at
    each node; ``moment`` the number of the largest, at ``node``."""

    peak: int
    arena: int
    moments: tuple[int, ...]
    moment: int
    node: int


class Run:
    """One run on a heap, as a plan has it; ``most`` is told of each moment, ``arena`` of what an arena needs then."""

    def __init__(
        self,
        graph: Graph,
        setting: Setting,
        plans: Plan,
        heap: Heap,
        most: Callable[[int], None],
        arena: Callable[[int], None],
    ) -> None:
        self.graph, self.plans, self.heap = graph, plans, heap
        self.most, self.arena = most, arena
        self.runs = programs(graph, False, setting)
        numbers = {index: product(graph.nodes[index].shape) for index in graph.inputs}
        self.inputs = {index: self.heap.new(setting.activation(count)) for index, count in numbers.items()}
        self.given = self.heap.live
        self.copies: set[int] = set()  # autocast's, of weights
        self.gone = 0  # bytes of inputs that nothing reads any more
        self.arena(self.given)

    def go(self) -> None:
        heap, held = self.heap, list[int]()
        for index, node in enumerate(self.graph.nodes):
            heap.node = index
            if node.inputs:
                held.append(self._layer(index, [held[source] for source in node.inputs]))
            else:
                held.append(heap.hold(self.inputs[index]))
                self.most(heap.live)
            for spent in self.plans.frees[index]:
                heap.drop(held[spent])
            if self.gone != self.given:
                self.gone = sum(heap.sizes[block] for block in self.inputs.values() if heap.holders[block] == 1)

    def _layer(self, index: int, tensors: list[int]) -> int:
        """What a layer gives, held once more."""
        heap, run, inputs = self.heap, self.runs[index], len(tensors)
        writes = index in self.plans.overwrites
        for step in run.steps:
            shares = step.view or (step.over and writes)
            tensors.append(heap.hold(tensors[step.reads[0]]) if shares else heap.new(step.size))
            if step.copies:
                self.copies.add(heap.new(step.copies))
            self.most(heap.live + step.aside)
            self.arena(heap.live - self.gone + (0 if step.notes else step.aside))
            for spent in step.drops:
                heap.drop(tensors[spent])
        return heap.hold(tensors[run.result]) if run.result < inputs else tensors[run.result]


def inference(graph: Graph, setting: Setting, plans: Plan | None = None) -> Inference:
    """What a network holds at once in evaluation mode, each tensor let go after its last reader or as ``plans`` say."""
    heap, arena = Heap(), Largest()
    most = Most(heap, len(graph.nodes))
    Run(graph, setting, plans or plan(graph, ends(graph)), heap, most, arena).go()
    return Inference(most.best, arena.best, tuple(most.nodes[:-1]), most.where, most.node)


def running_peak(graph: Graph, setting: Setting, found: Inference) -> Peak:
    """What lives at the peak of a run: it goes once more, and is looked at then."""
    heap = Heap()
    most = Most(heap, len(graph.nodes), found.moment)
    run = Run(graph, setting, plan(graph, ends(graph)), heap, most, Largest())
    run.go()
    given = set(run.inputs.values())

    def what(block: int) -> str:
        return "input" if block in given else "copies" if block in run.copies else "activation"

    blocks = blocks_of(heap, most.alive, what)
    kinds = ("input", "activation", "copies") if setting.amp else ("input", "activation")
    items = {kind: sum(block.size for block in blocks if block.what == kind) for kind in kinds}
    return Peak(items | {"temporary": found.peak - sum(items.values())}, blocks)
