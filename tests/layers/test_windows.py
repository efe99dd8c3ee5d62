"""Sizes of sliding windows, held against windows placed one by one."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from archcalc.algebra import evaluate, symbol
from archcalc.layers import AvgPool, Conv, Deconv, MaxPool, Pad, Window
from archcalc.layers.window import Axis

sizes, kernels, strides, dilations = st.integers(1, 40), st.integers(1, 7), st.integers(1, 5), st.integers(1, 3)
pads = st.integers(0, 4)


def one_axis(layer, size):
    """A layer's output along the height of an image one pixel wide."""
    return layer.output((1, size, 1))[1]


@given(sizes, kernels, strides, pads, pads, dilations)
def test_outputs_are_the_places_of_the_window(size, kernel, stride, before, after, dilation):
    padded = size + before + after
    cells = range(0, (kernel - 1) * dilation + 1, dilation)
    places = [start for start in range(0, padded, stride) if start + cells[-1] < padded]
    layer = Conv(
        kernel=(kernel, 1), stride=(stride, 1), dilation=(dilation, 1), pad=Pad((before, after), (0, 0)), channels=1
    )
    broken = [rule for rule in layer.rules((1, size, 1)) if not rule.holds()]
    assert bool(places) == (not broken)
    if places:
        assert one_axis(layer, size) == len(places)
        assert layer.axes((1, size, 1))[0].unread == size - (places[-1] + cells[-1] + 1 - before)


@given(sizes, kernels, strides, pads)
def test_without_dilation_it_is_the_length_of_a_range(size, kernel, stride, pad):
    places = range(0, size + 2 * pad - kernel + 1, stride)
    assume(len(places))
    assert Axis(size, kernel, stride, pad, pad).outputs == len(places)


@given(sizes, kernels, strides, pads, pads)
def test_ceil_goes_on_until_the_end_is_covered_but_never_starts_past_it(size, kernel, stride, before, after):
    assume(kernel <= size + before + after)
    last, count = 0, 1
    while last + kernel < size + before + after and last + stride < size + before:
        last, count = last + stride, count + 1
    for kind in (MaxPool, AvgPool):
        layer = kind(kernel=(kernel, 1), stride=(stride, 1), pad=Pad((before, after), (0, 0)), ceil=True)
        assert one_axis(layer, size) == count


@given(sizes, kernels, strides, dilations)
def test_same_is_tensorflows(size, kernel, stride, dilation):
    """out = ceil(in / stride); the total pad is what that needs, the odd pixel goes to the end (tf.nn.convolution)."""
    layer = Conv(kernel=(kernel, 1), stride=(stride, 1), dilation=(dilation, 1), pad=Pad(same=True), channels=1)
    axis = layer.axes((1, size, 1))[0]
    outputs = -(-size // stride)
    reach = (kernel - 1) * dilation + 1
    total = max((outputs - 1) * stride + reach - size, 0)
    assert (axis.outputs, axis.before, axis.after) == (outputs, total // 2, (total + 1) // 2)


@given(sizes, kernels, strides, pads, pads, dilations)
def test_a_transposed_convolution_is_as_long_as_what_it_writes(size, kernel, stride, before, after, dilation):
    written = [stride * i + dilation * cell for i in range(size) for cell in range(kernel)]
    kept = range(before, max(written) + 1 - after)
    layer = Deconv(
        kernel=(kernel, 1), stride=(stride, 1), dilation=(dilation, 1), pad=Pad((before, after), (0, 0)), channels=1
    )
    assert all(rule.holds() for rule in layer.rules((1, size, 1))) == bool(kept)
    if kept:
        assert one_axis(layer, size) == len(kept)


@given(sizes, kernels, strides, dilations)
def test_a_transposed_convolution_under_same_enlarges_by_its_stride(size, kernel, stride, dilation):
    layer = Deconv(kernel=(kernel, 1), stride=(stride, 1), dilation=(dilation, 1), pad=Pad(same=True), channels=1)
    assert one_axis(layer, size) == size * stride


@given(st.integers(1, 9), kernels, strides, pads, dilations)
def test_closed_forms_hold_for_every_size(more, kernel, stride, pad, dilation):
    size = dilation * (kernel - 1) + more
    layers = [
        Conv(kernel=(kernel, 1), stride=(stride, 1), dilation=(dilation, 1), pad=Pad((pad, pad), (0, 0)), channels=1),
        Conv(kernel=(kernel, 1), stride=(stride, 1), dilation=(dilation, 1), pad=Pad(same=True), channels=1),
        MaxPool(kernel=(kernel, 1), stride=(stride, 1), dilation=(dilation, 1), pad=Pad((pad, 0), (0, 0)), ceil=True),
    ]
    for layer in layers:
        assert evaluate(one_axis(layer, symbol("H")), {"H": size}) == one_axis(layer, size)


def test_the_lectures_sums():
    assert [Axis(7, 3, stride, 0, 0).outputs for stride in (1, 2, 3)] == [5, 3, 2]
    assert Axis(7, 3, 3, 0, 0).unread == 1
    assert Axis(7, 3, 2, 1, 1).outputs == 4
    assert [Axis(32, kernel, 1, (kernel - 1) // 2, (kernel - 1) // 2).outputs for kernel in (3, 5, 7)] == [32, 32, 32]


@pytest.mark.parametrize(
    "pad,plain",
    [(Pad(), [0, 0, 0, 0]), (Pad((1, 2), (3, 4)), [1, 2, 3, 4]), (Pad(same=True), "same")],
)
def test_pads_as_plain_values(pad, plain):
    assert pad.plain() == plain
    attributes = Conv(kernel=(1, 1), channels=1, pad=pad).attributes()
    assert attributes.get("pad") == (None if pad == Pad() else plain)


def test_a_dilated_window_skips_what_lies_between():
    assert Axis(9, 3, 2, 1, 1, 3).window == Window(2, -1, 5, gap=3)
