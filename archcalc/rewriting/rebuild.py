"""A graph laid again, node by node, some of them as others: every shape inferred and every rule checked anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from archcalc.diagnostics import Fault
from archcalc.graph import Builder, Graph, Node, Place
from archcalc.layers import Input, Layer, Shape


class Rebuild:
    """Lays a graph's nodes in order. ``now`` has, for each old node, the new one that gives its output, ``first`` the
    first one laid for it."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.builder = Builder()
        self.names: list[tuple[str, str]] = []
        self.now: list[int] = []
        self.first: list[int] = []
        #: for each old node that has weights to share, the new nodes that have them
        self.weights: dict[int, tuple[int, ...]] = {}

    def inputs(self, node: Node) -> tuple[int, ...]:
        """The new nodes that an old one reads."""
        return tuple(self.now[source] for source in node.inputs)

    def shape(self, index: int) -> Shape:
        return self.builder.shapes[index]

    def keep(self, node: Node, layer: Layer | None = None) -> None:
        """The node as it was, or as another layer. Raises Fault."""
        first = len(self.names)
        shares = None if node.shares is None else self.weights[node.shares][0]
        made = self.add(node, layer or node.layer, self.inputs(node), node.name, node.block, shares)
        self.done(made, first, (made,))

    def skip(self, node: Node) -> None:
        """Nothing in the node's place: who read it reads what it read."""
        (source,) = self.inputs(node)
        self.done(source, len(self.names), ())

    def done(self, output: int, first: int, weights: tuple[int, ...]) -> None:
        """What stands for the next old node."""
        self.weights[len(self.now)] = weights
        self.now.append(output)
        self.first.append(first)

    def add(
        self, node: Node, layer: Layer, inputs: tuple[int, ...], name: str, block: str, shares: int | None = None
    ) -> int:
        """One more node, in the place of an old one. Raises Fault, told with its name."""
        try:
            made = self.builder.add(layer, inputs, node.span, node.aux, shares)
        except Fault as fault:
            fault.diagnostic = replace(fault.diagnostic, message=f"{name}: {fault.diagnostic.message}")
            raise
        self.names.append((name, block))
        return made

    def finish(self, title: str | None = None) -> Graph:
        """The new graph: claims are the old one's, and gone."""
        graph, laid = self.graph, self.builder
        nodes = tuple(
            Node(name, block, layer, inputs, shape, span, aux, shares)
            for (name, block), (layer, inputs, span, aux, shares), shape in zip(
                self.names, laid.layers, laid.shapes, strict=True
            )
        )
        first = [*self.first, len(nodes)]
        places = {
            name: Place(first[place.first], first[place.stop], self.now[place.output])
            for name, place in graph.places.items()
        }
        return Graph(
            graph.name,
            graph.title if title is None else title,
            graph.file,
            nodes,
            tuple(self.now[each] for each in graph.inputs),
            self.now[graph.output],
            graph.settings,
            places,
            tuple(laid.conditions),
            (),
            tuple(laid.warnings.values()),
        )


def resized(graph: Graph, shapes: Sequence[Shape]) -> Graph:
    """The same layers on inputs of other shapes, the first ones of as many as are given.

    Raises Fault where a layer cannot take what comes.
    """
    given = dict(zip(graph.inputs, shapes, strict=False))
    made = Rebuild(graph)
    for index, node in enumerate(graph.nodes):
        made.keep(node, Input(shape=given[index]) if index in given else None)
    return made.finish()
