"""Integer polynomials over atoms: the symbolic half of ``Dim = int | Expr``."""

from __future__ import annotations

import keyword
import math
from collections.abc import Callable, Iterable, Mapping
from typing import NoReturn, TypeAlias

from archcalc.algebra.atoms import Atom, Symbol
from archcalc.algebra.monomial import CONSTANT, Monomial, join, monomial_key


class Expr:
    """An integer polynomial that is not a constant; immutable, hashable, and in canonical form.

    Arithmetic with ints and other Exprs gives an Expr, or a plain int where everything else cancels. ``==`` compares
    canonical forms. What would need a value (``<``, ``bool``, ``int``, ``/``) raises TypeError.
    """

    __slots__ = ("_hash", "_key", "_terms")

    __array_ufunc__ = None  # numpy numbers then refuse to mix with an Expr, instead of making arrays of objects

    def __init__(self, terms: dict[Monomial, int]) -> None:
        """Wrap terms that are canonical already: no zero coefficient, not a constant. Use arithmetic instead."""
        self._terms = terms
        self._hash: int | None = None
        self._key: str | None = None

    @property
    def terms(self) -> Mapping[Monomial, int]:
        """The coefficient of each monomial; not to be changed."""
        return self._terms

    @property
    def constant(self) -> int:
        """The constant term."""
        return self._terms.get(CONSTANT, 0)

    @property
    def atoms(self) -> frozenset[Atom]:
        """The atoms that occur in some monomial (not those nested inside them)."""
        return frozenset(atom for monomial in self._terms for atom, _ in monomial)

    @property
    def symbols(self) -> frozenset[str]:
        """The names it depends on, at any depth."""
        return frozenset().union(*(atom.symbols for monomial in self._terms for atom, _ in monomial))

    @property
    def depth(self) -> int:
        """How deep atoms nest inside it."""
        return max(atom.depth for monomial in self._terms for atom, _ in monomial)

    @property
    def key(self) -> str:
        """A name for this value, the same in every process."""
        if self._key is None:
            self._key = repr(sorted((monomial_key(monomial), factor) for monomial, factor in self._terms.items()))
        return self._key

    @property
    def least(self) -> int | None:
        """A proven lower bound, where every term but the constant is known not to be negative; else None."""
        total = 0
        for monomial, factor in self._terms.items():
            bounds = [(atom.least, power) for atom, power in monomial]
            if monomial and (factor < 0 or any(bound is None or bound < 0 for bound, _ in bounds)):
                return None
            total += factor * math.prod(bound**power for bound, power in bounds if bound is not None)
        return total

    def __add__(self, other: Dim) -> Dim:
        if isinstance(other, int):
            return from_terms(_sum(self._terms, {CONSTANT: other})) if other else self
        return from_terms(_sum(self._terms, other._terms)) if isinstance(other, Expr) else NotImplemented

    __radd__ = __add__

    def __neg__(self) -> Expr:
        return Expr({monomial: -factor for monomial, factor in self._terms.items()})

    def __pos__(self) -> Expr:
        return self

    def __sub__(self, other: Dim) -> Dim:
        return self + -other if isinstance(other, int | Expr) else NotImplemented

    def __rsub__(self, other: int) -> Dim:
        return -self + other if isinstance(other, int) else NotImplemented

    def __mul__(self, other: Dim) -> Dim:
        if isinstance(other, int):
            return Expr({monomial: factor * other for monomial, factor in self._terms.items()}) if other else 0
        return from_terms(_product(self._terms, other._terms)) if isinstance(other, Expr) else NotImplemented

    __rmul__ = __mul__

    def __pow__(self, exponent: int) -> Dim:
        if not isinstance(exponent, int):
            return NotImplemented
        if exponent < 0:
            raise ValueError(f"the exponent must not be negative: {exponent}")
        result: Dim = 1
        square: Dim = self
        while exponent:
            if exponent & 1:
                result = result * square
            exponent >>= 1
            if exponent:
                square = square * square
        return result

    def __floordiv__(self, other: Dim) -> Dim:
        return _floor_div()(self, other) if isinstance(other, int | Expr) else NotImplemented

    def __rfloordiv__(self, other: int) -> Dim:
        return _floor_div()(other, self) if isinstance(other, int) else NotImplemented

    def __mod__(self, other: Dim) -> Dim:
        return self - other * (self // other) if isinstance(other, int | Expr) else NotImplemented

    def __rmod__(self, other: int) -> Dim:
        return other - self * (other // self) if isinstance(other, int) else NotImplemented

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Expr):
            return self is other or (hash(self) == hash(other) and self._terms == other._terms)
        return False if isinstance(other, int) else NotImplemented

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash(frozenset(self._terms.items()))
        return self._hash

    def _refuse(self, *_: object) -> NoReturn:
        names = ", ".join(sorted(self.symbols))
        raise TypeError(
            f"undecidable: the value depends on {names}; substitute values first, "
            "or use largest, smallest or // where a comparison or a / was meant"
        )

    __bool__ = __int__ = __float__ = __index__ = _refuse
    __lt__ = __le__ = __gt__ = __ge__ = __truediv__ = __rtruediv__ = _refuse

    def __reduce__(self) -> tuple[Callable[..., Expr], tuple[object, ...]]:
        return Expr, (self._terms,)  # without the cached hash: it differs from process to process

    def __repr__(self) -> str:
        from archcalc.algebra.printing import to_text  # printing builds on this module

        return to_text(self)


Dim: TypeAlias = int | Expr


def symbol(name: str, least: int = 1) -> Expr:
    """An unknown integer that is at least ``least``: positive, unless told otherwise.

    The name must be a Python identifier other than ``max`` and ``min``. The bound is part of the symbol's identity, and
    evaluation checks it, because simplifications rely on it. Raises ValueError for another name.
    """
    if not name.isidentifier() or keyword.iskeyword(name) or name in ("max", "min"):
        raise ValueError(f"not a name for a symbol: {name!r}")
    return atom_expr(Symbol.of(name, least))


def product(dims: Iterable[Dim]) -> Dim:
    """The product of the dims; 1 if there are none."""
    result: Dim = math.prod(dims)
    return result


def lower_bound(dim: Dim) -> int | None:
    """A value the dim is proven never to fall below, or None; a bound, not always the largest one."""
    return dim if isinstance(dim, int) else dim.least


def atom_expr(atom: Atom) -> Expr:
    """The atom as an expression."""
    return Expr({frozenset(((atom, 1),)): 1})


def from_terms(terms: dict[Monomial, int]) -> Dim:
    """The dim with these terms (none of them zero): an int if only a constant is left."""
    if not terms:
        return 0
    if len(terms) == 1 and CONSTANT in terms:
        return terms[CONSTANT]
    return Expr(terms)


def terms_of(dim: Dim) -> Mapping[Monomial, int]:
    """The coefficient of each monomial of a dim, an int being a constant term."""
    if isinstance(dim, int):
        return {CONSTANT: dim} if dim else {}
    return dim.terms


def _sum(left: dict[Monomial, int], right: dict[Monomial, int]) -> dict[Monomial, int]:
    if len(left) < len(right):
        left, right = right, left
    total = left.copy()
    for monomial, factor in right.items():
        _accumulate(total, monomial, factor)
    return total


def _product(left: dict[Monomial, int], right: dict[Monomial, int]) -> dict[Monomial, int]:
    total: dict[Monomial, int] = {}
    for one, factor in left.items():
        for other, times in right.items():
            _accumulate(total, join(one, other), factor * times)
    return total


def _accumulate(total: dict[Monomial, int], monomial: Monomial, factor: int) -> None:
    factor += total.get(monomial, 0)
    if factor:
        total[monomial] = factor
    else:
        total.pop(monomial, None)


def _floor_div() -> Callable[[Dim, Dim], Dim]:
    from archcalc.algebra.division import floor_div  # division builds on this module

    return floor_div
