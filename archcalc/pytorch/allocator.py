"""What a GPU's allocator hands out while a module runs: all of it, and tensors alone, without libraries' workspaces."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Protocol

import torch

from archcalc.analyses.memory.setting import Setting

#: A tensor's memory comes through one of these functions (aten/src/ATen/EmptyTensor.cpp, native/cuda/Resize.h); a
#: workspace, of cuDNN, cuBLAS or CUB, straight from the allocator.
_TENSORS = ("empty", "resize_bytes")
_ALLOCATED = Setting(cuda=True).allocated


class Block(NamedTuple):
    """Memory handed out: bytes, and the operation that asked for it."""

    size: int
    by: str


class Held(NamedTuple):
    """``whole``: the most bytes allocated at once. ``tensors``: the same without workspaces, and the ``blocks`` of that
    moment, largest first; None where the allocator's record does not tell which is which. ``workspaces``: the largest
    at work."""

    whole: int
    tensors: int | None = None
    blocks: tuple[Block, ...] = ()
    workspaces: tuple[Block, ...] = ()


class Allocator(Protocol):
    """What measures: a GPU, or in tests what stands for one."""

    device: str

    @property
    def name(self) -> str: ...

    def start(self) -> None: ...

    def stop(self) -> Held: ...


class Gpu:
    """The current CUDA device, watched from ``start`` to ``stop``."""

    device = "cuda"

    def __init__(self) -> None:
        self._given: dict[int, Block] = {}

    @property
    def name(self) -> str:
        return torch.cuda.get_device_name()

    def start(self) -> None:
        """From here on; what is allocated already counts."""
        self.empty()
        self._given = {
            block["address"]: Block(_ALLOCATED(block["requested_size"]), "given")
            for segment in torch.cuda.memory._snapshot()["segments"]
            for block in segment["blocks"]
            if block["state"] == "active_allocated"
        }
        torch.cuda.reset_peak_memory_stats()
        torch.cuda.memory._record_memory_history("all", context="alloc", stacks="all", clear_history=True)

    def stop(self) -> Held:
        """The most since ``start``."""
        torch.cuda.synchronize()
        whole = torch.cuda.max_memory_allocated()
        trace = torch.cuda.memory._snapshot()["device_traces"][torch.cuda.current_device()]
        torch.cuda.memory._record_memory_history(None)
        return replayed(trace, self._given, whole)

    def empty(self) -> None:
        """Lets go of what nobody uses, kept workspaces included."""
        gc.collect()
        torch.cuda.synchronize()
        drop_workspaces()
        torch.cuda.empty_cache()


def drop_workspaces() -> None:
    """cuBLAS takes them anew when it needs them."""
    if clear := getattr(torch._C, "_cuda_clearCublasWorkspaces", None):
        clear()


def replayed(trace: Iterable[Mapping[str, Any]], given: Mapping[int, Block], whole: int) -> Held:
    """The allocator's record gone through once: tensors by the address at which they live."""
    alive = dict(given)
    live = sum(block.size for block in alive.values())
    most, then = live, dict(alive)
    told = False
    workspaces: set[Block] = set()
    for event in trace:
        if event["action"] == "free_requested":
            gone = alive.pop(event["addr"], None)
            live -= gone.size if gone else 0
        elif event["action"] == "alloc":
            frames = [str(frame["name"]) for frame in event["frames"]]
            block = Block(_ALLOCATED(event["size"]), _asked_by(frames))
            tensor = any(mark in name for name in frames for mark in _TENSORS)
            if not tensor and any("::" in name for name in frames):
                workspaces.add(block)
                continue
            told = told or tensor  # what has no C++ frames may be either: it is counted
            alive[event["addr"]] = block
            live += block.size
            if live > most:
                most, then = live, dict(alive)
    if not told:
        return Held(whole)
    return Held(whole, most, _largest(then.values()), _largest(workspaces))


def _asked_by(frames: Iterable[str]) -> str:
    """The operation's own function: the innermost kernel that does not just make an empty tensor."""
    for name in frames:
        if "at::native::" in name and not any(mark in name for mark in _TENSORS):
            return name.partition("(")[0].removeprefix("at::native::")
    return "?"


def _largest(blocks: Iterable[Block], count: int = 20) -> tuple[Block, ...]:
    return tuple(sorted(blocks, key=lambda block: -block.size)[:count])
