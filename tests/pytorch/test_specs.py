"""Every network of the specs, run by torch on tensors without memory: it knows nothing of archcalc's formulas."""

from __future__ import annotations

import pytest
import torch
from pytorch.runs import COUNTERS, images, macs_by_layer, module, on_meta, recorded, stored
from specs.reading import network, networks, report
from torch.utils.flop_counter import FlopCounterMode

from archcalc.layers import Conv, Deconv, Warp

#: Deeper networks than this repeat what their shallower relatives have: they run forward only.
DEEP = 600


def grouped(graph):
    """Whether the counter errs on its backward pass: it takes a grouped convolution's weights for those of a whole one.
    A connection table runs as a grouped convolution."""
    layers = [node.layer for node in graph.nodes if isinstance(node.layer, Conv | Deconv)]
    return any(layer.groups > 1 or (isinstance(layer, Conv) and layer.connect) for layer in layers)


def warping(counter, graph):
    """A warp is no product of matrices to us, but torch finds the gradient of its six numbers by one."""
    warps = any(isinstance(node.layer, Warp) for node in graph.nodes)
    return counter.get_flop_counts()["Global"].get(torch.ops.aten.bmm, 0) if warps else 0


@pytest.mark.parametrize("key", networks())
def test_torch_agrees(key):
    graph, totals = network(key).graph, report(key, aux=True).totals
    rows = {row.name: row for row in report(key, aux=True).layers}
    deep = len(graph.nodes) > DEEP
    twin = on_meta(graph, aux=True)

    with recorded(twin, graph) as shapes, FlopCounterMode(display=False) as counter, torch.set_grad_enabled(not deep):
        outputs = twin(*images(graph, batch=2))
        macs, forward = macs_by_layer(counter, twin, graph), counter.get_total_flops()
        if not deep:
            # in-place layers that destroy what a backward pass needs make torch raise here
            sum(output.sum() for output in outputs).backward()

    assert shapes == {node.name: node.shape for node in graph.nodes}
    assert tuple(outputs[0].shape[1:]) == graph.nodes[graph.output].shape
    assert macs == {name: 2 * row.macs for name, row in rows.items()}
    assert forward == 2 * 2 * totals.macs
    if not deep and not grouped(graph):
        assert counter.get_total_flops() - warping(counter, graph) == 2 * totals.training_flops

    for node in graph.nodes:
        assert stored(module(twin, node)) == rows[node.name].tensors, node.name
    parameters = list(twin.parameters())
    assert sum(p.numel() for p in parameters) == totals.params
    assert sum(p.numel() for p in parameters if p.requires_grad) == totals.trainable
    buffers = [(name.rpartition(".")[2], buffer) for name, buffer in twin.named_buffers()]
    assert sum(buffer.numel() for name, buffer in buffers if name not in COUNTERS) == totals.buffers
    tensors = (*parameters, *(buffer for _, buffer in buffers))
    assert sum(tensor.nbytes for tensor in tensors) == totals.weights_bytes


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
