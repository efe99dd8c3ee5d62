"""Which symbols a dim depends on, and what it becomes when they are replaced."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from archcalc.algebra.atoms import Atom, Extreme, Floor, Symbol
from archcalc.algebra.expr import Dim, Expr, atom_expr
from archcalc.algebra.extremes import largest, smallest


def symbols_of(dim: Dim) -> frozenset[str]:
    """The names of the symbols a dim depends on."""
    return frozenset() if isinstance(dim, int) else dim.symbols


def substitute(dim: Dim, values: Mapping[str, Dim]) -> Dim:
    """The dim with the named symbols replaced, all at once, in canonical form again; other names are ignored.

    A replacement must respect the symbol's lower bound. An int that does not raises ValueError; of an expression it is
    taken on trust.
    """
    if isinstance(dim, int) or dim.symbols.isdisjoint(values):
        return dim
    replaced: dict[Atom, Dim] = {}
    for atom in atoms_inside_out((dim,)):
        replaced[atom] = _replacement(atom, values, replaced)
    return _rebuilt(dim, replaced)


def atoms_inside_out(dims: Iterable[Dim]) -> list[Atom]:
    """Every atom the dims contain, at any depth, each after the atoms inside it."""
    found: set[Atom] = set()
    waiting = [dim for dim in dims if isinstance(dim, Expr)]
    while waiting:
        for atom in waiting.pop().atoms - found:
            found.add(atom)
            waiting.extend(atom.children)
    return sorted(found, key=lambda atom: (atom.depth, atom.key))


def require_allowed(symbol: Symbol, value: int) -> None:
    """Raises ValueError for a value below the symbol's lower bound, which simplifications rely on."""
    if value < symbol.least:
        raise ValueError(f"{symbol.name} stands for an integer of at least {symbol.least}: {value}")


def _replacement(atom: Atom, values: Mapping[str, Dim], replaced: Mapping[Atom, Dim]) -> Dim:
    if atom.symbols.isdisjoint(values):
        return atom_expr(atom)
    if isinstance(atom, Symbol):
        value = values[atom.name]
        if isinstance(value, int):
            require_allowed(atom, value)
        return value
    if isinstance(atom, Floor):
        return _rebuilt(atom.numerator, replaced) // _rebuilt(atom.divisor, replaced)
    assert isinstance(atom, Extreme)
    choose = largest if atom.kind == "max" else smallest
    return choose(*(_rebuilt(arg, replaced) for arg in atom.args))


def _rebuilt(dim: Dim, replaced: Mapping[Atom, Dim]) -> Dim:
    if isinstance(dim, int):
        return dim
    total: Dim = 0
    for monomial, factor in dim.terms.items():
        term: Dim = factor
        for atom, power in monomial:
            term = term * replaced[atom] ** power
        total = total + term
    return total
