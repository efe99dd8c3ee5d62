"""Statistics for untrained batch norms: without them numbers shrink layer by layer, below what fp16 can hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm


def settle(module: nn.Module, inputs: Sequence[Tensor]) -> None:
    """Gives each batch norm the mean and variance of what it reads in a run, as training would."""

    def read(norm: Any, given: tuple[Tensor, ...]) -> None:
        around = [axis for axis in range(given[0].dim()) if axis != 1]
        variance, mean = torch.var_mean(given[0], around, correction=0)
        norm.running_mean.copy_(mean)
        norm.running_var.copy_(torch.where(variance > 0, variance, torch.ones_like(variance)))

    norms = [part for part in module.modules() if isinstance(part, _BatchNorm) and part.running_mean is not None]
    handles = [part.register_forward_pre_hook(read) for part in norms]
    try:
        if handles:
            with torch.no_grad():
                module.eval()(*inputs)
    finally:
        for handle in handles:
            handle.remove()
