"""Sizes of memory as people write them: 24GB, 1.5 GiB, 8e9; and units of time."""

from __future__ import annotations

import re
from fractions import Fraction

#: What a letter before the unit stands for, as a power of 1000, or of 1024 where an i follows it.
POWERS = {"k": 1, "m": 2, "g": 3, "t": 4}
#: Nanoseconds of each unit of time, the micro sign and the Greek letter being one.
TIMES = {"ns": 1, "us": 10**3, "µs": 10**3, "\u03bcs": 10**3, "ms": 10**6, "s": 10**9}
_SIZE = (
    r"(?P<number>\d+(?:,\d{3})*(?:\.\d+)?|\.\d+)(?:e\+?(?P<exponent>\d{1,2}))?\s*"
    rf"(?:(?P<power>[{''.join(POWERS)}])(?P<binary>i)?)?(?:b|bytes?)?"
)


class UnknownSize(ValueError):
    """A text is no size of memory."""


def bytes_of(text: str) -> int:
    """The bytes of ``24GB`` (10^9 each), ``24GiB`` (2^30 each) or a plain number. Raises UnknownSize."""
    match = re.fullmatch(_SIZE, text.strip(), re.IGNORECASE | re.ASCII)
    if match is None:
        raise UnknownSize(f"{text!r} is not a size of memory: a number and its unit, as in 24GB (10^9) or 24GiB (2^30)")
    base = 1024 if match["binary"] else 1000
    scale: int = base ** POWERS.get((match["power"] or "").lower(), 0) * 10 ** int(match["exponent"] or 0)
    size = Fraction(match["number"].replace(",", "")) * scale
    if size.denominator != 1:
        raise UnknownSize(f"{text!r} is not a whole number of bytes: a unit is wanted, as in 1.5GB")
    if not size:
        raise UnknownSize(f"{text!r} is no memory: at least a byte is wanted")
    return size.numerator
