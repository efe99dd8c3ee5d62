"""What a GPU says of itself through NVIDIA's management library: only read, never set."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

_MEGA, _WATT, _MILLI = 1_000_000, 1_000, 1_000


class Nvml:
    """One GPU. A figure that it does not tell is None: boards, drivers and containers differ in what they allow."""

    def __init__(self, library: Any, handle: Any) -> None:
        self._library, self._handle = library, handle

    def _told(self, name: str, *arguments: Any) -> Any:
        try:
            return getattr(self._library, name)(self._handle, *arguments)
        except (self._library.NVMLError, AttributeError):
            return None

    def sm_clock(self) -> int | None:
        """Hertz of the processors."""
        clock = self._told("nvmlDeviceGetClockInfo", self._library.NVML_CLOCK_SM)
        return None if clock is None else _MEGA * int(clock)

    def memory_clock(self) -> int | None:
        """Hertz of the memory."""
        clock = self._told("nvmlDeviceGetClockInfo", self._library.NVML_CLOCK_MEM)
        return None if clock is None else _MEGA * int(clock)

    def power_limit(self) -> float | None:
        """Watts that it may take."""
        limit = self._told("nvmlDeviceGetEnforcedPowerLimit")
        return None if limit is None else int(limit) / _WATT

    def temperature(self) -> int | None:
        """Degrees Celsius."""
        degrees = self._told("nvmlDeviceGetTemperature", self._library.NVML_TEMPERATURE_GPU)
        return None if degrees is None else int(degrees)

    def energy(self) -> int | None:
        """Millijoules since the driver was loaded."""
        energy = self._told("nvmlDeviceGetTotalEnergyConsumption")
        return None if energy is None else int(energy)

    def processes(self) -> int | None:
        """Processes that compute on it, this one included."""
        running = self._told("nvmlDeviceGetComputeRunningProcesses")
        return None if running is None else len(running)

    def driver(self) -> str | None:
        """The driver's version."""
        try:
            version = self._library.nvmlSystemGetDriverVersion()
        except self._library.NVMLError:
            return None
        return version.decode() if isinstance(version, bytes) else str(version)


@contextmanager
def nvml(device: torch.device) -> Iterator[Nvml | None]:
    """The GPU that torch calls ``device``, by its UUID: torch may see them in another order. None where NVML or the
    GPU cannot be had, or this is a CPU."""
    if device.type != "cuda":
        yield None
        return
    try:
        import pynvml
    except ImportError:
        yield None
        return
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        yield None
        return
    try:
        yield _found(pynvml, str(torch.cuda.get_device_properties(device).uuid))
    finally:
        pynvml.nvmlShutdown()


def _found(library: Any, uuid: str) -> Nvml | None:
    """``uuid`` without what tells a whole GPU from a part of one (MIG), as torch has it, or with it."""
    for kind in ("",) if uuid.startswith(("GPU-", "MIG-")) else ("GPU-", "MIG-"):
        try:
            return Nvml(library, library.nvmlDeviceGetHandleByUUID(f"{kind}{uuid}"))
        except library.NVMLError:
            continue
    return None
