"""One small case for every layer type, all its figures counted by hand."""

from __future__ import annotations

from math import prod

import pytest

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
)

IMAGE, SEQUENCE, VECTOR = (4, 6, 8), (5, 4), (12,)
N = 4 * 6 * 8

#: layer, its inputs, output, stored numbers by role, multiply-adds, element operations
CASES = [
    (Input(shape=IMAGE), (), IMAGE, {}, None, None),
    (Conv(kernel=(3, 3), channels=2), (IMAGE,), (2, 4, 6), {"weights": 72, "biases": 2}, 72 * 24, 48),
    (
        Deconv(kernel=(2, 2), stride=(2, 2), channels=3),
        (IMAGE,),
        (3, 12, 16),
        {"weights": 48, "biases": 3},
        48 * 48,
        576,
    ),
    (Local(kernel=(3, 3), channels=2), (IMAGE,), (2, 4, 6), {"weights": 72 * 24, "biases": 48}, 72 * 24, 48),
    (MaxPool(kernel=(2, 2), stride=(2, 2)), (IMAGE,), (4, 3, 4), {}, 0, 3 * 48),
    (AvgPool(kernel=(2, 2), stride=(2, 2)), (IMAGE,), (4, 3, 4), {}, 0, 4 * 48),
    (GlobalAvgPool(), (IMAGE,), (4, 1, 1), {}, 0, N),
    (GlobalAvgPool(), (SEQUENCE,), (4,), {}, 0, 20),
    (GlobalMaxPool(), (IMAGE,), (4, 1, 1), {}, 0, 4 * 47),
    (Subsample(kernel=(2, 2), stride=(2, 2)), (IMAGE,), (4, 3, 4), {"others": 4, "biases": 4}, 0, 6 * 48),
    # bins of 1 and of 2x2: halves of 6 and 8 do not overlap
    (SpatialPyramidPool(levels=(2, 1)), (IMAGE,), (20,), {}, 0, 4 * (4 * 11 + 47)),
    # thirds of 4 are 0-1, 1-2, 2-3: two each, shared at the edges
    (SpatialPyramidPool(levels=(3,)), ((1, 4, 3),), (9,), {}, 0, 9 * (2 - 1)),
    (Dense(units=3), (VECTOR,), (3,), {"weights": 36, "biases": 3}, 36, 3),
    (Dense(units=3), (SEQUENCE,), (5, 3), {"weights": 12, "biases": 3}, 60, 15),
    (Dense(units=3, bias=False), (IMAGE,), (3,), {"weights": 3 * N}, 3 * N, 0),
    (RBF(units=3), (VECTOR,), (3,), {"buffers": 36}, 0, 3 * 36),
    (BatchNorm(), (IMAGE,), IMAGE, {"norms": 8, "buffers": 8}, 0, 2 * N),
    (BatchNorm(), (VECTOR,), VECTOR, {"norms": 24, "buffers": 24}, 0, 24),
    (LayerNorm(), (SEQUENCE,), SEQUENCE, {"norms": 8}, 0, 140),
    (GroupNorm(groups=2), (IMAGE,), IMAGE, {"norms": 8}, 0, 7 * N),
    (LRN(), (IMAGE,), IMAGE, {}, 0, 13 * N),
    (Activation(function="relu"), (IMAGE,), IMAGE, {}, 0, N),
    (PReLU(), (IMAGE,), IMAGE, {"others": 4}, 0, 2 * N),
    (PReLU(), (SEQUENCE,), SEQUENCE, {"others": 4}, 0, 40),
    # 25 scores a head, scaled (1) and softmaxed (5); 3 + 1 projections with biases
    (
        Attention(heads=2),
        (SEQUENCE,),
        SEQUENCE,
        {"weights": 64, "biases": 16},
        5 * 64 + 2 * 25 * 4,
        6 * 2 * 25 + 4 * 20,
    ),
    (Attention(heads=1, bias=False), (SEQUENCE,), SEQUENCE, {"weights": 64}, 5 * 64 + 2 * 25 * 4, 6 * 25),
    (Tokens(), (IMAGE,), (48, 4), {}, 0, 0),
    (ClassToken(), (SEQUENCE,), (6, 4), {"others": 4}, 0, 0),
    (Position(), (SEQUENCE,), SEQUENCE, {"others": 20}, 0, 20),
    (FirstToken(), (SEQUENCE,), (4,), {}, 0, 0),
    (Dropout(rate=0.5), (IMAGE,), IMAGE, {}, 0, 0),
    (DropPath(), (IMAGE,), IMAGE, {}, 0, 0),
    (Flatten(), (IMAGE,), (N,), {}, 0, 0),
    (Identity(), (IMAGE,), IMAGE, {}, 0, 0),
    (Reshape(shape=(8, 6, 4)), (IMAGE,), (8, 6, 4), {}, 0, 0),
    (ChannelShuffle(groups=2), (IMAGE,), IMAGE, {}, 0, 0),
    (Upsample(factor=(2, 3)), (IMAGE,), (4, 12, 24), {}, 0, 0),
    (Upsample(factor=(2, 3), mode="bilinear"), (IMAGE,), (4, 12, 24), {}, 0, 7 * 6 * N),
    (Crop(offset=(1, 2), size=(3, 4)), (IMAGE,), (4, 3, 4), {}, 0, 0),
    (ZeroShortcut(channels=7, stride=(2, 3)), (IMAGE,), (7, 3, 3), {}, 0, 0),
    (Scale(factor=0.17), (IMAGE,), IMAGE, {}, 0, N),
    (LayerScale(), (SEQUENCE,), SEQUENCE, {"others": 4}, 0, 20),
    (LayerScale(), (IMAGE,), IMAGE, {"others": 4}, 0, N),
    (Sum(), (IMAGE, IMAGE, IMAGE), IMAGE, {}, 0, 2 * N),
    (Concat(), (IMAGE, (3, 6, 8)), (7, 6, 8), {}, 0, 0),
    (Concat(), (SEQUENCE, (5, 2)), (5, 6), {}, 0, 0),
    (Concat(), (VECTOR, (2,)), (14,), {}, 0, 0),
    (Mean(), (IMAGE, IMAGE), IMAGE, {}, 0, 2 * N),
    (Max(), (IMAGE, IMAGE), IMAGE, {}, 0, N),
    (Product(), ((4, 1, 1), IMAGE), IMAGE, {}, 0, N),
    (Product(), (IMAGE, (4,)), IMAGE, {}, 0, N),
    (Warp(height=2, width=3), (IMAGE, (6,)), (4, 2, 3), {}, 0, 13 * 24),
]


def test_no_layer_is_left_out():
    assert {type(case[0]) for case in CASES} == set(LAYERS)
    assert len(set(LAYERS)) == len(LAYERS)


@pytest.mark.parametrize(("layer", "inputs", "output", "stored", "macs", "element_ops"), CASES)
def test_figures(layer, inputs, output, stored, macs, element_ops):
    assert all(rule.holds() for rule in layer.rules(*inputs))
    assert layer.output(*inputs) == output
    if not inputs:
        return
    found: dict[str, int] = {}
    for weight in layer.weights(*inputs).values():
        assert weight.numel == prod(weight.shape)
        found[weight.role] = found.get(weight.role, 0) + weight.numel
    assert found == stored
    assert (layer.macs(*inputs), layer.element_ops(*inputs)) == (macs, element_ops)


@pytest.mark.parametrize(("function", "operations"), [
    ("relu", 1), ("relu6", 2), ("leaky relu", 2), ("elu", 5), ("sigmoid", 4), ("tanh", 4), ("gelu", 5), ("silu", 5),
    ("softmax", 5),
])  # fmt: skip
def test_operations_of_activation_functions(function, operations):
    assert Activation(function=function).element_ops(VECTOR) == operations * 12
    assert Activation(function=function).kind == function
    assert function in FUNCTIONS


def test_what_papers_count_as_a_layer():
    weighted = {layer.kind for layer in LAYERS if layer.weight_layer}
    assert weighted == {"conv", "deconv", "local", "fc", "subsample", "rbf"}


def test_what_keeps_no_output_of_its_own():
    views = {layer.kind for layer in LAYERS if layer.view}
    assert views == {"flatten", "identity", "reshape", "crop", "tokens", "first token"}
    assert {layer for layer in LAYERS if layer.activation} == {Activation, PReLU, Dropout, DropPath}


@pytest.mark.parametrize(("layer", "inputs", "code"), [
    (Input(shape=(3, 0, 5)), (), "A305"),
    (Conv(kernel=(0, 1), channels=1), (IMAGE,), "A305"), (Conv(kernel=(7, 1), channels=1), (IMAGE,), "A301"),
    (Conv(kernel=(1, 1), channels=0), (IMAGE,), "A305"), (Conv(kernel=(1, 1), channels=6, groups=4), (IMAGE,), "A302"),
    (Conv(kernel=(1, 1), channels=3, groups=3), (IMAGE,), "A302"),
    (Conv(kernel=(1, 1), channels=2, connect=((0,),)), (IMAGE,), "A302"),
    (Conv(kernel=(1, 1), channels=1, connect=((4,),)), (IMAGE,), "A302"),
    (MaxPool(kernel=(2, 2), stride=(0, 1)), (IMAGE,), "A305"), (GroupNorm(groups=3), (IMAGE,), "A302"),
    (Attention(heads=3), (SEQUENCE,), "A302"), (Reshape(shape=(5,)), (IMAGE,), "A304"),
    (Crop(offset=(0, 5), size=(6, 4)), (IMAGE,), "A301"), (Crop(offset=(-1, 0), size=(2, 2)), (IMAGE,), "A301"),
    (ZeroShortcut(channels=3, stride=(1, 1)), (IMAGE,), "A303"), (Sum(), (IMAGE, (4, 6, 7)), "A303"),
    (Sum(), (IMAGE, SEQUENCE), "A303"), (Concat(), (IMAGE, (4, 5, 8)), "A303"), (Product(), (IMAGE, (3, 1, 1)), "A303"),
    (Warp(height=2, width=2), (IMAGE, (7,)), "A303"), (Warp(height=2, width=2), (IMAGE,), "A303"),
    (SpatialPyramidPool(levels=(0,)), (IMAGE,), "A305"), (Dense(units=0), (VECTOR,), "A305"),
    (ChannelShuffle(groups=3), (IMAGE,), "A302"), (Upsample(factor=(0, 1)), (IMAGE,), "A305"),
    (LRN(size=0), (IMAGE,), "A305"),
    (RBF(units=0), (VECTOR,), "A305"), (Deconv(kernel=(1, 1), channels=1, groups=5), (IMAGE,), "A302"),
])  # fmt: skip
def test_rules_are_broken_where_they_should_be(layer, inputs, code):
    broken = [rule for rule in layer.rules(*inputs) if rule.holds() is False]
    assert code in {rule.code for rule in broken}
    assert all(rule.message for rule in broken)
