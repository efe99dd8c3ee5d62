"""How ptflops' ``get_model_complexity_info`` counts: by modules and patched functions, or by operators."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from archcalc.algebra import Dim, largest, product
from archcalc.analyses.conventions.base import (
    Convention,
    Rule,
    affine,
    by_type,
    macs,
    made,
    read,
    stored,
    times,
    with_bias,
)
from archcalc.analyses.conventions.modules import modules, projections
from archcalc.layers import (
    LRN,
    TOKENS,
    Activation,
    Attention,
    AvgPool,
    BatchNorm,
    Conv,
    Deconv,
    Dense,
    GlobalAvgPool,
    GlobalMaxPool,
    GroupNorm,
    LayerNorm,
    Local,
    MaxPool,
    PReLU,
    Product,
    Shape,
    SpatialPyramidPool,
    Upsample,
)

#: How often an activation's numbers count: for its module, and again for the function that the module calls, as far as
#: ptflops knows the one and has patched the other.
_ACTIVATIONS = {"relu": 2, "elu": 2, "gelu": 2, "relu6": 1, "leaky relu": 1, "silu": 1, "softmax": 1}
#: A pool's module counts what it reads, and so does the function that it calls.
_TWICE = times(2, read)


def _activation(layer: Activation, shape: Shape) -> Dim:
    return _ACTIVATIONS.get(layer.function, 0) * read(layer, shape)


def _lrn(layer: LRN, shape: Shape) -> Dim:
    """torch writes it out: a square, a pool over padded channels, a product and a sum."""
    channels, *positions = shape
    return 3 * read(layer, shape) + (channels + layer.size - 1) * product(positions)


_MODULES: dict[Any, Rule] = {
    Conv: with_bias,
    Deconv: with_bias,
    Dense: with_bias,
    Activation: _activation,
    PReLU: _TWICE,
    MaxPool: _TWICE,
    AvgPool: _TWICE,
    GlobalAvgPool: _TWICE,
    GlobalMaxPool: _TWICE,
    BatchNorm: affine(2, 1),
    GroupNorm: times(2, read),
    LayerNorm: read,
    LRN: _lrn,
    Upsample: times(2, made),
}


def _product(layer: Product, *inputs: Any) -> Dim:
    """``torch.mul`` branch by branch."""
    total: Dim = 0
    for count in range(2, len(inputs) + 1):
        total = total + made(layer, *inputs[:count])
    return total


#: Modules of ours in which functions run that it has patched: ``bmm``, ``mul``, ``prelu`` and others.
_FUNCTIONS: dict[Any, Rule] = {
    Local: macs,
    Product: _product,
    PReLU: lambda layer, shape: read(layer, shape) if len(shape) == TOKENS else 0,
    SpatialPyramidPool: lambda layer, shape: len(layer.levels) * read(layer, shape),
}
_module, _function = by_type(_MODULES), by_type(_FUNCTIONS)


def _count(layer: Any, *inputs: Any) -> Dim:
    total = _function(layer, *inputs)
    for module, shape in modules(layer, *inputs):
        total = total + _module(module, shape)
    return total


def _conv(layer: Conv, *inputs: Any) -> Dim:
    """A connection table adds its bias by itself."""
    return (macs if layer.connect else with_bias)(layer, *inputs)


def _deconv(layer: Deconv, shape: Shape) -> Dim:
    """An uneven crop comes after the operator, which has added its bias to what is cut off, too."""
    if modules(layer, shape):
        return with_bias(layer, shape)
    biased = layer.channels * product(_uncropped(layer, shape)) if layer.bias else 0
    return macs(layer, shape) + biased


def _uncropped(layer: Deconv, shape: Shape) -> Iterator[Dim]:
    """Height and width as torch makes them; for ``same`` it is told to fill gaps between windows that do not touch."""
    for axis in layer.axes(shape):
        last = largest(axis.extent, axis.stride) if layer.pad.same else axis.extent
        yield axis.stride * (axis.size - 1) + last


def _attention(layer: Attention, tokens: Shape) -> Dim:
    total = layer.product_macs(tokens)
    for projection, shape in projections(layer, tokens):
        total = total + with_bias(projection, shape)
    return total


_OPERATORS: dict[Any, Rule] = {Conv: _conv, Deconv: _deconv, Dense: with_bias, Attention: _attention}

PTFLOPS = Convention(
    name="ptflops",
    tool="ptflops",
    version="0.7.5",
    calls="MACs",
    unit="multiply-adds, biases, norms, activations, pools",
    source="ptflops/pytorch_engine.py and pytorch_ops.py, the pytorch backend",
    count=_count,
    stores=stored(only_trainable=True),
    stores_meaning="trainable ones",
    caution=(
        "ReLU, pools and upsampling count twice: as a module, and as the function that it calls",
        "a class that it does not know counts nothing",
        "a pool counts each number that it reads, whatever its window",
        "attention's two products are left out, written with @ or as a fused kernel",
    ),
)

PTFLOPS_ATEN = Convention(
    name="ptflops-aten",
    tool="ptflops",
    version="0.7.5",
    calls="MACs",
    unit="multiply-adds, biases",
    source="ptflops/aten_engine.py and aten_ops.py, backend='aten'",
    count=by_type(_OPERATORS, otherwise=macs),
    stores=stored(only_trainable=True),
    stores_meaning="trainable ones",
    caution=("norms, activations, pools and sums are left out", "a fused attention kernel counts nothing"),
)
