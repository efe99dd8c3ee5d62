"""Every word the notation knows: the spellings of each layer, its attributes, and mere fillers."""

from __future__ import annotations

import re
from functools import lru_cache

from archcalc.record import Record


class Entry(Record):
    """A layer's spellings and what it can take: ``numbers`` bare numbers, and these attributes."""

    kind: str
    spellings: tuple[str, ...]
    numbers: tuple[int, int]
    attributes: frozenset[str]
    example: str
    meaning: str


_WINDOW = frozenset({"window", "stride", "pad", "dilation", "ceil"})
_WEIGHTS = frozenset({"bias", "frozen", "share"})
_CONV = _WINDOW | _WEIGHTS | {"groups"}


def _entry(
    kind: str, spellings: str, numbers: tuple[int, int], attributes: frozenset[str], example: str, meaning: str
) -> Entry:
    return Entry(kind, tuple(s.strip() for s in spellings.split(",")), numbers, attributes, example, meaning)


_NONE: frozenset[str] = frozenset()
_FROZEN = frozenset({"frozen", "share"})
ENTRIES: tuple[Entry, ...] = (
    _entry("input", "input", (0, 1), frozenset({"window"}), "input 224x224x3",
        "the network's input, height x width x channels"),
    _entry("conv", "conv, convolution, convolutional, conv2d, convolve", (0, 1), _CONV | {"connect"},
        "conv 3x3, 64, stride 2, pad half, no bias",
        "convolution; also conv3-64, 3x3, 64, 96 11x11 filters at stride 4"),
    _entry("depthwise",
        "depthwise, depthwise conv, depthwise convolution, conv dw, dw conv, dwconv, depth wise conv, "
        "dw", (0, 1), _CONV, "depthwise 3x3, stride 2", "a convolution with a group for each channel"),
    _entry("deconv",
        "deconv, deconvolution, transposed conv, transposed convolution, conv transpose, transpose "
        "conv, upconv, convtranspose, up conv, fractionally strided conv", (0, 1), _CONV, "deconv 4x4, 21, stride 2",
        "transposed convolution"),
    _entry("local", "local, locally connected, local conv, locally connected conv", (0, 1), _CONV, "local 3x3, 256",
        "a convolution with its own weights at every position"),
    _entry("max pool", "max pool, maxpool, max pooling, maxpooling, pool, pooling, mp, maxpool2d", (0, 1), _WINDOW,
        "max pool 3x3, stride 2", "maximum of each window; pool alone is 2x2, stride 2"),
    _entry("avg pool",
        "avg pool, average pool, avgpool, average pooling, avg pooling, mean pool, mean pooling, "
        "averagepool, ave pool", (0, 1), _WINDOW, "avg pool 2x2, stride 2",
        "mean of each window; without one, of the whole map"),
    _entry("global avg pool",
        "global average pool, global avg pool, global average pooling, global avg pooling, global "
        "pool, gap, globalaveragepool, global mean pool", (0, 0), _NONE, "global average pool",
        "mean of the whole map: 1x1xC"),
    _entry("global max pool", "global max pool, global max pooling, global maxpool", (0, 0), _NONE,
        "global max pool", "maximum of the whole map: 1x1xC"),
    _entry("subsample", "subsample, subsampling, trainable subsampling", (0, 1), _WINDOW | {"frozen"},
        "subsample 2x2", "LeNet's pooling: a sum, a trained coefficient and bias a map"),
    _entry("spatial pyramid pool", "spatial pyramid pool, spatial pyramid pooling, spp, pyramid pool", (1, 16),
        _NONE, "spatial pyramid pool 7,3,2,1", "maxima over n x n bins for each n, strung into a vector"),
    _entry("fc",
        "fc, fully connected, dense, linear, full connection, inner product, affine, fully connected "
        "layer, f.c.", (0, 1), _WEIGHTS, "fc 4096", "fully connected; an image is flattened, tokens go one by one"),
    _entry("rbf", "rbf, gaussian connections", (1, 1), _NONE, "rbf 10",
        "distances to fixed centres (LeNet-5's output)"),
    _entry("bn", "bn, batch norm, batchnorm, batch normalization, batch normalisation, batchnormalization", (0, 0),
        _FROZEN | {"affine"}, "bn", "batch normalisation; `bn, no affine` trains nothing"),
    _entry("lrn",
        "lrn, local response normalization, local response normalisation, local response norm, "
        "normalization, normalisation, normalization layer, norm", (0, 1), _NONE, "LRN",
        "local response normalisation over 5 channels"),
    _entry("layer norm", "layer norm, layernorm, ln, layer normalization", (0, 0), _FROZEN, "layer norm",
        "normalisation over the channels"),
    _entry("group norm", "group norm, groupnorm, gn, group normalization", (1, 1), _FROZEN, "group norm 32",
        "normalisation over groups of channels"),
    _entry("relu", "relu, rectified linear, rectifier, rectified linear unit", (0, 0), _NONE, "relu", "max(x, 0)"),
    _entry("relu6", "relu6, relu 6", (0, 0), _NONE, "relu6", "min(max(x, 0), 6)"),
    _entry("leaky relu", "leaky relu, leakyrelu, leaky, lrelu", (0, 1), _NONE, "leaky relu 0.1",
        "x, or a fraction of it below 0"),
    _entry("prelu", "prelu, parametric relu", (0, 0), _FROZEN, "prelu", "leaky relu with a trained slope a channel"),
    _entry("elu", "elu", (0, 1), _NONE, "elu", "exponential linear unit"),
    _entry("sigmoid", "sigmoid, logistic", (0, 0), _NONE, "sigmoid", "logistic function"),
    _entry("tanh", "tanh, hyperbolic tangent", (0, 0), _NONE, "tanh", "hyperbolic tangent"),
    _entry("gelu", "gelu", (0, 0), _NONE, "gelu", "Gaussian error linear unit"),
    _entry("silu", "silu, swish", (0, 0), _NONE, "silu", "x times its sigmoid"),
    _entry("hard swish", "hard swish, hardswish, h swish, hswish", (0, 0), _NONE, "hard swish", "x·relu6(x + 3)/6"),
    _entry("softmax", "softmax, soft max", (0, 0), _NONE, "softmax", "softmax over the channels; also soft-max"),
    _entry("log softmax", "log softmax, logsoftmax", (0, 0), _NONE, "log softmax", "its logarithm"),
    _entry("attention", "attention, self attention, multi head attention, msa, multi head self attention", (0, 1),
        frozenset({"heads", "bias", "frozen"}), "attention 12 heads", "multi-head self-attention"),
    _entry("patch embed", "patch embed, patch embedding, patchify", (2, 2), frozenset({"bias", "frozen", "window"}),
        "patch embed 16, 768", "16x16 patches as tokens of 768"),
    _entry("tokens", "tokens", (0, 0), _NONE, "tokens", "an image's positions as tokens"),
    _entry("class token", "class token, cls token", (0, 0), _NONE, "class token",
        "a trained token before the others"),
    _entry("position", "position, position embedding, positional embedding, learned position, pos embed", (0, 0),
        _NONE, "position", "a trained vector added to each token"),
    _entry("first token", "first token", (0, 0), _NONE, "first token", "the first token alone"),
    _entry("dropout", "dropout, drop out", (0, 1), _NONE, "dropout 0.5", "zeroes numbers in training"),
    _entry("drop path", "drop path, droppath, stochastic depth", (0, 1), _NONE, "drop path 0.1",
        "drops a branch in training"),
    _entry("flatten", "flatten", (0, 0), _NONE, "flatten", "an image as a vector"),
    _entry("identity", "identity", (0, 0), _NONE, "identity", "its input"),
    _entry("upsample", "upsample, upsampling, up sample, unpool", (1, 1), frozenset({"mode", "window"}),
        "upsample 2", "each number repeated; `upsample 2, bilinear`"),
    _entry("crop", "crop", (0, 2), frozenset({"to", "center", "window"}), "crop 19 to input",
        "cuts another layer's size out, from an offset or the center"),
    _entry("reshape", "reshape", (0, 1), frozenset({"window"}), "reshape 7x7x30",
        "the same numbers as another shape"),
    _entry("channel shuffle", "channel shuffle", (1, 1), _NONE, "channel shuffle 3",
        "transposes groups and channels"),
    _entry("scale", "scale", (1, 1), _NONE, "scale 0.17", "times a constant"),
    _entry("layer scale", "layer scale, layerscale", (0, 0), frozenset({"frozen"}), "layer scale",
        "times a trained number a channel"),
    _entry("shortcut", "shortcut, short cut", (0, 0), frozenset({"option", "no bn"}), "shortcut",
        "in a sum: identity, or a 1x1 projection where sizes change; `shortcut A`, `shortcut C`"),
)  # fmt: skip

KINDS: dict[str, Entry] = {entry.kind: entry for entry in ENTRIES}

#: Words that begin a merge, and its kind.
MERGES = {
    "sum": "sum",
    "add": "sum",
    "concat": "concat",
    "mean": "mean",
    "max": "max",
    "product": "product",
    "affine warp": "warp",
}

#: Merge words, for `archcalc layers`.
MERGE_ENTRIES = (
    ("sum", "sum: | a | b", "branches added"), ("concat", "concat: | a | b", "channels one after the other"),
    ("mean", "mean: | a | b", "branches averaged"), ("max", "max: | a | b", "the largest of each number"),
    ("product", "product: | a | b", "branches multiplied; a 1x1 one is spread"),
    ("affine warp", "affine warp 28x28: | a | b", "a sampled on the grid of b's six numbers"),
)  # fmt: skip

FILLERS = frozenset(
    (
        "of with at and the a an layer layers window size by wide each on in using then followed plus type "
        "filter filters kernel kernels map maps feature features channel channels output outputs neuron "
        "neurons unit units class scores classes d dim way image rgb overlapping non kernelsize out over per "
        "trainable learned gray grayscale activation function"
    ).split()
)
#: Words that hint at a kind where no layer word stands.
HINTS = {
    "filter": "conv",
    "filters": "conv",
    "kernels": "conv",
    "neurons": "fc",
    "neuron": "fc",
    "units": "fc",
    "maps": "conv",
}

ATTRIBUTE_WORDS = frozenset(
    (
        "stride strides s pad padding p half same valid groups group g dilation dilated rate bias biases no "
        "without frozen ceil connect share heads head bilinear nearest to center plain k b c rate option"
    ).split()
)
MERGE_WORDS = frozenset(
    [
        "sum",
        "add",
        "concat",
        "mean",
        "max",
        "product",
        "warp",
        "flat",
        "branches",
        "copies",
        "aux",
        "from",
        "when",
        "otherwise",
        "repeat",
    ]
)

_SPELLINGS: dict[tuple[str, ...], str] = {
    tuple(spelling.replace(".", " ").split()): entry.kind for entry in ENTRIES for spelling in entry.spellings
}
LONGEST = max(len(words) for words in _SPELLINGS)
LAYER_WORDS = frozenset(word for words in _SPELLINGS for word in words)
#: Kinds that never take a window: after their words, `x 3` and `3 x 3` repeat.
WINDOWLESS = frozenset(
    word
    for words, kind in _SPELLINGS.items()
    if len(words) == 1 and "window" not in KINDS[kind].attributes
    for word in words
)
_GLUED = re.compile(r"([a-z]+?)(\d+(?:x\d+)*)$")
#: `conv3`, `maxpool2`: the number is the window; `fc4096`: the width; `s2`, `p1`: an attribute.
_GLUED_WORDS = frozenset("conv maxpool avgpool pool fc deconv conv2d s p k g dropout stride pad dense".split())


def spelled(words: tuple[str, ...]) -> str | None:
    """The kind that these words spell, or None."""
    return _SPELLINGS.get(words)


def begins_spelling(words: tuple[str, ...]) -> bool:
    """Whether a layer's spelling is these words, or begins with them: depth-wise, multi-head."""
    return any(spelling[: len(words)] == words for spelling in _SPELLINGS)


@lru_cache(maxsize=4096)
def kind_words(text: str) -> tuple[str, ...]:
    """A word in small letters, split at hyphens and between letters and a glued number: conv3-64 is conv, 3, 64."""
    parts: list[str] = []
    for part in re.split(r"[-_.]", text.casefold()):
        glued = _GLUED.match(part)
        if glued and glued[1] in _GLUED_WORDS and part not in LAYER_WORDS:
            parts += [glued[1], glued[2]]
        elif part:
            parts.append(part)
    return tuple(parts)


@lru_cache(maxsize=4096)
def is_vocabulary(text: str) -> bool:
    """Whether a word belongs to the notation: it then names no block and no parameter."""
    first = kind_words(text)
    return bool(first) and all(
        word in LAYER_WORDS or word in ATTRIBUTE_WORDS or word in FILLERS or word.isdigit() for word in first
    )


def is_reserved(text: str) -> bool:
    """Whether a word spells a layer or an attribute by itself, and so names no parameter; single letters are free."""
    word = text.casefold()
    return len(word) > 1 and (spelled((word,)) is not None or word in ATTRIBUTE_WORDS or word in MERGE_WORDS)


def suggestions() -> list[str]:
    """Every word worth suggesting for a misspelt one."""
    return sorted(
        {spelling for entry in ENTRIES for spelling in entry.spellings}
        | {word for word in ATTRIBUTE_WORDS | FILLERS if len(word) > 3 or word in ("pad", "no", "to")}
    )
