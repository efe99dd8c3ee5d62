"""Which term of a closed form leads as symbols grow: floors become quotients, whose error no growth outweighs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from fractions import Fraction
from math import gcd, lcm

from archcalc.algebra import Dim, evaluate, symbol, symbols_of
from archcalc.algebra.atoms import Atom, Extreme, Floor, Symbol
from archcalc.algebra.expr import atom_expr, from_terms, terms_of
from archcalc.algebra.monomial import Monomial
from archcalc.analyses.formula import Formula
from archcalc.record import Record


class Quotient(Record):
    """``above`` over a positive number."""

    above: Dim
    below: int = 1

    def at(self, values: Mapping[str, int]) -> Fraction:
        """Its value."""
        return Fraction(evaluate(self.above, values), self.below)


class Growth(Record):
    """How a quantity grows with some symbols, all at once: its terms of the highest degree in them.

    ``share`` is what these make up of it at the text's own values, None where they are not all known; ``leading`` is
    None where maxima and minima hide it, and of degree 0 where it does not hang on these symbols.
    """

    quantity: str
    symbols: tuple[str, ...]
    degree: int
    leading: Quotient | None
    share: Fraction | None


def growths(formula: Formula, wanted: Iterable[str]) -> tuple[Growth, ...]:
    """For each quantity and symbol, and for all symbols at once: what leads."""
    names = tuple(formula.symbols)
    together = [(name,) for name in names] + ([names] if len(names) > 1 else [])
    found = []
    for quantity in wanted:
        value = formula.whole.values.get(quantity)
        if isinstance(value, tuple | Fraction) or value is None or not symbols_of(value):
            continue
        found += [_growth(formula, quantity, value, grown) for grown in together]
    return tuple(found)


def _growth(formula: Formula, quantity: str, value: Dim, grown: tuple[str, ...]) -> Growth:
    smooth = _smooth(value, frozenset(grown))
    if smooth is None:
        return Growth(quantity, grown, 0, None, None)
    degrees = {monomial: _degree(monomial, grown) for monomial in terms_of(smooth.above)}
    degree = max(degrees.values(), default=0)
    terms = {monomial: n for monomial, n in terms_of(smooth.above).items() if degrees[monomial] == degree}
    leading = _reduced(Quotient(from_terms(terms), smooth.below))
    own = {name: number for name, number in formula.symbols.items() if number is not None}
    share = None
    if degree and len(own) == len(formula.symbols) and evaluate(value, own):
        share = leading.at(own) / evaluate(value, own)
    return Growth(quantity, grown, degree, leading, share)


def _degree(monomial: Monomial, grown: Collection[str]) -> int:
    return sum(power for atom, power in monomial if isinstance(atom, Symbol) and atom.name in grown)


def _smooth(dim: Dim, grown: frozenset[str]) -> Quotient | None:
    """A dim whose floors that grow are quotients; None for what chooses between different ways to grow."""
    total = Quotient(0)
    for monomial, factor in terms_of(dim).items():
        above, below = from_terms({frozenset(): factor}), 1
        for atom, power in monomial:
            found = _smooth_atom(atom, grown)
            if found is None:
                return None
            above, below = above * found.above**power, below * found.below**power
        common = lcm(total.below, below)
        total = Quotient(total.above * (common // total.below) + above * (common // below), common)
    return total


def _smooth_atom(atom: Atom, grown: frozenset[str]) -> Quotient | None:
    if grown.isdisjoint(atom.symbols):
        return Quotient(atom_expr(atom))
    if isinstance(atom, Symbol):
        return Quotient(symbol(atom.name))
    if isinstance(atom, Floor):
        inner = _smooth(atom.numerator, grown)
        if inner is None or not isinstance(atom.divisor, int):
            return None
        return Quotient(inner.above, inner.below * atom.divisor)
    assert isinstance(atom, Extreme)
    each = [_smooth(arg, grown) for arg in atom.args]
    tops = {None if one is None else _top(one, grown) for one in each}
    return each[0] if len(tops) == 1 else None  # they grow alike: their difference is of a lower degree


def _top(found: Quotient, grown: Collection[str]) -> Quotient:
    """Its terms of the highest degree."""
    terms = terms_of(found.above)
    most = max((_degree(monomial, grown) for monomial in terms), default=0)
    top = {monomial: factor for monomial, factor in terms.items() if _degree(monomial, grown) == most}
    return _reduced(Quotient(from_terms(top), found.below))


def _reduced(found: Quotient) -> Quotient:
    common = gcd(found.below, *terms_of(found.above).values())
    above = from_terms({monomial: factor // common for monomial, factor in terms_of(found.above).items()})
    return Quotient(above, found.below // common)
