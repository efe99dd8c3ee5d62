"""Fully connected layers as convolutions: the same weights, and a grid on larger images."""

from __future__ import annotations

import pytest
from specs.reading import network, networks

from archcalc.analyses.cost import costs
from archcalc.analyses.grid import NothingToRewrite, convolution
from archcalc.formats.spec import write
from archcalc.layers import AvgPool, Conv, Dense, MaxPool
from archcalc.network import parse
from archcalc.rewriting import convolutionize, resized


def rewritten(text):
    return convolutionize(parse(text).graph)


def kinds(graph):
    return [node.layer.kind for node in graph.nodes[1:]]


def test_vgg_16():
    """Its first fully connected layer is 7x7, no padding, 4096 maps; then 1x1."""
    found = convolution(network("vgg.arch:D").graph, [(3, 384, 384), (3, 448, 320), (3, 255, 255)])
    assert [each.now for each in found.rewritten] == [
        Conv(channels=4096, kernel=(7, 7)), Conv(channels=4096, kernel=(1, 1)), Conv(channels=1000, kernel=(1, 1)),
    ]  # fmt: skip
    assert found.same and found.params == 138_357_544
    # 384 is 12 at a stride of 32, in which a window of 7 has 6 places
    assert [grid.positions for grid in found.grids] == [(1, 1), (6, 6), (8, 4), (1, 1)]
    assert {(grid.field.size, grid.field.stride) for grid in found.grids} == {((404, 404), (32, 32))}
    assert found.grids[1].window_macs == 36 * 15_470_264_320
    assert found.grids[1].macs < found.grids[1].window_macs / 11


@pytest.mark.parametrize("key", networks())
def test_every_network_keeps_its_parameters_and_multiply_adds(key):
    graph = network(key).graph.without_aux()
    if len(graph.nodes) > 1500:
        pytest.skip("its units are those of a smaller one")
    made = convolutionize(graph)
    before = {node.name: (cost.params, cost.macs) for node, cost in zip(graph.nodes, costs(graph), strict=True)}
    after = {
        node.name: (cost.params, cost.macs) for node, cost in zip(made.graph.nodes, costs(made.graph), strict=True)
    }
    assert {name: after.get(name, (0, 0)) for name in before} == before
    assert [node.layer for node in parse(write(made.graph)).graph.nodes] == [node.layer for node in made.graph.nodes]
    fully = {node.name for node in graph.nodes if isinstance(node.layer, Dense)}
    assert {*made.rewritten, *(name for name, _ in made.left)} >= fully


def test_a_global_pool_before_the_last_layer_slides():
    made = rewritten("input 32x32x3\nconv 3x3, 8, stride 4, pad 1; relu\nglobal average pool; fc 10; softmax")
    pool = next(node.layer for node in made.graph.nodes if node.name == "pool")
    assert pool == AvgPool(kernel=(8, 8), stride=(1, 1))
    assert (made.rewritten, made.pools) == (("fc",), ("pool",))
    assert resized(made.graph, [(3, 64, 48)]).nodes[-1].shape == (10, 9, 5)
    largest = rewritten("input 32x32x3\nconv 3x3, 8; global max pool; fc 10")
    assert [node.layer for node in largest.graph.nodes][2] == MaxPool(kernel=(30, 30), stride=(1, 1))


def test_a_gate_goes_on_seeing_the_whole_image():
    made = rewritten(
        "input 16x16x8\nproduct: | identity | global average pool; fc 2; relu; fc 8; sigmoid; reshape 1x1x8\n"
        "global average pool; fc 10"
    )
    assert made.pools == ("pool2",)
    assert kinds(made.graph) == [
        "global avg pool", "conv", "relu", "conv", "sigmoid", "reshape", "product", "avg pool", "conv",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("flatten; fc 10", ["conv"]),
        ("flatten; dropout 0.5; relu; fc 10; relu; fc 4", ["dropout", "relu", "conv", "relu", "conv"]),
        ("global average pool; flatten; bn; fc 10", ["avg pool", "bn", "conv"]),
        # a norm of 8*8*4 numbers is none of 4
        ("flatten; bn; fc 10", ["flatten", "bn", "fc"]),
        ("flatten; softmax; fc 10", ["flatten", "softmax", "fc"]),
        ("spatial pyramid pool 2,1; fc 10", ["spatial pyramid pool", "fc"]),
        ("fc 10; rbf 3", ["conv", "flatten", "rbf"]),
        ("tokens; fc 10", ["tokens", "fc"]),
    ],
)
def test_what_becomes_a_convolution(text, wanted):
    assert kinds(rewritten(f"input 8x8x4\n{text}").graph) == wanted


def test_what_is_left_is_told():
    made = rewritten("input 8x8x4\ntokens; fc 10")
    assert made.left == (("fc", "it reads tokens"),)
    with pytest.raises(NothingToRewrite, match="no fully connected layer that could be a convolution; fc: it reads"):
        convolution(parse("input 8x8x4\ntokens; fc 10").graph)
    with pytest.raises(NothingToRewrite):
        convolution(network("nin.arch:nin-cifar10").graph)


def test_shared_weights_stay_shared():
    made = rewritten("input 8x8x4\na: fc 4\nb: fc 4\nc: fc 4, share b").graph
    assert [node.shares for node in made.nodes] == [None, None, None, 2]


@pytest.mark.parametrize(
    ("text", "shape", "said"),
    [
        ("conv 3x3, 4, pad 1; fc 10", (4, 7, 8), "fc: a window of 8 does not fit height 7"),
        ("fc 10; rbf 3", (4, 16, 16), "rbf: its weights are for an input of 10"),
        ("spatial pyramid pool 1; relu; fc 4; reshape 2x2x1", (4, 16, 16), None),
        ("position-less: fc 12; reshape 2x2x3", (4, 9, 9), "reshape: 2x2x3 holds 12 numbers"),
    ],
)
def test_an_input_that_does_not_fit_is_told(text, shape, said):
    graph = parse(f"input 8x8x4\n{text}").graph
    if said is None:
        assert resized(graph, [shape]).nodes[-1].shape == graph.nodes[-1].shape
        return
    grid = convolution(graph, [shape]).grids[1]
    assert said in grid.wrong.message and grid.positions is None


def test_side_heads_are_left_out_and_that_is_told():
    found = convolution(network("googlenet.arch:googlenet").graph)
    assert found.heads and not any(node.aux for node in found.graph.nodes)
    assert [each.name for each in found.rewritten] == ["fc"]
    assert not convolution(network("vgg.arch:D").graph).heads
