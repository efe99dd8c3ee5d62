"""What is taken for granted of open symbols where a formula must choose.

A choice between two ways to go on needs an answer at once: two expressions that may or may not be equal are taken to
differ, and a quotient that may leave a remainder to leave none. Whoever evaluates the formula asks for the list, since
it says nothing about the values at which one of these fails.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from fractions import Fraction
from typing import Literal, NamedTuple

from archcalc.algebra.expr import Dim, Expr, lower_bound

_Sized = Dim | Fraction | tuple[Dim, ...]


class Assumption(NamedTuple):
    """``left`` differs from ``right``, or is a ``multiple`` of it."""

    what: Literal["differs", "multiple"]
    left: Dim
    right: Dim


_noted: ContextVar[dict[Assumption, None] | None] = ContextVar("noted", default=None)


@contextmanager
def assuming() -> Iterator[dict[Assumption, None]]:
    """Everything that is taken for granted within, in order."""
    noted: dict[Assumption, None] = {}
    token = _noted.set(noted)
    try:
        yield noted
    finally:
        _noted.reset(token)


def assume(assumptions: Iterable[Assumption]) -> None:
    """Takes for granted, again, what was when something that is only looked up now was worked out."""
    noted = _noted.get()
    if noted is not None:
        noted.update(dict.fromkeys(assumptions))


def same(left: _Sized, right: _Sized) -> bool:
    """Whether two dims, fractions or shapes are equal; taken to differ where open symbols leave it undecided."""
    if left == right:
        return True
    noted = _noted.get()
    if noted is None:
        return False
    lefts, rights = _dims(left), _dims(right)
    if not lefts or len(lefts) != len(rights):
        return False
    pairs = [(one, other) for one, other in zip(lefts, rights, strict=True) if one != other]
    if all(_undecided(one, other) for one, other in pairs):  # one that surely differs settles it
        noted[Assumption("differs", *pairs[0])] = None
    return False


def _dims(sized: _Sized) -> tuple[Dim, ...]:
    """One, or those of a shape; nothing of a fraction, which is no dim."""
    return sized if isinstance(sized, tuple) else (sized,) if isinstance(sized, int | Expr) else ()


def leaves_nothing(above: Dim, below: Dim) -> None:
    """Takes a dim for a multiple of another, where open symbols leave it undecided."""
    noted = _noted.get()
    if noted is not None and (isinstance(above, Expr) or isinstance(below, Expr)) and above // below * below != above:
        noted[Assumption("multiple", above, below)] = None


def _undecided(left: Dim, right: Dim) -> bool:
    """Whether two dims that are not the same expression may be equal all the same."""
    gap = left - right
    if isinstance(gap, int):
        return False
    bounds = lower_bound(gap), lower_bound(-gap)
    return not any(bound is not None and bound > 0 for bound in bounds)
