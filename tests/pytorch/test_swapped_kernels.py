"""Ways to see a field, and networks with swapped kernels, as PyTorch has them."""

from __future__ import annotations

import pytest
import torch
from specs.reading import network

from archcalc.analyses.kernels import kernels
from archcalc.pytorch import build
from archcalc.rewriting import swap, swap_of


@pytest.mark.parametrize("field", [1, 2, 5, 6, 7])
def test_what_an_output_depends_on(field):
    """With weights of 1 and inputs above 0 a gradient is 0 only where nothing is read."""
    side = 2 * field + 8
    for each in kernels(field, (4, 4), (side, side), bias=True).groups[0].ways:
        module = build(each.graph).double().eval()
        assert sum(parameter.numel() for parameter in module.parameters()) == each.params, each.name
        for parameter in module.parameters():
            parameter.data.fill_(1)
        image = torch.ones(1, 4, side, side, dtype=torch.double, requires_grad=True)
        output = module(image)
        assert tuple(output.shape[1:]) == each.output, each.name
        output[0, :, side // 2, side // 2].sum().backward()
        seen = image.grad[0].sum(0).nonzero()
        assert len(seen) == each.reads, each.name
        assert tuple((seen.max(0).values - seen.min(0).values + 1).tolist()) == each.field, each.name


@pytest.mark.parametrize("size", [(8, 8), (9, 7)])
def test_what_halves(size):
    for each in kernels(5, (4, 6), size).groups[1].ways:
        with torch.device("meta"):
            module = build(each.graph)
            assert tuple(module(torch.empty(1, 4, *size)).shape[1:]) == each.output, each.name
        assert sum(parameter.numel() for parameter in module.parameters()) == each.params, each.name


@pytest.mark.parametrize(
    ("key", "rule"),
    [
        ("resnet.arch:resnet-18", "3x3 -> dw 3x3, 1x1"),
        ("googlenet.arch:googlenet", "5x5 -> 4x4, 2x2"),
        ("resnet-cifar.arch:resnet-20", "3x3 -> 1x3, 3x1"),
        ("alexnet.arch:alexnet", "3x3 -> 5x5 dilation 2"),
    ],
)
def test_swapped_networks_run(key, rule):
    graph = network(key).graph.without_aux()
    made = swap(graph, swap_of(rule))
    with torch.device("meta"):
        module = build(made).eval()
        before = build(graph).eval()
        image = torch.empty(2, *graph.nodes[0].shape)
        assert module(image).shape == before(image).shape
    assert len([*module.parameters()]) > len([*before.parameters()]) or "dilation" in rule
