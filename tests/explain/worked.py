"""Printed arithmetic, worked again: text to exact fractions, knowing nothing of how it was made."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import cache
from math import ceil, floor

_OPEN = {"⌊": "floor(", "⌋": ")", "⌈": "ceil(", "⌉": ")"}


@cache
def comes_to(arithmetic):
    """What a left side in numbers comes to."""
    assert re.fullmatch(r"[\d+\-*/(), ⌊⌋⌈⌉minax]+", arithmetic), arithmetic
    python = "".join(_OPEN.get(sign, sign) for sign in arithmetic)
    python = re.sub(r"\d+", r"Fraction(\g<0>)", python)
    return Fraction(eval(python, {"Fraction": Fraction, "floor": floor, "ceil": ceil, "max": max, "min": min}))


def value_of(text):
    """What a right side says, without its unit."""
    return Fraction(text.removesuffix(" B").replace(",", ""))


def true(arithmetic, sign, text):
    """Whether a printed equation holds: ``=`` exactly, ``≈`` to two decimals and no better."""
    found, said = comes_to(arithmetic), value_of(text)
    if sign == "=":
        return found == said
    return found != said and abs(found - said) <= Fraction(1, 200)


def put_in(formula, letters):
    """A formula with numbers in place of its letters, as arithmetic."""
    text = re.sub(r"(\d)([A-Za-z])", r"\1*\2", formula)
    names = sorted(letters, key=len, reverse=True)
    pattern = "|".join(map(re.escape, names))
    return re.sub(rf"max|min|{pattern}", lambda found: str(letters.get(found[0], found[0])), text)
