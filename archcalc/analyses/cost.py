"""What each layer of a network costs: parameters, operations and bytes, as exact integers or closed forms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Literal

from archcalc.algebra import Dim, product
from archcalc.analyses.training import Training, training
from archcalc.graph import Graph
from archcalc.layers import Layer, Shape, Weight
from archcalc.record import Configuration

DType = Literal["fp32", "fp16", "bf16", "int8"]

#: Bytes of a number: a weight's or an activation's, and that of everything else that is stored.
BYTES: dict[str, tuple[int, int]] = {"fp32": (4, 4), "fp16": (2, 2), "bf16": (2, 2), "int8": (1, 4)}
COUNTER_BYTES = 8
_STORED: Mapping[str, DType] = {"fp32": "fp32", "tf32": "fp32", "fp16": "fp16", "bf16": "bf16", "int8": "int8"}


def stored_as(dtype: str) -> DType:
    """What numbers are stored as that are computed in ``dtype``: tf32 is fp32 with short factors in products."""
    return _STORED[dtype]


class Cost(Configuration):
    """The cost of one layer, or of several: every count but ``intensity`` adds up.

    Parameters are numbers; ``macs``, ``flops`` and ``training_flops`` operations; ``activations`` the numbers of
    outputs that are kept (no input, activation function, dropout or view). ``moved_bytes`` are the inputs and weights
    that a layer reads and the outputs that it writes, ``intensity`` its flops per such byte: None for views, inputs and
    open symbols.
    """

    params: Dim = 0
    weights: Dim = 0
    biases: Dim = 0
    norms: Dim = 0
    others: Dim = 0
    trainable: Dim = 0
    buffers: Dim = 0
    weight_layers: int = 0
    neurons: Dim = 0
    connections: Dim = 0
    macs: Dim = 0
    flops: Dim = 0
    training_flops: Dim = 0
    weights_bytes: Dim = 0
    activations: Dim = 0
    activations_bytes: Dim = 0
    moved_bytes: Dim = 0
    intensity: float | None = None


COUNTS = tuple(name for name in Cost.fields if name != "intensity")


def costs(graph: Graph, *, batch: int = 1, dtype: DType = "fp32") -> tuple[Cost, ...]:
    """The cost of each node, in order: operations and activations of ``batch`` images, bytes in ``dtype``.

    A shared weight is counted at its first use only. Equal layers on equal inputs share one record.
    """
    seen: dict[tuple[int, bool, Training], Cost] = {}
    found = []
    for node, alike, state in zip(graph.nodes, graph.alike, training(graph), strict=True):
        key = (alike, node.shares is None, state)
        cost = seen.get(key)
        if cost is None:
            shapes, owns = graph.input_shapes(node), node.shares is None
            cost = seen[key] = (
                _cost(node.layer, shapes, node.shape, owns, state, batch, dtype) if node.inputs else Cost()
            )
        found.append(cost)
    return tuple(found)


def total(parts: Iterable[Cost]) -> Cost:
    """The sum of several costs; its intensity is that of running them one after the other."""
    parts = list(parts)
    times = Counter(map(id, parts))  # equal layers share their cost
    each = {id(cost): cost for cost in parts}
    counts: dict[str, Any] = {
        name: _sum([count * getattr(each[key], name) for key, count in times.items()]) for name in COUNTS
    }
    return Cost(**counts, intensity=_intensity(counts["flops"], counts["moved_bytes"]))


def input_numbers(graph: Graph) -> Dim:
    """Numbers in one image (or one of each input)."""
    return _sum(product(graph.nodes[index].shape) for index in graph.inputs)


def depth(graph: Graph, indices: Iterable[int] | None = None) -> int:
    """Weight layers on the longest path through these nodes (ascending), or through the whole network."""
    longest: dict[int, int] = {}
    for index in range(len(graph.nodes)) if indices is None else indices:
        node = graph.nodes[index]
        before = 0
        for source in node.inputs:
            before = max(before, longest.get(source, 0))
        longest[index] = before + node.layer.weight_layer
    return max(longest.values(), default=0)


@lru_cache(maxsize=1 << 14)
def _cost(
    layer: Layer, shapes: tuple[Shape, ...], output: Shape, owns: bool, state: Training, batch: int, dtype: str
) -> Cost:
    """The cost of one layer; ``owns`` is false where it uses another's weights. The networks of a file share these."""
    tensors = layer.weights(*shapes)
    stored = tensors if owns else {}
    roles = {role: _numbers(stored, role) for role in ("weights", "biases", "norms", "others")}
    params = _sum(roles.values())
    outputs = product(output)
    kept = 0 if layer.activation or layer.view else outputs
    macs = layer.macs(*shapes)
    flops = batch * (2 * macs + layer.element_ops(*shapes))
    number = BYTES[dtype][0]
    read = _sum(product(shape) for shape in shapes)
    moved = 0 if layer.view else batch * number * (read + outputs) + _stored_bytes(tensors, dtype)
    counters = layer.counters if owns else 0
    return Cost(
        params=params,
        weights=roles["weights"],
        biases=roles["biases"],
        norms=roles["norms"],
        others=roles["others"],
        trainable=0 if layer.frozen else params,
        buffers=_numbers(stored, "buffers"),
        weight_layers=int(layer.weight_layer),
        neurons=outputs if layer.weight_layer else 0,
        connections=layer.connections(*shapes),
        macs=batch * macs,
        flops=flops,
        training_flops=batch * state.operations(macs, layer.product_macs(*shapes)),
        weights_bytes=_stored_bytes(stored, dtype) + COUNTER_BYTES * counters,
        activations=batch * kept,
        activations_bytes=batch * number * kept,
        moved_bytes=moved,
        intensity=_intensity(flops, moved),
    )


def _numbers(stored: Mapping[str, Weight], role: str) -> Dim:
    return _sum(weight.numel for weight in stored.values() if weight.role == role)


def tensor_bytes(weight: Weight, dtype: str) -> Dim:
    """Bytes of one stored tensor: ``dtype`` is what weights are stored as, and what else there is where int8 is not."""
    number, other = BYTES[dtype]
    return (number if weight.role == "weights" else other) * weight.numel


def _stored_bytes(stored: Mapping[str, Weight], dtype: str) -> Dim:
    return _sum(tensor_bytes(weight, dtype) for weight in stored.values())


def _intensity(flops: Dim, moved: Dim) -> float | None:
    if not isinstance(flops, int) or not isinstance(moved, int) or not moved:
        return None
    return flops / moved


def _sum(dims: Iterable[Dim]) -> Dim:
    result: Dim = 0
    for dim in dims:
        result = result + dim
    return result
