"""Sliding windows of every stride, dilation, border and rounding, in numbers and in values that loops give."""

from __future__ import annotations

import pytest
import torch
from analyses.handmade import Net
from hypothesis import assume, given
from hypothesis import strategies as st
from pytorch.runs import images, module, on_meta
from torch.nn import functional as F

from archcalc.diagnostics import Fault
from archcalc.layers import AvgPool, Conv, Deconv, Local, MaxPool, Pad, Subsample
from archcalc.pytorch import build

sizes = st.tuples(st.integers(1, 9), st.integers(1, 9))
small = st.tuples(st.integers(1, 4), st.integers(1, 4))
sides = st.tuples(st.integers(0, 3), st.integers(0, 3))
even = st.integers(0, 3).map(lambda side: (side, side))
pads = st.builds(Pad, sides, sides) | st.builds(Pad, even, even) | st.just(Pad(same=True))
windows = st.fixed_dictionaries({"kernel": small, "stride": small, "pad": pads})
options = st.fixed_dictionaries({"dilation": st.tuples(st.integers(1, 3), st.integers(1, 3)), "ceil": st.booleans()})
kinds = st.sampled_from([
    lambda **window: Conv(channels=4, groups=2, **window),
    lambda **window: Conv(channels=2, connect=((0, 1), (1,)), **window),
    lambda **window: Deconv(channels=4, **window),
    lambda **window: Local(channels=4, groups=2, **window),
    MaxPool, AvgPool, Subsample,
])  # fmt: skip


def layered(layer, *shape):
    net = Net(*shape)
    try:
        net(layer, name="layer")
    except Fault:
        assume(False)
    return net.graph()


@given(kinds, windows, options, sizes)
def test_torch_counts_the_same_positions(kind, window, option, size):
    graph = layered(kind(**window, **option), 2, *size)
    twin = on_meta(graph)
    assert tuple(twin(*images(graph)).shape[1:]) == graph.nodes[-1].shape
    stored = {name: weight.shape for name, weight in graph.nodes[-1].layer.weights((2, *size)).items()}
    assert {name: tuple(p.shape) for name, p in module(twin, graph.nodes[-1]).named_parameters()} == stored


def run(layer, *shape, batch=2):
    graph = layered(layer, *shape)
    twin, (image,) = build(graph).double(), images(graph, batch, "cpu", torch.float64)
    return image, twin(image), module(twin, graph.nodes[-1])


BORDERS = [Pad((1, 1), (1, 1)), Pad((2, 1), (0, 1)), Pad(same=True)]
#: What is put around 7 rows and 6 columns by each, for 3x2 windows at stride 2 and 3: top, bottom, left, right.
AROUND = [(1, 1, 1, 1), (2, 1, 0, 1), (1, 1, 0, 0)]
WINDOW = {"kernel": (3, 2), "stride": (2, 3)}


def cells(image, around, fill=0.0):
    """Every window, by loops: rows of outputs, of columns of outputs, of 3x2 pieces of the padded image."""
    top, bottom, left, right = around
    padded = F.pad(image, (left, right, top, bottom), value=fill)
    height, width = padded.shape[2:]
    return [[padded[:, :, y : y + 3, x : x + 2] for x in range(0, width - 1, 3)] for y in range(0, height - 2, 2)]


def assembled(pieces, of):
    return torch.stack([torch.stack([of(piece) for piece in row], -1) for row in pieces], -2)


@pytest.mark.parametrize(("pad", "around"), [*zip(BORDERS, AROUND, strict=True)])
def test_values_are_those_of_loops(pad, around):
    image, given, conv = run(Conv(channels=5, pad=pad, **WINDOW), 3, 7, 6)
    sums = assembled(cells(image, around), lambda piece: torch.einsum("bcij,ocij->bo", piece, conv.weight))
    torch.testing.assert_close(given, sums + conv.bias[:, None, None])

    image, given, conv = run(Conv(channels=3, connect=((0, 2), (1,), (2, 0, 1)), pad=pad, **WINDOW), 3, 7, 6)
    whole = torch.zeros(3, 3, 3, 2, dtype=torch.float64)
    for link, (to, source) in enumerate([(0, 0), (0, 2), (1, 1), (2, 2), (2, 0), (2, 1)]):
        whole[to, source] = conv.weight[link]
    sums = assembled(cells(image, around), lambda piece: torch.einsum("bcij,ocij->bo", piece, whole))
    torch.testing.assert_close(given, sums + conv.bias[:, None, None])

    image, given, _ = run(MaxPool(pad=pad, **WINDOW), 3, 7, 6)
    torch.testing.assert_close(given, assembled(cells(image, around, -torch.inf), lambda piece: piece.amax((2, 3))))
    image, given, _ = run(AvgPool(pad=pad, **WINDOW), 3, 7, 6)
    torch.testing.assert_close(given, assembled(cells(image, around), lambda piece: piece.mean((2, 3))))

    image, given, pool = run(Subsample(pad=pad, **WINDOW), 3, 7, 6)
    with torch.no_grad():
        pool.coefficient.copy_(torch.tensor([1.0, 2.0, 3.0])), pool.bias.copy_(torch.tensor([0.1, 0.2, 0.3]))
    sums = assembled(cells(image, around), lambda piece: piece.sum((2, 3)) * pool.coefficient + pool.bias)
    torch.testing.assert_close(pool(image), sums)


@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize(("pad", "around"), [*zip(BORDERS, AROUND, strict=True)])
def test_a_local_layer_has_weights_of_its_own_everywhere(groups, pad, around):
    image, given, local = run(Local(channels=6, groups=groups, pad=pad, **WINDOW), 4, 7, 6)
    for row, pieces in enumerate(cells(image, around)):
        for column, piece in enumerate(pieces):
            for channel in range(6):
                first = channel // (6 // groups) * (4 // groups)
                part = piece[:, first : first + 4 // groups]
                there = (part * local.weight[row, column, channel]).sum((1, 2, 3)) + local.bias[channel, row, column]
                torch.testing.assert_close(given[:, channel, row, column], there)


@pytest.mark.parametrize("dilation", [(1, 1), (2, 1)])
@pytest.mark.parametrize("pad", [*BORDERS, Pad((0, 0), (0, 0))])
def test_a_transposed_convolution_is_the_transpose_of_a_convolution(pad, dilation):
    window = {"kernel": (3, 2), "stride": (2, 2), "dilation": dilation, "pad": pad, "bias": False}
    small, large, down = run(Deconv(channels=3, **window), 5, 4, 3)
    graph = layered(Conv(channels=5, **window), *large.shape[1:])
    conv = build(graph).double()
    with torch.no_grad():
        module(conv, graph.nodes[-1]).weight.copy_(down.weight)
    there = torch.randn_like(large)
    torch.testing.assert_close((large * there).sum(), (small * conv(there)).sum())


@pytest.mark.parametrize("dilation", [(1, 1), (2, 3)])
def test_holes_in_pools_are_left_out(dilation):
    window = {"kernel": (3, 2), "stride": (1, 2), "dilation": dilation}
    image, mean, _ = run(AvgPool(**window), 3, 9, 9)
    ones = torch.ones(3, 1, 3, 2, dtype=torch.float64)
    total = F.conv2d(image, ones, stride=(1, 2), dilation=dilation, groups=3)
    torch.testing.assert_close(mean, total / 6)
    image, given, _ = run(MaxPool(pad=Pad((3, 2), (0, 0)), **window), 3, 9, 9)
    padded = F.pad(image, (0, 0, 3, 2), value=-torch.inf)
    torch.testing.assert_close(given, F.max_pool2d(padded, (3, 2), (1, 2), 0, dilation))


def test_what_hangs_over_is_no_part_of_a_mean():
    image, mean, _ = run(AvgPool(kernel=(2, 2), stride=(2, 2), ceil=True), 3, 5, 5)
    torch.testing.assert_close(mean[:, :, 2, 2], image[:, :, 4, 4])
    image, total, pool = run(Subsample(kernel=(2, 2), stride=(2, 2), ceil=True), 3, 5, 5)
    torch.testing.assert_close(total[:, :, 2, 2], image[:, :, 4, 4] * pool.coefficient)
