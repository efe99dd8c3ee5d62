"""The device that a setting names, and whether it can do what the setting asks for."""

from __future__ import annotations

import torch

from archcalc.analyses.latency.measured import Setting
from archcalc.pytorch.profile.faults import Unmeasurable

DTYPES = {"fp32": torch.float32, "tf32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
#: The first GPUs whose tensor cores take TF32 are Ampere's.
_AMPERE = (8, 0)


def device_of(setting: Setting) -> torch.device:
    """The device. Raises Unmeasurable where there is none of that name, or where it cannot run that way."""
    kind, _, number = setting.device.partition(":")
    if kind not in ("cpu", "cuda") or (number and not number.isdecimal()) or (kind == "cpu" and number):
        raise Unmeasurable(f"no device '{setting.device}'", "known: cpu, cuda, cuda:1 for the second GPU")
    if setting.dtype not in DTYPES:
        raise Unmeasurable(f"no dtype '{setting.dtype}' to run in", f"known: {', '.join(DTYPES)}")
    if setting.cuda_graph and setting.train:
        raise Unmeasurable("a CUDA graph is captured of inference alone", "leave out --train or --cuda-graph")
    return _cpu(setting) if kind == "cpu" else _cuda(setting, int(number) if number else None)


def _cpu(setting: Setting) -> torch.device:
    if setting.dtype == "tf32":
        raise Unmeasurable("tf32 is a way of GPUs' tensor cores, the CPU has none", "--dtype fp32 or --device cuda")
    if setting.cuda_graph:
        raise Unmeasurable("a CUDA graph needs a GPU, this is the CPU", "leave out --cuda-graph, or --device cuda")
    return torch.device("cpu")


def _cuda(setting: Setting, number: int | None) -> torch.device:
    if not torch.cuda.is_available():
        why = "is built without CUDA" if torch.version.cuda is None else "sees no GPU"
        raise Unmeasurable(f"no CUDA device: PyTorch {torch.__version__} {why}", "--device cpu measures on the CPU")
    count = torch.cuda.device_count()
    if number is None:
        number = torch.cuda.current_device()
    if number >= count:
        there = "there is cuda:0 alone" if count == 1 else f"there are cuda:0 to cuda:{count - 1}"
        raise Unmeasurable(f"no device cuda:{number}: {there}", "--device cuda takes the current one")
    capability, name = torch.cuda.get_device_capability(number), torch.cuda.get_device_name(number)
    if setting.dtype == "tf32" and capability < _AMPERE:
        raise Unmeasurable(f"{name} has no TF32: that came with compute capability 8.0", "--dtype fp32")
    if setting.dtype == "bf16" and capability < _AMPERE:
        raise Unmeasurable(f"{name} has no bf16: that came with compute capability 8.0", "--dtype fp16")
    return torch.device("cuda", number)
