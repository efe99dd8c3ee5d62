"""Where a network ends: for a run in what it gives, for training in what the loss takes."""

from __future__ import annotations

from dataclasses import replace

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
    last = graph.output == len(graph.nodes) - 1
    if not last or node.layer.kind not in _IN_LOSS or any(graph.output in other.inputs for other in graph.nodes):
        return graph
    return logits(replace(graph, nodes=graph.nodes[:-1], output=node.inputs[0]))
