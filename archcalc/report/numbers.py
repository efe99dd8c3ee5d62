"""Numbers as text: exact with separators, and short with a unit."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import Any

from archcalc.algebra import Dim, to_text
from archcalc.claims import TIMED

_DECIMAL = ("", " K", " M", " G", " T", " P", " E")
_SECONDS = (" ns", " µs", " ms", " s")
_BINARY = (" B", " KiB", " MiB", " GiB", " TiB", " PiB", " EiB")


def exact(value: Any) -> str:
    """``25,557,032``; a closed form as its formula; a missing figure as nothing."""
    if value is None:
        return ""
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return _rounded(Fraction(value), 2)
    return str(value) if isinstance(value, Fraction | str) else to_text(value)


def short(value: Dim | None) -> str:
    """Three significant digits with K, M, G of 1000: ``25.6 M``."""
    return _scaled(value, 1000, _DECIMAL)


def size(value: Dim | None) -> str:
    """Three significant digits of bytes with KiB, MiB, GiB of 1024: ``97.5 MiB``."""
    return _scaled(value, 1024, _BINARY)


def duration(nanoseconds: int | None) -> str:
    """Three significant digits of a time with ns, µs, ms, s: ``25.3 ms``."""
    return _scaled(nanoseconds, 1000, _SECONDS)


def factor(ratio: Fraction | float) -> str:
    """How many times as long, or as much: ``0.985``, ``12.3``."""
    return f"{float(ratio):.3f}" if ratio < 10 else f"{float(ratio):,.1f}"


@lru_cache(maxsize=4096)
def _scaled(value: Dim | None, base: int, units: tuple[str, ...]) -> str:
    if not isinstance(value, int):
        return exact(value)
    power = 0
    # 999,950 rounds up to 1000 K: it belongs to the next unit
    while power < len(units) - 1 and Fraction(value, base**power) >= Fraction(9995, 10) * Fraction(base, 1000):
        power += 1
    scaled = Fraction(value, base**power)
    if scaled >= _ENDLESS:
        return f"{_powered(scaled)}{units[power]}"
    digits = 0 if power == 0 else sum(scaled < limit for limit in _LIMITS)
    return f"{_rounded(scaled, digits)}{units[power]}"


#: Below 9.995 two decimals, below 99.95 one: three digits after rounding.
_LIMITS = (Fraction("9.995"), Fraction("99.95"))
#: So many of the largest unit are told as a power of ten.
_ENDLESS = Fraction(9_999_995, 10)


def _powered(value: Fraction) -> str:
    """``1.23e15``."""
    power = len(str(int(value))) - 1
    if value / 10**power >= _LIMITS[0]:
        power += 1
    return f"{_rounded(value / 10**power, 2)}e{power}"


def _rounded(value: Fraction, digits: int) -> str:
    """Half up, as a person rounds; a float would round 0.125 down."""
    whole = (value * 10**digits * 2 + 1) // 2
    text = f"{whole:0{digits + 1}d}"
    return f"{int(text[:-digits]):,}.{text[-digits:]}" if digits else f"{whole:,}"


def scaled(value: Fraction, in_bytes: bool) -> str:
    """A round number, as a mark of an axis: ``250 M``, ``1.5 G``, ``0.05``; bytes as ``64 KiB``."""
    base, units = (1024, _BINARY) if in_bytes else (1000, _DECIMAL)
    power = max((power for power in range(len(units)) if base**power <= abs(value)), default=0)
    return f"{float(value / base**power):,.10g}{units[power]}"


def shape(value: tuple[Dim, ...] | None, layout: str = "hwc") -> str:
    """A shape stored (C, H, W) as papers print it, ``55x55x96``, or as ``chw``; vectors and tokens as they are."""
    if value is None:
        return ""
    dims = (*value[1:], value[0]) if layout == "hwc" and len(value) == 3 else value
    return "x".join(map(_factor, dims))


def _factor(dim: Dim | str) -> str:
    """One size; a closed form that is text already, as a lock file has it, is taken as it is."""
    text = str(dim) if isinstance(dim, int | str) else to_text(dim)
    return f"({text})" if any(sign in text for sign in " +*") else text


def computed(quantity: str, value: Any, layout: str = "hwc") -> str:
    """What was found where a text makes a claim: a shape, a latency in its unit, any other number exactly."""
    if isinstance(value, list | tuple):
        return shape(tuple(value), layout)
    none = "no prediction" if quantity in TIMED else "nothing"
    return (duration(value) if quantity == "latency" else exact(value)) or none


def pair(values: Any) -> str:
    """Height and width: ``11`` if they agree, ``11x7`` if not."""
    height, width = values
    return exact(height) if height == width else f"{exact(height)}x{exact(width)}"
