"""Arithmetic of a spec on numbers and symbols: fractions stay exact, a broken size is an error."""

from __future__ import annotations

import math
import operator as operators
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import Any

from archcalc.algebra import Dim, Expr, largest, smallest
from archcalc.diagnostics import nearest
from archcalc.notation import tree
from archcalc.notation.ratios import Ratio, applied, is_open, power, rounded, same_ratio, settled, symbols_in
from archcalc.notation.tokens import Unreadable

Value = Dim | Fraction | bool
LARGEST = 10**18


class UnknownParameter(Unreadable):
    """A name that is no parameter here; ``name`` is it."""

    def __init__(self, name: str, at: tree.At, known: Iterable[str]) -> None:
        super().__init__(f"no parameter named '{name}' here", at, nearest(name, known), "A401")
        self.name = name


class OpenSymbol(Unreadable):
    """A comparison that an open symbol leaves undecided."""


def open_symbol(what: str, value: Any, at: tree.At, other: Any = 0) -> OpenSymbol:
    """The fault of something that hangs on a value, or on two, in which a symbol is open."""
    names = ", ".join(sorted(symbols_in(value) | symbols_in(other)))
    return OpenSymbol(
        f"{what} cannot hang on an open symbol: {names}", at, "give it a value with --set or --input", "A407"
    )


def evaluate(node: tree.Arithmetic, names: Mapping[str, Dim | Fraction]) -> Value:
    """The value of arithmetic under these parameters; a quotient of open symbols as the whole number that it must be.

    Raises Unreadable at the part that has none.
    """
    return _number(settled(_evaluated(node, names)))


def _evaluated(node: tree.Arithmetic, names: Mapping[str, Dim | Fraction]) -> Value | Ratio:
    if isinstance(node, tree.Number):
        return node.value
    if isinstance(node, tree.Name):
        if node.text not in names:
            raise UnknownParameter(node.text, node.at, names)
        return names[node.text]
    operator = node.operator
    if operator in ("and", "or"):
        left = _truth(node.operands[0], names)
        if left == (operator == "or"):
            return left
        return _truth(node.operands[1], names)
    if operator == "not":
        return not _truth(node.operands[0], names)
    values = [_evaluated(operand, names) for operand in node.operands]
    try:
        return _bounded(_apply(operator, values, node), node)
    except ZeroDivisionError:
        raise Unreadable("a division by zero", node.at, code="A107") from None
    except (ValueError, TypeError) as error:
        raise Unreadable(str(error), node.at, code="A107") from None


def _truth(node: tree.Arithmetic, names: Mapping[str, Dim | Fraction]) -> bool:
    value = evaluate(node, names)
    if not isinstance(value, bool):
        raise Unreadable("a comparison is wanted here", node.at, "n == 1", "A107")
    return value


def _number(value: Any) -> Value:
    """A value that arithmetic has made, its type known again."""
    made: Value = value
    return made


def _bounded(value: Value | Ratio, node: tree.Arithmetic) -> Value | Ratio:
    if not isinstance(value, Expr | Ratio) and abs(Fraction(value)) > LARGEST:
        raise Unreadable("this number is larger than any layer", node.at, code="A107")
    return value


_PLAIN: dict[str, Callable[[Any, Any], Value]] = {
    "+": operators.add,
    "-": operators.sub,
    "*": operators.mul,
    "//": operators.floordiv,
    "%": operators.mod,
}


def _apply(operator: str, values: list[Any], node: tree.Operation) -> Value | Ratio:
    """One operation."""
    if operator in ("==", "=", "!=", "<", "<=", ">", ">="):
        return _compare(operator, values[0], values[1], node)
    if operator == "negate":
        return applied("-", 0, values[0]) if isinstance(values[0], Ratio) else _number(-values[0])
    if operator in ("min", "max"):
        return _extreme(operator, values)
    if operator in ("floor", "ceil"):
        value = values[0]
        if is_open(value):
            return rounded(value, up=operator == "ceil")
        return _number(math.floor(value) if operator == "floor" else math.ceil(value))
    left, right = values
    if operator == "**":
        return _raised(left, right, node)
    if is_open(left) or is_open(right):
        return applied(operator, left, right)
    return _divide(left, right) if operator == "/" else _PLAIN[operator](left, right)


def _raised(base: Any, exponent: Any, node: tree.Operation) -> Value | Ratio:
    """A power whose exponent is a number, and not too large."""
    if isinstance(exponent, int):
        if isinstance(base, Ratio) and exponent >= 0:
            return power(base, exponent)
        if isinstance(base, Expr):
            return base**exponent
        if not isinstance(base, Ratio) and exponent * max(abs(base), 2).__ceil__().bit_length() < 256:
            return _number(base**exponent if exponent >= 0 else Fraction(base) ** exponent)
    raise Unreadable("this power is larger than any layer", node.at, code="A107")


def _divide(left: Any, right: Any) -> Value:
    result = Fraction(left) / Fraction(right)
    return int(result) if result.denominator == 1 else result


def _extreme(operator: str, values: list[Any]) -> Value:
    if any(is_open(value) for value in values):
        values = [settled(value) for value in values]
        if any(isinstance(value, Fraction) for value in values):
            raise TypeError(f"a {operator} of a fraction and an open symbol: round the fraction, as in ceil(3/2)")
    elif any(isinstance(value, Fraction) for value in values):
        return _number(min(values) if operator == "min" else max(values))
    return (smallest if operator == "min" else largest)(*values)


def _compare(operator: str, left: Any, right: Any, node: tree.Operation) -> bool:
    if is_open(left) or is_open(right):
        if same_ratio(left, right):
            return operator in ("=", "==", "<=", ">=")
        raise open_symbol("a choice", left, node.at, right)
    holds: bool = {
        "=": left == right, "==": left == right, "!=": left != right, "<": left < right, "<=": left <= right,
        ">": left > right, ">=": left >= right,
    }[operator]  # fmt: skip
    return holds


def whole(value: Value, at: tree.At) -> Dim:
    """A size: the number itself, if it is whole. Raises Unreadable."""
    if isinstance(value, bool):
        raise Unreadable("a number is wanted here, not a comparison", at, code="A107")
    if isinstance(value, Fraction):
        if value.denominator != 1:
            raise Unreadable(f"this size is {value}: it must be a whole number", at, code="A305")
        return int(value)
    return value
