"""Which wrong figures only follow from a wrong shape printed earlier, and need no diagnostic of their own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property

from archcalc.algebra import Dim
from archcalc.analyses.claimed import agrees, as_printed, in_bytes
from archcalc.analyses.quantities import Answer, Measure, Region
from archcalc.claims import Claim
from archcalc.graph import Graph
from archcalc.layers import Layer, Shape


class Consequences:
    """The network as its text believes it to be: printed shapes taken for true, the layers between them applied."""

    def __init__(self, graph: Graph, claims: Iterable[Claim]) -> None:
        self.graph = graph
        #: the claim that each layer is under, and the shape that it prints
        self._over: dict[int, tuple[int, tuple[Dim, ...]]] = {}
        for claim in claims:
            if claim.at and claim.quantity == "out" and claim.sic is None and isinstance(claim.expected, tuple):
                first, stop, output = claim.at
                self._over |= {index: (output, claim.expected) for index in {*range(first, stop), output}}

    def holds(self, claim: Claim, quantity: str, region: Region) -> bool:
        """Whether a wrong printed figure is right once the shapes printed before it are believed."""
        if quantity == "out":
            shape = self._shapes[0][region.output]
            return shape != self.graph.nodes[region.output].shape and bool(
                agrees(quantity, claim.operator, claim.expected, Answer(shape))
            )
        measure = self._believed.main if region.whole else self._believed
        answer = measure.answer(quantity, measure.whole if region.whole else region, in_bytes(claim.expected))
        return bool(agrees(quantity, claim.operator, claim.expected, answer))

    @cached_property
    def _shapes(self) -> tuple[list[Shape], list[Shape]]:
        """Of each node, the shape that follows from its inputs' believed ones, and the one it is believed to have."""
        following: list[Shape] = []
        believed: list[Shape] = []
        for index, node in enumerate(self.graph.nodes):
            over = self._over.get(index)
            # inside what a line prints a shape for, that shape is not yet believed: the line itself may be wrong
            inputs = tuple(
                following[source] if over and over == self._over.get(source) else believed[source]
                for source in node.inputs
            )
            same = inputs == self.graph.input_shapes(node)
            following.append(node.shape if same or not _fits(node.layer, inputs) else node.layer.output(*inputs))
            ending = over is not None and node.shape == self.graph.nodes[over[0]].shape
            believed.append((ending and over and as_printed(over[1], following[-1])) or following[-1])
        return following, believed

    @cached_property
    def _believed(self) -> Measure:
        nodes = tuple(node._replace(shape=shape) for node, shape in zip(self.graph.nodes, self._shapes[1], strict=True))
        return Measure(replace(self.graph, nodes=nodes))


def _fits(layer: Layer, inputs: tuple[Shape, ...]) -> bool:
    return all(len(shape) in layer.ranks for shape in inputs) and all(rule.holds() for rule in layer.rules(*inputs))
