"""A training step that keeps less: segments run without keeping anything, and once more when their turn comes.

As ``torch.utils.checkpoint.checkpoint_sequential`` cuts and runs them: equal numbers of pieces, the last segment as it
is, the others kept by their inputs alone (Chen et al. 2016, section 3).
"""

from __future__ import annotations

from archcalc.analyses.memory.plan import Plan, plan
from archcalc.analyses.memory.setting import Setting
from archcalc.analyses.memory.step import TrainingStep
from archcalc.graph import Graph


def pieces(graph: Graph, plans: Plan) -> list[range]:
    """A network cut wherever a single tensor passes that nothing writes over."""
    furthest, cuts = 0, [-1]
    last = {index: index for index in range(len(graph.nodes))}
    for index, node in enumerate(graph.nodes):
        last.update(dict.fromkeys(node.inputs, index))
    written = {graph.nodes[index].inputs[0] for index in plans.overwrites}
    for index, node in enumerate(graph.nodes[:-1]):
        alone = furthest <= index and node.inputs and index not in written
        # a view's memory may be written over under another name: only what a layer makes is kept
        if alone and not node.layer.view:
            cuts.append(index)
        furthest = max(furthest, last[index])
    return [range(start + 1, stop + 1) for start, stop in zip(cuts, [*cuts[1:], len(graph.nodes) - 1], strict=True)]


def segments(graph: Graph, count: int) -> list[range]:
    """The pieces in ``count`` segments (fewer where there are no more), the last with what is left over."""
    found = pieces(graph, plan(graph, (graph.output,)))
    size = max(len(found) // count, 1)
    firsts = list(range(0, len(found), size))[:count]
    stops = [*firsts[1:], len(found)]
    return [range(found[first].start, found[stop - 1].stop) for first, stop in zip(firsts, stops, strict=True)]


class CheckpointedStep(TrainingStep):
    """A step in ``count`` segments."""

    def __init__(self, graph: Graph, setting: Setting, stop: int = 0, *, count: int) -> None:
        super().__init__(graph, setting, stop)
        self.segments = segments(graph, count)
        self.kept: list[int] = []

    def forward(self) -> tuple[int, ...]:
        """Runs the network; what each node is the first to keep: of all segments but the last, their inputs."""
        *early, last = self.segments
        for segment in early:
            self.kept.append(self._input(segment))
            self.autograd.forward(segment, self.held, differs=False)
            made = self.held[segment[-1]]
            self.held[segment[-1]] = self.autograd.tensor(*self._of(made), differs=True)
        self.kept.append(self._input(last))
        self.autograd.forward(last, self.held)
        return self._saved()

    def _of(self, tensor: int) -> tuple[int, int]:
        return self.autograd.blocks[tensor], self.autograd.sizes[tensor]

    def _input(self, segment: range) -> int:
        """The tensor that a segment reads, kept for it: of the first, the network's input, which the caller holds."""
        given = self.held[max(segment.start - 1, self.graph.inputs[0])]
        block = self.heap.hold(self.autograd.blocks[given])
        if segment.start:
            self.autograd.saved.setdefault(block, segment.start - 1)
        return given

    def _back(self, gradients: list[tuple[int, int]]) -> None:
        """Takes the last segment back; then each before it is run once more, and taken back."""
        self.autograd.backward(gradients)
        later = self.kept.pop()
        self.heap.drop(self.autograd.blocks[later])
        for segment in reversed(self.segments[:-1]):
            gradient, given = self.autograd.collected(later), self.kept.pop()
            if gradient is None:
                break
            self._again(segment, given, gradient)
            self.heap.drop(self.autograd.blocks[given])
            later = given

    def _again(self, segment: range, given: int, gradient: int) -> None:
        held = {max(segment.start - 1, self.graph.inputs[0]): given}
        self.heap.hold(self.autograd.blocks[given])
        self.autograd.forward(segment, held)
        made = held.pop(segment[-1])
        # who has run it again keeps what its operations keep, not what it gives
        self.heap.drop(self.autograd.blocks[made])
        self.autograd.backward([(made, gradient)])
