"""How a dim in one unknown repeats: f(x + period) = f(x) + advance, for every x."""

from __future__ import annotations

from math import gcd, lcm
from typing import NamedTuple

from archcalc.algebra import Dim
from archcalc.algebra.atoms import Atom, Extreme, Floor, Symbol

#: A longer period is not looked through.
LONGEST = 4096


class Steps(NamedTuple):
    """The ``period`` of a function of one unknown, and how far it gets in one: none that is longer than LONGEST."""

    period: int
    advance: int

    def over(self, period: int) -> int:
        """How far it gets in a multiple of its period."""
        return self.advance * (period // self.period)


def steps(dim: Dim) -> Steps | None:
    """How a dim in one unknown repeats; None for what does not, or not soon: squares, quotients by an unknown."""
    found = Steps(1, 0)
    if isinstance(dim, int):
        return found
    for monomial, factor in dim.terms.items():
        if not monomial:
            continue
        ((atom, power),) = monomial if len(monomial) == 1 else ((None, 0),)
        inner = _steps_of(atom) if atom is not None and power == 1 else None
        if inner is None:
            return None
        period = lcm(found.period, inner.period)
        if period > LONGEST:
            return None
        found = Steps(period, found.over(period) + factor * inner.over(period))
    return found


def _steps_of(atom: Atom) -> Steps | None:
    if isinstance(atom, Symbol):
        return Steps(1, 1)
    if isinstance(atom, Floor):
        inner = steps(atom.numerator)
        if inner is None or not isinstance(atom.divisor, int):
            return None
        turns = atom.divisor // gcd(inner.advance, atom.divisor)
        return _short(Steps(inner.period * turns, inner.advance * turns // atom.divisor))
    assert isinstance(atom, Extreme)
    each = [steps(arg) for arg in atom.args]
    known = [one for one in each if one is not None]
    if len(known) < len(each):
        return None
    period = lcm(*(one.period for one in known))
    ways = {one.over(period) for one in known}
    return _short(Steps(period, ways.pop())) if len(ways) == 1 else None  # else one overtakes the others somewhere


def _short(found: Steps) -> Steps | None:
    return found if found.period <= LONGEST else None


def rises(dim: Dim) -> bool:
    """Whether a dim never falls as its unknowns rise: sums, products, floors and extremes of what rises."""
    if isinstance(dim, int):
        return True
    for monomial, factor in dim.terms.items():
        if monomial and (factor < 0 or not all(_rises(atom) for atom, _ in monomial)):
            return False
        if len(monomial) > 1 and any((atom.least is None or atom.least < 0) for atom, _ in monomial):
            return False
        if any(power > 1 and (atom.least is None or atom.least < 0) for atom, power in monomial):
            return False
    return True


def _rises(atom: Atom) -> bool:
    if isinstance(atom, Floor):
        return isinstance(atom.divisor, int) and rises(atom.numerator)
    return all(rises(child) for child in atom.children)
