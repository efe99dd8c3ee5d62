"""A predicted time or rate, and how sure it is."""

from __future__ import annotations

from fractions import Fraction

from archcalc.record import Record

_SECOND = 10**9


class Latency(Record):
    """Nanoseconds of a network or a part of it on a whole batch: ``time``, which lies nine times of ten between ``low``
    and ``high``; or a ``bound`` that no program goes below; or nothing of either."""

    time: int | None = None
    low: int | None = None
    high: int | None = None
    bound: int | None = None

    def beats(self, other: Latency) -> bool:
        """Whether it is the shorter one, errors included."""
        return self.high is not None and other.low is not None and self.high < other.low

    def ratio(self, other: Latency) -> Fraction | None:
        """How often the other's time it takes; None where either is not predicted."""
        return Fraction(self.time, other.time) if self.time is not None and other.time else None

    def throughput(self, batch: int) -> Throughput:
        """How many images a second that is."""
        times = (self.time, self.high, self.low, self.bound)
        return Throughput(*(Fraction(batch * _SECOND, time) if time else None for time in times))


class Throughput(Record):
    """Images a second, as a latency; ``bound`` is the most that any program reaches."""

    time: Fraction | None = None
    low: Fraction | None = None
    high: Fraction | None = None
    bound: Fraction | None = None
