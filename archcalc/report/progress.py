"""How far a long run is, on one line of a terminal that is wiped before anything else is written."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import IO

from archcalc.report.bars import bars
from archcalc.report.style import plain_only, terminal_width, visible

_LENGTH = 24
#: Thousandths in which a share is drawn.
_WHOLE = 1000
#: Seconds between two showings.
_PAUSE = 0.2


class Progress:
    """Told what is done; silent where ``out`` is no terminal, and for the first ``patience`` seconds."""

    def __init__(self, out: IO[str], patience: float = 0.0, clock: Callable[[], float] = time.monotonic) -> None:
        self.out, self.clock = out, clock
        self.silent, self.ascii_only = not out.isatty(), plain_only(out)
        self.began = clock()
        self.due = self.began + patience
        self.drawn = ""

    def begin(self) -> None:
        """What is told from now on is part of another run."""
        self.began = self.clock()

    def tell(self, words: str, share: float | None = None) -> None:
        """Shows the words; with a ``share`` of the run that is done, from 0 to 1, a bar and the time that is left."""
        if self.silent or self.clock() < self.due:
            return
        self.due = self.clock() + (0.0 if share is None else _PAUSE)
        line = visible(words) if share is None else f"{self._bar(share)} {visible(words)}{self._left(share)}"
        line = line[: (terminal_width(self.out) or 80) - 1]
        if line != self.drawn:
            self.drawn = line
            self.out.write(f"\r\x1b[2K{line}")
            self.out.flush()

    def wipe(self) -> None:
        """Leaves the line empty."""
        if self.drawn:
            self.drawn = ""
            self.out.write("\r\x1b[2K")
            self.out.flush()

    def _bar(self, share: float) -> str:
        done = round(_WHOLE * min(max(share, 0.0), 1.0))
        return f"{100 * done // _WHOLE:3d} % {bars([done, _WHOLE], _LENGTH, self.ascii_only)[0].ljust(_LENGTH)}"

    def _left(self, share: float) -> str:
        if not 0 < share < 1:
            return ""
        return f", {_time((self.clock() - self.began) * (1 - share) / share)} left"


def _time(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
