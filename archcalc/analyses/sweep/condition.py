"""Conditions over whole columns, exactly: numbers are fractions of integers that cannot wrap around."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from archcalc.algebra.bounded import Bounded, Number, quotient
from archcalc.analyses.sweep.tree import Comparison, Condition, Figure, Named, Word
from archcalc.analyses.sweep.tree import Number as Tree

if TYPE_CHECKING:
    pass

#: A value of every point, or of each; None: there is none.
Column = Any

_TESTS: Mapping[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "=": operator.eq, "==": operator.eq,
    "!=": operator.ne,
}  # fmt: skip


class _Ratio(NamedTuple):
    """``above`` over ``below``, which is positive."""

    above: Number
    below: Number = 1


#: An exact number, a measured one (which only a comparison takes), or none.
_Value = _Ratio | float | Any | None


class _Mixed(Exception):
    """A divisor is positive at some points only."""


def holds(tree: Condition, columns: Mapping[str, Column]) -> Any:
    """Where a condition holds: True or False for all points, or an array of such.

    A comparison with what does not exist, as a quotient by zero, does not hold.
    """
    try:
        return _holds(tree, columns)
    except _Mixed:  # point by point, each divisor has one sign
        import numpy as np

        size = next(len(column) for column in columns.values() if hasattr(column, "dtype"))
        return np.array([_holds(tree, at(columns, point)) for point in range(size)], dtype=bool)


def at(columns: Mapping[str, Column], point: int) -> dict[str, Any]:
    """One point of columns, as Python's own numbers."""
    return {name: c[point : point + 1].tolist()[0] if hasattr(c, "dtype") else c for name, c in columns.items()}


def _holds(tree: Condition, columns: Mapping[str, Column]) -> Any:
    if isinstance(tree, Comparison):
        return _compared(_TESTS[tree.operator], _value(tree.left, columns), _value(tree.right, columns))
    first, *others = (_holds(operand, columns) for operand in tree.operands)
    if tree.operator == "not":
        return not first if isinstance(first, bool) else ~first
    for other in others:
        first = first & other if tree.operator == "and" else first | other
    return first


def _compared(test: Callable[[Any, Any], Any], one: _Value, other: _Value) -> Any:
    if one is None or other is None:
        return False
    if not isinstance(one, _Ratio) or not isinstance(other, _Ratio):
        if isinstance(one, str) or isinstance(other, str):
            return test(one, other) if test in (operator.eq, operator.ne) else False
        return test(_float(one), _float(other))
    left, right = one.above * other.below, other.above * one.below
    made = test(_data(left), _data(right))
    return made if isinstance(made, bool) else made.astype(bool)


def _data(number: Number) -> Any:
    return number if isinstance(number, int) else number.data


def _float(value: Any) -> Any:
    return _data(value.above) / _data(value.below) if isinstance(value, _Ratio) else value


def _value(tree: Tree, columns: Mapping[str, Column]) -> _Value:
    if isinstance(tree, Figure):
        return _Ratio(tree.value.numerator, tree.value.denominator)
    if isinstance(tree, Named):
        return _column(columns[tree.name])
    if isinstance(tree, Word):
        return tree.text
    values = [_value(operand, columns) for operand in tree.operands]
    if any(value is None or isinstance(value, str) for value in values):
        return None
    if tree.operator == "-" and len(values) == 1:
        return _minus(values[0])
    if not all(isinstance(value, _Ratio) for value in values):
        try:
            return _FLOATS[tree.operator](*map(_float, values))
        except ZeroDivisionError:
            return None
    return _EXACT[tree.operator](*values)


def _column(column: Column) -> _Value:
    if column is None or isinstance(column, str | float):
        return column
    if isinstance(column, int | Fraction):
        return _Ratio(column.numerator, column.denominator)
    if column.dtype.kind == "f":
        return column
    return _Ratio(Bounded.measured(column, 0))


def _minus(value: _Value) -> _Value:
    return _Ratio(value.above * -1, value.below) if isinstance(value, _Ratio) else -_float(value)


def _sum(one: _Ratio, other: _Ratio) -> _Ratio:
    return _Ratio(one.above * other.below + other.above * one.below, one.below * other.below)


def _product(one: _Ratio, other: _Ratio) -> _Ratio:
    return _Ratio(one.above * other.above, one.below * other.below)


def _quotient(one: _Ratio, other: _Ratio) -> _Ratio | None:
    by = other.above
    if isinstance(by, Bounded):
        if by.low < 1 and int(by.data.min(initial=1)) < 1:
            raise _Mixed
    elif not by:
        return None
    sign = -1 if isinstance(by, int) and by < 0 else 1
    return _Ratio(one.above * other.below * sign, one.below * by * sign)


def _floor(one: _Ratio, other: _Ratio) -> _Ratio | None:
    made = _quotient(one, other)
    if made is None:
        return None
    if isinstance(made.above, int) and isinstance(made.below, int):
        return _Ratio(made.above // made.below)
    return _Ratio(quotient(made.above, made.below))


def _rest(one: _Ratio, other: _Ratio) -> _Ratio | None:
    whole = _floor(one, other)
    return None if whole is None else _sum(one, _Ratio(_product(whole, other).above * -1, other.below))


_EXACT: Mapping[str, Callable[[Any, Any], _Ratio | None]] = {
    "+": _sum, "-": lambda one, other: _sum(one, _Ratio(other.above * -1, other.below)), "*": _product,
    "/": _quotient, "//": _floor, "%": _rest,
}  # fmt: skip
_FLOATS: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "//": operator.floordiv,
    "%": operator.mod,
}  # fmt: skip
