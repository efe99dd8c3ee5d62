"""When a network has warmed up, and when enough of its runs were timed: told by their times, the clock is the caller's.

Both are fed with the time of each run, in nanoseconds, until they are ``over``. Both end: a network of 5 s a run is
warmed up twice and sampled six times, one of a minute once and three times.
"""

from __future__ import annotations

from statistics import median

SECOND = 1_000_000_000
#: windows whose medians differ by no more are alike
ALIKE = 0.02
FEWEST_WARM = 3
SHORTEST_WARM = SECOND // 2
LONGEST_WARM = 10 * SECOND

#: blocks into which samples are parted: what comes between two of them, and slow change, shows between blocks
BLOCKS = 5
ENOUGH = 30
SHORTEST = SECOND
LONGEST = 30 * SECOND
#: however slow the network: of three, one odd run does not move the median
FEWEST = 3


class WarmUp:
    """Runs that do not count. Over once the last third of them takes as long as the third before it, within 2 %, which
    is asked first after three runs and half a second; given up after ten seconds."""

    def __init__(self) -> None:
        self.elapsed = 0
        #: by how much of the earlier the medians of the last two windows differ; None before they were compared
        self.moved: float | None = None
        self._taken: list[int] = []
        self._asked_at = FEWEST_WARM

    def add(self, taken: int) -> None:
        """One more run, of so many nanoseconds."""
        self._taken.append(taken)
        self.elapsed += taken
        if self.elapsed >= SHORTEST_WARM and self.runs >= self._asked_at:
            window = self.runs // 3
            last, before = median(self._taken[-window:]), median(self._taken[-2 * window : -window])
            self.moved = abs(last - before) / before
            # asked again after a tenth more runs: all questions together then cost about ten times the last
            self._asked_at = self.runs + 1 + self.runs // 10

    @property
    def runs(self) -> int:
        return len(self._taken)

    @property
    def settled(self) -> bool:
        return self.moved is not None and self.moved <= ALIKE

    @property
    def over(self) -> bool:
        return self.settled or self.elapsed >= LONGEST_WARM


class Sampling:
    """Runs that count, in blocks alike in time and number. Over after 30 samples, one second and the ``seconds`` asked;
    a slow network is given 30 seconds, or twice what was asked, and three samples are then enough."""

    def __init__(self, seconds: float) -> None:
        self.elapsed = 0
        self._lengths: list[int] = []
        self._wanted = max(SHORTEST, round(seconds * SECOND))
        self._longest = max(LONGEST, 2 * self._wanted)

    def add(self, taken: int) -> None:
        """One more sample, of so many nanoseconds."""
        if self.block_over:
            self._lengths.append(0)
        self._lengths[-1] += 1
        self.elapsed += taken

    @property
    def samples(self) -> int:
        return sum(self._lengths)

    @property
    def blocks(self) -> tuple[int, ...]:
        """How many samples each block has so far."""
        return tuple(self._lengths)

    @property
    def block_over(self) -> bool:
        """Whether the next sample begins a block: now is the time for whatever comes between two of them."""
        return self._complete(len(self._lengths))

    @property
    def over(self) -> bool:
        return self._complete(BLOCKS)

    @property
    def share(self) -> float:
        """How much is done, of 1."""
        ends = (min(self.samples / ENOUGH, self.elapsed / self._wanted), self.elapsed / self._longest)
        return 1.0 if self.over else min(1.0, max(ends))

    def _complete(self, blocks: int) -> bool:
        """Whether so many blocks are: they have their number and time, or the network is too slow for the number."""
        part = blocks / BLOCKS
        enough = self.samples >= ENOUGH * part and self.elapsed >= self._wanted * part
        return enough or (self.elapsed >= self._longest * part and self.samples >= min(blocks, FEWEST))
