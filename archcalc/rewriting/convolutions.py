"""Fully connected layers as convolutions, so that a network takes larger images and gives a grid of outputs.

Of an image a fully connected layer is a convolution with a window as large as the image; of one position, a 1x1
(Long, Shelhamer, Darrell 2015, section 3.1). The same weights, in the same order, give the same numbers.
"""

from __future__ import annotations

from archcalc.algebra import Dim
from archcalc.graph import Graph, Node
from archcalc.layers import (
    IMAGE,
    Activation,
    AvgPool,
    Conv,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool,
    GlobalMaxPool,
    Identity,
    Layer,
    MaxPool,
    Shape,
)  # fmt: skip
from archcalc.record import Record
from archcalc.rewriting.rebuild import Rebuild


class Convolutional(Record):
    """A network with its fully connected layers as convolutions: which nodes of ``graph`` these are, by name, and
    which could not be (``left``: a name, and why)."""

    graph: Graph
    rewritten: tuple[str, ...]
    pools: tuple[str, ...]
    left: tuple[tuple[str, str], ...]


def convolutionize(graph: Graph) -> Convolutional:
    """The network with every fully connected layer that reads an image, or one position of it, as a convolution.

    A global pool on the way from the last convolution to such a layer becomes one with a window of the map's size: at
    this input the same, at larger ones a pool for each place of the grid. A flattening in between is gone.
    """
    made, rewritten, pools, left = Rebuild(graph), [], [], []
    tail = _tail(graph)
    for index, node in enumerate(graph.nodes):
        shapes = tuple(made.shape(each) for each in made.inputs(node))
        if isinstance(node.layer, Dense):
            conv = _as_conv(node.layer, shapes[0])
            if conv is None:
                what = "tokens" if len(shapes[0]) == 2 else "a vector that is no image's"
                left.append((node.name, f"it reads {what}"))
            else:
                rewritten.append(node.name)
            made.keep(node, conv)
        elif isinstance(node.layer, Flatten) and len(shapes[0]) == IMAGE and _needless(graph, index, shapes[0]):
            made.skip(node)
        elif index in tail and type(node.layer) in _WINDOWED and len(shapes[0]) == IMAGE:
            pools.append(node.name)
            made.keep(node, _windowed(node.layer, shapes[0]))
        elif any(len(shape) not in node.layer.ranks for shape in shapes):
            left.append((node.name, "it reads a vector, so only images of the written size fit"))
            made.keep(_flattened(made, node))
        else:
            made.keep(node)
    return Convolutional(made.finish(), tuple(rewritten), tuple(pools), tuple(left))


def _as_conv(layer: Dense, shape: Shape) -> Conv | None:
    if len(shape) != IMAGE:
        return None
    return Conv(channels=layer.units, kernel=(shape[1], shape[2]), bias=layer.bias, frozen=layer.frozen)


_WINDOWED: dict[type[Layer], type[AvgPool | MaxPool]] = {GlobalAvgPool: AvgPool, GlobalMaxPool: MaxPool}


def _windowed(layer: Layer, shape: Shape) -> AvgPool | MaxPool:
    """A global pool as one whose window is the whole map, at every place where that fits."""
    size: tuple[Dim, Dim] = (shape[1], shape[2])
    return _WINDOWED[type(layer)](kernel=size, stride=(1, 1))


def _tail(graph: Graph) -> set[int]:
    """Nodes from the output back for as long as each is all that reads the one before it, down to the last fully
    connected layer's: what feeds a gate or another branch must go on seeing the whole image."""
    readers = [0] * len(graph.nodes)
    for node in graph.nodes:
        for source in node.inputs:
            readers[source] += not node.aux
    found, index, dense = set(), graph.output, False
    while len(graph.nodes[index].inputs) == 1 and (index == graph.output or readers[index] == 1):
        dense = dense or isinstance(graph.nodes[index].layer, Dense)
        if dense:
            found.add(index)
        (index,) = graph.nodes[index].inputs
    return found


def _needless(graph: Graph, index: int, shape: Shape) -> bool:
    """Whether what reads a flattened image does the same to the image: of one position all layers do, else those that
    look at no other number, up to a fully connected one."""
    readers = [(place, node) for place, node in enumerate(graph.nodes) if index in node.inputs]
    if not readers:
        return False
    if shape[1:] == (1, 1) and all(IMAGE in node.layer.ranks for _, node in readers):
        return True
    return all(
        isinstance(node.layer, Dense) or (_elementwise(node.layer) and _needless(graph, place, shape))
        for place, node in readers
    )


def _elementwise(layer: Layer) -> bool:
    return isinstance(layer, (Dropout, Identity)) or (isinstance(layer, Activation) and "softmax" not in layer.function)


def _flattened(made: Rebuild, node: Node) -> Node:
    """A node that takes vectors alone, reading flattened ones."""
    for source in node.inputs:
        current = made.now[source]
        if len(made.shape(current)) == IMAGE:
            made.now[source] = made.add(node, Flatten(), (current,), f"{node.name}.flatten", node.name)
    return node
