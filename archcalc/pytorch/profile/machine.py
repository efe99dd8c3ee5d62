"""What a measurement hangs on besides the network: processor or GPU, versions, flags, clocks, load. Plain values."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import Any

import psutil
import torch

from archcalc.pytorch.profile.nvml import Nvml
from archcalc.version import __version__

_MEGA = 1_000_000
_BACKENDS: Any = torch.backends  # torch gives these no types
_CPUS = Path("/sys/devices/system/cpu/cpu0")


def machine(device: torch.device) -> dict[str, Any]:
    """What stays as it is while something runs on a device, under the flags of now. ``name``: of the device."""
    about: dict[str, Any] = {
        "name": _gpu_name(device) if device.type == "cuda" else processor(),
        "processor": processor(),
        "cores": psutil.cpu_count(logical=False),
        "logical_cores": psutil.cpu_count(),
        "usable_cores": usable_cores(),
        "memory_bytes": psutil.virtual_memory().total,
        "caches": _caches(),
        "governor": _line(_CPUS / "cpufreq" / "scaling_governor"),
        "host": platform.node(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "archcalc": __version__,
        "torch": str(torch.__version__),
        "capability": torch.backends.cpu.get_cpu_capability(),
        "threads": torch.get_num_threads(),
        "interop_threads": torch.get_num_interop_threads(),
        "mkldnn": _BACKENDS.mkldnn.is_available() and _BACKENDS.mkldnn.enabled,
        "matmul_fp32": _BACKENDS.cuda.matmul.fp32_precision,
        "conv_fp32": _BACKENDS.cudnn.conv.fp32_precision,
    }
    return about | (_gpu(device) if device.type == "cuda" else {})


def _gpu_name(device: torch.device) -> str:
    return torch.cuda.get_device_name(device)


def _gpu(device: torch.device) -> dict[str, Any]:
    properties = torch.cuda.get_device_properties(device)
    return {
        "cuda": torch.version.cuda,
        "cudnn": _BACKENDS.cudnn.version(),
        "cudnn_benchmark": _BACKENDS.cudnn.benchmark,
        "cudnn_deterministic": _BACKENDS.cudnn.deterministic,
        "compute_capability": f"{properties.major}.{properties.minor}",
        "multiprocessors": properties.multi_processor_count,
        "gpu_memory_bytes": properties.total_memory,
    }


def state(gpu: Nvml | None) -> dict[str, Any]:
    """What may change while something runs; clocks in Hz. A GPU's come first: with nothing to do it clocks down."""
    found: dict[str, Any] = {}
    if gpu is not None:
        found |= {
            "sm_clock": gpu.sm_clock(), "memory_clock": gpu.memory_clock(), "power_limit_watts": gpu.power_limit(),
            "celsius": gpu.temperature(), "gpu_processes": gpu.processes(), "driver": gpu.driver(),
        }  # fmt: skip
    return found | {"load": load(), "cpu_clock": _cpu_clock()}


def processor() -> str:
    """The processor's model, where the system tells; else its architecture."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, "") or platform.processor() or platform.machine()


def usable_cores() -> int:
    """Logical cores that this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def load() -> float | None:
    """Processes that wanted to run, on average over a minute."""
    try:
        return float(psutil.getloadavg()[0])
    except OSError:
        return None


def _cpu_clock() -> int | None:
    try:
        clock = psutil.cpu_freq()
    except (OSError, NotImplementedError, RuntimeError):  # what the system does not tell
        return None
    return round(_MEGA * clock.current) if clock is not None and clock.current else None


def _caches() -> dict[str, str]:
    """Of the first core: level and kind, as the system writes its size."""
    found = {}
    for index in sorted((_CPUS / "cache").glob("index*")):
        level, kind, size = (_line(index / name) for name in ("level", "type", "size"))
        if level and kind and size:
            found[f"L{level}" if kind == "Unified" else f"L{level} {kind.lower()}"] = size
    return found


def _line(path: Path) -> str | None:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return None
