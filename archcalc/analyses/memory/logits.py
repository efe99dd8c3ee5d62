"""Training's network: without the softmax at its end, which the loss holds, and without side heads' ends."""

from __future__ import annotations

from dataclasses import replace

from archcalc.graph import Graph

_IN_LOSS = ("softmax", "log softmax")


def logits(graph: Graph) -> Graph:
    """The network up to what cross-entropy takes."""
    node = graph.nodes[graph.output]
    last = graph.output == len(graph.nodes) - 1
    if not last or node.layer.kind not in _IN_LOSS or any(graph.output in other.inputs for other in graph.nodes):
        return graph
    return logits(replace(graph, nodes=graph.nodes[:-1], output=node.inputs[0]))
