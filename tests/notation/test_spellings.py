"""Every spelling of a layer lowers to the layer that it means."""

import pytest
from typed import IMAGE, TOKENS, VECTOR, faults, graph, layer, layers

from archcalc.layers import (
    LRN,
    Activation,
    Attention,
    AvgPool,
    BatchNorm,
    ChannelShuffle,
    ClassToken,
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
    Input,
    LayerNorm,
    LayerScale,
    Local,
    MaxPool,
    Pad,
    Position,
    PReLU,
    Reshape,
    Scale,
    SpatialPyramidPool,
    Subsample,
    Tokens,
    Upsample,
)  # fmt: skip
from archcalc.notation.vocabulary import ENTRIES


def conv(channels=64, kernel=(3, 3), **more):
    return Conv(channels=channels, kernel=kernel, **more)


ONE = Pad((1, 1), (1, 1))
SAME = Pad(same=True)
POOL = MaxPool(kernel=(2, 2), stride=(2, 2))
POOL3 = MaxPool(kernel=(3, 3), stride=(2, 2))

SPELLED = {
    conv(): """
        conv 3x3, 64 | 3x3, 64 | 3x3 conv, 64 | 3x3 conv 64
        conv 3x3 64 | conv 64 3x3 | 64 3x3 filters | 64 filters of 3x3
        64 3x3 conv | 3x3 CONV with 64 filters | conv layer: 64 filters of 3x3 | 64 3x3x64 filters | conv 3 x 3, 64
        conv 3*3, 64 | conv (3x3), 64 | Conv2D 64 (3x3)
        Conv (64 filters, 3x3, stride 1) | conv 3x3 (64) | conv k3x3, 64
        conv k3, 64 | 3×3, 64 | $3 \\times 3$ conv, 64 | CONVOLUTION 3x3, 64 | conv 3x3, 2*32 | conv 3x3, (128/2)
        conv 3x3, floor(129/2) | conv 3x3, max(8, 64)
        conv 3x3, 64, stride 1, pad 0 | conv 3x3, 64, pad valid | conv 3x3, 64, valid | conv 3x3, 64, no padding
        conv 3x3, 64, groups 1 | conv 3x3, 64, dilation 1 | conv 3x3 with 64 output channels""",
    conv(pad=ONE): """
        conv3-64 | conv3x3-64 | Conv3-64 | CONV3-64: | conv3_64 | conv 3x3, 64, pad half | conv 3x3, 64, half pad
        conv 3x3, 64, pad 1 | conv 3x3, 64, p1 | conv 3x3, 64, p=1 | conv 3x3, 64, padding 1 | 64 3x3 filters with pad 1
        conv 3x3, 64, pad 1x1 | conv 3x3, 64, pad 1 1 1 1 | conv 3x3 (64 filters, pad 1)""",
    conv(pad=SAME): """
        conv 3x3, 64, pad same | conv 3x3, 64, same padding | conv 3x3, 64, same | conv 3x3, 64, padding same
        conv 3x3, 64, padding=same""",
    conv(stride=(2, 2), pad=ONE): """
        conv 3x3, 64, stride 2, pad 1 | 3x3 conv, 64, /2, pad 1 | 3x3 conv, 64, s2, p1 | 3x3, 64, stride=2, pad=1
        3x3, 64, stride = 2, pad = 1 | 3x3, 64, stride: 2, pad: 1 | 3x3, 64, strides 2, pad 1 | conv 3x3/2, 64, pad 1
        conv 3x3 /2, 64, pad 1 | Conv 3x3/s2, 64, pad 1 | conv3-64, stride 2 | 3x3 conv, 64, stride of 2, pad of 1
        64 3x3 filters at stride 2, pad 1 | 64 3x3 filters with stride 2 and pad 1 | conv 3x3, 64, stride 2x2, pad half
        conv 3x3, 64 (stride 2, pad 1)""",
    conv(kernel=(7, 7), stride=(2, 2), pad=Pad((3, 3), (3, 3))): "7x7, 64, stride=2, pad=3 | 7x7 conv, 64, /2, p3",
    conv(kernel=(1, 7), pad=Pad((0, 0), (3, 3))): "conv 1x7, 64, pad 0x3 | conv1x7-64 | conv 1x7, 64, pad 0 0 3 3",
    conv(stride=(2, 1), pad=Pad((0, 1), (0, 1))): "conv 3x3, 64, stride 2x1, pad 0 1 0 1",
    conv(channels=32, kernel=(1, 1)): "1x1 CONV with 32 filters | conv1-32 | conv 1x1, 32",
    conv(groups=2): """
        conv 3x3, 64, groups 2 | conv 3x3, 64, 2 groups
        conv 3x3, 64, group 2 | conv 3x3, 64, g2 | 64 3x3x32 filters, groups=2""",
    conv(dilation=(2, 2)): """
        conv 3x3, 64, dilation 2 | conv 3x3, 64, dilated 2 | conv 3x3, 64, rate 2 | dilated conv 3x3, 64, rate 2
        conv 3x3, 64, dilation rate 2""",
    conv(bias=False): """
        conv 3x3, 64, no bias | conv 3x3, 64, without bias
        conv 3x3, 64, no biases | conv 3x3, 64 (no bias)""",
    conv(frozen=True): "conv 3x3, 64, frozen | frozen conv 3x3, 64",
    conv(channels=2, connect=((0, 1, 2), (1, 2, 3))): """
        conv 3x3, 2, connect [012 123]
        conv 3x3, 2, connect [0,1,2 1,2,3]""",
    conv(groups=64): """
        depthwise 3x3 | depthwise conv 3x3 | 3x3 depthwise | dw 3x3 | 3x3 dw conv | conv dw 3x3 | depth-wise conv 3x3
        conv 3x3, 64, groups 64 | 3x3x64 dw""",
    conv(groups=64, stride=(2, 2), pad=ONE): """
        depthwise 3x3, stride 2, pad half
        dw 3x3, s2, p1 | Conv dw 3x3 / s2, pad 1""",
    Deconv(channels=21, kernel=(4, 4), stride=(2, 2)): """
        deconv 4x4, 21, stride 2 | transposed conv 4x4, 21, stride 2 | 4x4 deconv, 21, /2 | ConvTranspose 4x4, 21, s2
        up-conv 4x4, 21, stride 2""",
    Local(channels=8, kernel=(3, 3)): "local 3x3, 8 | locally connected 3x3, 8 | locally-connected conv 3x3, 8",
    POOL: """
        pool | maxpool | Max Pool | max-pool | max_pool
        MAXPOOLING | pool, /2 | pool /2 | maxpool/2 | pool 2x2 | max pool 2x2
        max pool 2 | maxpool2 | maxpool 2x2, stride 2
        max pool 2x2, s2 | pool (2x2) | POOL2: | POOL: 2x2 filters at stride 2
        pool1: 2x2, stride 2 | MAX POOL1: 2x2 filters at stride 2 | 2x2 max pool""",
    MaxPool(kernel=(3, 3), stride=(2, 2), pad=ONE): """
        max pool 3x3, stride 2, pad 1 | max pool 3x3/2, pad half | 3x3 max pool, /2, p1 | maxpool 3, stride 2, pad 1
        pool5: 3x3, stride 2, pad 1 | overlapping max pool of size 3x3 with stride 2, pad 1""",
    MaxPool(kernel=(3, 3), stride=(2, 2), ceil=True): "max pool 3x3, stride 2, ceil | pool 3x3/2, ceil",
    AvgPool(kernel=(2, 2), stride=(2, 2)): """
        avg pool 2x2 | average pool 2x2, stride 2
        avgpool 2x2/2 | mean-pool 2 | avg_pool (2x2)""",
    AvgPool(kernel=(7, 7)): "average pool 7x7, stride 1 | 7x7 avg pool, /1",
    GlobalAvgPool(): """
        avg pool | average pool | global average pool
        GAP | global avg pooling | Global Average Pooling""",
    GlobalMaxPool(): "global max pool | global max-pooling",
    Subsample(kernel=(2, 2), stride=(2, 2)): "subsample 2x2 | subsampling 2x2, stride 2",
    Subsample(kernel=(2, 2), stride=(2, 2), frozen=True): "subsample 2x2, frozen",
    SpatialPyramidPool(levels=(7, 3, 2, 1)): "spatial pyramid pool 7,3,2,1 | SPP 7, 3, 2, 1",
    Dense(units=4096): """
        FC-4096 | FC 4096 | fc4096 | FC6: 4096 neurons
        FC6: 4096 | fc, 4096 | fully connected, 4096 | 4096-d fc | 4096 d fc
        Fully connected layer with 4096 neurons | fully-connected 4096 | dense 4096 | linear 4096 | 4096 units
        [4096] FC | FC: [1x1x4096] | FC: [4096] | [1x1x4096] FC | 4096-way fc""",
    Dense(units=10, bias=False): "fc 10, no bias | fc 10 (no bias)",
    BatchNorm(): "bn | batch norm | Batch Normalization | batch-norm | BN",
    BatchNorm(affine=False): "bn, no affine",
    BatchNorm(frozen=True): "bn, frozen",
    LRN(): "LRN | Normalization layer | NORM1: Normalization layer | lrn 5 | local response normalization",
    LayerNorm(): "layer norm | LayerNorm | layer normalization | LN",
    GroupNorm(groups=32): "group norm 32 | GroupNorm 32 | GN 32",
    Activation(function="relu"): "relu | ReLU | RELU | ReLU activation | rectified linear unit",
    Activation(function="relu6"): "relu6 | ReLU6 | relu 6",
    Activation(function="leaky relu", slope=0.1): "leaky relu 0.1 | LeakyReLU 0.1 | leaky 0.1 | leaky-relu .1",
    PReLU(): "prelu | PReLU | parametric relu",
    Activation(function="elu"): "elu",
    Activation(function="sigmoid"): "sigmoid | logistic",
    Activation(function="tanh"): "tanh | hyperbolic tangent",
    Activation(function="gelu"): "gelu",
    Activation(function="silu"): "silu | swish",
    Activation(function="hard swish"): "hard swish | h-swish | HardSwish",
    Activation(function="softmax"): "softmax | soft-max | Soft Max",
    Activation(function="log softmax"): "log softmax | LogSoftmax",
    Dropout(rate=0.5): "dropout 0.5 | dropout | drop-out 0.5 | dropout 50% | dropout .5",
    DropPath(rate=0.1): "drop path 0.1 | DropPath 0.1 | stochastic depth 0.1",
    Flatten(): "flatten",
    Upsample(factor=(2, 2)): "upsample 2 | upsample 2x2 | up-sample 2 | upsampling 2, nearest",
    Upsample(factor=(2, 2), mode="bilinear"): "upsample 2, bilinear | bilinear upsample 2",
    Crop(offset=(3, 3), size=(20, 20)): "crop 3, 20x20",
    Crop(offset=(0, 0), size=(32, 32)): "crop 0 to input | crop center to input",
    Reshape(shape=(1024, 8, 8)): "reshape 8x8x1024",
    Reshape(shape=(65536,)): "reshape 65536",
    ChannelShuffle(groups=2): "channel shuffle 2 | channel shuffle, 2 groups",
    Scale(factor=0.17): "scale 0.17",
    LayerScale(): "layer scale | LayerScale",
}  # fmt: skip
ON_TOKENS = {
    Attention(heads=4): """
        attention 4 heads | attention, 4 heads | attention (4 heads) | 4-head attention | MSA 4 heads | attention 4
        multi-head attention, 4 heads | multi-head self-attention, 4 heads | self-attention 4 heads""",
    ClassToken(): "class token | cls token",
    Position(): "position | position embedding | learned position | positional embedding",
    FirstToken(): "first token",
    LayerNorm(): "layer norm",
    Dense(units=128): "fc 128",
}  # fmt: skip


def rows(table):
    return [
        pytest.param(text.strip(), made, id=text.strip())
        for made, texts in table.items()
        for line in texts.splitlines()
        for text in line.split(" | ")
        if text.strip()
    ]


@pytest.mark.parametrize(("text", "made"), rows(SPELLED))
def test_spelling(text, made):
    assert layer(text) == made


@pytest.mark.parametrize(("text", "made"), rows(ON_TOKENS))
def test_spelling_on_tokens(text, made):
    assert layer(text, TOKENS) == made


#: What each kind needs to be said, and whether it stands on an image, tokens or a vector.
NEEDED = {
    "conv": ("3x3, 8", IMAGE), "depthwise": ("3x3", IMAGE), "deconv": ("3x3, 8", IMAGE), "local": ("3x3, 8", IMAGE),
    "max pool": ("2x2", IMAGE), "avg pool": ("2x2", IMAGE), "subsample": ("2x2", IMAGE),
    "spatial pyramid pool": ("2", IMAGE),
    "fc": ("10", IMAGE), "rbf": ("10", VECTOR), "group norm": ("4", IMAGE), "attention": ("4 heads", TOKENS),
    "patch embed": ("4, 8", IMAGE), "class token": ("", TOKENS), "position": ("", TOKENS), "first token": ("", TOKENS),
    "upsample": ("2", IMAGE), "crop": ("4x4", IMAGE), "reshape": ("65536", IMAGE), "channel shuffle": ("2", IMAGE),
    "scale": ("2", IMAGE),
}  # fmt: skip


@pytest.mark.parametrize(
    "entry", [e for e in ENTRIES if e.kind not in ("input", "shortcut", "identity")], ids=lambda e: e.kind
)
def test_all_spellings_of_a_kind_are_one_layer(entry):
    said, before = NEEDED.get(entry.kind, ("", IMAGE))
    made = {spelling: layers(f"{spelling} {said}", before) for spelling in entry.spellings}
    first = made[entry.spellings[0]]
    assert first and all(other == first for other in made.values()), made
    capitals = [layers(f"{spelling.upper()} {said}", before) for spelling in entry.spellings]
    hyphens = [layers(f"{spelling.replace(' ', '-')} {said}", before) for spelling in entry.spellings]
    assert all(other == first for other in capitals + hyphens)


@pytest.mark.parametrize(
    "entry", [e for e in ENTRIES if e.kind not in ("input", "shortcut", "crop")], ids=lambda e: e.kind
)
def test_the_example_of_a_kind_reads(entry):
    before = {"fc": IMAGE, "rbf": VECTOR}.get(entry.kind, NEEDED.get(entry.kind, ("", IMAGE))[1])
    if entry.kind == "reshape":
        before = "input 49x30x1\n"
    if entry.kind == "attention":
        before = "input 4x4x96\ntokens\n"
    if entry.kind == "channel shuffle":
        before = "input 4x4x96\n"
    made = layers(entry.example, before)
    assert bool(made) == (entry.kind != "identity")


def test_an_input_of_every_spelling():
    for text in ("input 224x224x3", "input: 224x224x3", "INPUT: [224x224x3]", "[224x224x3] INPUT", "Input 224×224×3",
                 "input (224 × 224 RGB image)", "input 224 x 224 x 3", "input (224x224x3)"):  # fmt: skip
        assert graph(text).nodes[0].layer == Input(shape=(3, 224, 224)), text


def test_patches_are_a_convolution_and_tokens():
    made = [Conv(channels=768, kernel=(16, 16), stride=(16, 16)), Tokens()]
    for text in ("patch embed 16, 768", "patch embed 16x16, 768", "patchify 16, 768", "Patch Embedding 16, 768"):
        assert layers(text) == made, text


def test_identity_adds_nothing():
    assert layers("identity; relu") == [Activation(function="relu")]


@pytest.mark.parametrize("text", [
    "conv 3x3, 64, relu", "conv 3x3, 64; relu", "conv 3x3, 64 -> relu", "conv 3x3, 64 + ReLU",
    "conv 3x3, 64, ReLU activation",
    "conv 3x3, 64 → relu", "conv 3x3, 64 followed by relu", "3x3 conv, 64, then relu",
])  # fmt: skip
def test_layers_on_one_line(text):
    assert layers(text) == [conv(), Activation(function="relu")]


def test_prose_of_course_notes():
    text = "conv layer: 32 filters of 8x8 with stride 4 + ReLu"
    assert layers(text) == [Conv(channels=32, kernel=(8, 8), stride=(4, 4)), Activation(function="relu")]


@pytest.mark.parametrize(("text", "words", "repair"), [
    ("conv 3, 64", "two readings", "3x3"),
    ("conv 64", "two readings", "conv 3x3, 64"),
    ("Conv 5x5/256", "two readings", "conv 5x5, 256"),
    ("conv 3x3x64", "two readings", "conv 3x3, 64"),
    ("conv 3x3, 5x5, 64", "second window", ";"),
    ("6@28x28", "two readings", "28x28x6"),
    ("POOL3:", "does not say its stride", "stride 2"),
    ("conv 3x3, 64 x 2, stride 2", "of each turn or of the first", "before the repeat"),
    ("dilated conv 3x3, 64", "wants a number", "dilation 2"),
    ("maxpol 2x2", "unknown word 'maxpol'", "maxpool"),
    ("softmaxx", "unknown word", "softmax"),
    ("6 5x5x3 filters", "filters over 3 maps: the input has 64", ""),
])  # fmt: skip
def test_two_readings_are_asked_about(text, words, repair):
    found = faults(IMAGE + text)
    assert len(found) == 1, found
    assert words in found[0].message and repair in (found[0].help or "")
    assert found[0].span.line == 2
