"""Why a printed figure is wrong, and what would make it right; every suggestion is tried before it is made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import count, islice

from archcalc.algebra import Dim
from archcalc.analyses.quantities import Measure, Region
from archcalc.claims import Figure
from archcalc.graph import Graph, Node
from archcalc.layers import Axis, Shape, Sliding

_SPOKEN = {"conv": "convolution", "deconv": "transposed convolution", "fc": "fully connected layer"}
#: Quantities that are taken for one another.
_MISTAKEN = {
    "params": ("weights", "trainable"),
    "weights": ("params",),
    "macs": ("flops",),
    "flops": ("macs",),
    "depth": ("weight layers",),
    "weight layers": ("depth",),
}
_MOST_TRIES = 4096


def spoken(node: Node) -> str:
    """What a sentence calls a layer."""
    return _SPOKEN.get(node.layer.kind, node.layer.kind)


def culprit(graph: Graph, region: Region) -> Node:
    """The layer of a region that made its output's size: the last one that slides a window, else the output itself.

    Of several layers that one phrase means, as ``conv means conv; bn; relu`` says, it is the one with weights.
    """
    output = graph.nodes[region.output]
    while not output.layer.weight_layer and output.inputs and graph.nodes[output.inputs[0]].span == output.span:
        output = graph.nodes[output.inputs[0]]
    slid = [graph.nodes[index] for index in region.nodes if _axes(graph, graph.nodes[index])]
    return next((node for node in reversed(slid) if node.shape[1:] == output.shape[1:]), output)


def arithmetic(graph: Graph, node: Node, printed: Shape) -> tuple[str, ...]:
    """The sum behind each axis of a window's output that is not as printed: (N - F + 2P)/S + 1."""
    wrong = [axis for axis, wanted in zip(_axes(graph, node), printed[1:], strict=False) if axis.outputs != wanted]
    return tuple(dict.fromkeys(axis.worked for axis in wrong if isinstance(axis.slack, int)))


def ways(graph: Graph, node: Node, printed: Shape) -> str | None:
    """Input sizes, pads and strides, each the nearest to what is written, that give the printed height and width."""
    axes, goals = _axes(graph, node), printed[1:]
    if not axes or goals == node.shape[1:] or not all(isinstance(axis.slack, int) for axis in axes):
        return None
    size = _pair(*(axis.size for axis in axes))
    tries: list[tuple[Change, Callable[[object, object], str]]] = [
        (_sizes, lambda height, width: f"a {height}x{width} input"),
        (_pads, lambda height, width: f"pad {_pair(height, width)} on {size}"),
        (_strides, lambda height, width: f"stride {_pair(height, width)}"),
    ]
    if not node.layer.weight_layer:
        tries.append((_roundings, _pair))
    found = []
    for change, told in tries:
        height, width = (_first(change(axis), goal) for axis, goal in zip(axes, goals, strict=True))
        if height is not None and width is not None:
            found.append(told(height, width))
    return "; so does ".join((f"{found[0]} gives {_pair(*goals)}", *found[1:3])) if found else None


def mistaken(measure: Measure, region: Region, quantity: str, figure: Figure) -> str | None:
    """The quantity that a wrong figure is the right figure of."""
    for other in _MISTAKEN.get(quantity, ()):
        value = measure.answer(other, region).value
        if isinstance(value, int) and value and figure.near(Fraction(value)):
            return f"{figure.text} is right for {other}"
    value = measure.answer(quantity, region).value
    if quantity == "macs" and isinstance(value, int) and value and figure.near(Fraction(2 * value)):
        return f"{figure.text} counts two operations for a multiply-add"
    return None


def _axes(graph: Graph, node: Node) -> tuple[Axis, ...]:
    """Height and width of a layer that slides a window over its input; a transposed one does not."""
    if not isinstance(node.layer, Sliding):
        return ()
    axes = node.layer.axes(graph.input_shapes(node)[0])
    return axes if tuple(axis.outputs for axis in axes) == node.shape[1:] else ()


Changed = Iterator[tuple[int | str, Axis]]
Change = Callable[[Axis], Changed]


def _pair(height: object, width: object) -> str:
    """Height and width as one number where they agree."""
    return str(height) if height == width else f"{height}x{width}"


def _first(changed: Changed, goal: Dim) -> int | str | None:
    """The first value with which the axis has ``goal`` outputs."""
    return next((value for value, axis in islice(changed, _MOST_TRIES) if axis.outputs == goal), None)


def _sizes(axis: Axis) -> Changed:
    """Sizes that the window fits, the nearest first."""
    size = int(axis.size)
    for step in count(1):
        for near in (size + step, size - step):
            if near + int(axis.slack) - size >= 0:
                yield near, axis._replace(size=near)


def _pads(axis: Axis) -> Changed:
    """Pads on both sides, narrower than the window."""
    for pad in range(int(axis.extent)):
        if int(axis.size) + 2 * pad >= int(axis.extent):
            yield pad, axis._replace(before=pad, after=pad)


def _strides(axis: Axis) -> Changed:
    for stride in range(1, int(axis.slack) + 2):
        yield stride, axis._replace(stride=stride)


def _roundings(axis: Axis) -> Changed:
    yield "ceil", axis._replace(ceil=True)
