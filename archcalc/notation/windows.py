"""Drafts of layers with a window to layers: kernel, stride, pad and channels, defaults filled in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from archcalc.algebra import Dim
from archcalc.layers import (
    AvgPool,
    Conv,
    Deconv,
    GlobalAvgPool,
    Layer,
    Local,
    MaxPool,
    Pad,
    Pair,
    Rule,
    Shape,
    Subsample,
)  # fmt: skip
from archcalc.layers.base import equal, positive
from archcalc.notation.draft import Draft
from archcalc.notation.tokens import Unreadable
from archcalc.notation.tree import Arithmetic, At


class Setting(Protocol):
    """What a draft is lowered in: the parameters, the shape that enters, what the line prints, and the kind of text."""

    shape: Shape
    shown: Shape | None
    in_table: bool
    in_cell: bool

    def number(self, node: Arithmetic) -> Dim: ...
    def fraction(self, node: Arithmetic) -> float: ...
    def require(self, rule: Rule) -> bool | None: ...
    def warn(self, code: str, message: str, at: At, help: str | None = None) -> None: ...
    def shape_of(self, name: str, at: At) -> Shape: ...


def _pair(draft: Draft, setting: Setting, name: str, default: Pair) -> Pair:
    """An attribute of one number for both axes or two for height and width."""
    values = [setting.number(node) for node in draft.said.get(name, ())]
    return (values[0], values[-1]) if values else default


def window(draft: Draft, setting: Setting) -> Pair:
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
            setting.warn(
                "A503",
                "an even kernel under pad half at stride 1 changes the size by one",
                draft.at,
                "pad same keeps it",
            )
        return _half(kernel, dilation)
    values = [setting.number(node) for node in said]
    for value, node in zip(values, said, strict=True):
        message = f"pad {value}: it cannot be negative"
        if setting.require(positive(value + 1, "A305", message)) is False:
            raise Unreadable(message, node.at, code="A305")
    if len(values) == 4:
        return Pad((values[0], values[1]), (values[2], values[3]))
    return Pad((values[0], values[0]), (values[-1], values[-1]))


def _sliding(draft: Draft, setting: Setting, default_pad: str) -> dict[str, Any]:
    """Kernel, stride, pad, dilation and ceil of a layer with a window."""
    kernel = window(draft, setting)
    stride = _pair(draft, setting, "stride", (1, 1))
    dilation = _pair(draft, setting, "dilation", (1, 1))
    pad = _pad(draft, setting, kernel, stride, dilation, default_pad)
    return {"kernel": kernel, "stride": stride, "pad": pad, "dilation": dilation, "ceil": bool(draft.said.get("ceil"))}


def _channels(draft: Draft, setting: Setting) -> Dim:
    if not draft.numbers:
        raise Unreadable(
            f"the {draft.settled} does not say how many channels it gives", draft.at, f"{draft.settled} 3x3, 64", "A108"
        )
    return setting.number(draft.numbers[0])


def _weighted(draft: Draft, setting: Setting, **more: Any) -> dict[str, Any]:
    """Channels, groups, bias and frozen of a convolution of any kind; a third number of the window asserts its
    inputs."""
    if not draft.window:
        kind = draft.settled
        filters = draft.hint == "conv"  # "12 filters" can only be the channels
        if kind == "deconv" or filters or not draft.numbers or "pad" in draft.said or draft.said.get("stride"):
            raise Unreadable(f"the {kind} does not say its window", draft.at, f"{kind} 3x3, 64", "A108")
        message = f"two readings of this {kind}'s one number: is it the window or the channels?"
        raise Unreadable(message, draft.numbers[0].at, f"write '{kind} 3x3, 64'", "A106")
    if draft.slashed and not draft.numbers and setting.shown is None:
        raise Unreadable(
            "two readings: a number behind '/' is the stride or the channels",
            draft.where("stride"),
            "write 'conv 5x5, 256' or 'conv 5x5, 64, stride 2'",
            "A106",
        )
    groups = _pair(draft, setting, "groups", (1, 1))[0]
    if len(draft.window) > 3:
        message = "a window has two numbers, and a third for the maps it reads"
        raise Unreadable(message, draft.where("window"), code="A109")
    if len(draft.window) == 3 and not draft.numbers:
        message = "two readings: the third number does not say whether it is the channels or the maps each filter reads"
        raise Unreadable(message, draft.where("window"), "write 'conv 3x3, 64' or 'conv 3x3x64, 128'", "A106")
    channels = _channels(draft, setting)
    if len(draft.window) == 3:
        read, has = setting.number(draft.window[2]), setting.shape[0]
        message = f"filters over {read} maps: the input has {has}"
        if setting.require(equal(read * groups, has, "A302", message)) is False:
            raise Unreadable(message, draft.where("window"), code="A302")
    bias = draft.said.get("bias", not setting.in_cell)
    return {"channels": channels, "groups": groups, "bias": bias, "frozen": bool(draft.said.get("frozen")), **more}


def _conv_pad(draft: Draft, setting: Setting) -> str:
    return "half" if draft.compact or setting.in_table else "valid"


def conv(draft: Draft, setting: Setting) -> Layer:
    connect = tuple(_maps(word, draft) for word in draft.said.get("connect", ()))
    return Conv(**_weighted(draft, setting, connect=connect), **_sliding(draft, setting, _conv_pad(draft, setting)))


def _maps(word: str, draft: Draft) -> tuple[int, ...]:
    """``012`` or ``0,1,12``: the input maps that one output map reads."""
    digits = word.strip(",").split(",") if "," in word.strip(",") else list(word.strip(","))
    if not digits or not all(digit.isdigit() for digit in digits):
        raise Unreadable(f"'{word}' is no list of input maps", draft.where("connect"), "connect [012 123 0123]", "A107")
    return tuple(int(digit) for digit in digits)


def depthwise(draft: Draft, setting: Setting) -> Layer:
    channels = setting.shape[0]
    if not draft.window:
        raise Unreadable("the depthwise convolution does not say its window", draft.at, "depthwise 3x3", "A108")
    if len(draft.window) > 2:
        read = setting.number(draft.window[2])
        message = f"filters over {read} maps: the input has {channels}"
        if setting.require(equal(read, channels, "A302", message)) is False:
            raise Unreadable(message, draft.where("window"), code="A302")
    into = setting.number(draft.numbers[0]) if draft.numbers else channels
    bias = draft.said.get("bias", not setting.in_cell)
    return Conv(
        channels=into, groups=channels, bias=bias, frozen=bool(draft.said.get("frozen")),
        **_sliding(draft, setting, _conv_pad(draft, setting)),
    )  # fmt: skip


def deconv(draft: Draft, setting: Setting) -> Layer:
    return Deconv(**_weighted(draft, setting), **_sliding(draft, setting, "valid"))


def local(draft: Draft, setting: Setting) -> Layer:
    return Local(**_weighted(draft, setting), **_sliding(draft, setting, _conv_pad(draft, setting)))


def _pool_window(draft: Draft, setting: Setting) -> Pair | None:
    if draft.window:
        return window(draft, setting)
    if draft.numbers:
        side = setting.number(draft.numbers[0])
        return side, side
    return None


def pool(kind: type[MaxPool | AvgPool | Subsample]) -> Callable[[Draft, Setting], Layer]:
    def lower(draft: Draft, setting: Setting) -> Layer:
        kernel = _pool_window(draft, setting)
        if kernel is None and kind is AvgPool and "stride" not in draft.said:
            return GlobalAvgPool()
        kernel = kernel or (2, 2)
        if (
            "stride" not in draft.said
            and kernel != (2, 2)
            and kernel != setting.shape[1:]
            and (draft.window or draft.numbers)
        ):
            setting.warn(
                "A501", f"a {kernel[0]}x{kernel[1]} pool without a stride: its window is taken", draft.at,
                f"write 'stride {kernel[0]}', or the stride that is meant",
            )  # fmt: skip
        stride = _pair(draft, setting, "stride", kernel)
        dilation = _pair(draft, setting, "dilation", (1, 1))
        overlaps = all(isinstance(k, int) and isinstance(s, int) and k > s for k, s in zip(kernel, stride, strict=True))
        default = "half" if setting.in_table and overlaps and kind is MaxPool else "valid"
        pad = _pad(draft, setting, kernel, stride, dilation, default)
        said = {flag: bool(draft.said.get(flag)) for flag in ("ceil", "frozen")}
        return kind(kernel=kernel, stride=stride, pad=pad, dilation=dilation, **said)

    return lower
