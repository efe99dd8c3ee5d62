"""Two networks, or two settings of one, timed in turns A B, B A: which is faster, and by how much at least."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

from archcalc.analyses.latency.timing import median_rank
from archcalc.analyses.latency.verdict import Verdict, verdict
from archcalc.record import Configuration


class Ratio(Configuration):
    """How long B takes, in times of A: the median over pairs, each of one run of A and the run of B beside it.

    ``low`` and ``high`` bound that median with at least 95 % confidence, by order statistics; None of fewer than six
    pairs. Whatever slows both runs of a pair alike, a hot processor or another process, leaves their ratio as it is;
    what slows one of them does not, and ``noisy`` says that one of the two or both were measured so.
    """

    pairs: int
    median: float
    low: float | None
    high: float | None
    noisy: bool = False

    @property
    def verdict(self) -> Verdict:
        """Of B beside A."""
        return "doubtful" if self.noisy else verdict(self.median, self.low, self.high)


def ratio(a: Sequence[int], b: Sequence[int], *, noisy: bool = False) -> Ratio:
    """``a`` and ``b`` in the order in which they were taken, at least one of each; a run that an interruption left
    without its partner is left out. In a pair either may have run first: turns A B, B A cancel a steady drift too."""
    ratios = sorted(second / first for first, second in zip(a, b, strict=False))
    pairs = len(ratios)
    if not pairs:
        raise ValueError("no pairs: nothing was compared")
    rank = median_rank(pairs)
    return Ratio(
        pairs=pairs,
        # of an even number the geometric mean of the two in the middle: so that A beside B is the inverse
        median=sqrt(ratios[(pairs - 1) // 2] * ratios[pairs // 2]),
        low=ratios[rank - 1] if rank else None,
        high=ratios[-rank] if rank else None,
        noisy=noisy,
    )
