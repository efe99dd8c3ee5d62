"""A way built as a network, and what the usual analyses say of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import prod
from typing import TYPE_CHECKING

from archcalc.analyses.cost import DType, costs, total
from archcalc.analyses.field import fields
from archcalc.analyses.kernels.ways import Way
from archcalc.analyses.memory.budget import memory
from archcalc.analyses.memory.setting import Setting, numeric
from archcalc.graph import Builder, Graph, Node
from archcalc.layers import Input, Layer, Shape, Weight
from archcalc.record import Configuration
from archcalc.source import Source, Span

if TYPE_CHECKING:
    from archcalc.analyses.latency.asked import Target
    from archcalc.analyses.latency.band import Latency

_NOWHERE = Span(Source("<kernels>", ""), 0, 0)


class Kernel(Configuration):
    """One way and its figures; ``graph`` is the network that has them.

    ``depth`` counts non-linearities, ``layers`` those with weights. ``reads``: how many inputs of one channel an output
    depends on, which are not all of its field where kernels are dilated. ``params_ratio`` and ``macs_ratio`` are those
    of the group's ``one``; ``best``: none of the group is at least as good in every objective and better in one.
    ``saved_bytes`` is None in int8, which is not trained; ``latency`` unless it is asked for.
    """

    number: int
    family: str
    name: str
    graph: Graph
    params: int
    weights: tuple[Shape, ...]
    macs: int
    activations_bytes: int
    saved_bytes: int | None
    depth: int
    layers: int
    field: tuple[int, int]
    reads: int
    output: Shape
    params_ratio: Fraction
    macs_ratio: Fraction
    best: bool = False
    latency: Latency | None = None

    @property
    def latency_ns(self) -> int | None:
        """Nanoseconds that are predicted."""
        return None if self.latency is None else self.latency.time


def measured(number: int, way: Way, shape: Shape, batch: int, dtype: DType, target: Target | None = None) -> Kernel:
    """A way on images of a shape, and what it takes on a target. Raises Fault where a layer does not fit."""
    graph = _chain(way.name, shape, way.layers)
    cost = total(costs(graph, batch=batch, dtype=dtype))
    training, seen = memory(graph, Setting(batch, dtype)).training, fields(graph)[-1]
    stored = [weight for node in graph.nodes for weight in _weights(graph, node)]
    assert seen is not None and seen.size is not None  # no size is open
    return Kernel(
        number=number,
        family=way.family,
        name=way.name,
        graph=graph,
        params=numeric(cost.params),
        weights=tuple(weight.shape for weight in stored if weight.role == "weights"),
        macs=numeric(cost.macs),
        activations_bytes=numeric(cost.activations_bytes),
        saved_bytes=None if training is None else sum(training.saved),
        depth=sum(layer.activation for layer in way.layers),
        layers=cost.weight_layers,
        field=(numeric(seen.size[0]), numeric(seen.size[1])),
        reads=_reads(graph),
        output=graph.nodes[-1].shape,
        params_ratio=Fraction(1),
        macs_ratio=Fraction(1),
        latency=_latency(graph, target, batch) if target is not None else None,
    )


def _latency(graph: Graph, target: Target, batch: int) -> Latency:
    from archcalc.analyses.latency.asked import forecast

    return forecast(graph, target, batch=batch).whole


def _weights(graph: Graph, node: Node) -> Iterable[Weight]:
    return node.layer.weights(*graph.input_shapes(node)).values() if node.inputs else ()


def _chain(name: str, shape: Shape, layers: Sequence[Layer]) -> Graph:
    """Layers in a row as a network, named by their kind and number. Raises Fault."""
    builder = Builder()
    builder.add(Input(shape=shape), (), _NOWHERE)
    for layer in layers:
        builder.add(layer, (len(builder.shapes) - 1,), _NOWHERE)
    names, counts = [], dict.fromkeys((layer.kind.split()[-1] for layer, *_ in builder.layers), 0)
    for layer, *_ in builder.layers:
        stem = layer.kind.split()[-1]
        counts[stem] += 1
        names.append(f"{stem}{counts[stem]}" if stem != "input" else stem)
    nodes = tuple(
        Node(called, "", layer, inputs, made, span)
        for called, (layer, inputs, span, *_), made in zip(names, builder.layers, builder.shapes, strict=True)
    )
    return Graph(name, "", "", nodes, (0,), len(nodes) - 1)


def _reads(graph: Graph) -> int:
    """How many inputs of one channel an output depends on: its windows followed back, their gaps left out."""
    seen = [{0}, {0}]
    for node in reversed(graph.nodes[1:]):
        reading = node.layer.reads(*graph.input_shapes(node))
        if isinstance(reading, tuple):
            for axis, window in enumerate(reading):
                first, last, gap, step = map(numeric, (window.first, window.last, window.gap, window.step))
                offsets = range(first, last + 1, gap)
                seen[axis] = {step * place + offset for place in seen[axis] for offset in offsets}
    return prod(map(len, seen))
