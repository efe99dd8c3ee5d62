"""Words and numbers of a roofline, for people."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from archcalc.analyses.latency.roofline import Roof, Roofline
from archcalc.report.numbers import duration, shape, short, size

#: Digits of a bound.
_DIGITS = 3


def inputs(found: Roofline) -> str:
    """The shapes of what goes in."""
    return " and ".join(map(shape, found.inputs))


def percent(share: Fraction) -> str:
    """``12.0 %``, half up."""
    tenths = (share * 1000 * 2 + 1) // 2
    return f"{tenths // 10:,}.{tenths % 10} %"


def taken(nanoseconds: Fraction) -> str:
    """A time that was worked out."""
    return duration(round(nanoseconds)) if nanoseconds >= 1 or not nanoseconds else f"{float(nanoseconds):.2f} ns"


def at_least(nanoseconds: Fraction) -> str:
    """A bound, rounded down to what is shown: ``≥ 1.23 ms``."""
    whole = int(nanoseconds)
    unit = 10 ** max(len(str(whole)) - _DIGITS, 0)
    return f"≥ {duration(whole // unit * unit)}"


def ceilings(roof: Roof) -> Iterator[str]:
    """The device and its ceilings."""
    yield f"{roof.name}, the best that layers reached when it was calibrated" if roof.measured else roof.name
    for what, peak in (
        ("convolutions", roof.convolution),
        ("matrix products", roof.matrix),
        ("the rest", roof.element),
    ):
        yield f"{what} {short(peak.rate)}FLOP/s ({peak.name})"
    yield f"{roof.bandwidth.name} {short(roof.bandwidth.rate)}B/s"


def bounded(found: Roofline) -> str:
    """What the bound is made of."""
    cache = found.roof.cache
    if found.reading is None:
        return "its products at their peak; how much the cache holds is not known"
    if found.reading < found.products:
        return "the fewest products that it can do with, at their peak"
    return f"its weights beyond {size(cache)} of cache, read once"


NO_BOUND = "no lower bound: these are rates that layers reached, not peaks"
AT_ROOF = "sum of the layers, each by itself, from memory and back to it"
