"""Which layers are drawn in one colour: every kind's family, and what a legend calls it."""

from __future__ import annotations

from archcalc.record import Record

#: A folded group's family.
BLOCK = "block"


class Colours(Record):
    """What a box is filled with and framed by, on a light and on a dark ground."""

    fill: str
    frame: str
    dark_fill: str
    dark_frame: str


#: In the order of a legend.
FAMILIES: dict[str, tuple[str, Colours]] = {
    BLOCK: ("group of layers", Colours("#eaeef2", "#1f2328", "#21262d", "#e6edf3")),
    "conv": ("convolution", Colours("#ddf4ff", "#0969da", "#0c2d4d", "#4493f8")),
    "dense": ("fully connected", Colours("#fbefff", "#8250df", "#2b1a47", "#ab7df8")),
    "attention": ("attention and tokens", Colours("#ffeff7", "#bf3989", "#3f1530", "#db61a2")),
    "pool": ("pooling", Colours("#dafbe1", "#1a7f37", "#0f2e1a", "#3fb950")),
    "norm": ("normalisation", Colours("#fff8c5", "#9a6700", "#342a0a", "#d29922")),
    "activation": ("activation, dropout", Colours("#fff1e5", "#bc4c00", "#3d1f0a", "#f0883e")),
    "merge": ("merge", Colours("#ffebe9", "#cf222e", "#40161a", "#f85149")),
    "shape": ("input, view, scale", Colours("#ffffff", "#6e7781", "#0d1117", "#9198a1")),
}
_KINDS = {
    "conv": ("conv", "deconv", "local"),
    "dense": ("fc", "rbf"),
    "attention": ("attention", "tokens", "class token", "position", "first token"),
    "pool": (
        "max pool", "avg pool", "global avg pool", "global max pool", "subsample", "spatial pyramid pool",
    ),
    "norm": ("bn", "layer norm", "group norm", "lrn"),
    "activation": (
        "relu", "relu6", "leaky relu", "elu", "sigmoid", "tanh", "gelu", "silu", "hard swish", "softmax", "log softmax",
        "prelu", "dropout", "drop path",
    ),
    "merge": ("sum", "concat", "mean", "max", "product", "affine warp"),
    "shape": (
        "input", "flatten", "identity", "reshape", "channel shuffle", "upsample", "crop", "shortcut", "scale",
        "layer scale",
    ),
}  # fmt: skip
FAMILY_OF: dict[str, str] = {kind: family for family, kinds in _KINDS.items() for kind in kinds}
