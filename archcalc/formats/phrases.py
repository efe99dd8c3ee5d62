"""A layer as a phrase of the notation: what ``notation.lower`` reads back into an equal one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from archcalc.formats.numbers import Unwritable, decimal, number, pair, shape, size
from archcalc.layers import (
    LRN,
    RBF,
    Activation,
    Attention,
    AvgPool,
    BatchNorm,
    ChannelShuffle,
    ClassToken,
    Concat,
    Conv,
    Crop,
    Deconv,
    Dense,
    Dropout,
    DropPath,
    FirstToken,
    Flatten,
    GlobalAvgPool,
    GlobalMaxPool,
    GroupNorm,
    Identity,
    Layer,
    LayerNorm,
    LayerScale,
    Local,
    Max,
    MaxPool,
    Mean,
    Position,
    PReLU,
    Product,
    Reshape,
    Scale,
    Shape,
    Sliding,
    SpatialPyramidPool,
    Subsample,
    Sum,
    Tokens,
    Upsample,
    Warp,
)  # fmt: skip


def _stride(layer: Sliding) -> Iterator[str]:
    if layer.stride != (1, 1):
        yield f"stride {pair(layer.stride)}"


def _around(layer: Sliding) -> Iterator[str]:
    """Padding, dilation and rounding."""
    (top, bottom), (left, right) = layer.pad.height, layer.pad.width
    if layer.pad.same:
        yield "pad same"
    elif (top, left) != (bottom, right):
        yield f"pad {' '.join(map(number, (top, bottom, left, right)))}"
    elif (top, left) != (0, 0):
        yield f"pad {pair((top, left))}"
    if layer.dilation != (1, 1):
        yield f"dilation {pair(layer.dilation)}"
    if layer.ceil:
        yield "ceil"


def _flags(layer: Any) -> Iterator[str]:
    if not getattr(layer, "bias", True):
        yield "no bias"
    if layer.frozen:
        yield "frozen"


def _conv(layer: Any, before: Shape) -> Iterator[str]:
    """Any layer with a window of weights; a convolution of a group for each channel is a depthwise one."""
    if layer.kind == "conv" and layer.groups == layer.channels == before[0] != 1 and not layer.connect:
        yield f"depthwise {size(layer.kernel)}"
    else:
        yield f"{layer.kind} {size(layer.kernel)}"
        yield number(layer.channels)
        if layer.groups != 1:
            yield f"groups {number(layer.groups)}"
    yield from _stride(layer)
    yield from _around(layer)
    yield from _flags(layer)
    if getattr(layer, "connect", ()):
        yield f"connect [{' '.join(map(_maps, layer.connect))}]"


def _maps(maps: tuple[int, ...]) -> str:
    """The input maps that one output map reads: digits where each is one, else parted by commas."""
    if all(one < 10 for one in maps):
        return "".join(map(str, maps))
    if len(maps) == 1:
        raise Unwritable(f"a connection table cannot say map {maps[0]} alone: only maps 0 to 9 stand alone")
    return ",".join(map(str, maps))


def _pool(layer: Any, before: Shape) -> Iterator[str]:
    """A pool says its stride, 1 too: without one its window would be."""
    yield f"{layer.kind} {size(layer.kernel)}"
    yield f"stride {pair(layer.stride)}"
    yield from _around(layer)
    yield from _flags(layer)


def _word(layer: Any, before: Shape) -> Iterator[str]:
    """A layer that is its kind's word."""
    yield layer.kind
    yield from _flags(layer)


def _bn(layer: BatchNorm, before: Shape) -> Iterator[str]:
    yield layer.kind
    if not layer.affine:
        yield "no affine"
    yield from _flags(layer)


def _counted(field: str) -> Callable[[Any, Shape], Iterator[str]]:
    """A layer that is its kind's word and one whole number."""

    def written(layer: Any, before: Shape) -> Iterator[str]:
        yield f"{layer.kind} {number(getattr(layer, field))}"
        yield from _flags(layer)

    return written


def _measured(field: str) -> Callable[[Any, Shape], Iterator[str]]:
    """A layer that is its kind's word and one number that need not be whole."""

    def written(layer: Any, before: Shape) -> Iterator[str]:
        value = getattr(layer, field)
        yield layer.kind if value is None else f"{layer.kind} {decimal(value)}"

    return written


def _attention(layer: Attention, before: Shape) -> Iterator[str]:
    yield f"attention {number(layer.heads)} heads"
    yield from _flags(layer)


def _upsample(layer: Upsample, before: Shape) -> Iterator[str]:
    yield f"upsample {pair(layer.factor)}"
    if layer.mode != "nearest":
        yield layer.mode


def _crop(layer: Crop, before: Shape) -> Iterator[str]:
    yield f"crop {' '.join(map(number, layer.offset))}"
    yield size(layer.size)


def _reshape(layer: Reshape, before: Shape) -> Iterator[str]:
    yield f"reshape {shape(layer.shape)}"


def _pyramid(layer: SpatialPyramidPool, before: Shape) -> Iterator[str]:
    yield f"{layer.kind} {','.join(map(str, layer.levels))}"


_Phrase = Callable[[Any, Shape], Iterator[str]]
_PHRASES: dict[type[Layer], _Phrase] = {
    **dict.fromkeys((Conv, Deconv, Local), _conv),
    **dict.fromkeys((MaxPool, AvgPool, Subsample), _pool),
    **dict.fromkeys(
        (GlobalAvgPool, GlobalMaxPool, LayerNorm, PReLU, LayerScale, Tokens, ClassToken, Position, FirstToken, Flatten,
         Identity),
        _word,
    ),
    BatchNorm: _bn,
    Dense: _counted("units"),
    RBF: _counted("units"),
    LRN: _counted("size"),
    GroupNorm: _counted("groups"),
    ChannelShuffle: _counted("groups"),
    Activation: _measured("slope"),
    Dropout: _measured("rate"),
    DropPath: _measured("rate"),
    Scale: _measured("factor"),
    Attention: _attention,
    Upsample: _upsample,
    Crop: _crop,
    Reshape: _reshape,
    SpatialPyramidPool: _pyramid,
}  # fmt: skip

#: Layers where branches meet.
MERGES: tuple[type[Layer], ...] = (Sum, Concat, Mean, Max, Product, Warp)
#: Layers whose phrase takes ``share NAME``; what others share is said behind parentheses.
SHARING: tuple[type[Layer], ...] = (Conv, Deconv, Local, Dense)


def phrase(layer: Layer, before: Shape) -> str:
    """A layer with one input, of shape ``before``. Raises Unwritable."""
    written = _PHRASES.get(type(layer))
    if written is None:
        raise Unwritable(f"a {layer.kind} has no words of its own here")
    return ", ".join(written(layer, before))
