"""Numbers and sizes as the notation has them."""

from __future__ import annotations

from decimal import Decimal
from math import isfinite

from archcalc.algebra import Dim
from archcalc.layers import IMAGE, Pair, Shape


class Unwritable(ValueError):
    """The notation has no words for a layer; the message says which and why."""


#: Characters of a number with a point; the notation refuses some hundreds.
_LONGEST = 60


def number(value: Dim) -> str:
    """A whole number. Raises Unwritable for an open symbol's formula: its parameter has no value to write."""
    if not isinstance(value, int):
        raise Unwritable(f"{value} is an open symbol's: give it a value with --set or --input")
    return str(value)


def decimal(value: float) -> str:
    """A number as a person writes it, no exponent; a negative one as the difference that the notation has. Raises
    Unwritable where that takes more digits than anyone reads."""
    text = format(Decimal(repr(value)), "f")
    if len(text) > _LONGEST or not isfinite(value):
        raise Unwritable(f"{value} has no plain form of at most {_LONGEST} characters")
    return f"(0 {text[0]} {text[1:]})" if text.startswith("-") else text


def size(dims: tuple[Dim, ...]) -> str:
    return "x".join(map(number, dims))


def shape(dims: Shape) -> str:
    """Height x width x channels of an image, other shapes as they are."""
    return size((*dims[1:], dims[0]) if len(dims) == IMAGE else dims)


def pair(values: Pair) -> str:
    """One number for both axes, or height x width."""
    return number(values[0]) if values[0] == values[1] else size(values)
