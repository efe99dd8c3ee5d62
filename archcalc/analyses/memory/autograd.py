"""A training step, operation by operation: what autograd keeps, and what its backward pass allocates and lets go.

The engine runs what came last first, as soon as it can (torch/csrc/autograd/engine.cpp), so a backward pass is the
forward one read from its end. A gradient that several readers give is summed as they come.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from archcalc.analyses.memory.heap import Heap
from archcalc.analyses.memory.plan import Plan
from archcalc.analyses.memory.setting import Program, Step
from archcalc.analyses.training import Training
from archcalc.graph import Graph
from archcalc.layers.tape import ANY, WEIGHTS


class Tensor(NamedTuple):
    """``block``: its memory; ``size``: its bytes, of which a view's memory has more; ``differs``: whether a gradient is
    wanted; ``key``: by which that is collected."""

    block: int
    size: int
    differs: bool
    key: int


class Taken(NamedTuple):
    """An operation that was run, and will be backward."""

    step: Step
    reads: tuple[Tensor, ...]
    result: Tensor
    kept: tuple[int, ...]
    node: int
    place: int
    trains: bool


class Autograd:
    """A network's forward and backward passes on one heap; ``watch`` is told of each operation's most.

    ``alone``: a sum of gradients goes into the first where nobody else holds that (it does unless PyTorch is watched).
    """

    def __init__(
        self,
        graph: Graph,
        runs: Sequence[Program],
        parts: Sequence[Training],
        plan: Plan,
        heap: Heap,
        watch: Callable[[int], None],
        alone: bool = True,
    ) -> None:
        self.graph, self.runs, self.parts, self.plan = graph, runs, parts, plan
        self.heap, self.watch, self.alone = heap, watch, alone
        self.taken: list[Taken] = []
        self.saved: dict[int, int] = {}  # blocks that autograd has kept, and the node that was the first to
        self.granted: dict[tuple[int, int], int] = {}  # gradients of weights, by owner and its operation
        self._collected: dict[int, int] = {}  # gradients so far, by the tensor's key
        self._keys = 0
        self._recording = True

    def tensor(self, block: int, size: int, differs: bool = False) -> Tensor:
        """A new tensor of a block."""
        self._keys += 1
        return Tensor(block, size, differs, self._keys)

    def forward(self, nodes: range, held: dict[int, Tensor], *, differs: bool = True) -> None:
        """Runs these nodes; ``held`` has the tensors that are still to be read, and gets theirs.

        Without ``differs`` nothing is kept.
        """
        self._recording = differs
        for index in nodes:
            node = self.graph.nodes[index]
            if node.inputs:
                self.heap.node = index
                trains = self.parts[index].trains
                held[index] = self.layer(self.runs[index], [held[source] for source in node.inputs], index, trains)
            for spent in self.plan.frees[index]:
                self.heap.drop(held.pop(spent).block)

    def layer(self, run: Program, tensors: list[Tensor], node: int, trains: bool) -> Tensor:
        """What one layer gives of these tensors, held once more."""
        heap, inputs = self.heap, len(tensors)
        writes = node in self.plan.overwrites
        for place, step in enumerate(run.steps):
            reads = tuple([tensors[read] for read in step.reads])
            shares = step.view or (step.over and writes)
            block = heap.hold(reads[0].block) if shares else heap.new(step.size)
            trained = trains and step.trains != 0
            differs = self._recording and (trained or True in [read.differs for read in reads])
            result = self.tensor(block, step.size, differs)
            tensors.append(result)
            self.watch(heap.live + step.aside)
            if result.differs:
                kept = self._kept(step, tensors, reads, trained)
                self.taken.append(Taken(step, reads, result, kept, node, place, trained))
            for spent in step.drops:
                heap.drop(tensors[spent].block)
        if run.result < inputs:
            heap.hold(tensors[run.result].block)
        return tensors[run.result]

    def _kept(self, step: Step, tensors: list[Tensor], reads: tuple[Tensor, ...], trained: bool) -> tuple[int, ...]:
        kept = []
        for tensor, cause in step.keeps:
            if cause == ANY or (trained if cause == WEIGHTS else reads[cause].differs):
                kept.append(self.heap.hold(tensors[tensor].block))
        if step.aside and step.aside_kept:
            kept.append(self.heap.new(step.aside))
        for block in kept:
            self.saved.setdefault(block, self.heap.node)
        return tuple(kept)

    def backward(self, gradients: Iterable[tuple[Tensor, int]], *, until: int = 0) -> None:
        """Takes back all that was taken but the first ``until``; ``gradients``: those of outputs, which it lets go."""
        for output, gradient in gradients:
            self._collected[output.key] = gradient
        while len(self.taken) > until:
            self._back(self.taken.pop())

    def collected(self, tensor: Tensor) -> int | None:
        """The gradient of a tensor that no operation gave, which is handed over, if there is one."""
        return self._collected.pop(tensor.key, None)

    def _back(self, taken: Taken) -> None:
        heap, step = self.heap, taken.step
        heap.node = taken.node
        incoming = self._collected.pop(taken.result.key, None)
        given: list[tuple[Tensor, int]] = []
        if incoming is not None:
            for place, size, scratch in step.grads:
                read = taken.reads[place]
                if read.differs:
                    given.append((read, heap.hold(incoming) if size is None else heap.new(size)))
                    self.watch(heap.live + scratch)
            if taken.trains:
                self.watch(heap.live + self._grant(taken) + step.scratch)
            heap.drop(incoming)
        for block in taken.kept:
            heap.drop(block)
        for read, block in given:
            self._collect(read, block)
        for _, block in given:
            heap.drop(block)

    def _grant(self, taken: Taken) -> int:
        """Gradients of weights: new the first time; then added into, so that these bytes are let go at once."""
        owner = taken.node
        while (shared := self.graph.nodes[owner].shares) is not None:
            owner = shared
        if (owner, taken.place) in self.granted:
            return taken.step.trains
        self.granted[owner, taken.place] = self.heap.new(taken.step.trains)
        return 0

    def _collect(self, read: Tensor, block: int) -> None:
        """Adds a gradient to those of the same tensor."""
        heap, before = self.heap, self._collected.get(read.key)
        if before is None:
            self._collected[read.key] = heap.hold(block)
        elif not (self.alone and heap.holders[before] == 1 and heap.sizes[before] == read.size):
            self._collected[read.key] = heap.new(read.size)
            self.watch(heap.live)
            heap.drop(before)
