"""An axis: where a value lies on it, and the round values that are marked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import log10

from archcalc.record import Record
from archcalc.report.numbers import scaled
from archcalc.report.plot.picture import Axis, Number

#: A range over so many times its least value has a logarithmic scale.
_DECADES = 100
#: How much of a picture is left empty at either end.
_EDGE = 0.04
#: Marks of a decade, the richest first; then every so many decades.
_MANTISSAS = ((1, 2, 5), (1, 3), (1,))
_SKIPS = (1, 2, 3, 4, 6, 9)


class Scale(Record):
    """From ``low`` to ``high``, both logarithms if ``log``; ``ticks`` are where a mark stands (0 to 1) and its name."""

    low: float
    high: float
    log: bool
    ticks: tuple[tuple[float, str], ...] = ()

    def at(self, value: Number) -> float:
        """Where a value lies, from 0 to 1."""
        return ((log10(value) if self.log else float(value)) - self.low) / (self.high - self.low)


def scale(values: Sequence[Number], axis: Axis, most: int) -> Scale:
    """The scale on which all values are shown, with at most so many marks."""
    least, largest = min(values), max(values)
    if axis.log and least <= 0:
        raise ValueError(f"a logarithmic scale of {axis.title}: {least} has no logarithm")
    logarithmic = (least > 0 and largest > _DECADES * least) if axis.log is None else axis.log
    low, high = (log10(least), log10(largest)) if logarithmic else (float(least), float(largest))
    edge = (high - low) * _EDGE or (0.5 if logarithmic else abs(high) / 10 or 1.0)
    low, high = (low if not logarithmic and least == 0 else low - edge), high + edge
    if not logarithmic and low < 0 <= least:
        low = 0.0
    bare = Scale(low, high, logarithmic)
    if logarithmic and high - low >= 1:
        marks = _log_marks(bare, axis.bytes, most)
    else:
        marks = _marks((10**low, 10**high) if logarithmic else (low, high), axis.bytes, most)
    return bare.but(ticks=tuple((bare.at(mark), scaled(mark, axis.bytes)) for mark in marks))


def _marks(ends: tuple[float, float], in_bytes: bool, most: int) -> list[Fraction]:
    """Multiples of the least round step that gives no more marks than that."""
    low, high = map(Fraction, ends)
    for step in _steps(float(high - low), in_bytes):
        first, last = -(-low // step), high // step
        if last - first < most:
            return [step * number for number in range(first, last + 1)]
    raise AssertionError("steps grow without end")


def _steps(width: float, in_bytes: bool) -> Iterator[Fraction]:
    """1, 2, 5 times powers of ten, or powers of two for bytes, from far below the width on."""
    if in_bytes:
        step = Fraction(1)
        while step * 1024 < width:
            step *= 2
        while True:
            yield step
            step *= 2
    power = Fraction(10) ** (int(log10(width)) - 3)
    while True:
        yield from (power, 2 * power, 5 * power)
        power *= 10


def _log_marks(bare: Scale, in_bytes: bool, most: int) -> list[Fraction]:
    """The richest set of round marks that is not too many; all are powers of two for bytes."""
    made: list[Fraction] = []
    for made in _in_bytes(bare) if in_bytes else _decades(bare):
        if len(made) <= most:
            return made
    return made[:most]


def _decades(bare: Scale) -> Iterator[list[Fraction]]:
    powers = range(int(bare.low) - 1, int(bare.high) + 2)
    for mantissas in _MANTISSAS:
        yield _within(bare, [Fraction(10) ** power * each for power in powers for each in mantissas])
    for skip in _SKIPS[1:]:
        yield _within(bare, [Fraction(10) ** power for power in powers if power % skip == 0])


def _in_bytes(bare: Scale) -> Iterator[list[Fraction]]:
    for skip in (1, 2, 3, 5, 10, 20):
        yield _within(bare, [Fraction(2) ** power for power in range(0, 70) if power % skip == 0])


def _within(bare: Scale, marks: Sequence[Fraction]) -> list[Fraction]:
    return [mark for mark in marks if 0 <= bare.at(mark) <= 1]
