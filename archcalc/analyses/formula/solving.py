"""For which values of one unknown a relation holds: found by its period or its rise, proven for all values."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain, pairwise
from math import gcd

from archcalc.algebra import evaluate, symbols_of
from archcalc.algebra.expr import Expr
from archcalc.analyses.formula.affine import LONGEST, Steps, rises, steps
from archcalc.analyses.formula.numbers import Numbers

#: Values past this are no sizes: a search for the first that fits ends here.
FAR = 1 << 40
#: At most so many numbers are told one by one.
FEW = 16

Value = Callable[[int], int]


def value_of(dim: Expr) -> tuple[str, Value]:
    """The one unknown of a dim, and its value there."""
    (name,) = symbols_of(dim)
    return name, lambda number: evaluate(dim, {name: number})


def positive(dim: Expr, least: int) -> Numbers | None:
    """From ``least`` on, where a dim in one unknown is at least 1; None where this cannot be said."""
    _, value = value_of(dim)
    if rises(dim):
        return _from(value, 1, least)
    if rises(-dim):
        end = _first(lambda number: -value(number), 0, least)  # the first where it is 0 or less
        return Numbers(least, None if end is None else end - 1).tidy()
    found = steps(dim)
    return None if found is None else _by_turns(value, found, least)


def zero(dim: Expr, least: int) -> Numbers | None:
    """Where a dim in one unknown is 0."""
    _, value = value_of(dim)
    if rises(dim) or rises(-dim):
        sign = 1 if rises(dim) else -1
        start = _first(lambda number: sign * value(number), 0, least)
        end = _first(lambda number: sign * value(number), 1, least)
        if start is None:
            return Numbers(least, least - 1)
        return Numbers(start, None if end is None else end - 1).tidy()
    found = steps(dim)
    if found is None:
        return None
    if not found.advance:
        return _remainders(lambda number: value(number) == 0, found.period, least)
    return _told(sorted(_zeros(value, found, least)), least)


def multiple(dim: Expr, of: int, least: int) -> Numbers | None:
    """Where ``of`` divides a dim in one unknown."""
    _, value = value_of(dim)
    found = steps(dim)
    if found is None:
        return None
    period = found.period * (of // gcd(found.advance, of))
    return None if period > LONGEST else _remainders(lambda number: value(number) % of == 0, period, least)


def apart(dim: Expr, least: int) -> Numbers | None:
    """Where a dim in one unknown is not 0."""
    equal = zero(dim, least)
    if equal is None:
        return None
    if equal.most is None and equal.without == ():
        others = tuple(r for r in range(equal.modulus) if r not in equal.remainders)
        return Numbers(least, None, equal.modulus, others).tidy() if equal.least == least else None
    out = equal.first(FEW + 1)
    return None if len(out) > FEW else Numbers(least, without=tuple(out)).tidy()


def _from(value: Value, target: int, least: int) -> Numbers:
    start = _first(value, target, least)
    return Numbers(least, least - 1) if start is None else Numbers(start)


def _first(value: Value, target: int, least: int) -> int | None:
    """The first number from ``least`` on at which what never falls reaches ``target``; None if none near does."""
    if value(least) >= target:
        return least
    low, step = least, 1
    while value(low + step) < target:
        low, step = low + step, 2 * step
        if low > FAR:
            return None
    high = low + step
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if value(middle) >= target else (middle, high)
    return high


def _by_turns(value: Value, found: Steps, least: int) -> Numbers | None:
    """Where what gets on by ``found`` is positive: each remainder of its period from a turn of its own on."""
    if not found.advance:
        return _remainders(lambda number: value(number) > 0, found.period, least)
    if found.advance < 0:
        return None
    starts = []
    for number in range(least, least + found.period):
        turns = max(-((value(number) - 1) // found.advance), 0)
        starts.append(number + turns * found.period)
    start = min(starts)
    return Numbers(start) if all(each - found.period < start for each in starts) else None


def _zeros(value: Value, found: Steps, least: int) -> set[int]:
    """All zeros of what gets on by ``found``: at most one in each remainder of its period."""
    zeros = set()
    for number in range(least, least + found.period):
        turns, rest = divmod(-value(number), found.advance)
        if not rest and turns >= 0:
            zeros.add(number + turns * found.period)
    return zeros


def _told(numbers: list[int], least: int) -> Numbers | None:
    """Numbers one by one, as an interval with some left out."""
    if not numbers:
        return Numbers(least, least - 1)
    first, last = numbers[0], numbers[-1]
    if last - first >= LONGEST:
        return None
    gaps = tuple(chain.from_iterable(range(a + 1, b) for a, b in pairwise(numbers)))
    return Numbers(first, last, without=gaps) if len(gaps) <= FEW else None


def _remainders(holds: Callable[[int], bool], period: int, least: int) -> Numbers:
    """Where something that repeats holds."""
    turn = range(least, least + period)
    return Numbers(least, None, period, tuple(sorted(number % period for number in turn if holds(number)))).tidy()
