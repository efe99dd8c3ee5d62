"""What else the machine does while something is measured."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, NamedTuple

import psutil

_BUSY = ("user", "nice", "system", "irq", "softirq", "steal")
_THREADS = Path("/proc/self/task")


class Seen(NamedTuple):
    """Over a while of ``wall`` seconds: how many of them this process's threads, all together, stood ``waited`` for a
    core; the share of the processors' time that the host gave to other guests; how many cores other processes kept
    busy. None where the system does not tell."""

    wall: float
    waited: float | None
    stolen: float | None
    others: float


class Surroundings:
    """Looks from its making to ``seen``."""

    def __init__(self) -> None:
        self._waited = _waiting()
        self._start = self._now()

    def seen(self) -> Seen:
        now = self._now()
        wall, whole, busy, stolen, own = (after - before for before, after in zip(self._start, now, strict=True))
        known = hasattr(psutil.cpu_times(), "steal") and whole > 0
        return Seen(
            wall=wall,
            waited=None if self._waited is None else _longer(self._waited, _waiting() or {}),
            stolen=stolen / whole if known else None,
            others=max(busy - stolen - own, 0.0) / wall if wall > 0 else 0.0,
        )

    @staticmethod
    def _now() -> tuple[float, ...]:
        """Seconds: on the wall, of all cores, of those the busy ones, stolen ones, and this process's."""
        times: Any = psutil.cpu_times()
        told = {name: getattr(times, name, 0.0) for name in (*_BUSY, "idle", "iowait")}
        busy = sum(told[name] for name in _BUSY)
        return time.monotonic(), sum(told.values()), busy, told["steal"], time.process_time()


def _waiting() -> dict[str, int] | None:
    """Nanoseconds that each thread of this process was ready to run and did not (Linux, Documentation/scheduler)."""
    found = {}
    try:
        for thread in _THREADS.iterdir():
            found[thread.name] = int((thread / "schedstat").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):  # no Linux, or a thread that ended meanwhile
        pass
    return found or None


def _longer(before: dict[str, int], after: dict[str, int]) -> float:
    """Seconds of waiting that were added; a thread that is new waited since it began."""
    return sum(waited - before.get(thread, 0) for thread, waited in after.items()) / 1e9
