"""Where a network ends: for a run in what it gives, for training in what the loss takes."""

from __future__ import annotations

from archcalc.graph import Graph

_IN_LOSS = ("softmax", "log softmax")


def ends(graph: Graph) -> tuple[int, ...]:
    """The nodes that a run gives: the network's output, then where its side heads end."""
    read = {source for node in graph.nodes for source in node.inputs}
    heads = (index for index, node in enumerate(graph.nodes) if node.aux and index not in read)
    return (graph.output, *heads)


def logits(graph: Graph) -> Graph:
    """The network up to what cross-entropy takes."""
    node = graph.nodes[graph.output]
    if graph.output != len(graph.nodes) - 1 or node.layer.kind not in _IN_LOSS:
        return graph
    return logits(graph.without_last())
