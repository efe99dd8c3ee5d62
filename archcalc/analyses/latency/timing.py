"""Samples of a time summed up without assuming how they are distributed."""

from __future__ import annotations

from archcalc.record import Configuration


class Timing(Configuration):
    """Integer nanoseconds. ``low`` and ``high`` bound the median with at least 95 % confidence, by order statistics;
    None of fewer than six samples. ``p95`` is None of fewer than 59: with fewer, the largest sample may lie below it.
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
