"""When something happened: on the CPU by its clock, on a GPU by events that its stream passes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, Protocol

import torch

#: An event's elapsed time is told in milliseconds.
_NANOSECONDS = 1_000_000


class Stamps(Protocol):
    """Moments of one pass."""

    def stamp(self) -> None:
        """This moment."""

    def intervals(self) -> list[int]:
        """Nanoseconds from each stamp to the next one; the stamps are forgotten."""

    def launches(self) -> list[int]:
        """Of the same pass: nanoseconds in which the CPU asked for what lies between; none where it does it itself."""


class Clock(Protocol):
    """Times runs on a device."""

    def timed(self, run: Callable[[], object]) -> tuple[int, int]:
        """Nanoseconds from the start of a run until its result is there, and the CPU time of this process in them."""

    def stamps(self) -> Stamps: ...


class _HostStamps:
    def __init__(self) -> None:
        self._at: list[int] = []

    def stamp(self) -> None:
        self._at.append(time.perf_counter_ns())

    def intervals(self) -> list[int]:
        at, self._at = self._at, []
        return _between(at)

    def launches(self) -> list[int]:
        return []


class HostClock:
    """The CPU's."""

    def timed(self, run: Callable[[], object]) -> tuple[int, int]:
        busy = time.process_time_ns()
        start = time.perf_counter_ns()
        run()
        end = time.perf_counter_ns()
        return end - start, time.process_time_ns() - busy

    def stamps(self) -> Stamps:
        return _HostStamps()


class _EventStamps:
    """Events are recorded without waiting for them, so that the stream never runs dry for a stamp's sake."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._events: list[torch.cuda.Event] = []
        self._at: list[int] = []
        self._asked: list[int] = []
        self._stream: Any = None

    def stamp(self) -> None:
        used = len(self._at)
        if not used:
            self._stream = torch.cuda.current_stream(self._device)
        if used == len(self._events):
            self._events.append(torch.cuda.Event(enable_timing=True))  # type: ignore[no-untyped-call]  # torch's
        self._events[used].record(self._stream)
        self._at.append(time.perf_counter_ns())

    def intervals(self) -> list[int]:
        torch.cuda.synchronize(self._device)
        passed: Sequence[torch.cuda.Event] = self._events[: len(self._at)]
        self._asked, self._at = _between(self._at), []
        return [round(_NANOSECONDS * before.elapsed_time(after)) for before, after in pairwise(passed)]

    def launches(self) -> list[int]:
        return self._asked


def _between(moments: Sequence[int]) -> list[int]:
    return [after - before for before, after in pairwise(moments)]


class CudaClock:
    """A GPU's: a run lasts until the device has done all of it, launches included."""

    def __init__(self, device: torch.device) -> None:
        self._device = device

    def timed(self, run: Callable[[], object]) -> tuple[int, int]:
        torch.cuda.synchronize(self._device)
        busy = time.process_time_ns()
        start = time.perf_counter_ns()
        run()
        torch.cuda.synchronize(self._device)
        end = time.perf_counter_ns()
        return end - start, time.process_time_ns() - busy

    def stamps(self) -> Stamps:
        return _EventStamps(self._device)


def clock_of(device: torch.device) -> Clock:
    """The clock of a device."""
    return CudaClock(device) if device.type == "cuda" else HostClock()
