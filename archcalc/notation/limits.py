"""What nobody writes by hand, and nobody reads."""

from __future__ import annotations

import re

from archcalc.notation.tokens import Unreadable

LONGEST_LINE = 20_000
#: Python refuses to read integers that are much longer.
_LONG_NUMBER = re.compile(r"\d[\d,._]{300,}")


def endless(text: str) -> Unreadable | None:
    """What is wrong with a line that nobody wrote by hand."""
    if len(text) > LONGEST_LINE:
        message = f"a line of {len(text):,} characters: at most {LONGEST_LINE:,} are read"
        return Unreadable(message, (0, 1), "a layer a line")
    digits = _LONG_NUMBER.search(text)
    if digits is None:
        return None
    return Unreadable(f"a number of {len(digits[0]):,} characters: no figure is so long", digits.span(), code="A107")
