"""What of each layer is a module of torch's own when ``archcalc.pytorch.build`` makes it.

Tools that look a module's class up in a table know these, and no class of ours: a locally connected layer, a
deconvolution that crops one side more than the other. ``modules`` says it in layers: none for a class of ours, the
layer itself for a class of torch's, other layers where it is built of several.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from archcalc.algebra import Dim, largest, smallest
from archcalc.layers import (
    IMAGE,
    LRN,
    TOKENS,
    Activation,
    Attention,
    AvgPool,
    Axis,
    BatchNorm,
    Conv,
    Deconv,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool,
    GlobalMaxPool,
    GroupNorm,
    Layer,
    LayerNorm,
    MaxPool,
    Pad,
    PReLU,
    Shape,
    Sliding,
    Subsample,
    Upsample,
)

Module = tuple[Layer, Shape]


def modules(layer: Layer, *inputs: Shape) -> tuple[Module, ...]:
    """The modules of torch's own that a layer is built of, each with the shape that it reads."""
    found = _FOUND.get(type(layer))
    return tuple(found(layer, inputs[0])) if found else ()


def projections(layer: Attention, tokens: Shape) -> Iterator[Module]:
    """Attention's two fully connected layers: queries, keys and values at once, and the output's."""
    for units in (3 * tokens[1], tokens[1]):
        yield Dense(units=units, bias=layer.bias, frozen=layer.frozen), tokens


def _itself(layer: Layer, shape: Shape) -> Iterator[Module]:
    yield layer, shape


def _on(*ranks: int) -> Callable[[Any, Shape], Iterator[Module]]:
    """torch's own only on inputs of these ranks."""
    return lambda layer, shape: _itself(layer, shape) if len(shape) in ranks else iter(())


def _even(layer: Sliding) -> bool:
    """Whether both sides of each axis are padded alike: torch's ``padding`` can say it."""
    return not layer.pad.same and all(before == after for before, after in (layer.pad.height, layer.pad.width))


def _conv(layer: Conv, shape: Shape) -> Iterator[Module]:
    """Whatever its border is, that is put around its input before."""
    if not layer.connect:
        yield layer, shape


def _deconv(layer: Deconv, shape: Shape) -> Iterator[Module]:
    if _even(layer):
        yield layer, shape


def _pool(layer: MaxPool | AvgPool, shape: Shape) -> Iterator[Module]:
    """Behind a border of ours where torch's own cannot be had: it is even, and no more than half the window."""
    pads = (layer.pad.height, layer.pad.width)
    if _even(layer) and all(2 * before <= kernel for (before, _), kernel in zip(pads, layer.kernel, strict=True)):
        yield layer, shape
    else:
        yield layer.but(pad=Pad(), ceil=False), (shape[0], *(_bordered(axis) for axis in layer.axes(shape)))


def _bordered(axis: Axis) -> Dim:
    """A size with its border: under ``ceil`` enough for the last window, and not for another."""
    whole = axis.size + axis.before + axis.after
    end = (axis.outputs - 1) * axis.stride + axis.extent
    return smallest(largest(whole, end), end + axis.stride - 1) if axis.ceil else whole


def _avg_pool(layer: AvgPool, shape: Shape) -> Iterator[Module]:
    """torch's has no dilation."""
    return _pool(layer, shape) if layer.dilation == (1, 1) else iter(())


def _subsample(layer: Subsample, shape: Shape) -> Iterator[Module]:
    yield from _avg_pool(AvgPool(**{name: getattr(layer, name) for name in Sliding.fields}), shape)


_FOUND: dict[type[Layer], Callable[[Any, Shape], Iterator[Module]]] = {
    Conv: _conv,
    Deconv: _deconv,
    Dense: _itself,
    Attention: projections,
    MaxPool: _pool,
    AvgPool: _avg_pool,
    Subsample: _subsample,
    GlobalAvgPool: _on(IMAGE),
    GlobalMaxPool: _on(IMAGE),
    BatchNorm: _itself,
    GroupNorm: _itself,
    LayerNorm: _on(1, TOKENS),
    LRN: _itself,
    Activation: _itself,
    PReLU: _on(1, IMAGE),
    Upsample: _itself,
    Dropout: _itself,
    Flatten: _itself,
}
