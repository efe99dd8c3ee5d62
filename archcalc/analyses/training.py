"""What backpropagation reaches: which layers train, which tensors need a gradient, and what that costs."""

from __future__ import annotations

from typing import NamedTuple

from archcalc.algebra import Dim
from archcalc.graph import Graph
from archcalc.layers import Layer, Shape


class Training(NamedTuple):
    """One layer's part in training: whether its weights train, and whether its input needs a gradient."""

    trains: bool
    passes: bool

    def operations(self, macs: Dim, product_macs: Dim) -> Dim:
        """Operations of a step (2 a multiply-add), of which ``product_macs`` multiply two activations.

        Forward once; once more for the gradient of the weights, and once for that of the input. A product of two
        activations has two such gradients, wanted as soon as either factor depends on a trained weight.
        """
        weight_macs = macs - product_macs
        gradients = (self.trains + self.passes) * weight_macs + 2 * (self.trains or self.passes) * product_macs
        return 2 * (macs + gradients)


def training(graph: Graph) -> list[Training]:
    """The part of every node, in order. Shared weights train as their owner's do."""
    found: list[Training] | None = graph.worked_out.get("training")
    if found is None:
        found = graph.worked_out["training"] = _training(graph)
    return found


def _training(graph: Graph) -> list[Training]:
    stored: dict[int, bool] = {}
    needs: list[bool] = []
    owners: list[int] = []
    found = []
    for index, (node, alike) in enumerate(zip(graph.nodes, graph.alike, strict=True)):
        if index == alike:
            stored[index] = bool(node.inputs) and _stores(node.layer, graph.input_shapes(node))
        owners.append(index if node.shares is None else owners[node.shares])
        trains = stored[alike] and not graph.nodes[owners[index]].layer.frozen
        passes = True in [needs[source] for source in node.inputs]
        needs.append(trains or passes)
        found.append(Training(trains, passes))
    return found


def _stores(layer: Layer, shapes: tuple[Shape, ...]) -> bool:
    """Whether the layer has a weight that could train."""
    return any(weight.role != "buffers" for weight in layer.weights(*shapes).values())
