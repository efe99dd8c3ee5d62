"""Energy of a run, by a GPU's own counter: an estimate, as its sensor samples a part of the time."""

from __future__ import annotations

import time
from collections.abc import Callable

from archcalc.pytorch.profile.nvml import Nvml
from archcalc.pytorch.profile.subject import Subject

#: Seconds: the counter moves in steps of tens of milliseconds, and its sensor rests most of the time.
REPEATED, IDLE = 5.0, 1.0


def millijoules(subject: Subject, gpu: Nvml | None, repeated: float = REPEATED, idle: float = IDLE) -> float | None:
    """Of one image, over repeats of so many seconds, less what the GPU takes when it does nothing. None where the
    counter is not told."""
    if gpu is None or (resting := _spent(gpu, lambda: time.sleep(idle))) is None:
        return None
    runs = 0

    def repeat() -> None:
        nonlocal runs
        end = time.monotonic() + repeated
        with subject.mode():
            while time.monotonic() < end:
                subject.clock.timed(subject.run)
                runs += 1

    working = _spent(gpu, repeat)
    if working is None:
        return None
    net = working[0] - resting[0] * working[1] / resting[1]
    return max(net, 0.0) / (runs * subject.setting.batch)


def _spent(gpu: Nvml, work: Callable[[], None]) -> tuple[int, float] | None:
    """Millijoules and seconds that something takes."""
    before, start = gpu.energy(), time.monotonic()
    if before is None:
        return None
    work()
    after = gpu.energy()
    return None if after is None else (after - before, time.monotonic() - start)
