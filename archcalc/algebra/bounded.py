"""Integer arrays that cannot wrap around: each travels with bounds, kept in Python ints.

Every result is bounded before it is computed, by interval arithmetic on the bounds of its operands. If bounds and
operands fit, numpy computes in int64; if not, on Python ints in an array of objects, which is slower and just as exact.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from archcalc.algebra.division import require_positive

if TYPE_CHECKING:
    import numpy as np

    Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]

INT64_MIN, INT64_MAX = -(2**63), 2**63 - 1


class Bounded:
    """An array of int64, or of Python ints where ``low`` to ``high`` exceeds int64; every element lies between them."""

    __slots__ = ("data", "high", "low")

    def __init__(self, data: Array, low: int, high: int) -> None:
        self.data, self.low, self.high = data, low, high

    @property
    def size(self) -> int:
        """How many elements."""
        return self.data.size

    @classmethod
    def measured(cls, array: Array, least: int) -> Bounded:
        """An array of integers of any kind, bounded by its own extremes (``least`` if it is empty).

        Raises TypeError for anything but integers.
        """
        if array.dtype.kind == "O":
            array = _python_ints(array)
        elif array.dtype.kind not in "iu":
            raise TypeError(f"an array of integers is needed, not of {array.dtype}")
        low, high = (int(array.min()), int(array.max())) if array.size else (least, least)
        return cls(array.astype("int64" if _fits(low, high) else object, copy=False), low, high)

    def __add__(self, other: Number) -> Bounded:
        if other == 0:
            return self
        low, high = bounds(other)
        return _combined(operator.add, self, other, self.low + low, self.high + high)

    __radd__ = __add__

    def __mul__(self, other: Number) -> Bounded:
        if other == 1:
            return self
        corners = [one * two for one in (self.low, self.high) for two in bounds(other)]
        return _combined(operator.mul, self, other, min(corners), max(corners))

    __rmul__ = __mul__

    def __floordiv__(self, other: Number) -> Bounded:
        return quotient(self, other)

    def __rfloordiv__(self, other: int) -> Bounded:
        return quotient(other, self)


Number: TypeAlias = int | Bounded


def bounds(number: Number) -> tuple[int, int]:
    """The least and the greatest value it may have."""
    return (number, number) if isinstance(number, int) else (number.low, number.high)


def quotient(above: Number, below: Number) -> Bounded:
    """The floor of a quotient, where one of the two is an array. Raises as division does for a divisor below 1."""
    least, greatest = bounds(below)
    if least < 1 and isinstance(below, Bounded):
        least = int(below.data.min(initial=greatest))  # the bound may be loose, and only a true value is an error
    require_positive(least)
    corners = [one // two for one in bounds(above) for two in (least, greatest)]
    return _combined(operator.floordiv, above, below, min(corners), max(corners))


def extreme(kind: str, one: Number, other: Number) -> Number:
    """The larger (``max``) or smaller (``min``) of two numbers, element by element."""
    choose = max if kind == "max" else min
    if isinstance(one, int) and isinstance(other, int):
        return choose(one, other)
    import numpy as np

    (low, high), (other_low, other_high) = bounds(one), bounds(other)
    apply = np.maximum if kind == "max" else np.minimum
    return _combined(apply, one, other, choose(low, other_low), choose(high, other_high))


def _combined(apply: Callable[[Any, Any], Any], one: Number, other: Number, low: int, high: int) -> Bounded:
    """The operation on two numbers, not both ints, whose results lie between low and high."""
    if _fits(low, high) and _fits(*bounds(one)) and _fits(*bounds(other)):
        return Bounded(apply(_data(one), _data(other)), low, high)
    exact = apply(_objects(one), _objects(other))
    return Bounded(exact.astype("int64") if _fits(low, high) else exact, low, high)


def _fits(low: int, high: int) -> bool:
    return low >= INT64_MIN and high <= INT64_MAX


def _data(number: Number) -> Any:
    return number if isinstance(number, int) else number.data


def _objects(number: Number) -> Any:
    return number if isinstance(number, int) else number.data.astype(object)


def _python_ints(array: Array) -> Array:
    import numpy as np

    return np.array([operator.index(element) for element in array.flat], dtype=object).reshape(array.shape)
