"""Layers at the roof of a device: sums by hand, and bounds held against what is known to go below others."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from pathlib import Path

import pytest

from archcalc.analyses.latency.roofline import Ceiling, NoCeiling, Roof, bound_of, roof, roofline, times
from archcalc.analyses.memory.setting import OpenSize
from archcalc.devices import device_named, devices
from archcalc.layers import Conv, Deconv, Pad
from archcalc.network import build, document, read_source
from archcalc.source import Source

SPECS = Path(__file__).parents[2] / "specs"
A100 = device_named("a100-sxm4-80gb")
#: Round ceilings, so that nanoseconds can be told by hand.
ROUND = Roof(
    name="round",
    dtype="fp32",
    convolution=Ceiling("tf32", 10**12),
    matrix=Ceiling("fp32", 10**11),
    element=Ceiling("fp32", 10**11),
    bandwidth=Ceiling("memory", 10**10),
    cache=1000,
)
TEXT = """
input 8x8x16
conv 3x3, 32, pad 1, no bias
dropout 0.5
relu
flatten
fc 10
"""


def graph(text):
    return build(document(Source("hand.arch", text)), None).graph


def test_a_layer_takes_the_longest_of_its_arithmetic_and_its_bytes():
    found = roofline(graph(TEXT), ROUND)
    _, conv, dropout, relu, flatten, fc = found.layers
    macs = 8 * 8 * 32 * 16 * 9
    read = 4 * (8 * 8 * 16 + 32 * 16 * 9 + 8 * 8 * 32)
    assert (conv.macs, conv.flops, conv.moved_bytes) == (macs, 2 * macs, read)
    assert conv.time == Fraction(read, 10) > Fraction(2 * macs, 1000)  # 10 bytes a ns, 1000 operations
    assert (conv.bound, conv.intensity) == ("memory", Fraction(2 * macs, read))
    assert (dropout.time, dropout.bound, flatten.moved_bytes) == (0, "", 0)
    assert relu.time == Fraction(4 * 2 * 8 * 8 * 32, 10)
    assert fc.time == Fraction(4 * (2048 + 10 * 2048 + 10 + 10), 10)
    assert found.time == conv.time + relu.time + fc.time


def test_a_batch_shares_the_weights():
    one, many = (roofline(graph(TEXT), ROUND, batch=batch).layers[1] for batch in (1, 100))
    assert many.macs == 100 * one.macs
    assert many.moved_bytes == 100 * one.moved_bytes - 99 * 4 * 32 * 16 * 9
    assert many.time < 100 * one.time


def test_convolutions_matrix_products_and_the_rest_have_ceilings_of_their_own():
    assert times(10**6, 2 * 10**6, 0, ROUND, convolves=True) == (2000, 0, 0)
    assert times(10**6, 2 * 10**6 + 500, 0, ROUND) == (20_000, 5, 0)
    assert times(0, 500, 10**4, ROUND).bound == "memory"
    assert times(0, 5000, 10, ROUND).bound == "compute"
    assert times(0, 0, 0, ROUND).bound == ""


def test_a_layer_is_bound_by_its_launch_where_that_takes_longest():
    at_roof = times(0, 500, 10**4, ROUND)  # 1000 ns
    least = (at_roof.longest, at_roof.bound)
    assert bound_of(*least) == bound_of(*least, 4000, 900) == "memory"
    assert bound_of(*least, None, 3000) == bound_of(*least, 4000, 3000) == "launch"
    assert bound_of(*least, 100_000, 3000) == "memory"  # it takes long for another reason


@pytest.mark.parametrize(
    ("name", "dtype", "tf32", "convolution", "matrix"),
    [
        ("a100-sxm4-80gb", "fp32", True, 156, 19.5),
        ("a100-sxm4-80gb", "fp32", False, 19.5, 19.5),
        ("a100-sxm4-80gb", "tf32", True, 156, 156),
        ("a100-sxm4-80gb", "bf16", True, 312, 312),
        ("a100-sxm4-80gb", "int8", True, 624, 624),
        ("v100-sxm2-16gb", "fp32", True, 15.7, 15.7),
        ("v100-sxm2-16gb", "fp16", True, 125, 125),
    ],
)
def test_ceilings_are_those_that_pytorch_uses(name, dtype, tf32, convolution, matrix):
    device = device_named(name)
    found = roof(device, dtype, tf32=tf32)
    assert (found.convolution.rate, found.matrix.rate) == (convolution * 10**12, matrix * 10**12)
    assert found.element == Ceiling("fp32", device.peaks.fp32.value)
    assert found.bandwidth.rate == device.bandwidth.value
    assert found.cache == (40 if name[0] == "a" else 6) * 2**20


@pytest.mark.parametrize(("name", "dtype"), [("k40", "fp16"), ("v100-sxm2-16gb", "tf32"), ("t4", "bf16")])
def test_a_peak_that_is_not_published_is_not_guessed(name, dtype):
    with pytest.raises(NoCeiling, match=rf"^no {dtype} peak of .* is published: it has fp32.*$"):
        roof(device_named(name), dtype)


def test_every_device_has_a_roof_in_fp32():
    assert all(roof(device).element.rate > 0 for device in devices())


def test_weights_that_a_cache_may_hold_need_not_be_read():
    weights = 4 * (32 * 16 * 9 + 2048 * 10)
    found = roofline(graph(TEXT), ROUND)
    assert found.reading == Fraction(weights - 1000, 10)
    assert roofline(graph(TEXT), ROUND.but(cache=weights)).reading == 0
    unknown = roofline(graph(TEXT), ROUND.but(cache=None))
    assert unknown.reading is None and unknown.bound == unknown.products > 0


WINDOWS = [
    pytest.param(size, kernel, stride, pad, dilation, id=f"{size}-{kernel}-{stride}-{pad}-{dilation}")
    for size, kernel, stride, pad, dilation in product((4, 7), (1, 2, 3), (1, 2, 3), (0, 1, 3), (1, 2))
    if dilation * (kernel - 1) + 1 <= size + 2 * pad
]


@pytest.mark.parametrize(("size", "kernel", "stride", "pad", "dilation"), WINDOWS)
def test_no_convolution_does_with_less_than_a_product_an_output(size, kernel, stride, pad, dilation):
    """Windows counted one by one; along a line no fewer products are ever needed than there are such outputs."""
    layer = Conv(
        kernel=(kernel, 1), stride=(stride, 1), pad=Pad((pad, pad)), dilation=(dilation, 1), channels=6, groups=2
    )  # fmt: skip
    starts = range(-pad, size + pad - dilation * (kernel - 1), stride)
    real = [start for start in starts if start <= size - 1 and start + dilation * (kernel - 1) >= 0]
    assert layer.fewest_macs((4, size, 1)) == 2 * 6 * len(real)
    assert layer.fewest_macs((4, size, 1)) <= layer.macs((4, size, 1))


@pytest.mark.parametrize(
    ("kernel", "tile", "products"),
    [(3, 2, 16), (3, 4, 36), (3, 6, 64), (5, 2, 36)],  # Lavin and Gray 2016, sections 4.1 to 4.3: (m + r - 1)^2
)
def test_winograds_algorithm_is_not_faster_than_the_bound(kernel, tile, products):
    layer = Conv(kernel=(kernel, kernel), channels=1)
    shape = (1, tile + kernel - 1, tile + kernel - 1)
    assert layer.fewest_macs(shape) <= products < layer.macs(shape) == tile**2 * kernel**2


def test_a_transposed_convolution_needs_a_product_an_input():
    assert Deconv(kernel=(4, 4), stride=(2, 2), channels=5).fewest_macs((3, 7, 6)) == 3 * 5 * 7 * 6


@pytest.mark.parametrize(
    "spec", ["alexnet.arch", "vgg.arch", "resnet.arch", "densenet.arch", "fcn.arch", "resnext.arch"]
)
def test_the_bound_lies_below_the_roof(spec):
    read = document(read_source(str(SPECS / spec)))
    network = build(read, next(iter(read.names))).graph
    for device, dtype, batch in product((A100, device_named("p100-sxm2-16gb")), ("fp32", "fp16"), (1, 64)):
        found = roofline(network, roof(device, dtype), batch=batch)
        assert 0 < found.bound <= found.time
        assert found.time == sum(layer.time for layer in found.layers)


def test_an_open_size_has_no_time():
    with pytest.raises(OpenSize):
        roofline(graph("input HxWx3\nconv 3x3, 8"), ROUND)
