"""The layers of a spec beside those that a module runs: which are the same, which differ, which only one side has."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

from archcalc.graph import Graph
from archcalc.pytorch.module.align import GAP, Pairs, align
from archcalc.pytorch.module.executed import Ran, executed
from archcalc.pytorch.verify.watch import images, module, on_meta

#: How far branches side by side lie apart in a spec, and how many layers may be missing before one that is met.
_NEAR, _AHEAD = 64, 3


class Layer(NamedTuple):
    """A layer of the spec that has weights, as its module runs; ``node`` is its place in the graph."""

    name: str
    line: int
    node: int
    ran: Ran


class Spec:
    """The layers with weights of a graph, in the order in which its twin runs them."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        twin = on_meta(graph).eval()
        with executed(twin) as ran:
            self.output = twin(*images(graph, 1))
        places = {}
        for index, node in enumerate(graph.nodes):
            for path, _ in module(twin, node).named_modules():
                places[".".join(filter(None, (twin.paths[node.name], path)))] = (index, path)
        self.layers = [self._layer(each, *places[each.path]) for each in ran]

    def _layer(self, ran: Ran, index: int, inner: str) -> Layer:
        node = self.graph.nodes[index]
        return Layer(".".join(filter(None, (node.name, inner))), node.span.line, index, ran)

    @cached_property
    def _before(self) -> list[int]:
        """For each node, all that it follows from, a bit each."""
        found: list[int] = []
        for index, node in enumerate(self.graph.nodes):
            before = 1 << index
            for source in node.inputs:
                before |= found[source]
            found.append(before)
        return found

    def follows(self, later: int, earlier: int) -> bool:
        """Whether a node reads what another gives, or what follows from that."""
        return bool(self._before[later] >> earlier & 1)

    @cached_property
    def needs(self) -> list[int]:
        """For each layer, the layers of this list that it follows from, a bit each."""
        return [
            sum(1 << place for place, other in enumerate(self.layers[:index]) if self.follows(layer.node, other.node))
            for index, layer in enumerate(self.layers)
        ]


def pairs(spec: Spec, theirs: Sequence[Ran]) -> Pairs:
    """Layers of both sides, each pair the same layer or what stands in its place, with the fewest departures: branches
    side by side may run in either order."""
    plain = _aligned(spec, range(len(spec.layers)), theirs)
    if not _departures(spec, theirs, plain):
        return plain
    other = _aligned(spec, _as_they_run(spec, theirs), theirs)
    return min(plain, other, key=lambda found: _departures(spec, theirs, found))


def _aligned(spec: Spec, order: Sequence[int], theirs: Sequence[Ran]) -> Pairs:
    found = align([spec.layers[i].ran for i in order], theirs, _cost)
    return [(None if i is None else order[i], j) for i, j in found]


def _departures(spec: Spec, theirs: Sequence[Ran], found: Pairs) -> int:
    """How much departs."""
    return sum(GAP if i is None or j is None else _cost(spec.layers[i].ran, theirs[j]) or 0 for i, j in found)


def _as_they_run(spec: Spec, theirs: Sequence[Ran]) -> list[int]:
    """An order that the spec allows, no layer before what it follows from, as near to theirs as a step ahead shows."""
    pending, order, done = list(range(len(spec.layers))), list[int](), 0
    for ran in theirs:
        near = pending[:_NEAR]
        due = [i for i in near if not spec.needs[i] & ~done]
        same = [i for i in near if spec.layers[i].ran.config == ran.config]
        ready = [i for i in same if i in due] or [i for i in same if (spec.needs[i] & ~done).bit_count() <= _AHEAD]
        if ready:
            taken = [i for i in near if (spec.needs[ready[0]] & ~done) >> i & 1] + ready[:1]
        else:
            taken = [i for i in due[:1] if spec.layers[i].ran.kind == ran.kind]
        for i in taken:
            pending.remove(i)
            done |= 1 << i
        order += taken
    return order + pending


def _cost(one: Ran, other: Ran) -> int | None:
    """0 for the same layer; for one of its kind the more, the more differs."""
    if one.config == other.config:
        return 0
    return min(6 + len(differing(one, other)), 15) if one.kind == other.kind else None


def differing(one: Ran, other: Ran) -> list[str]:
    """The tensors and settings that are not the same."""
    mine, theirs = dict(one.parts), dict(other.parts)
    found = [name for name in dict.fromkeys((*mine, *theirs)) if mine.get(name) != theirs.get(name)]
    padded = None not in (one.padding, other.padding) and one.padding != other.padding
    return [*found, "padding"] if padded else found
