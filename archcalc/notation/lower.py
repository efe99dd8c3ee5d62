"""A draft to layers: defaults filled in, numbers evaluated, one small function a kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from archcalc.algebra import Dim, Expr
from archcalc.layers import (
    FUNCTIONS,
    IMAGE,
    LRN,
    RBF,
    Activation,
    Attention,
    AvgPool,
    BatchNorm,
    ChannelShuffle,
    ClassToken,
    Conv,
    Crop,
    Dense,
    Dropout,
    DropPath,
    FirstToken,
    Flatten,
    GlobalAvgPool,
    GlobalMaxPool,
    GroupNorm,
    Layer,
    LayerNorm,
    LayerScale,
    MaxPool,
    Pair,
    Position,
    PReLU,
    Reshape,
    Scale,
    Shape,
    SpatialPyramidPool,
    Subsample,
    Tokens,
    Upsample,
)  # fmt: skip
from archcalc.notation.draft import Draft
from archcalc.notation.tokens import Unreadable
from archcalc.notation.tree import At
from archcalc.notation.vocabulary import KINDS
from archcalc.notation.windows import Setting, conv, deconv, depthwise, local, pool, window


def _fc(draft: Draft, setting: Setting) -> Layer:
    if draft.numbers:
        units = setting.number(draft.numbers[0])
    elif draft.window:
        *ones, last = (setting.number(node) for node in draft.window)
        if any(one != 1 for one in ones):
            raise Unreadable("a fully connected layer takes one number", draft.where("window"), "fc 4096", "A109")
        units = last
    elif setting.shown is not None:
        units = setting.shown[0] if len(setting.shown) in (1, IMAGE) else setting.shown[-1]
    else:
        raise Unreadable("the fully connected layer does not say its width", draft.at, "fc 4096", "A108")
    return Dense(units=units, bias=draft.said.get("bias", True), frozen=bool(draft.said.get("frozen")))


def _activation(draft: Draft, setting: Setting) -> Layer:
    slope = setting.fraction(draft.numbers[0]) if draft.numbers else (0.01 if draft.kind == "leaky relu" else None)
    return Activation(function=str(draft.kind), slope=slope)


def _crop(draft: Draft, setting: Setting) -> Layer:
    if "to" in draft.said:
        size: Pair = setting.shape_of(draft.said["to"], draft.where("to"))[1:3]  # type: ignore[assignment]
    elif draft.window:
        size = window(draft, setting)
    else:
        raise Unreadable("the crop does not say whose size it takes", draft.at, "crop 19 to input", "A108")
    if len(size) != 2:
        raise Unreadable(f"'{draft.said.get('to')}' is no image", draft.where("to"), code="A304")
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
        raise Unreadable("the reshape does not say to what", draft.at, "reshape 7x7x30", "A108")
    return Reshape(shape=as_shape(dims))


def _upsample(draft: Draft, setting: Setting) -> Layer:
    factors = [setting.number(node) for node in (draft.window or draft.numbers)]
    if not factors:
        raise Unreadable("the upsampling does not say its factor", draft.at, "upsample 2", "A108")
    return Upsample(factor=(factors[0], factors[-1]), mode=draft.said.get("mode", "nearest"))


def _one(draft: Draft, setting: Setting, what: str) -> Dim:
    if not draft.numbers:
        raise Unreadable(f"{draft.kind} does not say {what}", draft.at, KINDS[draft.settled or ""].example, "A108")
    return setting.number(draft.numbers[0])


def _scale(draft: Draft, setting: Setting) -> Layer:
    if not draft.numbers:
        raise Unreadable("the scale does not say its factor", draft.at, "scale 0.17", "A108")
    return Scale(factor=setting.fraction(draft.numbers[0]))


def _rate(draft: Draft, setting: Setting, default: float) -> float:
    rate = setting.fraction(draft.numbers[0]) if draft.numbers else default
    if not 0 <= rate < 1:
        raise Unreadable(f"a rate of {rate:g}: it must be at least 0 and below 1", draft.where("channels"), code="A107")
    return rate


def _plain_int(value: Dim, at: At) -> int:
    if isinstance(value, Expr):
        raise Unreadable("a pyramid's levels are plain numbers", at, code="A407")
    return value


_LOWER: dict[str, Callable[[Draft, Setting], Layer]] = {
    "conv": conv,
    "depthwise": depthwise,
    "deconv": deconv,
    "local": local,
    "max pool": pool(MaxPool),
    "avg pool": pool(AvgPool),
    "subsample": pool(Subsample),
    "global avg pool": lambda d, s: GlobalAvgPool(),
    "global max pool": lambda d, s: GlobalMaxPool(),
    "spatial pyramid pool": lambda d, s: SpatialPyramidPool(
        levels=tuple(_plain_int(s.number(n), n.at) for n in d.numbers)
    ),
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
    "scale": _scale,
    "layer scale": lambda d, s: LayerScale(frozen="frozen" in d.said),
} | dict.fromkeys(FUNCTIONS, _activation)


class Lowered(NamedTuple):
    """A layer, and whose weights it uses: a name, and whether its norms too."""

    layer: Layer
    share: tuple[str, bool] | None = None


def lower(draft: Draft, setting: Setting) -> list[Lowered]:
    """The layers of a draft: one, but a patch embedding is a convolution and tokens. Raises Unreadable."""
    kind = draft.settled
    if kind is None:
        raise Unreadable("this names no layer", draft.at, "say what it is: conv 3x3, 64 or fc 4096", "A108")
    if kind == "input":
        raise Unreadable("an input stands on a line of its own", draft.at, "input 224x224x3", "A406")
    share = draft.said.get("share")
    if kind == "patch embed":
        said = [setting.number(node) for node in (*draft.window, *draft.numbers)]
        if len(said) != (3 if draft.window else 2):
            message = "a patch embedding takes the patch's side and the width"
            raise Unreadable(message, draft.at, "patch embed 16, 768", "A108")
        patch = (said[0], said[-2])
        conv = Conv(channels=said[-1], kernel=patch, stride=patch, frozen=bool(draft.said.get("frozen")))
        return [Lowered(conv, share), Lowered(Tokens())]
    return [Lowered(_LOWER[kind](draft, setting), share)]
