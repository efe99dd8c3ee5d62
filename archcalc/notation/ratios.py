"""Quotients of open symbols while arithmetic goes on: 3/4 of a width is not rounded before it is asked for."""

from __future__ import annotations

import operator as operators
from collections.abc import Callable
from fractions import Fraction
from math import gcd
from typing import Any

from archcalc.algebra import Dim, Expr, ceil_div, leaves_nothing, symbols_of
from archcalc.algebra.expr import terms_of
from archcalc.record import Record


class Ratio(Record):
    """``above`` over ``below``, in lowest terms where that is a number; with an open symbol in it."""

    above: Dim
    below: Dim

    def whole(self) -> Dim:
        """The number itself, if ``below`` divides ``above``: that is taken for granted."""
        leaves_nothing(self.above, self.below)
        return self.above // self.below


Open = Expr | Ratio


def is_open(value: Any) -> bool:
    """Whether an open symbol is in a value."""
    return isinstance(value, Expr | Ratio)


def symbols_in(value: Any) -> frozenset[str]:
    """The names of the open symbols in a value."""
    if isinstance(value, Ratio):
        return symbols_of(value.above) | symbols_of(value.below)
    return value.symbols if isinstance(value, Expr) else frozenset()


def settled(value: Any) -> Any:
    """A value outside arithmetic: a ratio as the whole number that it must be."""
    return value.whole() if isinstance(value, Ratio) else value


def same_ratio(left: Any, right: Any) -> bool:
    """Whether two values are the same expression."""
    (a, b), (c, d) = _parts(left), _parts(right)
    return a * d == c * b


def rounded(value: Open, up: bool) -> Dim:
    """The floor of a value, or its ceiling."""
    above, below = _parts(value)
    return ceil_div(above, below) if up else above // below


def applied(operator: str, left: Any, right: Any) -> Dim | Ratio:
    """``+ - * / // %`` of two values, one of them open. Raises ZeroDivisionError, ValueError as division does."""
    (a, b), (c, d) = _parts(left), _parts(right)
    if operator == "/":
        if c == 0:
            raise ZeroDivisionError
        return _reduced(a * d, b * c)
    if operator == "//":
        return rounded(_ratio(a * d, b * c), up=False)
    if operator == "%":
        whole = rounded(_ratio(a * d, b * c), up=False)
        return _reduced(a * d - whole * c * b, b * d)
    if operator == "*":
        return _reduced(a * c, b * d)
    return _reduced(_SUMS[operator](a * d, c * b), b * d)


_SUMS: dict[str, Callable[[Any, Any], Dim]] = {"+": operators.add, "-": operators.sub}


def power(value: Ratio, exponent: int) -> Dim | Ratio:
    """A ratio to a whole power that is not negative."""
    return _reduced(value.above**exponent, value.below**exponent)


def _parts(value: Any) -> tuple[Dim, Dim]:
    if isinstance(value, Ratio):
        return value.above, value.below
    return (value.numerator, value.denominator) if isinstance(value, Fraction) else (value, 1)


def _ratio(above: Dim, below: Dim) -> Ratio:
    """A ratio, the sign of a number below it above."""
    return Ratio(-above, -below) if isinstance(below, int) and below < 0 else Ratio(above, below)


def _reduced(above: Dim, below: Dim) -> Dim | Ratio:
    """In lowest terms; a plain dim where nothing is left below."""
    found = _ratio(above, below)
    above, below = found.above, found.below
    if isinstance(below, int):
        if below == 0:
            raise ZeroDivisionError
        common = gcd(below, *terms_of(above).values())
        above, below = above // common, below // common
    if below == 1 or above == 0:
        return above
    if isinstance(below, Expr) and (quotient := above // below) * below == above:
        return quotient
    return Ratio(above, below)
