"""Kernels swapped for others: every shape stays, and what stands between is what stood behind."""

from __future__ import annotations

import pytest
from analyses.handmade import Net
from hypothesis import given
from hypothesis import strategies as st
from specs.reading import network

from archcalc.algebra import symbol
from archcalc.analyses.cost import costs, total
from archcalc.analyses.field import fields
from archcalc.diagnostics import Fault
from archcalc.formats.spec import write
from archcalc.layers import Activation, BatchNorm, Conv, Pad, ZeroShortcut
from archcalc.network import parse
from archcalc.rewriting import swap, swap_of
from archcalc.rewriting.rule import Kernel


def swapped(text, rule, *at):
    return swap(parse(text).graph, swap_of(rule), at)


def layers(graph):
    return [node.name for node in graph.nodes[1:]]


def kernels(graph):
    return [
        (node.layer.kernel, node.layer.stride, node.layer.channels)
        for node in graph.nodes
        if isinstance(node.layer, Conv)
    ]


ONE = "input 32x32x16\nc: conv 5x5, 24, stride 2, pad 2; bn; relu\nend: conv 1x1, 4"


def test_two_3x3_for_one_5x5():
    made = swapped(ONE, "5x5 -> 3x3, 3x3")
    assert layers(made) == ["c.conv.1", "c.conv.bn1", "c.conv.relu1", "c.conv.2", "c.bn", "c.relu", "end"]
    # the last has the stride, so that the field is that of a 5x5
    assert kernels(made) == [((3, 3), (1, 1), 24), ((3, 3), (2, 2), 24), ((1, 1), (1, 1), 4)]
    assert [node.layer.pad for node in made.nodes if node.layer.kind == "conv"][:2] == [Pad((1, 1), (1, 1))] * 2
    assert made.nodes[made.output].shape == (4, 16, 16)
    assert total(costs(made)).weights == 9 * 16 * 24 + 9 * 24 * 24 + 24 * 4


@pytest.mark.parametrize(
    ("rule", "convs"),
    [
        ("5x5/2 -> 3x3/2, 3x3", [((3, 3), (2, 2), 24), ((3, 3), (1, 1), 24)]),
        ("conv 5x5 -> 3x3@8, 3x3", [((3, 3), (1, 1), 8), ((3, 3), (2, 2), 24)]),
        ("5x5 -> 5x1, 1x5", [((5, 1), (1, 1), 24), ((1, 5), (2, 2), 24)]),
        ("5x5 -> dw 5x5, 1x1", [((5, 5), (2, 2), 16), ((1, 1), (1, 1), 24)]),
        ("5x5 -> 1x1@6, 5x5@6, 1x1", [((1, 1), (1, 1), 6), ((5, 5), (2, 2), 6), ((1, 1), (1, 1), 24)]),
        ("5x5 -> 3x3 dilation 2", [((3, 3), (2, 2), 24)]),
        ("5x5 -> 7x7", [((7, 7), (2, 2), 24)]),
        ("5x5→4x4,2x2", [((4, 4), (1, 1), 24), ((2, 2), (2, 2), 24)]),
    ],
)
def test_rules(rule, convs):
    made = swapped(ONE, rule)
    assert kernels(made)[:-1] == convs
    assert made.nodes[made.output].shape == (4, 16, 16)


def test_depthwise_ones_are_named_so():
    text = "input 16x16x8\na: depthwise 5x5, pad 2\nb: conv 5x5, 8, pad 2"
    assert kernels(swapped(text, "5x5 -> 3x3, 3x3"))[0] == ((5, 5), (1, 1), 8)
    made = swapped(text, "dw 5x5 -> dw 3x3, dw 3x3")
    assert [node.layer.groups for node in made.nodes if isinstance(node.layer, Conv)] == [8, 8, 1]
    assert [node.layer.groups for node in swapped(text, "dw 5x5 -> 5x5").nodes[1:]] == [1, 1]


def test_groups_and_biases_stay():
    made = swapped("input 16x16x8\nconv 5x5, 8, groups 2, no bias, pad 2", "5x5 -> 3x3, 3x3")
    assert [(node.layer.groups, node.layer.bias) for node in made.nodes[1:]] == [(2, False), (2, False)]


@pytest.mark.parametrize(
    ("text", "between"),
    [
        ("conv 3x3, 8, pad 1; relu; bn", ["relu", "bn"]),
        ("conv 3x3, 8, pad 1; softmax", []),
        # the second of a residual unit: its own bn, and the relu of the first
        ("relu; sum: | conv 3x3, 8, pad 1; bn | identity", ["bn", "relu"]),
        # pre-activation: nothing stands behind, norm and activation before
        ("sum: | bn; relu; conv 3x3, 8, pad 1 | identity", ["bn", "relu"]),
        ("conv 3x3, 8, pad 1; max pool; relu", []),
    ],
)
def test_what_stands_between(text, between):
    made = swapped(f"input 16x16x8\n{text}", "3x3 -> 1x3, 3x1")
    first = next(index for index, node in enumerate(made.nodes) if getattr(node.layer, "kernel", 0) == (1, 3))
    stop = next(index for index, node in enumerate(made.nodes) if getattr(node.layer, "kernel", 0) == (3, 1))
    assert [node.layer.kind for node in made.nodes[first + 1 : stop]] == between


def test_only_where_it_is_asked():
    text = (
        "input 16x16x8\na: conv 3x3, 8, pad 1\nstage:\n    b: conv 3x3, 8, pad 1\n    c: conv 3x3, 8, pad 1\nmax pool"
    )
    assert layers(swapped(text, "3x3 -> 1x3, 3x1", "stage")) == [
        "a", "stage.b.1", "stage.b.2", "stage.c.1", "stage.c.2", "pool",
    ]  # fmt: skip
    assert layers(swapped(text, "3x3 -> 5x5", "a", "c")) == ["a", "stage.b", "stage.c", "pool"]


def test_shared_weights_stay_shared():
    text = "input 16x16x8\na: conv 3x3, 8, pad 1\nb: conv 3x3, 8, pad 1, share a"
    made = swapped(text, "3x3 -> 1x3, 3x1")
    assert [node.shares for node in made.nodes[1:]] == [None, None, 1, 2]
    with pytest.raises(Fault, match="b has the weights of a, which is swapped: swap both"):
        swapped(text, "3x3 -> 1x3, 3x1", "a")


def test_places_cover_what_stands_there_now():
    made = swapped("input 16x16x8\nstage:\n    conv 3x3, 8, pad 1\n    relu\nend: relu", "3x3 -> 1x3, 3x1")
    place = made.place("stage")
    assert [made.nodes[index].layer.kind for index in range(place.first, place.stop)] == [
        "conv",
        "relu",
        "conv",
        "relu",
    ]
    assert made.nodes[place.output].name == "stage.relu"


def test_open_sizes_stay_open():
    made = swap(parse("input HxWx3\nconv 5x5, 8, stride 2, pad 2\nrelu").graph, swap_of("5x5 -> 3x3, 3x3"))
    high, wide = symbol("H"), symbol("W")
    assert made.nodes[made.output].shape == (8, (high - 1) // 2 + 1, (wide - 1) // 2 + 1)


SPECS = [
    ("googlenet.arch:googlenet", "5x5 -> 3x3, 3x3"),
    ("alexnet.arch:alexnet", "5x5 -> 3x3, 3x3"),
    ("resnet.arch:resnet-50", "7x7/2 -> 3x3, 3x3, 3x3"),
    ("resnet-cifar.arch:resnet-20", "3x3 -> dw 3x3, 1x1"),
    ("densenet.arch:densenet121", "3x3 -> 1x3, 3x1"),
    ("polynet.arch:polynet", "7x1 -> 3x1, 3x1, 3x1"),
]


@pytest.mark.parametrize(("key", "rule"), SPECS)
def test_whole_networks_keep_their_shapes_and_read_back(key, rule):
    graph = network(key).graph
    made = swap(graph, swap_of(rule))
    kept = {node.name: node.shape for node in made.nodes}
    assert all(kept[node.name] == node.shape for node in graph.nodes if node.name in kept)
    assert len(made.nodes) > len(graph.nodes)
    read = parse(write(made)).graph
    assert [(node.name, node.layer, node.inputs, node.shape) for node in read.nodes] == [
        (node.name, node.layer, node.inputs, node.shape) for node in made.nodes
    ]


side, few = st.integers(1, 7), st.integers(1, 3)
pairs, small = st.tuples(side, side), st.tuples(few, few)


@st.composite
def cases(draw):
    pad = draw(st.one_of(st.just(Pad(same=True)), st.builds(Pad, st.tuples(few, few), st.tuples(few, few))))
    old = Conv(
        channels=6, kernel=draw(pairs), stride=draw(small), pad=pad, dilation=(draw(few),) * 2, ceil=draw(st.booleans())
    )
    words = draw(st.lists(st.tuples(st.sampled_from(["", "dw "]), pairs, few), min_size=1, max_size=3))
    new = ", ".join(f"{word}{high}x{wide} dilation {step}" for word, (high, wide), step in words)
    return old, f"{old.kernel[0]}x{old.kernel[1]} dilation {old.dilation[0]} -> {new}"


@given(cases())
def test_a_swap_keeps_the_shape_or_says_that_it_cannot(case):
    old, rule = case
    net = Net(4, 23, 20)
    try:
        net(old)
    except Fault:
        return  # it fits no such image itself
    net(BatchNorm())
    net(Activation(function="relu"))
    graph = net.graph()
    try:
        made = swap(graph, swap_of(rule))
    except Fault as fault:
        assert fault.diagnostic.span == graph.nodes[1].span
        return
    assert made.nodes[made.output].shape == graph.nodes[graph.output].shape
    convs = [node.layer for node in made.nodes if isinstance(node.layer, Conv)]
    for axis in range(2):
        reached = sum(conv.dilation[axis] * (conv.kernel[axis] - 1) for conv in convs)
        if reached == old.dilation[axis] * (old.kernel[axis] - 1):
            assert fields(made)[-1].size[axis] == fields(graph)[-1].size[axis]
            assert fields(made)[-1].stride[axis] == fields(graph)[-1].stride[axis]


@pytest.mark.parametrize(
    ("text", "rule", "said"),
    [
        (ONE, "5x5 -> 3x3, 3x3@8", "c.conv cannot keep its shape: it gives 16x16x24, in its place comes 16x16x8"),
        (ONE, "5x5 -> 3x3/2, 3x3/2", "it gives 16x16x24, in its place comes 8x8x24"),
        (ONE, "5x5 -> dw 5x5@7", "groups 16 does not divide the 7 output channels"),
        ("input 9x9x3\nc: conv 5x5, 4", "5x5 -> 3x3", "c cannot keep its shape: its 5x5 shrinks the image more"),
        (ONE, "7x7 -> 3x3", "network has nothing to swap by 7x7 -> 3x3: it has 1 5x5/2, 1 1x1"),
        (ONE, "5x5/1 -> 3x3", "it has 1 5x5/2, 1 1x1"),
        ("input 9x9x3\nrelu", "5x5 -> 3x3", "it has no convolution"),
    ],
)
def test_what_cannot_be_swapped_is_said(text, rule, said):
    with pytest.raises(Fault) as fault:
        swapped(text, rule)
    assert said in fault.value.diagnostic.message


def test_where_a_shape_cannot_be_kept_is_underlined():
    with pytest.raises(Fault) as fault:
        swapped("input 9x9x3\nrelu\nc: conv 5x5, 4", "5x5 -> 3x3")
    assert (fault.value.diagnostic.span.line, fault.value.diagnostic.span.text) == (3, "conv 5x5, 4")


def test_a_name_that_is_none():
    with pytest.raises(Fault) as fault:
        swapped(ONE, "5x5 -> 3x3, 3x3", "ends")
    assert fault.value.diagnostic.help == "did you mean 'end'?"


@pytest.mark.parametrize(
    ("rule", "under", "said"),
    [
        ("5x5", "5x5", "a swap is written KERNEL -> KERNEL, KERNEL"),
        ("", "", "a swap is written"),
        ("5x5 -> ", "", "a kernel is wanted here"),
        (" -> 3x3", "", "a kernel is wanted here"),
        ("5x5 -> 3x3,, 3x3", "", "a kernel is wanted here"),
        ("5x5 -> pool 3x3", "pool", "a kernel is conv or dw"),
        ("5 -> 3x3", "5", "this is no kernel"),
        ("5x5 -> 3x3 wide", "3x3 wide", "this is no kernel"),
        ("5x5 -> 3x0", "0", "width 0: it is at least 1"),
        ("5x5/0 -> 3x3", "0", "stride 0: it is at least 1"),
    ],
)
def test_a_rule_that_is_none_is_underlined(rule, under, said):
    with pytest.raises(Fault) as fault:
        swap_of(rule)
    found = fault.value.diagnostic
    assert said in found.message and found.help.startswith("as in 5x5 -> 3x3, 3x3")
    assert found.span.text.strip(" ,->") == under


@given(st.text("5x3×/@-> ,dwconv dilation1\n\t;→#", max_size=24) | st.text(max_size=12))
def test_whatever_is_written_is_a_rule_or_told_why_not(text):
    try:
        assert swap_of(text).new
    except Fault as fault:
        span = fault.diagnostic.span
        assert 0 <= span.start < span.end <= len(text.expandtabs(1)) + 1


def test_endless_numbers_are_no_kernels():
    with pytest.raises(Fault, match="this is no kernel"):
        swap_of(f"5x5 -> {'9' * 5000}x3")


def test_spellings_of_one_rule():
    wanted = (Kernel((5, 5), True, (2, 2)), (Kernel((3, 3), True), Kernel((1, 1), channels=64)))
    for text in (
        "dw 5x5/2 -> dw 3x3, 1x1@64",
        "Depthwise 5×5 / 2 => depth-wise 3x3 , conv 1x1 @64",
        "dw 5x5/2x2→dw 3x3,1x1@64",
    ):
        made = swap_of(text)
        assert (made.old, made.new) == wanted


def test_option_a_shortcuts_are_left_alone():
    graph = network("resnet-cifar.arch:resnet-20").graph
    made = swap(graph, swap_of("3x3 -> 3x1, 1x3"))
    assert [node.layer for node in made.nodes if isinstance(node.layer, ZeroShortcut)] == [
        node.layer for node in graph.nodes if isinstance(node.layer, ZeroShortcut)
    ]
