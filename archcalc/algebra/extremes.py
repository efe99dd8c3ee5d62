"""The largest and the smallest of several dims, without a comparison in sight."""

from __future__ import annotations

from archcalc.algebra.atoms import Extreme, Kind, dim_key
from archcalc.algebra.expr import Dim, Expr, atom_expr, lower_bound


def largest(*dims: Dim) -> Dim:
    """The largest of the dims (at least one)."""
    try:
        return max(dims)
    except TypeError:  # an Expr refuses to be compared; ints alone never come here
        return _extreme("max", dims)


def smallest(*dims: Dim) -> Dim:
    """The smallest of the dims (at least one)."""
    try:
        return min(dims)
    except TypeError:
        return _extreme("min", dims)


def _extreme(kind: Kind, dims: tuple[Dim, ...]) -> Dim:
    """Nested ones opened, repetitions and provably beaten ones dropped, the others in canonical order."""
    opened = dict.fromkeys(arg for dim in dims for arg in _args(kind, dim))
    args = [arg for arg in opened if not any(arg != other and _beats(kind, other, arg) for other in opened)]
    if len(args) == 1:
        return args[0]
    return atom_expr(Extreme.of(kind, tuple(sorted(args, key=dim_key))))


def _args(kind: Kind, dim: Dim) -> tuple[Dim, ...]:
    if isinstance(dim, Expr) and len(dim.terms) == 1:
        for atom in dim.atoms:
            if isinstance(atom, Extreme) and atom.kind == kind and dim == atom_expr(atom):
                return atom.args
    return (dim,)


def _beats(kind: Kind, one: Dim, other: Dim) -> bool:
    bound = lower_bound(one - other if kind == "max" else other - one)
    return bound is not None and bound >= 0
