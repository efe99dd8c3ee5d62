"""A network with its fully connected layers as convolutions, and the grid of outputs that it gives on larger images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from archcalc.algebra import Dim, product
from archcalc.analyses.cost import costs, total
from archcalc.analyses.field import Field, fields
from archcalc.diagnostics import Diagnostic, Fault, fault
from archcalc.graph import Graph, Node
from archcalc.layers import Layer, Shape, shown
from archcalc.record import Configuration
from archcalc.rewriting import convolutionize, resized

if TYPE_CHECKING:
    from archcalc.rewriting import Convolutional


#: Reasons that a message gives.
_TOLD = 2


class NothingToRewrite(ValueError):
    """No layer of a network can become a convolution; the message says why."""


class Rewritten(Configuration):
    """A layer before and after: ``was`` and ``now`` with the shapes that they read."""

    name: str
    was: Layer
    read: Shape
    now: Layer
    reads: Shape
    params: Dim


class Grid(Configuration):
    """What the network gives on one input: an output at each of ``positions`` (height, width) of the last layer that
    became a convolution, each the network on a window of its own.

    ``field`` is what one of them sees, None where it sees all. ``macs`` are those of one pass, ``window_macs`` those of
    as many passes of the network on images of the written size. Where the input does not fit, ``wrong`` says why and
    the rest is None.
    """

    input: Shape
    positions: tuple[Dim, Dim] | None = None
    field: Field | None = None
    macs: Dim | None = None
    window_macs: Dim | None = None
    wrong: Diagnostic | None = None


class Convolution(Configuration):
    """A network rewritten. ``left`` are layers that could not be, and why; ``pools`` were global; ``heads``: it had
    side heads, which are left out."""

    graph: Graph
    params: Dim
    same: bool
    rewritten: tuple[Rewritten, ...]
    pools: tuple[str, ...]
    left: tuple[tuple[str, str], ...]
    heads: bool
    grids: tuple[Grid, ...]


def convolution(graph: Graph, inputs: Sequence[Shape] = ()) -> Convolution:
    """The network as convolutions, on its own input and on others, shapes ``(C, H, W)``.

    ``same``: it has as many parameters as before, layer by layer, and on its own input as many multiply-adds. Raises
    NothingToRewrite.
    """
    heads = any(node.aux for node in graph.nodes)
    graph = graph.without_aux()
    made = convolutionize(graph)
    if not made.rewritten:
        reasons = [f"{name}: {why}" for name, why in made.left[:_TOLD]]
        more = [f"{len(made.left) - _TOLD} more"] if len(made.left) > _TOLD else []
        what = f"{graph.name} has no fully connected layer that could be a convolution"
        raise NothingToRewrite("; ".join([what, *reasons, *more]))
    before, after = total(costs(graph)), total(costs(made.graph))
    own = graph.nodes[graph.inputs[0]].shape
    rewritten = tuple(_rewritten(graph, made))
    kept = all(_params(each.was, each.read) == _params(each.now, each.reads) for each in rewritten)
    return Convolution(
        graph=made.graph,
        params=after.params,
        same=kept and (before.params, before.macs) == (after.params, after.macs),
        rewritten=rewritten,
        pools=made.pools,
        left=made.left,
        heads=heads,
        grids=tuple(_grid(made, shape, before.macs) for shape in dict.fromkeys([own, *inputs])),
    )


def _rewritten(graph: Graph, made: Convolutional) -> list[Rewritten]:
    """Each layer that became a convolution, beside what it was."""
    now = {node.name: node for node in made.graph.nodes}
    found = []
    for node in graph.nodes:
        if node.name in made.rewritten:
            new = now[node.name]
            (read,), (reads,) = graph.input_shapes(node), made.graph.input_shapes(new)
            found.append(
                Rewritten(
                    name=node.name, was=node.layer, read=read, now=new.layer, reads=reads,
                    params=_params(new.layer, reads),
                )
            )  # fmt: skip
    return found


def _params(layer: Layer, shape: Shape) -> Dim:
    result: Dim = 0
    for weight in layer.weights(shape).values():
        result = result + product(weight.shape)
    return result


def _grid(made: Convolutional, shape: Shape, macs: Dim) -> Grid:
    """The outputs of the last layer that became a convolution, on an input that may be another."""
    try:
        graph = resized(made.graph, [shape])
        _keeps_weights(made.graph, graph)
    except Fault as wrong:
        return Grid(input=shape, wrong=wrong.diagnostic)
    last = max(index for index, node in enumerate(graph.nodes) if node.name in made.rewritten)
    _, height, width = graph.nodes[last].shape
    seen = fields(graph)[last]
    return Grid(
        input=shape,
        positions=(height, width),
        field=seen if seen is not None and seen.size is not None else None,
        macs=total(costs(graph)).macs,
        window_macs=macs * height * width,
    )


def _keeps_weights(graph: Graph, other: Graph) -> None:
    """Raises Fault where a layer would need other weights than it has: it knows one size of image only."""
    for node, new in zip(graph.nodes, other.nodes, strict=True):
        if node.inputs and _shapes(graph, node) != _shapes(other, new):
            read = shown(graph.input_shapes(node)[0])
            raise fault("A304", f"{node.name}: its weights are for an input of {read}", node.span)


def _shapes(graph: Graph, node: Node) -> list[Shape]:
    return [weight.shape for weight in node.layer.weights(*graph.input_shapes(node)).values()]
