"""The largest and the smallest of several dims, without a comparison in sight."""

from __future__ import annotations

from archcalc.algebra.atoms import Extreme, Floor, Kind, dim_key
from archcalc.algebra.expr import Dim, Expr, atom_expr, lower_bound

#: Floors that are opened to compare two dims; a proof that needs more is not looked for.
_OPENED = 8


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
    opened = sorted({arg for dim in dims for arg in _args(kind, dim)}, key=dim_key)
    args = opened.copy()
    for arg in opened:  # one by one: of two that beat each other one stays
        if any(arg != other and _beats(kind, other, arg) for other in args):
            args.remove(arg)
    if len(args) == 1:
        return args[0]
    return atom_expr(Extreme.of(kind, tuple(args)))


def _args(kind: Kind, dim: Dim) -> tuple[Dim, ...]:
    if isinstance(dim, Expr) and len(dim.terms) == 1:
        for atom in dim.atoms:
            if isinstance(atom, Extreme) and atom.kind == kind and dim == atom_expr(atom):
                return atom.args
    return (dim,)


def _beats(kind: Kind, one: Dim, other: Dim) -> bool:
    return _never_negative(one - other if kind == "max" else other - one)


def _never_negative(dim: Dim) -> bool:
    """Whether a dim is proven not to fall below 0.

    Its floors are opened one by one. For integers x, r and c, d > 0, floor(x / d) + r >= 0 says the same as
    x + d r >= 0 (Concrete Mathematics, equation 3.7), c floor(x / d) + r >= 0 follows from c (x - d + 1) + d r >= 0,
    and r - c floor(x / d) >= 0 from d r - c x >= 0.
    """
    for _ in range(_OPENED):
        bound = lower_bound(dim)
        if bound is not None or isinstance(dim, int):
            return bound is not None and bound >= 0
        floors = _floors(dim)
        if not floors:
            return False
        floor, d, factor = min(floors, key=lambda each: (each[2] != 1, each[0].key))
        lost = d - 1 if factor > 1 else 0
        dim = (dim - factor * atom_expr(floor)) * d + factor * (floor.numerator - lost)
    return False


def _floors(dim: Expr) -> list[tuple[Floor, int, int]]:
    """The floors by an int that are terms of their own: with that int, and their factor."""
    return [
        (atom, atom.divisor, factor)
        for monomial, factor in dim.terms.items()
        if len(monomial) == 1
        for atom, power in monomial
        if power == 1 and isinstance(atom, Floor) and isinstance(atom.divisor, int)
    ]
