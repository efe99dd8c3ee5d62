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
    furthest, cuts = max(graph.inputs), [-1]  # no segment but the first reads an input
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
        self.kept: list[dict[int, int]] = []

    def forward(self) -> tuple[int, ...]:
        """Runs the network; what each node is the first to keep: of all segments but the last, their inputs."""
        *early, last = self.segments
        for segment in early:
            self.kept.append(self._given(segment))
            self.autograd.forward(segment, self.held, differs=False)
            made = self.held[segment[-1]]
            block, size = self.autograd.blocks[made], self.autograd.sizes[made]
            part = self.autograd.parts[segment[-1]]
            self.held[segment[-1]] = self.autograd.tensor(block, size, differs=part.trains or part.passes)
        self.kept.append(self._given(last))
        self.autograd.forward(last, self.held)
        return self._saved()

    def _given(self, segment: range) -> dict[int, int]:
        """The tensors that a segment reads, by node, held for it: the network's inputs, or what the one before gave."""
        nodes = (segment.start - 1,) if segment.start else self.graph.inputs
        given = {node: self.held[node] for node in nodes}
        for node, tensor in given.items():
            block = self.heap.hold(self.autograd.blocks[tensor])
            if segment.start:
                self.autograd.saved.setdefault(block, node)
        return given

    def _release(self, given: dict[int, int]) -> None:
        for tensor in given.values():
            self.heap.drop(self.autograd.blocks[tensor])

    def _back(self, gradients: list[tuple[int, int]]) -> None:
        """Takes the last segment back; then each before it is run once more, and taken back."""
        self.autograd.backward(gradients)
        later = self.kept.pop()
        self._release(later)
        for segment in reversed(self.segments[:-1]):
            gradient, given = self.autograd.collected(later[segment[-1]]), self.kept.pop()
            if gradient is not None:  # else nothing of it trains
                self._again(segment, given, gradient)
            self._release(given)
            later = given

    def _again(self, segment: range, given: dict[int, int], gradient: int) -> None:
        held = dict(given)
        for tensor in held.values():
            self.heap.hold(self.autograd.blocks[tensor])
        self.autograd.forward(segment, held)
        made = held.pop(segment[-1])
        # who has run it again keeps what its operations keep, not what it gives
        self.heap.drop(self.autograd.blocks[made])
        self.autograd.backward([(made, gradient)])
