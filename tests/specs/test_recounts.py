"""Every network of specs/ against its recount by hand in tests/oracles: the two share no code and no text."""

from __future__ import annotations

import pytest
from oracles import classics, dense, googlenet, inceptions, others, residuals, resnets, vgg

from .reading import network, networks

RECOUNTED = (classics, dense, googlenet, inceptions, others, residuals, resnets, vgg)
COUNTS = {key: counts for module in RECOUNTED for key, counts in module.NETWORKS.items()}
FIGURES = (
    "params", "weights", "biases", "norms", "others", "trainable", "buffers", "weight_layers", "depth", "macs",
    "neurons", "connections", "activations",
)  # fmt: skip


@pytest.mark.parametrize("key", sorted(COUNTS))
def test_a_network_comes_to_what_was_counted_by_hand(key):
    counts = COUNTS[key]
    report = network(key).report()
    wanted = {name: getattr(counts, name) for name in FIGURES}
    assert {name: getattr(report.totals, name) for name in wanted} == wanted
    assert report.output == channels_first(counts.output)
    assert counts.batch_norms == sum(row.kind == "bn" for row in report.layers)


@pytest.mark.parametrize("key", sorted(key for key in COUNTS if COUNTS[key].shapes))
def test_a_layer_has_the_shape_that_was_worked_out_by_hand(key):
    graph = network(key).graph
    shapes = COUNTS[key].shapes
    outputs = {name: graph.nodes[graph.place(name).output].shape for name in shapes}
    assert outputs == {name: channels_first(shape) for name, shape in shapes.items()}


SIDE_HEADS = {key: (head,) for key, head in inceptions.AUXILIARY.items()}
SIDE_HEADS["googlenet.arch:googlenet"] = googlenet.AUXILIARY


@pytest.mark.parametrize("key", sorted(SIDE_HEADS))
def test_side_heads_count_when_they_are_asked_for(key):
    heads = (COUNTS[key], *SIDE_HEADS[key])
    totals = network(key).report(aux=True).totals
    for name in ("params", "biases", "macs", "weight_layers", "activations"):
        assert getattr(totals, name) == sum(getattr(head, name) for head in heads), name


def test_every_network_is_counted_twice():
    assert set(COUNTS) == set(networks()) - {"resnext.arch:resnext-block"}


def channels_first(shape):
    return (shape[-1], *shape[:-1])
