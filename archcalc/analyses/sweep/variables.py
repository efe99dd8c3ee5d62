"""What a sweep varies: a name, and the values that it takes, in order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

from archcalc.analyses.cost import BYTES
from archcalc.record import Record

Value = int | Fraction | str
#: Values, one by one or, where there may be billions, as a range.
Values = range | tuple[Value, ...]

_NUMBER = r"[+-]?\d[\d,_]*(?:\.\d+)?(?:/\d+)?(?:[eE]\d{1,2})?"
_RANGE = re.compile(rf"\s*({_NUMBER})\s*\.\.\s*({_NUMBER})\s*(?::\s*({_NUMBER}))?\s*")
#: More values of a variable than these are no sweep but a mistake.
MOST = 10**12


class NoValues(ValueError):
    """A text gives a variable no values."""


class Variable(Record):
    """``values`` are in the order in which they were asked for, each once."""

    name: str
    values: Values

    @property
    def whole(self) -> bool:
        """Whether all are whole numbers: only these may be open symbols."""
        return isinstance(self.values, range) or all(isinstance(value, int) for value in self.values)

    @property
    def least(self) -> int:
        """The smallest value (of whole ones)."""
        ends = (self.values[0], self.values[-1]) if isinstance(self.values, range) else self.values
        return min(int(value) for value in ends)


def variable(name: str, values: Sequence[Value] | range) -> Variable:
    """A variable of these values. Raises NoValues where there are none, or a dtype is none."""
    if not len(values):
        raise NoValues(f"{name} has no values")
    kept: Values = values if isinstance(values, range) else tuple(dict.fromkeys(values))
    unknown = [value for value in kept if value not in BYTES] if name == "dtype" and isinstance(kept, tuple) else []
    if unknown or (name == "dtype" and isinstance(kept, range)):
        raise NoValues(f"'{(unknown or kept)[0]}' is no dtype: known are {', '.join(BYTES)}")
    words = [value for value in kept if isinstance(value, str)] if isinstance(kept, tuple) and name != "dtype" else []
    if words:
        raise NoValues(f"'{words[0]}' is no number")
    return Variable(name, kept)


def variable_of(text: str) -> Variable:
    """``width=16..256:16``, its ends included, ``depth=18,34,50``, ``a=0.5,3/4`` or ``k=1..4,8``. Raises NoValues."""
    name, equals, said = (part.strip() for part in text.partition("="))
    if not equals or not name.isidentifier():
        raise NoValues(f"'{text}' is not NAME=VALUES, as in width=16..256:16 or depth=18,34,50")
    pieces = [piece.strip() for piece in said.split(",") if piece.strip()]
    if not pieces:
        raise NoValues(f"{name} has no values: {name}=16..256:16 or {name}=18,34,50")
    if name == "dtype":
        return variable(name, pieces)
    found = [_piece(name, piece) for piece in pieces]
    if len(found) == 1 and isinstance(found[0], range):
        return variable(name, found[0])
    return variable(name, [value for part in found for value in part])


def _piece(name: str, text: str) -> range | tuple[Value, ...]:
    """One value, or a range of them."""
    match = _RANGE.fullmatch(text)
    if match is None:
        return (_number(name, text),)
    first, last, step = (_number(name, part) for part in (match[1], match[2], match[3] or "1"))
    if step <= 0:
        raise NoValues(f"the step of {name}={text} is {step}: it must be positive")
    if last < first:
        raise NoValues(f"{name}={text} is empty: {first} is more than {last}")
    count = int((last - first) // step) + 1
    if count > MOST:
        raise NoValues(f"{name}={text} has {count:,} values: at most {MOST:,} are swept")
    if all(isinstance(part, int) for part in (first, step)):
        return range(int(first), int(first) + int(step) * (count - 1) + 1, int(step))
    if count > 10**6:
        raise NoValues(f"{name}={text} has {count:,} values that are not whole: at most a million are swept")
    return tuple(_plain(first + step * turn) for turn in range(count))


def _number(name: str, text: str) -> int | Fraction:
    try:
        return _plain(Fraction(text.replace(",", "").replace("_", "")))
    except (ValueError, ZeroDivisionError):
        raise NoValues(f"'{text}' is no value of {name}: a number, or a range as 16..256:16") from None


def _plain(value: Fraction | int) -> int | Fraction:
    return value.numerator if value.denominator == 1 else value
