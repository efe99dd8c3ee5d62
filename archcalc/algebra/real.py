"""Closed forms times real numbers, and sums of these: evaluated in floats, many terms at once.

What stands inside floors and maxima is evaluated exactly; only products of these, and sums, are rounded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from archcalc.algebra.atoms import Atom
from archcalc.algebra.evaluate import Evaluation, factored
from archcalc.algebra.expr import Dim, Expr
from archcalc.algebra.monomial import CONSTANT, Monomial
from archcalc.algebra.rewrite import atoms_inside_out

if TYPE_CHECKING:
    from archcalc.algebra.bounded import Array


class Real:
    """A polynomial with real coefficients; immutable."""

    __slots__ = ("terms",)

    __array_ufunc__ = None  # numpy numbers then refuse to mix with it, instead of making arrays of objects

    def __init__(self, terms: Mapping[Monomial, float]) -> None:
        self.terms = terms

    @classmethod
    def of(cls, dim: Dim) -> Real:
        """A closed form, or a number."""
        return cls({CONSTANT: dim} if isinstance(dim, int) else dim.terms)

    def __add__(self, other: Real | float) -> Real:
        if not isinstance(other, Real | int | float):
            return NotImplemented
        terms = dict(self.terms)
        for monomial, factor in (other.terms if isinstance(other, Real) else {CONSTANT: other}).items():
            terms[monomial] = terms.get(monomial, 0) + factor
        return Real(terms)

    __radd__ = __add__

    def __mul__(self, factor: float) -> Real:
        if not isinstance(factor, int | float):
            return NotImplemented
        return Real({monomial: own * factor for monomial, own in self.terms.items()})

    __rmul__ = __mul__

    @property
    def atoms(self) -> list[Atom]:
        """Its atoms, each after those inside it."""
        terms = {monomial: 1 for monomial in self.terms if monomial}
        return atoms_inside_out([Expr(terms)] if terms else [])


def evaluate_reals(reals: Sequence[Real], values: Mapping[str, int | Array]) -> list[float | Array]:
    """Their values in floats, as ``evaluate_many`` has those of dims exactly: a float, or an array. Raises as that."""
    exact = Evaluation(values)
    for atom in dict.fromkeys(atom for real in reals for atom in real.atoms):
        exact.add(atom)
    floats = _Floats(exact)
    return [floats.nested(factored(real.terms)) for real in reals]


class _Floats(Evaluation):
    """The same with atoms whose exact values are known already, as floats."""

    def __init__(self, exact: Evaluation) -> None:
        super().__init__({})
        self.powers = {(atom, 1): _float(value) for (atom, power), value in exact.powers.items() if power == 1}


def _float(number: Any) -> Any:
    return float(number) if isinstance(number, int) else number.data.astype(float)
