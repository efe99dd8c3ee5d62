"""Each type of layer as a module: what it stores, gives and counts, on real numbers and with a backward pass."""

from __future__ import annotations

import pytest
import torch
from analyses.handmade import Net
from pytorch.runs import images, macs_by_layer, module, recorded, stored
from torch.utils.flop_counter import FlopCounterMode

from archcalc.analyses.cost import costs
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
    Pad,
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
from archcalc.pytorch import build
from archcalc.pytorch.constructors import CONSTRUCTORS
from archcalc.pytorch.constructors import FUNCTIONS as MODULES

IMAGE, TOKENS, VECTOR = (6, 9, 8), (5, 6), (12,)
UNEVEN = Pad((2, 1), (0, 2))
ODD = {"kernel": (3, 2), "stride": (2, 1), "pad": UNEVEN, "dilation": (1, 2)}
SAME = {"kernel": (3, 2), "stride": (2, 3), "pad": Pad(same=True)}
EVEN = {"kernel": (3, 3), "stride": (2, 2), "pad": Pad((1, 1), (1, 1))}
LINKS = ((0, 1), (5,), (2, 3, 4))

#: A layer and the shapes that it reads.
CASES = [
    (Input(shape=IMAGE), IMAGE),
    *[(Conv(channels=4, **window), IMAGE) for window in (EVEN, ODD, SAME)],
    (Conv(channels=4, groups=2, ceil=True, bias=False, kernel=(2, 2), stride=(2, 3)), IMAGE),
    (Conv(channels=3, connect=LINKS, **ODD), IMAGE),
    (Conv(channels=3, connect=LINKS, bias=False, kernel=(3, 3)), IMAGE),
    *[(Deconv(channels=4, groups=2, **window), IMAGE) for window in (EVEN, ODD, SAME)],
    *[(Local(channels=4, groups=2, **window), IMAGE) for window in (EVEN, ODD, SAME)],
    (Local(channels=4, bias=False, kernel=(3, 3)), IMAGE),
    *[(MaxPool(ceil=ceil, **window), IMAGE) for window in (EVEN, ODD, SAME) for ceil in (False, True)],
    *[(AvgPool(ceil=ceil, **window), IMAGE) for window in (EVEN, ODD, SAME) for ceil in (False, True)],
    *[(Subsample(**window), IMAGE) for window in (EVEN, ODD, SAME)],
    *[(pool(), shape) for pool in (GlobalAvgPool, GlobalMaxPool) for shape in (IMAGE, TOKENS)],
    (SpatialPyramidPool(levels=(3, 2, 1)), IMAGE),
    *[(Dense(units=7, bias=bias), shape) for bias in (True, False) for shape in (IMAGE, TOKENS, VECTOR)],
    (RBF(units=4), VECTOR),
    *[(BatchNorm(affine=affine), shape) for affine in (True, False) for shape in (IMAGE, VECTOR)],
    *[(LayerNorm(), shape) for shape in (IMAGE, TOKENS, VECTOR)],
    (GroupNorm(groups=3), IMAGE),
    (LRN(size=3), IMAGE),
    *[(Activation(function=function), shape) for function in FUNCTIONS for shape in (IMAGE, TOKENS, VECTOR)],
    *[(PReLU(), shape) for shape in (IMAGE, TOKENS, VECTOR)],
    *[(Attention(heads=2, bias=bias), TOKENS) for bias in (True, False)],
    (Tokens(), IMAGE),
    (ClassToken(), TOKENS),
    (Position(), TOKENS),
    (FirstToken(), TOKENS),
    *[(drop, shape) for drop in (Dropout(), DropPath()) for shape in (IMAGE, TOKENS, VECTOR)],
    *[(Flatten(), shape) for shape in (IMAGE, VECTOR)],
    (Identity(), IMAGE),
    (Reshape(shape=(8, 9, 6)), IMAGE),
    (ChannelShuffle(groups=3), IMAGE),
    *[(Upsample(factor=(2, 3), mode=mode), IMAGE) for mode in ("nearest", "bilinear")],
    (Crop(offset=(2, 1), size=(4, 5)), IMAGE),
    (ZeroShortcut(channels=9, stride=(2, 3)), IMAGE),
    (Scale(factor=0.17), IMAGE),
    *[(LayerScale(), shape) for shape in (IMAGE, TOKENS, VECTOR)],
    *[(merge(), shape, shape, shape) for merge in (Sum, Mean, Max, Product) for shape in (IMAGE, TOKENS, VECTOR)],
    *[(merge(), IMAGE) for merge in (Sum, Mean, Max, Product)],
    (Product(), (6, 1, 1), IMAGE, (6,)),
    *[(Concat(), shape, shape) for shape in (IMAGE, TOKENS, VECTOR)],
    (Warp(height=3, width=4), IMAGE, (6,)),
]


def alone(layer, shapes):
    """A network of one layer."""
    net = Net()
    inputs = [net.input(*shape, name=f"in{number}") for number, shape in enumerate(shapes)]
    if not isinstance(layer, Input):
        net(layer, *inputs, name="layer")
    return net.graph()


def test_every_type_has_a_constructor_and_a_case():
    assert set(CONSTRUCTORS) == set(LAYERS) == {type(layer) for layer, *_ in CASES}
    assert set(MODULES) == set(FUNCTIONS)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0].kind}")
def test_a_layer_does_what_is_said_of_it(case):
    layer, *shapes = case
    graph = alone(layer, shapes)
    (*_, cost), node = costs(graph), graph.nodes[-1]
    twin = build(graph).double()
    inputs = [image.requires_grad_() for image in images(graph, device="cpu", dtype=torch.float64)]

    with recorded(twin, graph) as seen, FlopCounterMode(display=False) as counter:
        output = twin(*inputs)
        macs, forward = macs_by_layer(counter, twin, graph)[node.name], counter.get_total_flops()
    assert seen[node.name] == tuple(output.shape[1:]) == node.shape
    assert output.isfinite().all()
    assert (macs, forward) == (2 * cost.macs, 4 * cost.macs)

    own = module(twin, node)
    if node.inputs:
        tensors = {name: weight.shape for name, weight in layer.weights(*graph.input_shapes(node)).items()}
        assert stored(own) == tensors

    (output * torch.randn_like(output)).sum().backward()
    for name, value in (*own.named_parameters(), *((f"input {i}", image) for i, image in enumerate(inputs))):
        assert value.grad is not None and value.grad.isfinite().all() and value.grad.any(), name


@pytest.mark.parametrize(
    "layer", {type(layer): layer for layer, *_ in CASES if not isinstance(layer, Input)}.values(), ids=lambda x: x.kind
)
def test_frozen_weights_get_no_gradient(layer):
    shapes = next(shapes for case, *shapes in CASES if case is layer)
    graph = alone(layer.but(frozen=True), shapes)
    twin = build(graph)
    assert not any(parameter.requires_grad for parameter in twin.parameters())
    assert (sum(p.numel() for p in twin.parameters()), 0) == (costs(graph)[-1].params, costs(graph)[-1].trainable)
