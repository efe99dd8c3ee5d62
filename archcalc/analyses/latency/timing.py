"""Samples of a time summed up without assuming how they are distributed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import exp, lgamma, log

from archcalc.record import Configuration

CONFIDENCE = 0.95
#: with fewer samples the largest lies below the 95th percentile more than once in twenty times: 1 - 0.95**59 >= 0.95
FEWEST_FOR_P95 = 59
#: more than sums of a million terms lose in floating point; it is taken from the coverage, never added to it
_ROUNDING = 1e-6


class Timing(Configuration):
    """Integer nanoseconds. ``low`` and ``high`` bound the median with at least 95 % confidence, by order statistics;
    None of fewer than six samples. ``p95`` is None of fewer than 59: with fewer, the largest sample may lie below it.

    Quartiles lie in proportion between two samples; ``p95`` is a time that was seen: the smallest sample that at least
    95 % of all do not exceed.
    """

    count: int
    median: int
    low: int | None
    high: int | None
    first_quartile: int
    third_quartile: int
    minimum: int
    maximum: int
    p95: int | None


def timing(samples: Sequence[int]) -> Timing:
    """The samples, at least one, in any order, summed up."""
    ordered = sorted(samples)
    count = len(ordered)
    if not count:
        raise ValueError("no samples: nothing was timed")
    rank = median_rank(count)
    return Timing(
        count=count,
        median=_quartile(ordered, 2),
        low=ordered[rank - 1] if rank else None,
        high=ordered[-rank] if rank else None,
        first_quartile=_quartile(ordered, 1),
        third_quartile=_quartile(ordered, 3),
        minimum=ordered[0],
        maximum=ordered[-1],
        p95=ordered[(95 * count + 99) // 100 - 1] if count >= FEWEST_FOR_P95 else None,
    )


@lru_cache(maxsize=1024)
def median_rank(count: int, confidence: float = CONFIDENCE) -> int | None:
    """The rank k, from 1, such that the k-th smallest and the k-th largest of ``count`` samples hold the median between
    them with at least this confidence, and as closely as can be; None where not even the extremes do.

    A sample lies below the median like a coin falls: at least k and at most ``count - k`` of them do with the
    binomial's probability, which is summed up from the middle.
    """
    covered, rank = 0.0, count // 2 + 1
    while covered < confidence + _ROUNDING:
        rank -= 1
        if not rank:
            return None
        covered += _share(count, rank) * (1 if 2 * rank == count else 2)
    return rank


def _share(count: int, below: int) -> float:
    """How likely exactly ``below`` of ``count`` coins fall on one side."""
    return exp(lgamma(count + 1) - lgamma(below + 1) - lgamma(count - below + 1) - count * log(2))


def _quartile(ordered: Sequence[int], number: int) -> int:
    """In proportion between the two samples beside it, a half rounded up."""
    place, parts = divmod((len(ordered) - 1) * number, 4)
    below, above = ordered[place], ordered[min(place + 1, len(ordered) - 1)]
    return (below * (4 - parts) + above * parts + 2) // 4
