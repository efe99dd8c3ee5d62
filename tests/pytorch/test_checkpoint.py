"""Checkpointed training, byte for byte beside torch.utils.checkpoint on the same segments."""

from __future__ import annotations

import pytest
import torch
from pytorch.runs import images
from specs.reading import network
from torch import nn
from torch._subclasses import FakeTensorMode
from torch.utils.checkpoint import checkpoint

import archcalc
from archcalc.analyses.memory.budget import memory
from archcalc.analyses.memory.checkpoint import segments
from archcalc.analyses.memory.logits import logits
from archcalc.analyses.memory.setting import Setting
from archcalc.pytorch import build, watch

CHAIN = "input 16x16x8\n" + "conv 3x3, 8, pad 1, no bias\n" * 12 + "global average pool\nfc 10\n"
BLOCKS = "input 16x16x8\n" + "conv 3x3, 8, pad 1; bn; relu\n" * 6 + "global average pool\nfc 10\nsoftmax\n"


class InSegments(nn.Module):
    """A twin whose segments but the last are checkpointed."""

    def __init__(self, graph, count):
        super().__init__()
        self.twin, self.graph, self.segments = build(graph), graph, segments(graph, count)

    def run(self, segment, image):
        held = {max(segment.start - 1, self.graph.inputs[0]): image}
        del image
        for index in segment:
            step = self.twin._steps[index]
            if step.sources:
                held[index] = step.module(*[held[source] for source in step.sources])
            for spent in step.frees:
                held.pop(spent, None)
        return held[segment[-1]]

    def forward(self, image):
        *early, last = self.segments
        for segment in early:
            image = checkpoint(self.run, segment, image, use_reentrant=False)
        return self.run(last, image)


def graph_of(key):
    return archcalc.parse(key).graph if "\n" in key else network(key).graph


@pytest.mark.parametrize(("key", "count"), [
    (CHAIN, 2), (CHAIN, 5), (BLOCKS, 3), ("resnet-cifar.arch:resnet-20", 4), ("densenet.arch:densenet-40-12", 3),
    pytest.param("resnet.arch:resnet-18", 4, marks=pytest.mark.slow),
    pytest.param("vgg.arch:A", 3, marks=pytest.mark.slow),
], ids=lambda value: str(value)[-60:])  # fmt: skip
def test_the_largest_moment_in_segments(key, count):
    graph = logits(graph_of(key))
    with FakeTensorMode():
        module, targets = InSegments(graph, count), torch.zeros(2, dtype=torch.int64)
        optimizer = torch.optim.SGD(module.parameters(), 0.1)
        seen = watch.training_bytes(module, optimizer, images(graph, 2, "cpu"), targets)
    found = memory(graph, Setting(batch=2), segments=count).training
    assert len(module.segments) == count
    # torch stops a second run as soon as all is there that it needs, an operation sooner
    assert abs(found.peak - seen["Total"]) <= max(found.peak // 1000, 64 * 1024)
    # equal where the largest moment is in the last segment
    assert found.peak <= memory(graph, Setting(batch=2)).training.peak


def test_nothing_is_cut_where_two_tensors_pass():
    graph = network("resnet.arch:resnet-18").graph
    for first, second in zip(segments(graph, 6), segments(graph, 6)[1:], strict=False):
        assert first.stop == second.start
        crossing = {source for node in graph.nodes[second.start :] for source in node.inputs if source < second.start}
        assert crossing == {second.start - 1}


def test_more_segments_than_pieces():
    graph = graph_of("input 8x8x3\nconv 3x3, 4\nfc 10")
    assert len(segments(graph, 50)) == 2


@pytest.mark.parametrize("text", [
    "input left: 8x8x3\na: conv 3x3, 4, pad 1\ninput right: 8x8x3\nb: conv 3x3, 4, pad 1\n"
    "sum:\n    | from a\n    | from b\nconv 1x1, 4\nrelu\nfc 10",
    "input 8x8x3\nrelu", "input 10\nsoftmax", "input 8x8x3\nconv 3x3, 4, frozen\nmax pool 2x2\nfc 10",
], ids=["two inputs", "nothing trains", "nothing but a softmax", "frozen first"])  # fmt: skip
def test_any_network_is_cut(text):
    graph = archcalc.parse(text).graph
    plain = memory(graph, Setting()).training
    for count in (2, 3, 9):
        found = memory(graph, Setting(), segments=count).training
        assert (found.gradients, found.step) == (plain.gradients, plain.step)  # all is taken back, nothing is left over
