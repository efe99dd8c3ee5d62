"""A training step simulated: forward, cross-entropy, backward."""

from __future__ import annotations

from functools import lru_cache

from archcalc.algebra import Dim, product
from archcalc.analyses.memory.autograd import Autograd
from archcalc.analyses.memory.heap import Heap
from archcalc.analyses.memory.logits import ends
from archcalc.analyses.memory.moments import Most
from archcalc.analyses.memory.plan import Plan, plan
from archcalc.analyses.memory.setting import Program, Setting, assembled, programs
from archcalc.analyses.training import training
from archcalc.graph import Graph
from archcalc.layers import IMAGE, TOKENS, Shape
from archcalc.layers.tape import ANY, Aside, Tape

#: Bytes of a class's number, and of the loss.
TARGET, LOSS = 8, 4


class TrainingStep:
    """One step on a network that ends in its logits, as far as the optimizer.

    ``given``: the blocks of its inputs, then of its targets, which the caller holds. Where PyTorch is watched, as every
    proof on a CPU must, it makes a new tensor of each sum of gradients; on a GPU it is not, and adds into the first.
    """

    def __init__(self, graph: Graph, setting: Setting, stop: int = 0, plans: Plan | None = None) -> None:
        self.graph, self.setting, self.heap = graph, setting, Heap()
        self.most = self.watching(stop)
        self.outputs = ends(graph)
        runs, plans = programs(graph, True, setting), plans or plan(graph, self.outputs)
        self.autograd = Autograd(graph, runs, training(graph), plans, self.heap, self.most, alone=setting.cuda)
        self.held: dict[int, int] = {}
        self.given: list[int] = []
        for index in graph.inputs:
            size = setting.activation(product(graph.nodes[index].shape))
            self.given.append(self.heap.new(size))
            self.held[index] = self.autograd.tensor(self.heap.hold(self.given[-1]), size)
        targets = setting.batch * TARGET * _positions(graph.nodes[graph.output].shape)
        self.given.append(self.heap.new(setting.allocated(targets)))

    def watching(self, stop: int) -> Most:
        """What is told of each moment."""
        return Most(self.heap, len(self.graph.nodes), stop)

    def forward(self) -> tuple[int, ...]:
        """Runs the network; what each of its nodes is the first to keep."""
        self.autograd.forward(range(len(self.graph.nodes)), self.held)
        return self._saved()

    def _saved(self) -> tuple[int, ...]:
        saved = [0] * len(self.graph.nodes)
        for block, node in self.autograd.saved.items():
            saved[node] += self.heap.sizes[block]
        return tuple(saved)

    def backward(self) -> None:
        """The loss, of each output where there are side heads, and what follows from it."""
        heap, scalar = self.heap, self.setting.allocated(LOSS)
        heap.node = -1
        losses = [self._loss(output) for output in self.outputs]
        values = [heap.new(scalar) for _ in losses]
        for output in self.outputs:
            heap.drop(self.autograd.blocks[self.held.pop(output)])
        seed = heap.new(scalar)
        self._back([(loss, heap.hold(seed)) for loss in losses if self.autograd.differs[loss]])
        for block in (seed, *values):
            heap.drop(block)

    def _back(self, gradients: list[tuple[int, int]]) -> None:
        self.autograd.backward(gradients)

    def _loss(self, output: int) -> int:
        """Cross-entropy of what a node gives."""
        run = _cross_entropy(self.graph.nodes[output].shape, self.autograd.runs[output].item, self.setting)
        return self.autograd.layer(run, [self.held[output]], -1, False)


def _positions(shape: Shape) -> Dim:
    """Classes are told apart at so many places: of an image, of tokens, or once."""
    return product(shape[1:]) if len(shape) == IMAGE else product(shape[:-1]) if len(shape) == TOKENS else 1


@lru_cache(maxsize=256)
def _cross_entropy(shape: Shape, item: int, setting: Setting) -> Program:
    """The logarithm of softmax, then the mean over the targets' places, with the sum of their weights."""
    tape = Tape((shape,), {}, training=True, cuda=setting.cuda)
    likely = tape.op(0, keeps_result=True, cast="full")
    mean = tape.op(likely, numbers=0, keeps=((likely, ANY),), aside=Aside(1, each=False))
    return assembled(tape.ops, (shape,), (item,), mean, setting)
