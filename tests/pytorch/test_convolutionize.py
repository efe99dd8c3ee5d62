"""A convolutionized network gives the same numbers, and on a larger image those of every window."""

from __future__ import annotations

import pytest
import torch

from archcalc.network import parse
from archcalc.pytorch import build
from archcalc.rewriting import convolutionize, resized

NETWORKS = {
    "flattened": "input 12x12x3\nconv 3x3, 8, pad 1; relu; max pool 2x2\nconv 3x3, 6; fc 20; relu; dropout 0.5; fc 7",
    "pooled": "input 12x12x3\nconv 3x3, 8; bn; relu; global average pool; fc 7; softmax",
    "a flatten and a bias less": "input 12x12x3\nconv 5x5, 4, stride 2; flatten; tanh; fc 9, no bias; fc 7",
    "gated": "input 12x12x3\nconv 3x3, 8; product: | identity | global average pool; fc 2; relu; fc 8; sigmoid; "
    "reshape 1x1x8\nglobal max pool; fc 7",
}


def pair(text):
    """A network and itself as convolutions, with the same weights in double precision."""
    torch.manual_seed(0)
    graph = parse(text.replace("; product", "\nproduct")).graph
    made = convolutionize(graph).graph
    before, after = build(graph).double().eval(), build(made).double().eval()
    for ours, theirs in zip(after.parameters(), before.parameters(), strict=True):
        assert ours.numel() == theirs.numel()
        ours.data = theirs.data.reshape(ours.shape)
    for ours, theirs in zip(after.buffers(), before.buffers(), strict=True):
        ours.data = theirs.data.clone()
    return graph, made, before, after


@pytest.mark.parametrize("name", NETWORKS)
def test_the_same_logits_on_the_same_image(name):
    _, _, before, after = pair(NETWORKS[name])
    image = torch.randn(2, 3, 12, 12, dtype=torch.double)
    found = after(image)
    assert found.shape[2:] == (1, 1)
    torch.testing.assert_close(found.flatten(1), before(image), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("name", ["pooled", "a flatten and a bias less"])
def test_a_larger_image_gives_the_logits_of_every_window(name):
    """Without padding an output of the grid is the network on its window alone."""
    _, made, before, after = pair(NETWORKS[name])
    larger = build(resized(made, [(3, 16, 20)])).double().eval()
    larger.load_state_dict(after.state_dict())
    image = torch.randn(1, 3, 16, 20, dtype=torch.double)
    grid = larger(image)
    step = 2 if name.startswith("a flatten") else 1
    assert grid.shape[2:] == (4 // step + 1, 8 // step + 1)
    for row in range(grid.shape[2]):
        for column in range(grid.shape[3]):
            window = image[:, :, step * row : step * row + 12, step * column : step * column + 12]
            torch.testing.assert_close(grid[:, :, row, column], before(window), rtol=1e-10, atol=1e-12)
