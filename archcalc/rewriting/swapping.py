"""Convolutions swapped for others that keep the shape: one 5x5 for two 3x3."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from archcalc.algebra import Dim
from archcalc.diagnostics import Diagnostic, Fault, nearest
from archcalc.graph import Graph, Node
from archcalc.layers import Activation, BatchNorm, Conv, GroupNorm, Layer, LayerNorm, Pad, Pair, PReLU, shown
from archcalc.rewriting.rebuild import Rebuild
from archcalc.rewriting.rule import Kernel, Swap

#: What may stand behind a convolution that is repeated between the new ones.
_NORMS = (BatchNorm, LayerNorm, GroupNorm)
_FUNCTIONS = (Activation, PReLU)


def swap(graph: Graph, rule: Swap, at: Sequence[str] = ()) -> Graph:
    """The network with each convolution that a rule names as others of the same output shape; with ``at`` only those
    that these names cover.

    Between new ones stand as many channels as the last gives, unless the rule says; unless it says, the last that is
    wider than 1x1 has the stride, so that the receptive field is that of the kernels; norms and activations that stand
    behind the old one stand behind each. Raises Fault where a layer cannot keep its shape, or there is no such one.
    """
    chosen = _chosen(graph, rule, at)
    made, readers = Rebuild(graph), _readers(graph)
    for index, node in enumerate(graph.nodes):
        if index in chosen:
            _swapped(made, node, rule, _between(graph, readers, index))
        elif node.shares in chosen:
            owner = graph.nodes[node.shares].name
            raise _fault(node, f"{node.name} has the weights of {owner}, which is swapped: swap both", rule)
        else:
            made.keep(node)
    return made.finish()


def _chosen(graph: Graph, rule: Swap, at: Sequence[str]) -> set[int]:
    """The nodes that a rule is about. Raises Fault where there are none."""
    within = [_covered(graph, name) for name in at] or [range(len(graph.nodes))]
    nodes = [index for index in range(len(graph.nodes)) if any(index in each for each in within)]
    found = {index for index in nodes if _matches(graph, index, rule.old)}
    if not found:
        have = ", ".join(_kinds(graph, nodes)) or "no convolution"
        where = f" at {', '.join(at)}" if at else ""
        raise Fault(Diagnostic("A401", f"{graph.name} has nothing to swap by {rule.text}{where}: it has {have}", None))
    return found


def _covered(graph: Graph, name: str) -> range:
    place = graph.place(name)
    if place is None:
        known = [*graph.places, *(node.name for node in graph.nodes)]
        message = f"{graph.name} has no layer '{name}' to swap at"
        raise Fault(Diagnostic("A401", message, None, help=nearest(name, known)))
    return range(place.first, place.stop)


def _matches(graph: Graph, index: int, old: Kernel) -> bool:
    """Whether a node is such a convolution. Raises Fault where that hangs on an open symbol."""
    node = graph.nodes[index]
    if not isinstance(node.layer, Conv):
        return False
    found = old.matches(node.layer, graph.input_shapes(node)[0][0])
    if found is None:
        message = f"whether {node.name} is a kernel of the swap hangs on an open symbol"
        raise Fault(Diagnostic("A407", message, node.span, help="give it a value with --set"))
    return found


def _kinds(graph: Graph, nodes: Sequence[int]) -> Iterator[str]:
    """The convolutions of a network as rules name them, the most frequent first."""
    counts: Counter[str] = Counter()
    for node in (graph.nodes[index] for index in nodes):
        if isinstance(node.layer, Conv):
            layer = node.layer
            word = "dw " if layer.groups == graph.input_shapes(node)[0][0] != 1 else ""
            stride = f"/{layer.stride[0]}" if layer.stride != (1, 1) else ""
            dilation = f" dilation {layer.dilation[0]}" if layer.dilation != (1, 1) else ""
            counts[f"{word}{layer.kernel[0]}x{layer.kernel[1]}{stride}{dilation}"] += 1
    return (f"{count} {kind}" for kind, count in counts.most_common(8))


def _swapped(made: Rebuild, node: Node, rule: Swap, between: Sequence[Layer]) -> None:
    """New convolutions in the place of one, what stands between them included. Raises Fault."""
    first, (current,) = len(made.names), made.inputs(node)
    before = made.shape(current)
    owners = made.weights[node.shares] if node.shares is not None else ()
    convs: list[int] = []
    try:
        layers = _layers(node, rule, before[0])
        for number, layer in enumerate(layers, 1):
            shares = owners[number - 1] if len(owners) == len(layers) else None
            name = f"{node.name}.{number}" if len(layers) > 1 else node.name
            current = made.add(node, layer, (current,), name, node.name if len(layers) > 1 else node.block, shares)
            convs.append(current)
            for each in between if number < len(layers) else ():
                stem = f"{node.name}.{each.kind.split()[-1]}{number}"
                current = made.add(node, each, (current,), stem, node.name)
    except Fault as fault:
        raise _fault(node, fault.diagnostic.message, rule) from None
    shape = made.shape(current)
    if shape != node.shape:
        message = f"{node.name} cannot keep its shape: it gives {shown(node.shape)}, in its place comes {shown(shape)}"
        decided = any(isinstance(new - old, int) and new != old for new, old in zip(shape, node.shape, strict=True))
        raise _fault(node, message, rule, "A301" if decided else "A407")
    made.done(current, first, tuple(convs))


def _fault(node: Node, message: str, rule: Swap, code: str = "A301") -> Fault:
    return Fault(Diagnostic(code, message, node.span, notes=(f"swapped by {rule.text}",)))


def _layers(node: Node, rule: Swap, into: Dim) -> list[Conv]:
    """The new convolutions: the old one's biases and groups, padding that keeps the shape."""
    old = node.layer
    assert isinstance(old, Conv)
    depthwise = old.groups == into != 1
    strides = _strides(old, rule.new)
    pads = _pads(node, old, rule.new)
    layers = []
    for place, (kernel, stride, pad) in enumerate(zip(rule.new, strides, pads, strict=True)):
        last = place == len(rule.new) - 1
        own = into if kernel.depthwise and not last else old.channels
        groups = into if kernel.depthwise else 1 if depthwise else old.groups
        channels = kernel.channels if kernel.channels is not None else own
        layers.append(
            old.but(
                kernel=kernel.size, stride=stride, pad=pad, dilation=(kernel.dilation, kernel.dilation),
                groups=groups, channels=channels, ceil=old.ceil and last,
            )
        )  # fmt: skip
        into = channels
    return layers


def _strides(old: Conv, new: Sequence[Kernel]) -> list[Pair]:
    """Those that the rule says, 1 for the others; if it says none, the old one's for the last wider than 1x1."""
    if any(kernel.stride is not None for kernel in new):
        return [kernel.stride or (1, 1) for kernel in new]
    wide = [place for place, kernel in enumerate(new) if kernel.size != (1, 1)]
    strided = wide[-1] if wide else len(new) - 1
    return [old.stride if place == strided else (1, 1) for place in range(len(new))]


def _pads(node: Node, old: Conv, new: Sequence[Kernel]) -> list[Pad]:
    """What the windows are wider by is padded more: half of each kernel where the old one had that. Raises Fault."""
    if old.pad.same:
        return [old.pad] * len(new)
    axes = []
    for axis, sides in enumerate((old.pad.height, old.pad.width)):
        extents = [kernel.dilation * (kernel.size[axis] - 1) for kernel in new]
        wider = sum(extents) - old.dilation[axis] * (old.kernel[axis] - 1)
        totals = (sides[0] + wider // 2, sides[1] + wider - wider // 2)
        if any(isinstance(total, int) and total < 0 for total in totals):
            side = "x".join(map(str, old.kernel))
            message = (
                f"{node.name} cannot keep its shape: its {side} shrinks the image more than the new kernels do, "
                "which would have to be padded by less than nothing"
            )
            raise Fault(Diagnostic("A301", message, node.span))
        axes.append(list(zip(*(_spread(total, extents) for total in totals), strict=True)))
    return [Pad(height, width) for height, width in zip(*axes, strict=True)]


def _spread(total: Dim, extents: Sequence[int]) -> list[Dim]:
    """Padding on one side shared out: half of each kernel for as long as there is some, the last has the rest."""
    shares: list[Dim] = []
    for extent in extents[:-1]:
        share = min(extent // 2, total) if isinstance(total, int) else extent // 2
        shares.append(share)
        total = total - share
    return [*shares, total]


def _readers(graph: Graph) -> list[list[int]]:
    """For each node, those that read it."""
    readers: list[list[int]] = [[] for _ in graph.nodes]
    for place, node in enumerate(graph.nodes):
        for source in node.inputs:
            readers[source].append(place)
    return readers


def _between(graph: Graph, readers: Sequence[Sequence[int]], index: int) -> list[Layer]:
    """Norms and activations to repeat: those right behind a convolution; where no activation stands there (a sum
    follows), that right before it too."""
    behind = [*_behind(graph, readers, index)]
    if any(isinstance(layer, _FUNCTIONS) for layer in behind):
        return behind
    before = [*_before(graph, index)][::-1]
    functions = [layer for layer in before if isinstance(layer, _FUNCTIONS)]
    norms = behind or [layer for layer in before if isinstance(layer, _NORMS)]
    return [*norms, *functions]


def _behind(graph: Graph, readers: Sequence[Sequence[int]], index: int) -> Iterator[Layer]:
    """Norms and one activation that nothing else reads before."""
    done = False
    while len(readers[index]) == 1:
        (index,) = readers[index]
        layer = graph.nodes[index].layer
        if not _repeats(graph.nodes[index]) or (done and isinstance(layer, _FUNCTIONS)):
            return
        done = done or isinstance(layer, _FUNCTIONS)
        yield layer


def _before(graph: Graph, index: int) -> Iterator[Layer]:
    while len(graph.nodes[index].inputs) == 1:
        (index,) = graph.nodes[index].inputs
        if not _repeats(graph.nodes[index]):
            return
        yield graph.nodes[index].layer


def _repeats(node: Node) -> bool:
    softmax = isinstance(node.layer, Activation) and "softmax" in node.layer.function
    return isinstance(node.layer, (*_NORMS, *_FUNCTIONS)) and not softmax and len(node.inputs) == 1
