"""Exact values of dims, for ints or for whole arrays of them.

An expression is evaluated by taking out what its terms share, level by level (Horner's rule in several variables), so
that little is multiplied twice and, where arrays are broadcast, factors of few elements are combined first.
"""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache, reduce
from typing import TYPE_CHECKING, Any, NamedTuple, overload

from archcalc.algebra.atoms import Atom, Extreme, Floor, Symbol
from archcalc.algebra.bounded import Bounded, Number, bounds, extreme
from archcalc.algebra.division import require_positive
from archcalc.algebra.expr import Dim
from archcalc.algebra.monomial import CONSTANT, Monomial, over, shared
from archcalc.algebra.rewrite import atoms_inside_out, require_allowed

if TYPE_CHECKING:
    from archcalc.algebra.bounded import Array


class Nested(NamedTuple):
    """``constant`` plus the sum of ``outer * inner``."""

    constant: float
    products: tuple[tuple[Monomial, Nested], ...]


@overload
def evaluate(dim: Dim, values: Mapping[str, int]) -> int: ...
@overload
def evaluate(dim: Dim, values: Mapping[str, int | Array]) -> int | Array: ...
def evaluate(dim: Dim, values: Mapping[str, int | Array]) -> int | Array:
    """The exact value of a dim; as ``evaluate_many``."""
    return dim if isinstance(dim, int) else evaluate_many((dim,), values)[0]


@overload
def evaluate_many(dims: Sequence[Dim], values: Mapping[str, int]) -> list[int]: ...
@overload
def evaluate_many(dims: Sequence[Dim], values: Mapping[str, int | Array]) -> list[int | Array]: ...
def evaluate_many(dims: Sequence[Dim], values: Mapping[str, int | Array]) -> Sequence[int | Array]:
    """The exact values of several dims, each atom and each product they share computed once.

    Values are ints or integer arrays that broadcast together. A result is an int if it depends on no array; else an
    int64 array, or one of Python ints where int64 is not sure to suffice, broadcast from the arrays it depends on.
    Results may share memory with each other and with the values: do not write to them.

    Raises KeyError for a symbol without a value, ValueError for a value below the symbol's bound, TypeError for arrays
    of anything but integers, ZeroDivisionError or ValueError for a divisor that is not positive.
    """
    atoms, forms = _plan(tuple(dims))
    evaluation = Evaluation(values)
    for atom in atoms:
        evaluation.add(atom)
    results = [evaluation.nested(form) for form in forms]
    return [result if isinstance(result, int) else result.data for result in results]


class Evaluation:
    """The values found so far: of atoms, their powers, and products of these."""

    def __init__(self, values: Mapping[str, int | Array]) -> None:
        self._values = values
        self.powers: dict[tuple[Atom, int], Number] = {}
        self._monomials: dict[Monomial, Number] = {}

    def add(self, atom: Atom) -> None:
        """Find the value of an atom, those inside it being known."""
        self.powers[atom, 1] = self._atom(atom)

    def nested(self, form: Nested) -> Any:
        """The value of a form whose atoms are known."""
        total: Any = form.constant
        for outer, inner in form.products:
            total = total + self._monomial(outer) * self.nested(inner)
        return total

    def _atom(self, atom: Atom) -> Number:
        if isinstance(atom, Symbol):
            return self._symbol(atom)
        if isinstance(atom, Floor):
            above, below = self._dim(atom.numerator), self._dim(atom.divisor)
            if isinstance(below, int):
                require_positive(below)
            return above // below
        assert isinstance(atom, Extreme)
        kind = atom.kind
        return reduce(lambda one, other: extreme(kind, one, other), map(self._dim, atom.args))

    def _dim(self, dim: Dim) -> Number:
        return dim if isinstance(dim, int) else self.nested(_nested(dim))

    def _symbol(self, symbol: Symbol) -> Number:
        if symbol.name not in self._values:
            raise KeyError(f"no value for {symbol.name}")
        value = self._values[symbol.name]
        number: Number
        if isinstance(value, int):
            number = value
        elif value.ndim:
            number = Bounded.measured(value, symbol.least)
        else:
            number = operator.index(value)  # numpy's own scalars wrap around
        require_allowed(symbol, bounds(number)[0])
        return number

    def _monomial(self, monomial: Monomial) -> Number:
        if monomial not in self._monomials:
            factors = [self._power(atom, power) for atom, power in monomial]
            # Small arrays first: products of rows, and of columns, before a row meets a column.
            self._monomials[monomial] = reduce(operator.mul, sorted(factors, key=_size))
        return self._monomials[monomial]

    def _power(self, atom: Atom, power: int) -> Number:
        if (atom, power) not in self.powers:
            half = self._power(atom, power // 2)
            square = half * half
            self.powers[atom, power] = square * self._power(atom, 1) if power % 2 else square
        return self.powers[atom, power]


def _size(number: Number) -> int:
    return getattr(number, "size", 0)


@lru_cache(maxsize=256)
def _plan(dims: tuple[Dim, ...]) -> tuple[list[Atom], list[Nested]]:
    """The atoms in an order to compute them in, and how to compute each dim from them."""
    return atoms_inside_out(dims), [_nested(dim) for dim in dims]


@lru_cache(maxsize=4096)
def _nested(dim: Dim) -> Nested:
    return Nested(dim, ()) if isinstance(dim, int) else factored(dim.terms)


def factored(terms: Mapping[Monomial, float]) -> Nested:
    """Group the terms by the most frequent atom of each, and take out of each group what all its terms share."""
    frequency = Counter(atom for monomial in terms for atom, _ in monomial)
    groups: dict[Atom, dict[Monomial, float]] = {}
    for monomial, factor in terms.items():
        if monomial:
            leader = max((atom for atom, _ in monomial), key=lambda atom: (frequency[atom], atom.key))
            groups.setdefault(leader, {})[monomial] = factor
    return Nested(terms.get(CONSTANT, 0), tuple(_taken_out(group) for group in groups.values()))


def _taken_out(group: Mapping[Monomial, float]) -> tuple[Monomial, Nested]:
    common = shared(group)
    return common, factored({over(monomial, common): factor for monomial, factor in group.items()})
