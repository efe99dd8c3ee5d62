"""Memory: how much there is, how much a network needs, and the batch that fits."""

from __future__ import annotations

import gc
from pathlib import Path

import torch

from archcalc.analyses.cost import stored_as
from archcalc.analyses.latency.measured import Setting
from archcalc.analyses.memory import setting as memory
from archcalc.analyses.memory.budget import largest_running, largest_training
from archcalc.analyses.memory.inference import inference
from archcalc.analyses.memory.stored import stored
from archcalc.analyses.memory.training import training_memory
from archcalc.graph import Graph

#: A container's limit and use, in the second and the first version of control groups.
_GROUPS = (
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
    ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"),
)


def _setting(setting: Setting) -> memory.Setting:
    return memory.Setting(setting.batch, stored_as(setting.dtype), setting.device != "cpu")


def needed(graph: Graph, setting: Setting) -> tuple[int, int]:
    """Bytes of what a network stores, and of the most that lives beside it."""
    weights = stored(graph, _setting(setting)).weights
    if setting.train:
        return weights, training_memory(graph, _setting(setting), setting.optimizer).peak - weights
    return weights, inference(graph, _setting(setting)).peak


def largest(graph: Graph, setting: Setting, room: int) -> int:
    """The largest batch that so many bytes are enough for."""
    if setting.train:
        return largest_training(graph, _setting(setting), setting.optimizer, 1, room)
    return largest_running(graph, _setting(setting), room)


def free(device: torch.device) -> int:
    """Bytes that can be had on a device: of a CPU's what the system and a container's limit leave."""
    if device.type == "cuda":
        gc.collect()  # what was measured before, in cycles of its own
        torch.cuda.empty_cache()
        return int(torch.cuda.mem_get_info(device)[0])
    import psutil

    return min([int(psutil.virtual_memory().available), *_left()])


def _left() -> list[int]:
    found = []
    for most, used in _GROUPS:
        try:
            limit, taken = (int(Path(path).read_text(encoding="ascii")) for path in (most, used))
        except (OSError, ValueError):  # no such group, or "max": no limit
            continue
        found.append(max(limit - taken, 0))
    return found
