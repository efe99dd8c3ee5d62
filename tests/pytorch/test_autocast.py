"""Mixed precision beside torch.autocast on a CPU."""

from __future__ import annotations

import pytest
import torch
from pytorch.runs import images
from pytorch.test_checkpoint import graph_of
from torch._subclasses import FakeTensorMode

from archcalc.analyses.memory.budget import memory
from archcalc.analyses.memory.logits import logits
from archcalc.analyses.memory.setting import Setting
from archcalc.pytorch import build, watch

TINY = "input 16x16x8\nconv 3x3, 8, pad 1; bn; relu\nmax pool 2x2\nlrn\nfc 10\nsoftmax\n"
TOKENS = "input 16x16x3\npatch embed 4x4, 24\nlayer norm\nattention 2 heads\nfc 48\ngelu\nglobal average pool\nfc 5\n"


@pytest.mark.parametrize("key", [
    TINY, TOKENS, "resnet-cifar.arch:resnet-20", "densenet.arch:densenet-40-12", "stn.arch:stn-mnist",
    pytest.param("vgg.arch:A", marks=pytest.mark.slow),
    pytest.param("alexnet-2012.arch:alexnet-2012", marks=pytest.mark.slow),
], ids=lambda key: key[-30:])  # fmt: skip
def test_a_step_in_mixed_precision(key):
    graph = logits(graph_of(key).without_aux())
    with FakeTensorMode():
        module, targets = build(graph), torch.zeros(2, dtype=torch.int64)
        optimizer = torch.optim.SGD(module.parameters(), 0.1)
        pictures = images(graph, 2, "cpu")
        seen = watch.training_bytes(module, optimizer, pictures, targets, torch.autocast("cpu", torch.bfloat16))
    found = memory(graph, Setting(batch=2, amp=True)).training.peak
    # copies of biases go when autocast ends, here with their layer; and the kernel's batch statistics are fp32, where
    # fake tensors have them as narrow as what is normalised
    assert abs(found - seen["Total"]) <= max(found // 500, 4096)


def test_weights_are_copied_once_and_stay():
    graph = graph_of("input 64\nfc 100, no bias\nfc 10, no bias\n")
    plain, mixed = (memory(graph, Setting(amp=amp)).running for amp in (False, True))
    copies = 2 * (64 * 100 + 100 * 10)
    assert plain.peak < copies < mixed.peak
