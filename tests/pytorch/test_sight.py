"""Receptive fields against gradients: what the input's numbers do to an output is what it sees."""

from __future__ import annotations

from itertools import product

import pytest
from analyses.handmade import Net
from hypothesis import given
from hypothesis import strategies as st
from pytorch.support import Seen
from specs.reading import network

from archcalc import parse
from archcalc.analyses.field import fields
from archcalc.diagnostics import Fault
from archcalc.layers import (
    IMAGE,
    AvgPool,
    Concat,
    Conv,
    Deconv,
    Max,
    MaxPool,
    Pad,
    Subsample,
    Sum,
    Upsample,
    ZeroShortcut,
)

small = st.tuples(st.integers(1, 3), st.integers(1, 3))
large = st.tuples(st.integers(1, 5), st.integers(1, 5))
sides = st.tuples(st.integers(0, 2), st.integers(0, 2))
window = {"kernel": large, "stride": small, "pad": st.builds(Pad, sides, sides) | st.just(Pad(same=True))}
ceil = st.booleans()
chain = st.one_of(
    st.builds(Conv, **window, dilation=small, channels=st.just(2)),
    st.builds(MaxPool, **window, ceil=ceil),
    st.builds(AvgPool, **window, ceil=ceil),
    st.builds(Subsample, **window),
    st.builds(ZeroShortcut, channels=st.just(2), stride=small),
    st.builds(Deconv, kernel=large, stride=small, channels=st.just(2)),
    st.builds(Upsample, factor=small, mode=st.sampled_from(["nearest", "bilinear"])),
)
merges = st.sampled_from([Sum(), Max(), Concat()])


@st.composite
def drawn(draw):
    """Layers one after the other, some meeting an earlier one of their shape."""
    net = Net(2, draw(st.integers(12, 24)), draw(st.integers(12, 24)))
    for layer in draw(st.lists(chain, min_size=1, max_size=5)):
        try:
            if max(net.builder.shapes[-1]) < 40:
                net(layer)
        except Fault:
            continue  # a window that does not fit: the network stays as it was
        last = len(net.names) - 1
        alike = [index for index in range(last) if net.builder.shapes[index] == net.builder.shapes[last]]
        if alike and draw(st.booleans()):
            net(draw(merges), draw(st.sampled_from(alike)), last)
            net(Conv(kernel=(1, 1), channels=2))
    return net.graph()


def near(size):
    return sorted({0, size // 3, size // 2, size - 1})


def check(graph, nodes, positions=()):
    """Each position sees what is said; how many saw all of their window inside the image."""
    said, seen, inside = fields(graph), Seen(graph, max(nodes)), 0
    for node in nodes:
        _, *grid = graph.nodes[node].shape
        for position in positions or product(near(grid[0]), near(grid[1])):
            inside += agree(said[node], seen.hulls(node, position), position, graph.nodes[0].shape[1:])
    return inside


def agree(field, hulls, position, image):
    """Whether a position's window lies in the image: then it is seen from its first number to its last, else in part.

    A position that sees padding alone on one axis sees nothing on the other either.
    """
    assert all(hull is None or hull[1] - hull[0] < size for hull, size in zip(hulls, field.size, strict=True))
    if field.kind != "window" or None in field.start:  # ... or sees nothing: its size is 0
        return False
    firsts = [start + stride * at for start, stride, at in zip(field.start, field.stride, position, strict=True)]
    windows = [(first, first + size - 1) for first, size in zip(firsts, field.size, strict=True)]
    inside = all(first >= 0 and last < size for (first, last), size in zip(windows, image, strict=True))
    if inside:
        assert hulls == windows
    for hull, (first, last) in zip(hulls, windows, strict=True):
        assert hull is None or (first <= hull[0] and hull[1] <= last)
    return inside


@given(drawn())
def test_small_networks_see_what_is_said(graph):
    check(graph, [len(graph.nodes) - 1])


def test_windows_inside_the_image_are_met():
    graph = parse("input 20x24x2\nconv 3x3, 2, stride 2, dilation 2\nmax pool 2x2\nconv 3x1, 2, pad half").graph
    assert check(graph, [len(graph.nodes) - 1], [(2, 2), (1, 3)]) == 2


@pytest.mark.parametrize("mode", ["nearest", "bilinear"])
def test_a_phased_field_is_the_largest(mode):
    net = Net(2, 20, 20)
    net(Conv(kernel=(3, 3), channels=2))
    net(Upsample(factor=(2, 3), mode=mode))
    net(Conv(kernel=(4, 2), channels=2))
    graph = net.graph()
    field, seen = fields(graph)[-1], Seen(graph, len(graph.nodes) - 1)
    assert field.kind == "phased"
    hulls = [seen.hulls(len(graph.nodes) - 1, (at, at)) for at in range(10, 16)]
    for axis in (0, 1):
        assert max(hull[axis][1] - hull[axis][0] + 1 for hull in hulls) == field.size[axis]


@pytest.mark.parametrize(
    "key",
    ["alexnet.arch:alexnet", "googlenet.arch:googlenet", "resnet-cifar.arch:resnet-20", "densenet.arch:densenet-40-12"],
)
def test_published_networks_see_what_is_said(key):
    graph = network(key).graph.without_aux()
    windows = [
        index
        for index, (node, field) in enumerate(zip(graph.nodes, fields(graph), strict=True))
        if len(node.shape) == IMAGE and field.kind == "window" and max(field.size) < graph.nodes[0].shape[1]
    ]
    inside = 0
    for node in windows[-1 :: -(len(windows) // 5)]:
        _, height, width = graph.nodes[node].shape
        inside += check(graph, [node], [(height // 2, width // 2)])
    assert inside >= 5
