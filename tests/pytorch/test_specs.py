"""Every network of the specs, run by torch on tensors without memory: it knows nothing of archcalc's formulas."""

from __future__ import annotations

import pytest
from pytorch.runs import images, module, on_meta
from specs.reading import network, networks, report

from archcalc.pytorch.verify import QUICK, verify

#: More than 600 layers, that repeat what shallower relatives have: ``pytest -m slow`` verifies them too.
DEEP = {
    "densenet.arch:densenet201", "densenet.arch:densenet264", "inception-resnet-v2.arch:inception-resnet-v2",
    "multi-resnet.arch:multi-resnet-200-k5", "multi-resnet.arch:multi-resnet-398-k5", "polynet.arch:polynet",
    "preact-resnet.arch:preact-1001", "preact-resnet.arch:preact-200", "resnet-cifar.arch:resnet-1202",
}  # fmt: skip
#: What fits in a run of all tests; of networks with no more layers than ``SMALL`` everything is compared.
ROUTINE = {*(check.__name__ for check in QUICK), "training_flops"}
SMALL = 60


def check(key, only=()):
    found = verify(network(key), only=only)
    other = {each.quantity: (each.verdict, each.departures) for each in found.quantities if each.verdict != "agrees"}
    # torch's tracker takes neither so many layers nor frozen weights
    untracked = found.layers > 300 or any(node.layer.frozen for node in network(key).graph.nodes)
    assert other == ({"training_peak_bytes": ("skipped", ())} if untracked and not only else {})
    assert found.status == "ok" and found.quantities[0].compared == len(network(key).graph.nodes)


@pytest.mark.parametrize("key", [key for key in networks() if key not in DEEP])
def test_torch_agrees(key):
    check(key, () if len(network(key).graph.nodes) <= SMALL else ROUTINE)


@pytest.mark.slow
@pytest.mark.parametrize("key", networks())
def test_torch_agrees_on_everything(key):
    check(key)


def test_side_heads_are_left_out_unless_asked_for():
    key = "googlenet.arch:googlenet"
    graph = network(key).graph
    plain, full = on_meta(graph), on_meta(graph, aux=True)
    assert sum(p.numel() for p in plain.parameters()) == report(key).totals.params
    assert sum(p.numel() for p in full.parameters()) == report(key, aux=True).totals.params
    picture = images(graph)
    assert plain(*picture).shape == (2, 1000)
    assert [output.shape for output in full(*picture)] == [(2, 1000)] * 3


def test_shared_weights_are_one_parameter_also_elsewhere():
    graph = network("polynet.arch:polynet").graph
    twin = on_meta(graph)
    sharing = [node for node in graph.nodes if node.shares is not None]
    assert sharing

    def check(what):
        for node in sharing:
            assert module(what, node).weight is module(what, graph.nodes[node.shares]).weight

    check(twin)
    check(twin.to_empty(device="meta"))
    check(twin.half())
    assert sum(p.numel() for p in twin.parameters()) == report("polynet.arch:polynet").totals.params


def test_the_module_reads_like_the_spec():
    names = on_meta(network("resnet.arch:resnet-50").graph).state_dict().keys()
    assert {"conv1.conv.weight", "conv2_x.1.conv1.weight", "fc.bias"} <= names
