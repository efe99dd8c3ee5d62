"""Products of powers of atoms, and their order."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from archcalc.algebra.atoms import Atom

# Atoms with their powers, in no order; unlike a tuple, a frozenset computes its hash once.
Monomial: TypeAlias = frozenset[tuple[Atom, int]]
CONSTANT: Monomial = frozenset()


def join(one: Monomial, other: Monomial) -> Monomial:
    """The product of two monomials."""
    if not one or not other:
        return one or other
    powers = dict(one)
    for atom, power in other:
        powers[atom] = powers.get(atom, 0) + power
    return frozenset(powers.items())


def shared(monomials: Iterable[Monomial]) -> Monomial:
    """The largest monomial that divides all of these (at least one)."""
    first, *others = monomials
    powers = dict(first)
    for monomial in others:
        held = dict(monomial)
        powers = {atom: least for atom, power in powers.items() if (least := min(power, held.get(atom, 0)))}
    return frozenset(powers.items())


def over(monomial: Monomial, divisor: Monomial) -> Monomial:
    """The quotient by a monomial that divides this one."""
    taken = dict(divisor)
    return frozenset((atom, left) for atom, power in monomial if (left := power - taken.get(atom, 0)))


def monomial_key(monomial: Monomial) -> tuple[int, list[tuple[str, int]]]:
    """Orders monomials by falling degree, then by name; the same in every process."""
    return -sum(power for _, power in monomial), sorted((atom.key, -power) for atom, power in monomial)
