"""A draft to layers: defaults filled in, numbers evaluated, one small function a kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from archcalc.algebra import Dim, Expr
from archcalc.layers import (
    FUNCTIONS, IMAGE, LRN, RBF, Activation, Attention, AvgPool, BatchNorm, ChannelShuffle, ClassToken, Conv, Crop, Deconv,
    Dense, DropPath, Dropout, FirstToken, Flatten, GlobalAvgPool, GlobalMaxPool, GroupNorm, Layer, LayerNorm, LayerScale,
    Local, MaxPool, Pad, Pair, Position, PReLU, Reshape, Scale, Shape, SpatialPyramidPool, Subsample, Tokens, Upsample,
)  # fmt: skip
from archcalc.notation.lexer import Unreadable
from archcalc.notation.phrases import Draft
from archcalc.notation.tree import Arithmetic, At


class Setting(Protocol):
    """What a draft is lowered in: the parameters, the shape that enters, what the line prints, and the kind of text."""

    shape: Shape
    shown: Shape | None
    in_table: bool
    in_cell: bool

    def number(self, node: Arithmetic) -> Dim: ...
    def fraction(self, node: Arithmetic) -> float: ...
    def warn(self, code: str, message: str, at: At, help: str | None = None) -> None: ...
    def shape_of(self, name: str, at: At) -> Shape: ...


def _pair(draft: Draft, setting: Setting, name: str, default: Pair) -> Pair:
    """An attribute of one number for both axes or two for height and width."""
    values = [setting.number(node) for node in draft.said.get(name, ())]
    return (values[0], values[-1]) if values else default


def _window(draft: Draft, setting: Setting) -> Pair:
    dims = [setting.number(node) for node in draft.window]
    return dims[0], dims[1]


def _half(kernel: Pair, dilation: Pair) -> Pad:
    sides = [d * (k - 1) // 2 for k, d in zip(kernel, dilation, strict=True)]
    return Pad((sides[0], sides[0]), (sides[1], sides[1]))


def _pad(draft: Draft, setting: Setting, kernel: Pair, stride: Pair, dilation: Pair, default: str) -> Pad:
    """``pad 1``, ``pad 0x3`` (height, width), ``pad 0 1 0 1`` (top, bottom, left, right), half, same, valid."""
    said = draft.said.get("pad", default)
    if said == "same":
        return Pad(same=True)
    if said == "valid":
        return Pad()
    if said == "half":
        if "pad" in draft.said and stride == (1, 1) and any(isinstance(k, int) and k % 2 == 0 for k in kernel):
            setting.warn("A503", "an even kernel under pad half at stride 1 changes the size by one", draft.at, "pad same keeps it")
        return _half(kernel, dilation)
    values = [setting.number(node) for node in said]
    for value, node in zip(values, said, strict=True):
        if isinstance(value, int) and value < 0:
            raise Unreadable(f"pad {value}: it cannot be negative", node.at)
    if len(values) == 4:
        return Pad((values[0], values[1]), (values[2], values[3]))
    return Pad((values[0], values[0]), (values[-1], values[-1]))


def _sliding(draft: Draft, setting: Setting, default_pad: str) -> dict[str, Any]:
    """Kernel, stride, pad, dilation and ceil of a layer with a window."""
    kernel = _window(draft, setting)
    stride = _pair(draft, setting, "stride", (1, 1))
    dilation = _pair(draft, setting, "dilation", (1, 1))
    pad = _pad(draft, setting, kernel, stride, dilation, default_pad)
    return {"kernel": kernel, "stride": stride, "pad": pad, "dilation": dilation, "ceil": bool(draft.said.get("ceil"))}


def _channels(draft: Draft, setting: Setting) -> Dim:
    if not draft.numbers:
        if setting.shown is not None and len(setting.shown) == IMAGE:
            return setting.shown[0]
        raise Unreadable(f"the {draft.settled} does not say how many channels it gives", draft.at, f"{draft.settled} 3x3, 64")
    return setting.number(draft.numbers[0])


def _weighted(draft: Draft, setting: Setting, **more: Any) -> dict[str, Any]:
    """Channels, groups, bias and frozen of a convolution of any kind; a third number of the window asserts its inputs."""
    if not draft.window:
        kind = draft.settled
        if kind == "deconv" or not draft.numbers or "pad" in draft.said or draft.said.get("stride"):
            raise Unreadable(f"the {kind} does not say its window", draft.at, f"{kind} 3x3, ...")
        raise Unreadable(f"this {kind} says one number: is it the window or the channels?", draft.at, f"write {kind} 3x3, 64")
    slashed = draft.said.get("stride")
    if slashed and not draft.numbers and draft.settled in ("conv", "deconv", "local") and setting.shown is None:
        raise Unreadable("'/' has two readings here, a stride and the channels", draft.at, "write 'conv 5x5, 256' or 'conv 5x5, 64, stride 2'")
    groups = _pair(draft, setting, "groups", (1, 1))[0]
    channels = _channels(draft, setting)
    if len(draft.window) > 3:
        raise Unreadable("a window has two numbers, and a third for the maps it reads", draft.window_at or draft.at)
    if len(draft.window) == 3:
        read, has = setting.number(draft.window[2]), setting.shape[0]
        if not draft.numbers:
            raise Unreadable("a size of three numbers does not say the channels", draft.window_at or draft.at, "write 'conv 3x3, 64'")
        if isinstance(read, int) and isinstance(has, int) and isinstance(groups, int) and read * groups != has:
            raise Unreadable(f"filters over {read} maps: the input has {has}", draft.window_at or draft.at)
    bias = draft.said.get("bias", not setting.in_cell)
    return {"channels": channels, "groups": groups, "bias": bias, "frozen": bool(draft.said.get("frozen")), **more}


def _conv_pad(draft: Draft, setting: Setting) -> str:
    return "half" if draft.compact or setting.in_table else "valid"


def _conv(draft: Draft, setting: Setting) -> Layer:
    connect = tuple(_maps(word, draft) for word in draft.said.get("connect", ()))
    return Conv(**_weighted(draft, setting, connect=connect), **_sliding(draft, setting, _conv_pad(draft, setting)))


def _maps(word: str, draft: Draft) -> tuple[int, ...]:
    """``012`` or ``0,1,12``: the input maps that one output map reads."""
    digits = word.strip(",").split(",") if "," in word.strip(",") else list(word.strip(","))
    if not digits or not all(digit.isdigit() for digit in digits):
        raise Unreadable(f"'{word}' is no list of input maps", draft.at, "connect [012 123 0123]")
    return tuple(int(digit) for digit in digits)


def _depthwise(draft: Draft, setting: Setting) -> Layer:
    channels = setting.shape[0]
    if not draft.window:
        raise Unreadable("the depthwise convolution does not say its window", draft.at, "depthwise 3x3")
    into = setting.number(draft.numbers[0]) if draft.numbers else channels
    bias = draft.said.get("bias", not setting.in_cell)
    return Conv(
        channels=into, groups=channels, bias=bias, frozen=bool(draft.said.get("frozen")),
        **_sliding(draft, setting, _conv_pad(draft, setting)),
    )  # fmt: skip


def _deconv(draft: Draft, setting: Setting) -> Layer:
    return Deconv(**_weighted(draft, setting), **_sliding(draft, setting, "valid"))


def _local(draft: Draft, setting: Setting) -> Layer:
    return Local(**_weighted(draft, setting), **_sliding(draft, setting, _conv_pad(draft, setting)))


def _pool_window(draft: Draft, setting: Setting) -> Pair | None:
    if draft.window:
        return _window(draft, setting)
    if draft.numbers:
        side = setting.number(draft.numbers[0])
        return side, side
    return None


def _pool(kind: type[MaxPool | AvgPool | Subsample]) -> Callable[[Draft, Setting], Layer]:
    def lower(draft: Draft, setting: Setting) -> Layer:
        kernel = _pool_window(draft, setting)
        if kernel is None and kind is AvgPool and "stride" not in draft.said:
            return GlobalAvgPool()
        kernel = kernel or (2, 2)
        if "stride" not in draft.said and kernel != (2, 2) and kernel != setting.shape[1:] and (draft.window or draft.numbers):
            setting.warn(
                "A501", f"a {kernel[0]}x{kernel[1]} pool without a stride: its window is taken", draft.at,
                f"write 'stride {kernel[0]}', or the stride that is meant",
            )  # fmt: skip
        stride = _pair(draft, setting, "stride", kernel)
        dilation = _pair(draft, setting, "dilation", (1, 1))
        overlaps = all(isinstance(k, int) and isinstance(s, int) and k > s for k, s in zip(kernel, stride, strict=True))
        default = "half" if setting.in_table and overlaps and kind is MaxPool else "valid"
        pad = _pad(draft, setting, kernel, stride, dilation, default)
        return kind(kernel=kernel, stride=stride, pad=pad, dilation=dilation, ceil=bool(draft.said.get("ceil")))

    return lower


def _fc(draft: Draft, setting: Setting) -> Layer:
    if draft.numbers:
        units = setting.number(draft.numbers[0])
    elif draft.window:
        *ones, last = (setting.number(node) for node in draft.window)
        if any(one != 1 for one in ones):
            raise Unreadable("a fully connected layer takes one number", draft.at, "fc 4096")
        units = last
    elif setting.shown is not None:
        units = setting.shown[0] if len(setting.shown) in (1, IMAGE) else setting.shown[-1]
    else:
        raise Unreadable("the fully connected layer does not say its width", draft.at, "fc 4096")
    return Dense(units=units, bias=draft.said.get("bias", True), frozen=bool(draft.said.get("frozen")))


def _activation(draft: Draft, setting: Setting) -> Layer:
    slope = setting.fraction(draft.numbers[0]) if draft.numbers else (0.01 if draft.kind == "leaky relu" else None)
    return Activation(function=str(draft.kind), slope=slope)


def _crop(draft: Draft, setting: Setting) -> Layer:
    if "to" in draft.said:
        size: Pair = setting.shape_of(draft.said["to"], draft.at)[1:3]  # type: ignore[assignment]
    elif draft.window:
        size = _window(draft, setting)
    else:
        raise Unreadable("the crop does not say whose size it takes", draft.at, "crop 19 to input")
    if len(size) != 2:
        raise Unreadable(f"'{draft.said.get('to')}' is no image", draft.at)
    if "center" in draft.said:
        height, width = ((whole - part) // 2 for whole, part in zip(setting.shape[1:], size, strict=True))
        return Crop(offset=(height, width), size=size)
    offsets = [setting.number(node) for node in draft.numbers] or [0]
    return Crop(offset=(offsets[0], offsets[-1]), size=size)


def as_shape(dims: tuple[Dim, ...]) -> Shape:
    """Height x width x channels, tokens x channels, or a vector, as a shape: channels first in an image."""
    return (dims[2], dims[0], dims[1]) if len(dims) == IMAGE else dims


def _reshape(draft: Draft, setting: Setting) -> Layer:
    dims = tuple(setting.number(node) for node in (draft.window or draft.numbers))
    if not dims:
        raise Unreadable("the reshape does not say to what", draft.at, "reshape 7x7x30")
    return Reshape(shape=as_shape(dims))


def _upsample(draft: Draft, setting: Setting) -> Layer:
    factors = [setting.number(node) for node in (draft.window or draft.numbers)]
    if not factors:
        raise Unreadable("the upsampling does not say its factor", draft.at, "upsample 2")
    return Upsample(factor=(factors[0], factors[-1]), mode=draft.said.get("mode", "nearest"))


def _one(draft: Draft, setting: Setting, what: str) -> Dim:
    if not draft.numbers:
        raise Unreadable(f"{draft.kind} does not say {what}", draft.at)
    return setting.number(draft.numbers[0])


def _rate(draft: Draft, setting: Setting, default: float) -> float:
    rate = setting.fraction(draft.numbers[0]) if draft.numbers else default
    if not 0 <= rate < 1:
        raise Unreadable(f"a rate of {rate:g}: it must be at least 0 and below 1", draft.at)
    return rate


def _plain_int(value: Dim, at: At) -> int:
    if isinstance(value, Expr):
        raise Unreadable("a pyramid's levels are plain numbers", at)
    return value


_LOWER: dict[str, Callable[[Draft, Setting], Layer]] = {
    "conv": _conv,
    "depthwise": _depthwise,
    "deconv": _deconv,
    "local": _local,
    "max pool": _pool(MaxPool),
    "avg pool": _pool(AvgPool),
    "subsample": _pool(Subsample),
    "global avg pool": lambda d, s: GlobalAvgPool(),
    "global max pool": lambda d, s: GlobalMaxPool(),
    "spatial pyramid pool": lambda d, s: SpatialPyramidPool(levels=tuple(_plain_int(s.number(n), n.at) for n in d.numbers)),
    "fc": _fc,
    "rbf": lambda d, s: RBF(units=_one(d, s, "how many units it has")),
    "bn": lambda d, s: BatchNorm(affine=d.said.get("affine", True), frozen="frozen" in d.said),
    "lrn": lambda d, s: LRN(size=s.number(d.numbers[0]) if d.numbers else 5),
    "layer norm": lambda d, s: LayerNorm(frozen="frozen" in d.said),
    "group norm": lambda d, s: GroupNorm(groups=_one(d, s, "how many groups it has"), frozen="frozen" in d.said),
    "prelu": lambda d, s: PReLU(frozen="frozen" in d.said),
    "attention": lambda d, s: Attention(
        heads=_one(d, s, "how many heads it has"), bias=d.said.get("bias", True), frozen="frozen" in d.said
    ),
    "tokens": lambda d, s: Tokens(),
    "class token": lambda d, s: ClassToken(),
    "position": lambda d, s: Position(),
    "first token": lambda d, s: FirstToken(),
    "dropout": lambda d, s: Dropout(rate=_rate(d, s, 0.5)),
    "drop path": lambda d, s: DropPath(rate=_rate(d, s, 0.1)),
    "flatten": lambda d, s: Flatten(),
    "upsample": _upsample,
    "crop": _crop,
    "reshape": _reshape,
    "channel shuffle": lambda d, s: ChannelShuffle(groups=_one(d, s, "its groups")),
    "scale": lambda d, s: Scale(factor=s.fraction(d.numbers[0])) if d.numbers else Scale(factor=float(_one(d, s, "its factor"))),  # type: ignore[arg-type]
    "layer scale": lambda d, s: LayerScale(frozen="frozen" in d.said),
} | dict.fromkeys(FUNCTIONS, _activation)


@dataclass(frozen=True, slots=True)
class Lowered:
    """A layer, and whose weights it uses: a name, and whether its norms too."""

    layer: Layer
    share: tuple[str, bool] | None = None


def lower(draft: Draft, setting: Setting) -> list[Lowered]:
    """The layers of a draft: one, but a patch embedding is a convolution and tokens. Raises Unreadable."""
    kind = draft.settled
    if kind is None:
        raise Unreadable("this names no layer", draft.at, "say what it is: conv 3x3, 64 or fc 4096")
    share = draft.said.get("share")
    if kind == "patch embed":
        side, width = (setting.number(node) for node in draft.numbers) if len(draft.numbers) == 2 else (None, None)
        if side is None or width is None:
            raise Unreadable("a patch embedding takes the patch's side and the width", draft.at, "patch embed 16, 768")
        conv = Conv(channels=width, kernel=(side, side), stride=(side, side), frozen=bool(draft.said.get("frozen")))
        return [Lowered(conv, share), Lowered(Tokens())]
    return [Lowered(_LOWER[kind](draft, setting), share)]
