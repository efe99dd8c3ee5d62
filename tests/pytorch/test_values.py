"""Modules of ours that slide no window, held against their definitions."""

from __future__ import annotations

import pytest
import torch
from analyses.handmade import Net
from pytorch.runs import images, module
from torch.nn import functional as F

from archcalc.layers import (
    LRN,
    RBF,
    Activation,
    Attention,
    ChannelShuffle,
    ClassToken,
    Concat,
    Crop,
    Dense,
    DropPath,
    FirstToken,
    GlobalAvgPool,
    GlobalMaxPool,
    LayerNorm,
    LayerScale,
    Max,
    Mean,
    Position,
    PReLU,
    Product,
    Reshape,
    SpatialPyramidPool,
    Sum,
    Tokens,
    Upsample,
    Warp,
    ZeroShortcut,
)
from archcalc.pytorch import build

same = torch.testing.assert_close
IMAGE, TOKENS = (6, 4, 5), (5, 6)


def run(layer, *shapes, training=False):
    net = Net()
    net(layer, *[net.input(*shape, name=f"in{number}") for number, shape in enumerate(shapes)])
    graph = net.graph()
    twin = build(graph).double().train(training)
    own = module(twin, graph.nodes[-1])
    with torch.no_grad():
        for parameter in own.parameters():
            parameter.normal_()
    given = images(graph, 3, "cpu", torch.float64)
    return *given, twin(*given), own


def test_attention_is_what_torch_fuses():
    tokens, output, own = run(Attention(heads=2), TOKENS)
    queries, keys, values = own.qkv(tokens).view(3, 5, 3, 2, 3).permute(2, 0, 3, 1, 4)
    mixed = F.scaled_dot_product_attention(queries, keys, values).transpose(1, 2).reshape(3, 5, 6)
    same(output, own.out(mixed))


def test_lrn_is_the_papers_sum_not_a_mean():
    image, output, _ = run(LRN(size=5), IMAGE)
    for channel in range(6):
        near = image[:, max(0, channel - 2) : channel + 3].square().sum(1)
        same(output[:, channel], image[:, channel] / (2 + 1e-4 * near) ** 0.75)


def test_a_pyramid_is_strung_level_by_level_channels_outermost():
    image, output, _ = run(SpatialPyramidPool(levels=(2, 1)), (6, 4, 4))
    quarters = [image[:, :, y : y + 2, x : x + 2].amax((2, 3)) for y in (0, 2) for x in (0, 2)]
    same(output, torch.cat([torch.stack(quarters, 2).flatten(1), image.amax((2, 3))], 1))


def test_layer_norm_goes_over_the_channels_of_each_position():
    image, output, own = run(LayerNorm(), IMAGE)
    mean, variance = image.mean(1, keepdim=True), image.var(1, keepdim=True, correction=0)
    plain = (image - mean) / (variance + 1e-5).sqrt()
    same(output, plain * own.weight[:, None, None] + own.bias[:, None, None])


def test_trained_factors_belong_to_channels():
    for layer in (PReLU(), LayerScale()):
        for shape, spread in ((IMAGE, (6, 1, 1)), (TOKENS, (6,)), ((6,), (6,))):
            value, output, own = run(layer, shape)
            (factor,) = (parameter.view(spread) for parameter in own.parameters())
            same(output, torch.where(value > 0, value, factor * value) if layer == PReLU() else factor * value)


@pytest.mark.parametrize("shape", [IMAGE, TOKENS, (6,)])
def test_softmax_goes_over_the_channels(shape):
    axis = 2 if shape == TOKENS else 1
    _, output, _ = run(Activation(function="softmax"), shape)
    same(output.sum(axis), torch.ones_like(output.sum(axis)))
    _, output, _ = run(Activation(function="log softmax"), shape)
    same(output.exp().sum(axis), torch.ones_like(output.sum(axis)))


def test_slopes_are_passed_on():
    value, output, _ = run(Activation(function="leaky relu", slope=0.2), IMAGE)
    same(output, torch.where(value > 0, value, 0.2 * value))
    value, output, _ = run(Activation(function="elu", slope=0.5), IMAGE)
    same(output, torch.where(value > 0, value, 0.5 * value.expm1()))


def test_what_moves_numbers():
    image, output, _ = run(Tokens(), IMAGE)
    same(output[:, 7], image[:, :, 1, 2])
    tokens, output, own = run(ClassToken(), TOKENS)
    same(output, torch.cat([own.token.repeat(3, 1, 1), tokens], 1))
    tokens, output, own = run(Position(), TOKENS)
    same(output - tokens, own.embedding.repeat(3, 1, 1))
    tokens, output, _ = run(FirstToken(), TOKENS)
    same(output, tokens[:, 0])
    image, output, _ = run(ChannelShuffle(groups=2), IMAGE)
    same(output, image[:, [0, 3, 1, 4, 2, 5]])
    image, output, _ = run(Crop(offset=(1, 2), size=(2, 3)), IMAGE)
    same(output, image[:, :, 1:3, 2:5])
    image, output, _ = run(ZeroShortcut(channels=8, stride=(3, 2)), IMAGE)
    same(output, torch.cat([image[:, :, [0, 3]][:, :, :, [0, 2, 4]], torch.zeros(3, 2, 2, 3).double()], 1))
    image, output, _ = run(Upsample(factor=(2, 3)), IMAGE)
    same(output, image.repeat_interleave(2, 2).repeat_interleave(3, 3))
    image, output, _ = run(Reshape(shape=(3, 8, 5)), IMAGE)
    same(output.flatten(), image.flatten())


def test_bilinear_has_its_centres_in_the_middle_of_pixels():
    image, output, _ = run(Upsample(factor=(1, 2), mode="bilinear"), IMAGE)
    same(output[..., 3], 0.75 * image[..., 1] + 0.25 * image[..., 2])


def test_whole_maps():
    image, output, _ = run(GlobalAvgPool(), IMAGE)
    same(output, image.mean((2, 3), keepdim=True))
    image, output, _ = run(GlobalMaxPool(), IMAGE)
    same(output, image.amax((2, 3), keepdim=True))
    tokens, output, _ = run(GlobalMaxPool(), TOKENS)
    same(output, tokens.amax(1))
    image, output, own = run(Dense(units=3), IMAGE)
    same(output, torch.einsum("bchw,ochw->bo", image, own.weight.view(3, *IMAGE)) + own.bias)


def test_radial_basis():
    vector, output, own = run(RBF(units=4), (6,))
    assert set(own.centres.unique().tolist()) == {-1.0, 1.0}
    same(output[1, 2], sum((vector[1, i] - own.centres[2, i]) ** 2 for i in range(6)))


@pytest.mark.parametrize("shape", [IMAGE, TOKENS, (6,)])
def test_branches_meet(shape):
    one, two, three, output, _ = run(Sum(), shape, shape, shape)
    same(output, one + two + three)
    one, two, three, output, _ = run(Mean(), shape, shape, shape)
    same(output, (one + two + three) / 3)
    one, two, three, output, _ = run(Max(), shape, shape, shape)
    same(output, torch.stack([one, two, three]).amax(0))
    one, two, output, _ = run(Product(), shape, shape)
    same(output, one * two)
    one, two, output, _ = run(Concat(), shape, shape)
    same(output, torch.cat([one, two], 2 if shape == TOKENS else 1))


def test_one_number_a_channel_weighs_an_image():
    for gate in ((6, 1, 1), (6,)):
        weight, image, output, _ = run(Product(), gate, IMAGE)
        same(output, weight.view(3, 6, 1, 1) * image)


def test_a_warp_by_the_identity_changes_nothing():
    net = Net()
    net(Warp(height=4, width=5), net.input(*IMAGE, name="image"), net.input(6, name="six"))
    image = torch.randn(2, *IMAGE)
    kept = torch.tensor([1.0, 0, 0, 0, 1, 0]).repeat(2, 1)
    same(build(net.graph())(image, kept), image)
    mirrored = torch.tensor([-1.0, 0, 0, 0, 1, 0]).repeat(2, 1)
    same(build(net.graph())(image, mirrored), image.flip(3))


def test_a_dropped_path_is_dropped_whole_and_made_up_for():
    torch.manual_seed(0)
    net = Net(1, 2, 2)
    net(DropPath(rate=0.25))
    twin, ones = build(net.graph()), torch.ones(4000, 1, 2, 2)
    dropped = twin(ones)
    assert set(dropped.unique().tolist()) == {0.0, torch.tensor(1 / 0.75).item()}
    assert (dropped == dropped[:, :, :1, :1]).all()
    assert dropped.mean().item() == pytest.approx(1, abs=0.03)
    same(twin.eval()(ones), ones)
