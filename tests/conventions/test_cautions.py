"""What is said of tools beside their rules, about modules that archcalc does not make, is so of the pinned releases."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent

MODULES = """
import json, sys
sys.path.insert(0, sys.argv[1])
import torch
from torch import nn
from torch.nn import functional as F
from tools import TOOLS

class Fused(nn.Module):
    def forward(self, tokens):
        return F.scaled_dot_product_attention(tokens, tokens, tokens)

class WrittenOut(nn.Module):
    def forward(self, tokens):
        return tokens @ tokens.transpose(-2, -1) @ tokens

tokens = torch.zeros(1, 2, 50, 8)
asked = {
    "fused": (Fused(), tokens),
    "written out": (WrittenOut(), tokens),
    "same": (nn.Conv2d(3, 4, 3, padding="same", bias=False), torch.zeros(1, 3, 8, 8)),
    "padded": (nn.Conv2d(3, 4, 3, padding=1, bias=False), torch.zeros(1, 3, 8, 8)),
}
found = {}
for tool, (count, _) in TOOLS.items():
    if tool in sys.argv[2:]:
        found[tool] = {name: count(module.eval(), [image])["total"] for name, (module, image) in asked.items()}
print(json.dumps(found))
"""

GRADIENTS = """
import torch
from torch.utils.flop_counter import FlopCounterMode
image = torch.zeros(1, 8, 9, 9, requires_grad=True)
with FlopCounterMode(display=False) as counter:
    made = torch.nn.Conv2d(8, 8, 3, groups=8, bias=False)(image)
    forward = counter.get_total_flops()
    made.sum().backward()
print(forward, counter.get_total_flops() - forward)
"""


def run(code, *arguments):
    """Each in a process of its own: tools patch torch."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, timeout=300, cwd=HERE.parents[1]
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().splitlines()[-1]


def test_fused_attention_and_same_padding():
    found = json.loads(run(MODULES, str(HERE), "fvcore", "torch", "ptflops-aten"))
    found |= json.loads(run(MODULES, str(HERE), "thop", "ptflops"))
    products, conv = 2 * 2 * 50 * 50 * 8, 4 * 3 * 9 * 64
    counts = {name: [found[tool][name] for tool in found] for name in ("fused", "written out", "same", "padded")}
    assert [*found] == ["fvcore", "torch", "ptflops-aten", "thop", "ptflops"]
    assert counts == {
        "fused": [0] * 5,
        "written out": [products, 2 * products, products, 0, 0],
        "same": [0, 2 * conv, conv, conv, conv],
        "padded": [conv, 2 * conv, conv, conv, conv],
    }


def test_gradients_of_grouped_convolutions():
    forward, backward = map(int, run(GRADIENTS).split())
    # the gradient of the image as often as it should be, that of the weights once more for each of the 8 groups
    assert backward == forward + 8 * forward
