"""How thop's ``profile`` counts: by the class of each module, one "MAC" a multiply-add or an operation."""

from __future__ import annotations

from typing import Any

from archcalc.algebra import Dim, product
from archcalc.analyses.conventions.base import (
    Convention,
    Rule,
    Stored,
    affine,
    by_type,
    macs,
    made,
    read,
    stored,
)
from archcalc.analyses.conventions.modules import modules
from archcalc.layers import (
    TOKENS,
    Activation,
    AvgPool,
    BatchNorm,
    Conv,
    Deconv,
    Dense,
    GlobalAvgPool,
    LayerNorm,
    PReLU,
    Shape,
    Upsample,
)


def _deconv(layer: Deconv, shape: Shape) -> Dim:
    """As if it were a convolution: a window of the input's channels for each number of the output."""
    return made(layer, shape) * (shape[0] // layer.groups) * product(layer.kernel)


def _activation(layer: Activation, shape: Shape) -> Dim:
    """Only softmax: an exponential, an addition (one fewer) and a division for each of n classes."""
    if layer.function != "softmax":
        return 0
    classes = shape[1] if len(shape) == TOKENS else shape[0]
    return read(layer, shape) // classes * (3 * classes - 1)


def _mean_of_maps(layer: GlobalAvgPool, shape: Shape) -> Dim:
    """The cells of a map and a division, for each map."""
    return read(layer, shape) + made(layer, shape)


def _upsample(layer: Upsample, shape: Shape) -> Dim:
    return (11 if layer.mode == "bilinear" else 1) * made(layer, shape)


_RULES: dict[Any, Rule] = {
    Conv: macs,
    Deconv: _deconv,
    Dense: macs,
    BatchNorm: affine(4, 2),
    LayerNorm: affine(4, 2),
    PReLU: read,
    Activation: _activation,
    AvgPool: made,
    GlobalAvgPool: _mean_of_maps,
    Upsample: _upsample,
}
_rule = by_type(_RULES)
_each_use = stored("each use")


def _count(layer: Any, *inputs: Any) -> Dim:
    total: Dim = 0
    for module, shape in modules(layer, *inputs):
        total = total + _rule(module, shape)
    return total


def _stores(layer: Any, *inputs: Any, owns: bool = True) -> Stored:
    """What modules hold that it has a rule for, at each use."""
    params: Dim = 0
    trainable: Dim = 0
    for module, shape in modules(layer, *inputs):
        if type(module) in _RULES:
            held = _each_use(module, shape)
            params, trainable = params + held.params, trainable + held.trainable
    return Stored(params, trainable)


THOP = Convention(
    name="thop",
    tool="thop",
    version="0.1.1.post2209072238",
    calls="MACs",
    unit="multiply-adds, norms, average pools, softmax, upsampling",
    source="thop/profile.py, vision/basic_hooks.py and vision/calc_func.py",
    count=_count,
    stores=_stores,
    stores_meaning="of classes that it knows; shared ones at each use",
    caution=(
        "a class that it does not know, as group norm, counts nothing, and its parameters neither",
        "a deconvolution counts each output, not each input",
        "attention's two products are left out",
    ),
)
