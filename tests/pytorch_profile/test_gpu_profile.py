"""Networks measured on a GPU: where there is one."""

from __future__ import annotations

import pytest
import torch

from archcalc import parse
from archcalc.analyses.latency.measured import Setting
from archcalc.pytorch.profile import profile

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU: PyTorch sees none")

TEXT = """network small
input 64x64x3
conv1: conv 3x3, 32, pad 1, no bias; bn; relu
conv2: conv 3x3, 32, pad 1, no bias; bn; relu
global average pool
fc: fc 10
"""
ON = Setting(device="cuda", batch=4, seconds=1.0)


@pytest.mark.parametrize(
    "setting",
    [ON, ON.but(dtype="tf32"), ON.but(dtype="bf16", channels_last=True), ON.but(dtype="fp16"), ON.but(train=True)],
)
def test_a_gpu_is_measured(setting):
    if setting.dtype in ("tf32", "bf16") and torch.cuda.get_device_capability() < (8, 0):
        pytest.skip(f"this GPU has no {setting.dtype}")
    found = profile(parse(TEXT), setting)
    assert found.whole.count >= 30 and found.whole.minimum > 0
    assert found.machine["name"] == torch.cuda.get_device_name()
    assert found.memory.measured > 0
    if setting.train:
        assert len(found.phases) == 3
    else:
        assert len(found.layers) == 9 and min(layer.time.minimum for layer in found.layers) >= 0
        assert min(layer.launch_ns for layer in found.layers) > 0


def test_a_captured_network_has_no_layers():
    found = profile(parse(TEXT), ON.but(cuda_graph=True))
    assert found.layers == () and found.instrumented is None and found.whole.count >= 30
