"""Parameters, operations and bytes, held against printed tables, hand counts and brute force."""

from __future__ import annotations

import pytest
from handmade import Net
from hypothesis import given
from hypothesis import strategies as st

from archcalc.algebra import evaluate, symbol
from archcalc.analyses.cost import COUNTS, costs, depth, input_numbers, total
from archcalc.layers import (
    RBF,
    Activation,
    Attention,
    BatchNorm,
    Concat,
    Conv,
    Deconv,
    Dense,
    Dropout,
    Flatten,
    GlobalAvgPool,
    LayerNorm,
    MaxPool,
    Pad,
    PReLU,
    Subsample,
    Sum,
)  # fmt: skip

#: LeCun et al. 1998, table I: the maps of S2 that each map of C3 reads
C3_READS = "012 123 234 345 045 015 0123 1234 2345 0345 0145 0125 0134 1245 0235 012345"


def lenet5():
    net = Net(1, 32, 32)
    net(Conv(kernel=(5, 5), channels=6), name="C1")
    net(Subsample(kernel=(2, 2), stride=(2, 2)), name="S2")
    table = tuple(tuple(int(digit) for digit in word) for word in C3_READS.split())
    net(Conv(kernel=(5, 5), channels=16, connect=table), name="C3")
    net(Subsample(kernel=(2, 2), stride=(2, 2)), name="S4")
    net(Conv(kernel=(5, 5), channels=120), name="C5")
    net(Flatten(), name="flat")
    net(Dense(units=84), name="F6")
    net(RBF(units=10), name="output")
    return net.graph()


def by_name(graph, **options):
    return dict(zip([node.name for node in graph.nodes], costs(graph, **options), strict=True))


@pytest.mark.parametrize(
    ("name", "params", "connections"),
    [
        ("C1", 156, 122_304), ("S2", 12, 5_880), ("C3", 1_516, 151_600), ("S4", 32, 2_000), ("C5", 48_120, 48_120),
        ("F6", 10_164, 10_164), ("output", 0, 840),
    ],
)  # fmt: skip
def test_lenet5_as_its_paper_prints_it(name, params, connections):
    cost = by_name(lenet5())[name]
    assert (cost.params, cost.connections) == (params, connections)


def test_lenet5_in_total():
    whole = total(costs(lenet5()))
    assert (whole.params, whole.connections, whole.weight_layers) == (60_000, 340_908, 7)
    assert whole.buffers == 10 * 84
    assert whole.neurons == 6 * 28 * 28 + 6 * 14 * 14 + 16 * 100 + 16 * 25 + 120 + 84 + 10
    assert depth(lenet5()) == 7


def small():
    """conv 3 -> 4 (3x3, 8x8, bias), bn, relu, fc 5: every count below is by hand."""
    net = Net(3, 8, 8)
    net(Conv(kernel=(3, 3), channels=4, pad=Pad((1, 1), (1, 1))), name="conv")
    net(BatchNorm(), name="bn")
    net(Activation(function="relu"), name="relu")
    net(Dense(units=5), name="fc")
    return net.graph()


def test_every_count_of_a_small_network():
    costs_of = by_name(small())
    conv, bn, relu, fc = (costs_of[name] for name in ("conv", "bn", "relu", "fc"))
    assert (conv.weights, conv.biases, conv.norms, conv.others, conv.params) == (108, 4, 0, 0, 112)
    assert (bn.norms, bn.params, bn.buffers, bn.trainable) == (8, 8, 8, 8)
    assert (conv.macs, fc.macs, bn.macs) == (108 * 64, 256 * 5, 0)
    assert (conv.flops, bn.flops, relu.flops, fc.flops) == (2 * 6912 + 256, 512, 256, 2 * 1280 + 5)
    # the input needs no gradient: conv is done twice, fc three times
    assert (conv.training_flops, fc.training_flops, bn.training_flops) == (2 * 2 * 6912, 2 * 3 * 1280, 0)
    assert (conv.activations, bn.activations, relu.activations, fc.activations) == (256, 256, 0, 5)
    assert (conv.weights_bytes, bn.weights_bytes, fc.weights_bytes) == (448, 4 * 16 + 8, 4 * 1285)
    assert conv.moved_bytes == 4 * (192 + 112 + 256)
    assert conv.intensity == pytest.approx((2 * 6912 + 256) / (4 * 560))
    assert costs_of["input"] == type(conv)()
    assert input_numbers(small()) == 192


def test_a_batch_multiplies_operations_and_activations_only():
    one, eight = total(costs(small())), total(costs(small(), batch=8))
    for name in ("macs", "flops", "training_flops", "activations", "activations_bytes"):
        assert getattr(eight, name) == 8 * getattr(one, name), name
    for name in ("params", "buffers", "weights_bytes", "neurons", "connections", "weight_layers"):
        assert getattr(eight, name) == getattr(one, name), name
    weights = 4 * (112 + 16 + 1285)
    assert eight.moved_bytes - weights == 8 * (one.moved_bytes - weights)


@pytest.mark.parametrize(
    ("dtype", "conv", "bn", "activations"),
    [("fp32", 448, 72, 1024), ("fp16", 224, 40, 512), ("bf16", 224, 40, 512), ("int8", 108 + 16, 72, 256)],
)
def test_bytes_follow_the_dtype(dtype, conv, bn, activations):
    found = by_name(small(), dtype=dtype)
    assert (found["conv"].weights_bytes, found["bn"].weights_bytes) == (conv, bn)
    assert found["conv"].activations_bytes == activations


def test_views_move_nothing_and_dropout_keeps_nothing():
    net = Net(2, 4, 4)
    net(Dropout(), name="dropout")
    net(Flatten(), name="flat")
    found = by_name(net.graph())
    assert (found["flat"].moved_bytes, found["flat"].intensity, found["flat"].activations) == (0, None, 0)
    assert found["dropout"].activations == 0


def test_total_intensity_is_flops_over_all_that_the_layers_move():
    parts = costs(small())
    whole = total(parts)
    assert whole.intensity == pytest.approx(sum(part.flops for part in parts) / sum(part.moved_bytes for part in parts))


def test_shared_weights_are_stored_once_and_used_every_time():
    net = Net(4, 8, 8)
    first = net(Conv(kernel=(3, 3), channels=4, pad=Pad((1, 1), (1, 1))), name="first")
    net(BatchNorm(), name="bn1")
    net(Conv(kernel=(3, 3), channels=4, pad=Pad((1, 1), (1, 1))), name="again", shares=first)
    net(BatchNorm(), name="bn2")
    found = by_name(net.graph())
    assert (found["first"].params, found["again"].params, found["again"].weights_bytes) == (148, 0, 0)
    assert found["again"].macs == found["first"].macs == 144 * 64
    assert found["bn1"].params == found["bn2"].params == 8
    assert found["again"].moved_bytes == found["first"].moved_bytes
    assert found["again"].training_flops == 3 * 2 * 144 * 64


def conv(frozen=False):
    return Conv(kernel=(1, 1), channels=2, bias=False, frozen=frozen)


UNIT = 2 * 4 * 9  # operations of one pass of conv() over a 2x3x3 input


@pytest.mark.parametrize(
    ("frozen", "passes"),
    [
        # forward, weights' gradient, input's gradient
        ("--", [2, 3]), ("f-", [1, 2]), ("-f", [2, 2]), ("ff", [1, 1]), ("f-f", [1, 2, 2]), ("ff-", [1, 1, 2]),
    ],
)  # fmt: skip
def test_backward_stops_where_nothing_trains(frozen, passes):
    net = Net(2, 3, 3)
    for letter in frozen:
        net(conv(letter == "f"))
    assert [cost.training_flops for cost in costs(net.graph())[1:]] == [UNIT * count for count in passes]


def test_a_gradient_reaches_through_every_branch_that_holds_a_weight():
    net = Net(2, 3, 3)
    bare = net(Activation(function="relu"))
    trained = net(PReLU(), 0)
    joined = net(Sum(), bare, trained)
    net(conv(frozen=True), bare, name="from the bare branch")
    net(conv(frozen=True), joined, name="after the sum")
    found = by_name(net.graph())
    assert found["from the bare branch"].training_flops == UNIT
    assert found["after the sum"].training_flops == 2 * UNIT


def test_a_user_of_frozen_weights_is_frozen():
    net = Net(2, 3, 3)
    first = net(conv(frozen=True))
    net(conv(), shares=first, name="again")
    assert by_name(net.graph())["again"].training_flops == UNIT


def test_frozen_parameters_are_counted_but_not_trained():
    net = Net(2, 3, 3)
    net(Deconv(kernel=(4, 4), stride=(2, 2), channels=2, bias=False, frozen=True), name="up")
    up = by_name(net.graph())["up"]
    assert (up.params, up.trainable) == (64, 0)


def test_training_attention_by_hand():
    # 3 tokens of 4 channels: projections 4 x 3x4x4, products 2 x 3x3x4
    projections, products = 4 * 3 * 16, 2 * 3 * 3 * 4
    first = Net(3, 4)
    first(Attention(heads=2))
    assert costs(first.graph())[1].macs == projections + products
    assert costs(first.graph())[1].training_flops == 2 * (2 * projections + 3 * products)
    later = Net(3, 4)
    later(LayerNorm())
    later(Attention(heads=2))
    assert costs(later.graph())[2].training_flops == 2 * (3 * projections + 3 * products)
    frozen = Net(3, 4)
    frozen(Attention(heads=2, frozen=True))
    assert costs(frozen.graph())[1].training_flops == 2 * (projections + products)


@given(st.data())
def test_depth_is_that_of_the_longest_of_all_paths(data):
    net = Net(2, 3, 3)
    inputs = [()]
    for index in range(1, data.draw(st.integers(1, 9))):
        sources = data.draw(st.lists(st.integers(0, index - 1), min_size=1, max_size=3, unique=True))
        if len(sources) > 1:
            net(Sum(), *sources)
        else:
            net(conv() if data.draw(st.booleans()) else Activation(function="relu"), *sources)
        inputs.append(tuple(sources))
    graph = net.graph()

    def paths(index):
        tails = [path for source in inputs[index] for path in paths(source)] or [()]
        return [(*tail, index) for tail in tails]

    every = [path for index in range(len(inputs)) for path in paths(index)]
    assert depth(graph) == max(sum(graph.nodes[index].layer.kind == "conv" for index in path) for path in every)


def test_depth_of_a_part_leaves_out_what_comes_before():
    net = Net(2, 3, 3)
    for _ in range(5):
        net(conv())
    assert depth(net.graph(), range(2, 5)) == 3


def test_closed_forms_agree_with_numbers():
    def network(height, width, channels):
        net = Net(3, height, width)
        stem = net(Conv(kernel=(7, 7), stride=(2, 2), pad=Pad((3, 3), (3, 3)), channels=channels))
        net(BatchNorm())
        net(Activation(function="relu"))
        net(MaxPool(kernel=(3, 3), stride=(2, 2)))
        branch = net(Conv(kernel=(3, 3), pad=Pad((1, 1), (1, 1)), channels=channels, frozen=True))
        net(Concat(), branch, branch)
        net(Conv(kernel=(3, 3), pad=Pad(same=True), stride=(2, 2), channels=2 * channels))
        net(GlobalAvgPool())
        net(Dense(units=10))
        assert stem == 1
        return net.graph()

    closed = total(costs(network(symbol("H"), symbol("W"), symbol("k")), batch=3))
    assert closed.intensity is None
    for values in ({"H": 64, "W": 48, "k": 5}, {"H": 33, "W": 35, "k": 1}):
        exact = total(costs(network(*values.values()), batch=3))
        for name in COUNTS:
            assert evaluate(getattr(closed, name), values) == getattr(exact, name), name
