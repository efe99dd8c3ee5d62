"""Multiply-adds and weights, held against layers that are really computed, multiplication by multiplication."""

from __future__ import annotations

from collections import Counter
from itertools import product
from math import prod

from hypothesis import given
from hypothesis import strategies as st

from archcalc.layers import Attention, Conv, Deconv, Dense, Local, Pad

few = st.integers(1, 3)
pair = st.tuples(few, few)
pads = st.tuples(st.integers(0, 2), st.integers(0, 2))


class Tally:
    """Counts multiplications, by weight, and remembers which outputs they went to."""

    def __init__(self) -> None:
        self.weights: Counter[tuple] = Counter()
        self.outputs: set[tuple] = set()

    def multiply(self, weight: tuple, output: tuple) -> None:
        self.weights[weight] += 1
        self.outputs.add(output)

    def check(self, layer, shape) -> None:
        weight = layer.weights(shape)["weight"]
        assert len(self.weights) == prod(weight.shape) == weight.numel
        assert sum(self.weights.values()) == layer.macs(shape)
        assert {tuple(output) for output in self.outputs} == {
            (c, y, x)
            for c in range(layer.output(shape)[0])
            for y in range(layer.output(shape)[1])
            for x in range(layer.output(shape)[2])
        }


def starts(size, kernel, stride, dilation, pad):
    """Where the window stands along one axis of the padded input."""
    return range(0, size + sum(pad) - dilation * (kernel - 1), stride)


def windows(layer, shape):
    """Every output position with the cells of its window, padding included."""
    rows, columns = (
        starts(size, k, s, d, pad)
        for size, k, s, d, pad in zip(
            shape[1:], layer.kernel, layer.stride, layer.dilation, (layer.pad.height, layer.pad.width), strict=True
        )
    )
    for y, _ in enumerate(rows):
        for x, _ in enumerate(columns):
            for i in range(layer.kernel[0]):
                for j in range(layer.kernel[1]):
                    yield y, x, i, j


@st.composite
def sliding(draw, kind):
    groups = draw(few)
    options = {"kernel": draw(pair), "stride": draw(pair), "dilation": draw(pair), "pad": Pad(draw(pads), draw(pads))}
    layer = kind(channels=groups * draw(few), groups=groups, bias=draw(st.booleans()), **options)
    shape = (groups * draw(few), draw(st.integers(7, 8)), draw(st.integers(7, 8)))
    return layer, shape


def grouped(layer, shape):
    """Every output channel with the input channels of its group."""
    read = shape[0] // layer.groups
    for channel in range(layer.channels):
        for local in range(read):
            yield channel, local


@given(sliding(Conv))
def test_convolution(drawn):
    layer, shape = drawn
    tally = Tally()
    for y, x, i, j in windows(layer, shape):
        for channel, local in grouped(layer, shape):
            tally.multiply((channel, local, i, j), (channel, y, x))
    tally.check(layer, shape)
    outputs = len(tally.outputs)
    assert layer.element_ops(shape) == (outputs if layer.bias else 0)
    assert layer.connections(shape) == layer.macs(shape) + (outputs if layer.bias else 0)
    assert ("bias" in layer.weights(shape)) == layer.bias


@given(sliding(Local))
def test_locally_connected(drawn):
    layer, shape = drawn
    tally = Tally()
    for y, x, i, j in windows(layer, shape):
        for channel, local in grouped(layer, shape):
            tally.multiply((y, x, channel, local, i, j), (channel, y, x))
    tally.check(layer, shape)
    biases = layer.weights(shape).get("bias")
    assert (biases.numel if biases else 0) == (len(tally.outputs) if layer.bias else 0)


@given(sliding(Deconv))
def test_transposed_convolution(drawn):
    """Every input position meets every weight of its channel, what the padding crops included."""
    layer, (channels, height, width) = drawn
    tally = Tally()
    into = layer.channels // layer.groups
    cells = list(product(range(channels), range(into), range(layer.kernel[0]), range(layer.kernel[1])))
    for _ in product(range(height), range(width)):
        for cell in cells:
            tally.multiply(cell, ())
    weight = layer.weights((channels, height, width))["weight"]
    assert len(tally.weights) == weight.numel
    assert sum(tally.weights.values()) == layer.macs((channels, height, width))


@given(st.lists(st.lists(st.integers(0, 3), min_size=1, max_size=4, unique=True), min_size=1, max_size=5), pair)
def test_partial_connections(table, kernel):
    layer = Conv(kernel=kernel, channels=len(table), connect=tuple(map(tuple, table)))
    shape = (4, 5, 6)
    tally = Tally()
    for y, x, i, j in windows(layer, shape):
        for channel, maps in enumerate(table):
            for source in maps:
                tally.multiply((channel, source, i, j), (channel, y, x))
    tally.check(layer, shape)


@given(few, few, st.integers(0, 4))
def test_fully_connected(units, read, tokens):
    rows = range(tokens or 1)
    products = [(row, unit, value) for row in rows for unit in range(units) for value in range(read)]
    shape = (tokens, read) if tokens else (read,)
    assert Dense(units=units).macs(shape) == len(products)
    assert Dense(units=units).weights(shape)["weight"].numel == len({product[1:] for product in products})
    image = Dense(units=units).weights((read, 2, 3))["weight"]
    assert image.shape == (units, len([(c, y, x) for c in range(read) for y in range(2) for x in range(3)]))


@given(few, few, few)
def test_attention(heads, width, tokens):
    channels = heads * width
    projections = [
        (t, i, o, which) for t in range(tokens) for i in range(channels) for o in range(channels) for which in "qkvo"
    ]
    scores = [(h, q, k, i) for h in range(heads) for q in range(tokens) for k in range(tokens) for i in range(width)]
    layer, shape = Attention(heads=heads), (tokens, channels)
    assert layer.product_macs(shape) == 2 * len(scores)
    assert layer.macs(shape) == len(projections) + 2 * len(scores)
    stored = sum(weight.numel for weight in layer.weights(shape).values() if weight.role == "weights")
    assert stored == len({entry[1:] for entry in projections})
