"""How far a long run is, on one line of a terminal that is wiped at the end."""

from __future__ import annotations

import time
from typing import IO

from archcalc.report.bars import bars

_LENGTH = 24
#: Seconds before anything is shown, and between two showings.
_PATIENCE, _PAUSE = 1.0, 0.2


class Progress:
    """Told how much of ``whole`` is done; silent where ``out`` is no terminal."""

    def __init__(self, whole: int, out: IO[str], ascii_only: bool = False) -> None:
        self.whole, self.out, self.ascii_only = whole, out, ascii_only
        self.began = self.last = time.monotonic()
        self.drawn = False
        self.silent = not out.isatty()

    def __call__(self, done: int) -> None:
        if self.silent:
            return
        now = time.monotonic()
        if now - self.began < _PATIENCE or now - self.last < _PAUSE:
            return
        self.last, self.drawn = now, True
        left = (now - self.began) * (self.whole - done) / max(done, 1)
        bar = bars([done, self.whole], _LENGTH, self.ascii_only)[0].ljust(_LENGTH)
        told = f"{done:,} of {self.whole:,} points, {_time(left)} left"
        self.out.write(f"\r\x1b[K{100 * done // self.whole:3d} % {bar} {told}")
        self.out.flush()

    def end(self) -> None:
        if self.drawn:
            self.out.write("\r\x1b[K")
            self.out.flush()


def _time(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
