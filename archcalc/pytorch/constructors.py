"""For each type of layer, the module that does what it says: torch's own where there is one.

A constructor maps the layer's fields to the module's arguments and takes channels from the shapes that the layer reads;
every other size comes out when the module runs. Nothing here uses archcalc's formulas: they are held against it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import inf, prod
from typing import Any

from torch import Tensor, nn

from archcalc import layers as known
from archcalc.layers import IMAGE, TOKENS
from archcalc.pytorch import merges, shaping, tokens, windowed
from archcalc.pytorch.border import Border

Shape = tuple[int, ...]
#: The layer (its sizes are plain ints, which its type does not say) and the shapes it reads.
Constructor = Callable[..., nn.Module]

#: torch's name of an activation's module; ``slope`` is told to those that have one.
FUNCTIONS: dict[str, type[nn.Module]] = {
    "relu": nn.ReLU,
    "relu6": nn.ReLU6,
    "leaky relu": nn.LeakyReLU,
    "elu": nn.ELU,
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
    "gelu": nn.GELU,
    "silu": nn.SiLU,
    "hard swish": nn.Hardswish,
    "softmax": nn.Softmax,
    "log softmax": nn.LogSoftmax,
}


def channels_of(shape: Shape) -> int:
    """Channels stand last in tokens, first elsewhere."""
    return shape[1] if len(shape) == TOKENS else shape[0]


def reading(prepare: Callable[[Tensor], Tensor], module: nn.Module) -> nn.Module:
    """One of torch's own modules on a prepared input. Its class stays torch's: tools know modules by their class."""
    module.register_forward_pre_hook(partial(_prepared, prepare))
    return module


def _prepared(prepare: Callable[[Tensor], Tensor], module: nn.Module, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    return (prepare(*inputs),)


def _conv(layer: Any, shape: Shape) -> nn.Module:
    border = Border.of(layer)
    if layer.connect:
        return windowed.Connected2d(border, layer.connect, layer.bias)
    size = (shape[0], layer.channels, layer.kernel, layer.stride)
    more = {"dilation": layer.dilation, "groups": layer.groups, "bias": layer.bias}
    if border.even and not layer.ceil:
        return nn.Conv2d(*size, padding=border.before, **more)
    return reading(border.around, nn.Conv2d(*size, **more))


def _deconv(layer: Any, shape: Shape) -> nn.Module:
    border = Border.of(layer)
    size = (shape[0], layer.channels, layer.kernel, layer.stride)
    more = {"dilation": layer.dilation, "groups": layer.groups, "bias": layer.bias}
    if border.even:
        return nn.ConvTranspose2d(*size, padding=border.before, **more)
    return windowed.CroppedConvTranspose2d(border, *size, output_padding=border.gaps if border.same else 0, **more)


def _local(layer: Any, shape: Shape) -> nn.Module:
    return windowed.Local2d(Border.of(layer), shape, layer.channels, layer.groups, layer.bias)


def _max_pool(layer: Any, shape: Shape) -> nn.Module:
    border = Border.of(layer)
    # torch refuses a pool padded by more than half its window
    if border.even and all(2 * pad <= kernel for pad, kernel in zip(border.before, layer.kernel, strict=True)):
        return nn.MaxPool2d(layer.kernel, layer.stride, border.before, layer.dilation, ceil_mode=layer.ceil)
    return windowed.BorderedPool2d(border, -inf, nn.MaxPool2d(layer.kernel, layer.stride, 0, layer.dilation))


def _avg_pool(layer: Any, shape: Shape, divisor: int | None = None) -> nn.Module:
    border = Border.of(layer)
    if layer.dilation != (1, 1):
        holed = windowed.DilatedAvgPool2d(border, divisor or prod(layer.kernel))
        return windowed.BorderedPool2d(border, 0.0, holed)
    if border.even and all(2 * pad <= kernel for pad, kernel in zip(border.before, layer.kernel, strict=True)):
        return nn.AvgPool2d(layer.kernel, layer.stride, border.before, layer.ceil, divisor_override=divisor)
    return windowed.BorderedPool2d(border, 0.0, nn.AvgPool2d(layer.kernel, layer.stride, divisor_override=divisor))


def _subsample(layer: Any, shape: Shape) -> nn.Module:
    return windowed.Subsample2d(_avg_pool(layer, shape, divisor=1), shape[0], prod(layer.kernel))


def _dense(layer: Any, shape: Shape) -> nn.Module:
    if len(shape) == IMAGE:
        return reading(shaping.flat, nn.Linear(prod(shape), layer.units, layer.bias))
    return nn.Linear(channels_of(shape), layer.units, layer.bias)


def _batch_norm(layer: Any, shape: Shape) -> nn.Module:
    kind = nn.BatchNorm2d if len(shape) == IMAGE else nn.BatchNorm1d
    return kind(shape[0], affine=layer.affine)


def _layer_norm(layer: Any, shape: Shape) -> nn.Module:
    kind = shaping.ImageLayerNorm if len(shape) == IMAGE else nn.LayerNorm
    return kind(channels_of(shape))


def _activation(layer: Any, shape: Shape) -> nn.Module:
    kind = FUNCTIONS[layer.function]
    if layer.function in ("softmax", "log softmax"):
        return kind(dim=-1 if len(shape) == TOKENS else 1)
    if layer.function in ("leaky relu", "elu") and layer.slope is not None:
        return kind(layer.slope)
    return kind()


def _prelu(layer: Any, shape: Shape) -> nn.Module:
    kind = tokens.TokenPReLU if len(shape) == TOKENS else nn.PReLU
    return kind(channels_of(shape))


def _global_pool(layer: Any, shape: Shape) -> nn.Module:
    largest = isinstance(layer, known.GlobalMaxPool)
    if len(shape) == TOKENS:
        return tokens.GlobalTokens(largest)
    return nn.AdaptiveMaxPool2d(1) if largest else nn.AdaptiveAvgPool2d(1)


CONSTRUCTORS: dict[type[known.Layer], Constructor] = {
    known.Input: lambda layer: nn.Identity(),
    known.Conv: _conv,
    known.Deconv: _deconv,
    known.Local: _local,
    known.MaxPool: _max_pool,
    known.AvgPool: _avg_pool,
    known.GlobalAvgPool: _global_pool,
    known.GlobalMaxPool: _global_pool,
    known.Subsample: _subsample,
    known.SpatialPyramidPool: lambda layer, shape: windowed.SpatialPyramidPool2d(layer.levels),
    known.Dense: _dense,
    known.RBF: lambda layer, shape: shaping.RadialBasis(shape[0], layer.units),
    known.BatchNorm: _batch_norm,
    known.LayerNorm: _layer_norm,
    known.GroupNorm: lambda layer, shape: nn.GroupNorm(layer.groups, shape[0]),
    # torch divides alpha by the size, Krizhevsky et al. (2012, section 3.3) do not
    known.LRN: lambda layer, shape: nn.LocalResponseNorm(layer.size, alpha=layer.size * 1e-4, beta=0.75, k=2.0),
    known.Activation: _activation,
    known.PReLU: _prelu,
    known.Attention: lambda layer, shape: tokens.Attention(shape[1], layer.heads, layer.bias),
    known.Tokens: lambda layer, shape: tokens.Tokens(),
    known.ClassToken: lambda layer, shape: tokens.ClassToken(shape[1]),
    known.Position: lambda layer, shape: tokens.Position(*shape),
    known.FirstToken: lambda layer, shape: tokens.FirstToken(),
    known.Dropout: lambda layer, shape: nn.Dropout(layer.rate),
    known.DropPath: lambda layer, shape: shaping.DropPath(layer.rate),
    known.Flatten: lambda layer, shape: nn.Flatten(),
    known.Identity: lambda layer, shape: nn.Identity(),
    known.Reshape: lambda layer, shape: shaping.Reshape(layer.shape),
    known.ChannelShuffle: lambda layer, shape: nn.ChannelShuffle(layer.groups),
    known.Upsample: lambda layer, shape: nn.Upsample(scale_factor=layer.factor, mode=layer.mode),
    known.Crop: lambda layer, shape: shaping.Crop(layer.offset, layer.size),
    known.ZeroShortcut: lambda layer, shape: shaping.ZeroShortcut(layer.channels, layer.stride),
    known.Scale: lambda layer, shape: shaping.Scale(layer.factor),
    known.LayerScale: lambda layer, shape: shaping.LayerScale(channels_of(shape)),
    known.Sum: lambda layer, *shapes: merges.Sum(),
    known.Concat: lambda layer, *shapes: merges.Concat(),
    known.Mean: lambda layer, *shapes: merges.Mean(),
    known.Max: lambda layer, *shapes: merges.Max(),
    known.Product: lambda layer, *shapes: merges.Product(),
    known.Warp: lambda layer, *shapes: merges.Warp(layer.height, layer.width),
}
