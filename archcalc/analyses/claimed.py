"""Figures and shapes as a text gives them against measured values: do they agree, and how is a value told?"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from archcalc.algebra import Dim, Expr
from archcalc.analyses.quantities import BYTES_ONLY, FIELDS, Answer
from archcalc.claims import Figure, Operator
from archcalc.layers import IMAGE, VECTOR, Shape, shown
from archcalc.sizes import POWERS

Printed = Figure | tuple[Dim, ...]

_ORDERS: dict[str, Callable[[Fraction, Fraction], bool]] = {
    "<=": operator.le,
    "<": operator.lt,
    ">=": operator.ge,
    ">": operator.gt,
}


def as_printed(printed: tuple[Dim, ...], like: Shape) -> Shape | None:
    """A shape printed as height x width x channels, in the order of ``like``; None if it cannot be such a shape.

    A vector may be printed as 1x1xF, a 1x1 map as its channels; height and width may stand alone.
    """
    if len(like) == IMAGE:
        if len(printed) == 2:
            return (like[0], *printed)
        if len(printed) == 1 and like[1:] == (1, 1):
            return (*printed, 1, 1)
        return (printed[2], *printed[:2]) if len(printed) == IMAGE else None
    if len(like) == VECTOR:
        if printed == (1, 1):
            return like
        return printed[-1:] if printed[:-1] in ((), (1, 1)) else None
    return printed if len(printed) == len(like) else None


def agrees(quantity: str, sign: Operator, expected: Printed, answer: Answer) -> bool | None:
    """Whether a measured value is as claimed; None where an open symbol leaves it undecided."""
    value = answer.value
    if value is None:
        return None if answer.undecided else False
    if quantity == "out" or isinstance(expected, tuple):
        pair = _wanted(quantity, expected, value) if sign in ("=", "~") else None
        return _equal(*pair) if pair else False
    if isinstance(value, tuple):
        return None if any(isinstance(dim, Expr) for dim in value) else False
    if isinstance(value, Expr):
        return None
    if sign in _ORDERS:
        return _ORDERS[sign](Fraction(value), expected.value)
    return expected.near(Fraction(value))


def _wanted(quantity: str, expected: Printed, value: Any) -> tuple[Sequence[Any], Sequence[Any]] | None:
    """What is claimed and what is measured as sequences to be compared, dim by dim; None if they are not of a kind."""
    if isinstance(expected, Figure):
        if expected.slack or expected.value.denominator != 1:
            return None
        expected = (int(expected.value),)
    if quantity == "out":
        wanted = as_printed(expected, value)
        return None if wanted is None else (wanted, value)
    if quantity in FIELDS and len(expected) == 2:
        return expected, value if isinstance(value, tuple) else (value, value)
    return None


def _equal(wanted: Sequence[Any], found: Sequence[Any]) -> bool | None:
    differing = [(left, right) for left, right in zip(wanted, found, strict=True) if left != right]
    if any(not isinstance(left, Expr) and not isinstance(right, Expr) for left, right in differing):
        return False
    return None if differing else True


def in_bytes(figure: Printed) -> bool:
    """Whether a figure says that it is one of bytes."""
    return isinstance(figure, Figure) and figure.unit == "bytes"


def told(quantity: str, answer: Answer, as_bytes: bool) -> str:
    """A measured value in a sentence."""
    value = answer.value
    if value is None:
        return "none"
    if quantity == "out" and isinstance(value, tuple):
        return shown(tuple(dim for dim in value if isinstance(dim, int | Expr)))
    if isinstance(value, tuple):
        return " by ".join("none" if dim is None else str(dim) for dim in value)
    text = f"{value:,}" if isinstance(value, int) else f"{float(value):.4g}" if quantity == "intensity" else str(value)
    return f"{text} bytes" if as_bytes or quantity in BYTES_ONLY else text


def in_unit(count: int, like: Figure) -> str | None:
    """Bytes in the unit of a figure, with as many decimals as tell the two apart: ``25.31 GB``; None without a unit."""
    match = re.search(r"([kKMGT])(i?)B(?:ytes?)?$", like.text)
    if match is None:
        return None
    unit = (1024 if match[2] else 1000) ** POWERS[match[1].lower()]
    for digits in range(2, 10):
        scaled = round(Fraction(count * 10**digits, unit))
        if count == like.value or Fraction(scaled, 10**digits) * unit != like.value:
            break
    whole, rest = divmod(scaled, 10**digits)
    return f"{whole:,}.{rest:0{digits}d} {match[1]}{match[2]}B"


def written(expected: Printed) -> str:
    """A figure as the text has it."""
    return expected.text if isinstance(expected, Figure) else "x".join(map(str, expected))


def plain(quantity: str, answer: Answer) -> Any:
    """A measured value as JSON has it: a shape as ``[C, H, W]``, a fractional stride as ``1/2``."""
    value = answer.value
    if isinstance(value, tuple):
        return [_number(quantity, dim) for dim in value]
    return _number(quantity, value)


def _number(quantity: str, value: Dim | Fraction | None) -> Any:
    if not isinstance(value, Fraction):
        return value
    if value.denominator == 1:
        return int(value)
    return float(value) if quantity == "intensity" else str(value)
