"""A training step, operation by operation: what autograd keeps, and what its backward pass allocates and lets go.

The engine runs what came last first, as soon as it can (torch/csrc/autograd/engine.cpp), so a backward pass is the
forward one read from its end. A gradient that several readers give is summed as they come.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from archcalc.algebra import largest, same
from archcalc.analyses.memory.heap import Heap
from archcalc.analyses.memory.plan import Plan
from archcalc.analyses.memory.setting import Program, Step
from archcalc.analyses.training import Training
from archcalc.graph import Graph
from archcalc.layers.tape import ANY, WEIGHTS

_FIRST = (0,)
#: An operation that was run and will be backward: it, what it read, its result, the blocks that it keeps, its node, its
#: place among the node's, whether weights train.
Taken = tuple[Step, list[int], int, list[int], int, int, bool]


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
        watch: Callable[[Any], None],
        alone: bool = True,
    ) -> None:
        self.graph, self.runs, self.parts, self.plan = graph, runs, parts, plan
        self.heap, self.watch, self.alone = heap, watch, alone
        self.taken: list[Taken] = []
        self.saved: dict[int, int] = {}  # blocks that autograd has kept, and the node that was the first to
        self.beside: set[int] = set()  # of these, what an operation gives beside its result
        self.copies: set[int] = set()  # and autocast's copies of weights
        self.granted: dict[tuple[int, int], int] = {}  # gradients of weights, by owner and its operation
        # of each tensor: its block, its bytes (a view's block has more), whether its gradient is wanted
        self.blocks: list[int] = []
        self.sizes: list[int] = []
        self.differs: list[bool] = []
        self._collected: dict[int, int] = {}  # gradients so far, by tensor
        self._recording = True

    def tensor(self, block: int, size: int, differs: bool = False) -> int:
        """A new tensor of a block."""
        self.blocks.append(block)
        self.sizes.append(size)
        self.differs.append(differs)
        return len(self.blocks) - 1

    def forward(self, nodes: range, held: dict[int, int], *, differs: bool = True) -> None:
        """Runs these nodes; ``held`` has the tensors that are still to be read, and gets theirs.

        Without ``differs`` nothing is kept.
        """
        self._recording = differs
        heap, blocks, frees, parts = self.heap, self.blocks, self.plan.frees, self.parts
        for index in nodes:
            inputs = self.graph.nodes[index].inputs
            if inputs:
                heap.node = index
                held[index] = self.layer(
                    self.runs[index], [held[source] for source in inputs], index, parts[index].trains
                )
            for spent in frees[index]:
                heap.drop(blocks[held.pop(spent)])

    def layer(self, run: Program, tensors: list[int], node: int, trains: bool) -> int:
        """What one layer gives of these tensors, held once more."""
        heap, blocks, sizes, differs_of, inputs = self.heap, self.blocks, self.sizes, self.differs, len(tensors)
        writes = node in self.plan.overwrites
        for place, step in enumerate(run.steps):
            reads = [tensors[0]] if step.reads == _FIRST else [tensors[read] for read in step.reads]
            trained = trains and step.trains != 0
            differs = trained or differs_of[reads[0]] or (len(reads) > 1 and any([differs_of[read] for read in reads]))
            differs = differs and self._recording
            shares = step.view or (step.over and writes)
            block = heap.hold(blocks[reads[0]]) if shares else heap.new(step.size)
            result = len(blocks)
            blocks.append(block)
            sizes.append(step.size)
            differs_of.append(differs)
            tensors.append(result)
            copies = heap.new(step.copies) if step.copies else None
            self.watch(heap.live + step.aside)
            if differs:
                kept = self._kept(step, tensors, reads, trained)
                if copies is not None:
                    kept.append(copies)
                    self.saved[copies] = node
                    self.copies.add(copies)
                self.taken.append((step, reads, result, kept, node, place, trained))
            elif copies is not None:
                heap.drop(copies)
            for spent in step.drops:
                heap.drop(blocks[tensors[spent]])
        if run.result < inputs:
            heap.hold(blocks[tensors[run.result]])
        return tensors[run.result]

    def _kept(self, step: Step, tensors: list[int], reads: list[int], trained: bool) -> list[int]:
        """The blocks that an operation keeps, each held once more."""
        heap, saved = self.heap, self.saved
        kept = []
        for tensor, cause in step.keeps:
            if cause == ANY or (trained if cause == WEIGHTS else self.differs[reads[cause]]):
                block = heap.hold(self.blocks[tensors[tensor]])
                kept.append(block)
                if block not in saved:
                    saved[block] = heap.node
        if step.aside_kept and step.aside != 0:
            block = heap.new(step.aside)
            kept.append(block)
            saved[block] = heap.node
            self.beside.add(block)
        return kept

    def backward(self, gradients: Iterable[tuple[int, int]]) -> None:
        """Takes back all that was taken; ``gradients``: those of outputs, which it lets go."""
        for output, gradient in gradients:
            self._collected[output] = gradient
        while self.taken:
            self._back(*self.taken.pop())

    def collected(self, tensor: int) -> int | None:
        """The gradient of a tensor that no operation gave, which is handed over, if there is one."""
        return self._collected.pop(tensor, None)

    def _back(
        self, step: Step, reads: list[int], result: int, kept: list[int], node: int, place: int, trains: bool
    ) -> None:
        heap = self.heap
        heap.node = node
        incoming = self._collected.pop(result, None)
        given: list[tuple[int, int]] = []
        if incoming is not None:
            most: Any = 0  # a closed form where sizes are open
            for which, size, scratch in step.grads:
                if self.differs[reads[which]]:
                    given.append((reads[which], heap.hold(incoming) if size is None else heap.new(size)))
                    if scratch != 0:
                        most = largest(most, heap.live + scratch)
            if trains:
                spare = step.copies or self._grant(step, node, place)
                most = largest(most, heap.live + spare + step.scratch)
            self.watch(largest(most, heap.live))
            heap.drop(incoming)
        for block in kept:
            heap.drop(block)
        if incoming is not None and trains and step.copies:
            # the gradient of autocast's copy, as wide as that, becomes one of the weights
            spare = self._grant(step, node, place)
            self.watch(heap.live + spare + step.copies)
        for read, block in given:
            if read in self._collected:
                self._sum(read)
            else:
                self._collected[read] = heap.hold(block)
        for _, block in given:
            heap.drop(block)

    def _grant(self, step: Step, node: int, place: int) -> int:
        """Gradients of weights: new the first time; then added into, so that these bytes are let go at once."""
        while (shared := self.graph.nodes[node].shares) is not None:
            node = shared
        if (node, place) in self.granted:
            return step.trains
        self.granted[node, place] = self.heap.new(step.trains)
        return 0

    def _sum(self, tensor: int) -> None:
        """Adds one more gradient to those of a tensor."""
        heap, before = self.heap, self._collected[tensor]
        if self.alone and heap.holders[before] == 1 and same(heap.sizes[before], self.sizes[tensor]):
            return
        self._collected[tensor] = heap.new(self.sizes[tensor])
        self.watch(heap.live)
        heap.drop(before)
