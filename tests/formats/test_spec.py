"""A graph written as a spec reads back: equal layers, inputs, shapes, shared weights, and names where they can be."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from specs.reading import SPECS, network, networks

from archcalc.algebra import symbol
from archcalc.diagnostics import Fault
from archcalc.formats.numbers import Unwritable
from archcalc.formats.spec import write
from archcalc.graph import Builder, Graph, Node
from archcalc.layers import (
    FUNCTIONS,
    LAYERS,
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
    Input,
    LayerNorm,
    LayerScale,
    Local,
    Max,
    MaxPool,
    Mean,
    Pad,
    Position,
    PReLU,
    Product,
    Reshape,
    Scale,
    SpatialPyramidPool,
    Subsample,
    Sum,
    Tokens,
    Upsample,
    Warp,
    ZeroShortcut,
)  # fmt: skip
from archcalc.network import ArchcalcError, load_all, parse
from archcalc.source import Source, Span

#: Networks with more layers than this say nothing that those with fewer do not.
MANY = 1500


def told(graph):
    """What a text must keep of a graph; dead ends of the main line included."""
    return [(node.layer, node.inputs, node.shape, node.aux, node.shares) for node in graph.nodes], graph.output


def read(graph):
    text = write(graph)
    try:
        return parse(text).graph
    except ArchcalcError as error:
        raise AssertionError(f"{text}\n{error}") from None


@pytest.mark.parametrize("key", networks())
def test_every_network_reads_back_under_its_names(key):
    graph = network(key).graph
    if len(graph.nodes) > MANY:
        pytest.skip("its units are those of a smaller one")
    made = read(graph)
    assert told(made) == told(graph)
    assert [(node.name, node.block) for node in made.nodes] == [(node.name, node.block) for node in graph.nodes]
    assert (made.name, made.title) == (graph.name, graph.title)


@pytest.mark.parametrize("path", sorted((SPECS.parent / "tests/cases").glob("*.arch")), ids=lambda path: path.name)
def test_other_kinds_of_networks_read_back(path):
    for made in load_all(path):
        assert told(read(made.graph)) == told(made.graph)


@pytest.mark.parametrize("key", ["resnet.arch:resnet-50", "googlenet.arch:googlenet", "lenet5.arch:lenet5"])
def test_writing_what_was_read_changes_nothing(key):
    text = write(network(key).graph)
    assert write(parse(text).graph) == text


class Sketch:
    """A graph made layer by layer, whatever the names."""

    def __init__(self, *shape):
        self.builder, self.names = Builder(), []
        self.span = Span(Source("sketch", " "), 0, 1)
        self.add(Input(shape=shape))

    def add(self, layer, *inputs, name=None, aux=False, shares=None):
        node = self.builder.add(layer, inputs, self.span, aux, shares)
        self.names.append(name or ("input" if not self.names else f"n{node}"))
        return node

    def graph(self, output=None, name="sketch", title=""):
        made = [
            Node(name, "", layer, inputs, shape, span, aux, shares)
            for name, (layer, inputs, span, aux, shares), shape in zip(
                self.names, self.builder.layers, self.builder.shapes, strict=True
            )
        ]
        main = [index for index, node in enumerate(made) if not node.aux]
        inputs = tuple(index for index, node in enumerate(made) if not node.inputs)
        return Graph(name, title, "", tuple(made), inputs, main[-1] if output is None else output)


small, flags = st.integers(1, 3), st.booleans()
pads = st.one_of(
    st.just(Pad(same=True)),
    st.builds(Pad, st.tuples(st.integers(0, 2), st.integers(0, 2)), st.tuples(st.integers(0, 2), st.integers(0, 2))),
)
sliding = {"kernel": st.tuples(small, small), "stride": st.tuples(small, small), "pad": pads, "ceil": flags}
sliding["dilation"] = st.tuples(st.integers(1, 2), st.integers(1, 2))
weighted = {"channels": st.sampled_from([2, 4, 6]), "groups": st.sampled_from([1, 2]), "bias": flags, "frozen": flags}
#: Any float of these is written with few enough characters.
rates = st.floats(0, 0.99).filter(lambda rate: rate == 0 or rate > 1e-30)
factors = st.floats(-1e3, 1e3, allow_nan=False).filter(lambda factor: factor == 0 or abs(factor) > 1e-30)
CONNECTED = Conv(channels=3, kernel=(2, 2), connect=((0,), (0, 1), (1,)))
ONE_INPUT = {
    Conv: st.one_of(st.builds(Conv, **weighted, **sliding), st.just(CONNECTED)),
    Deconv: st.builds(Deconv, **weighted, **{key: value for key, value in sliding.items() if key != "ceil"}),
    Local: st.builds(Local, **weighted, **sliding),
    MaxPool: st.builds(MaxPool, **sliding),
    AvgPool: st.builds(AvgPool, **sliding),
    Subsample: st.builds(Subsample, **sliding, frozen=flags),
    GlobalAvgPool: st.just(GlobalAvgPool()),
    GlobalMaxPool: st.just(GlobalMaxPool()),
    SpatialPyramidPool: st.builds(SpatialPyramidPool, levels=st.lists(small, min_size=1, max_size=3).map(tuple)),
    Dense: st.builds(Dense, units=st.integers(1, 12), bias=flags, frozen=flags),
    RBF: st.builds(RBF, units=small),
    BatchNorm: st.builds(BatchNorm, affine=flags, frozen=flags),
    LayerNorm: st.builds(LayerNorm, frozen=flags),
    GroupNorm: st.builds(GroupNorm, groups=st.just(2), frozen=flags),
    LRN: st.builds(LRN, size=small),
    Activation: st.one_of(
        st.builds(Activation, function=st.sampled_from(sorted(set(FUNCTIONS) - {"leaky relu"}))),
        st.builds(Activation, function=st.just("leaky relu"), slope=rates),
    ),
    PReLU: st.builds(PReLU, frozen=flags),
    Attention: st.builds(Attention, heads=st.just(2), bias=flags, frozen=flags),
    Tokens: st.just(Tokens()),
    ClassToken: st.just(ClassToken()),
    Position: st.just(Position()),
    FirstToken: st.just(FirstToken()),
    Dropout: st.builds(Dropout, rate=rates),
    DropPath: st.builds(DropPath, rate=rates),
    Flatten: st.just(Flatten()),
    Reshape: st.builds(Reshape, shape=st.sampled_from([(4, 8, 8), (64, 4), (256,), (1, 16, 16)])),
    ChannelShuffle: st.builds(ChannelShuffle, groups=st.just(2)),
    Upsample: st.builds(Upsample, factor=st.tuples(small, small), mode=st.sampled_from(["nearest", "bilinear"])),
    Crop: st.builds(Crop, offset=st.tuples(small, small), size=st.tuples(small, small)),
    Scale: st.builds(Scale, factor=factors),
    LayerScale: st.builds(LayerScale, frozen=flags),
}
MERGES = [Sum(), Concat(), Mean(), Max(), Product(), Warp(height=3, width=5)]
#: Written otherwise, or not at all: each has a test of its own.
APART = {Input, Identity, ZeroShortcut}


def test_every_layer_is_tried():
    assert {*ONE_INPUT, *map(type, MERGES), *APART} == set(LAYERS)


@st.composite
def sketches(draw):
    """Layers on any earlier ones, those that cannot be left out; some in side heads, some with another's weights."""
    sketch = Sketch(*draw(st.sampled_from([(4, 8, 8), (256,), (2, 5, 7)])))
    layers, builder = st.one_of(st.one_of(*ONE_INPUT.values()), st.sampled_from(MERGES)), sketch.builder
    main, head = [0], []
    for _ in range(draw(st.integers(1, 14))):
        layer = draw(layers)
        count = draw(st.integers(1, 3)) if any(isinstance(layer, type(each)) for each in MERGES) else 1
        aux = draw(st.integers(0, 4)) == 0
        if aux and not builder.layers[-1][3]:
            head = []
        known = [*main, *head] if aux else main
        inputs = [known[-1 - min(draw(st.integers(0, 4)), len(known) - 1)] for _ in range(count)]
        name = draw(st.sampled_from(["plain", "sum", "params", "a[0]", "network", "blk", "input", "MAX POOL"]))
        name = f"{name}.{draw(st.sampled_from(['conv', 'relu', 'bn']))}" if name == "blk" else name
        if name in sketch.names or name == "plain":
            name = f"n{len(sketch.names)}"
        try:
            node = sketch.add(layer, *inputs, name=name, aux=aux)
        except Fault:
            continue
        (head if aux else main).append(node)
        tensors = [weight.shape for weight in layer.weights(*(builder.shapes[i] for i in inputs)).values()]
        owners = [
            n for n, (other, ins, _, theirs, shares) in enumerate(builder.layers[:-1])
            if type(other) is type(layer) and shares is None and not theirs and tensors and not isinstance(layer, RBF)
            and [w.shape for w in other.weights(*(builder.shapes[i] for i in ins)).values()] == tensors
        ]  # fmt: skip
        if owners and draw(flags):
            layer, inputs, span, aux, _ = builder.layers[node]
            builder.layers[node] = (layer, inputs, span, aux, owners[0])
    return sketch.graph(output=draw(st.sampled_from(main)))


@given(sketches())
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_graph_reads_back(graph):
    assert told(read(graph)) == told(graph)


def test_names_without_room_in_a_line_are_changed_and_no_others():
    sketch = Sketch(3, 8, 8)
    names = ["layer1.0.conv", "MAX POOL1", "sum", "params", "a[0]", "a_0_", "1", "stem.conv", "stem.relu"]
    for name in names:
        sketch.add(Activation(function="relu"), len(sketch.names) - 1, name=name)
    sketch.add(Sum(), 1, 2, 3, 4, 5, 6, 7, 8)
    made = [node.name for node in read(sketch.graph(name="two words", title='said "so"')).nodes]
    assert made[1:-1] == ["layer1.0.conv", "MAX POOL1", "_sum", "_params", "_a_0_", "a_0_", "1", *names[7:]]


def test_a_name_that_is_a_word_of_the_notation_is_left_to_it():
    sketch = Sketch(3, 8, 8)
    sketch.add(Conv(channels=3, kernel=(1, 1)), 0, name="c")
    sketch.add(Sum(), 0, 1, name="sum")
    assert [node.name for node in read(sketch.graph()).nodes] == ["input", "c", "sum"]


@pytest.mark.parametrize(
    "branches",
    [
        "| conv 3x3, 8, stride 2, pad 1; relu | shortcut A",
        "| shortcut A | conv 3x3, 8, stride 2, pad 1",
        "| shortcut A; relu | conv 3x3, 8, stride 2x1, pad 1; bn; relu | shortcut A; bn",
        "| conv 1x1, 16 | shortcut A | from stem; conv 3x3, 16, pad 1",
    ],
)
@pytest.mark.parametrize("merge", ["sum", "concat"])
def test_shortcuts_of_option_a_stand_in_their_merge(branches, merge):
    graph = parse(f"input 8x8x4\nstem: relu\nm: {merge}: {branches}\nrelu").graph
    assert any(isinstance(node.layer, ZeroShortcut) for node in graph.nodes)
    made = read(graph)
    assert told(made) == told(graph)


def test_an_identity_is_no_layer_of_a_text():
    sketch = Sketch(3, 8, 8)
    first = sketch.add(Identity(), 0, name="pass")
    sketch.add(Conv(channels=2, kernel=(3, 3)), first, name="conv")
    made = read(sketch.graph())
    assert [node.layer.kind for node in made.nodes] == ["input", "conv"]
    assert made.nodes[-1].shape == (2, 6, 6)


def test_open_sizes_of_the_input_stay_open():
    graph = parse("input HxWx3\nconv 3x3, 8, stride 2\nconcat: | conv 1x1, 4 | conv 1x1, 4").graph
    assert "input HxWx3" in write(graph)
    assert told(read(graph)) == told(graph)


@pytest.mark.parametrize(
    ("text", "options", "why"),
    [
        ("input 197x768", {"input_shape": (197, 768)}, "input: the notation has no input of tokens"),
        ("param w = 4\ninput 8x8x3\nc1: conv 3x3, w", {"settings": {"w": symbol("w")}}, "c1: .*w is an open symbol"),
    ],
)
def test_what_cannot_be_written_is_said(text, options, why):
    with pytest.raises(Unwritable, match=why):
        write(parse(text, **options).graph)


def test_shortcuts_elsewhere_cannot_be_written():
    sketch = Sketch(3, 8, 8)
    sketch.add(ZeroShortcut(channels=8, stride=(2, 2)), 0, name="lone")
    with pytest.raises(Unwritable, match="lone: a shortcut of option A stands in a sum"):
        write(sketch.graph())


@pytest.mark.parametrize("factor", [5e-324, 1.7e308, float("inf"), float("nan")])
def test_numbers_that_nobody_writes(factor):
    sketch = Sketch(3, 8, 8)
    sketch.add(Scale(factor=factor), 0, name="s")
    with pytest.raises(Unwritable, match=r"s: .* has no plain form"):
        write(sketch.graph())


def test_a_connection_that_a_table_cannot_say():
    sketch = Sketch(12, 8, 8)
    sketch.add(Conv(channels=2, kernel=(3, 3), connect=((11,), (0, 11))), 0, name="c")
    with pytest.raises(Unwritable, match="c: a connection table cannot say map 11 alone"):
        write(sketch.graph())
