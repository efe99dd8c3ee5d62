"""What polynomials are made of: named unknowns, floors of quotients, and the largest or smallest of several values.

Atoms are interned: two atoms with the same parts are the same object. Comparing and hashing them is therefore a matter
of identity, however deep the expressions inside them, and a value computed for one is computed for all its uses.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, Self, cast
from weakref import WeakValueDictionary

if TYPE_CHECKING:
    from archcalc.algebra.expr import Dim, Expr

Kind = Literal["max", "min"]


class Atom:
    """An indivisible factor; made with ``of``, never by calling the class.

    ``key`` orders atoms the same way in every process; ``depth`` counts the atoms nested inside; ``least`` is a proven
    lower bound, or None; ``children`` are the expressions inside.
    """

    __slots__ = ("__weakref__", "children", "depth", "key", "least", "parts", "symbols")

    parts: tuple[Any, ...]
    children: tuple[Expr, ...]
    key: str
    depth: int
    least: int | None
    symbols: frozenset[str]

    @classmethod
    def of(cls, *parts: Any) -> Self:
        """The one atom that has these parts."""
        found = _live.get((cls, parts)) or _live.setdefault((cls, parts), cls(*parts))
        return cast(Self, found)

    def __reduce__(self) -> tuple[Callable[..., Atom], tuple[Any, ...]]:
        return type(self).of, self.parts

    def _contain(self, dims: tuple[Dim, ...], *parts: Any) -> None:
        """Set what follows from the dims inside; each is at hand already, so nothing here recurses."""
        self.parts = parts
        self.children = tuple(dim for dim in dims if not isinstance(dim, int))
        self.symbols = frozenset().union(*(child.symbols for child in self.children))
        self.depth = 1 + max(child.depth for child in self.children)
        described = [type(self).__name__, parts[0] if isinstance(parts[0], str) else "", *map(dim_key, dims)]
        # A digest, not the text itself: shared parts would be spelled out again and again, doubling at each level.
        self.key = "1" + hashlib.blake2b("\n".join(described).encode(), digest_size=16).hexdigest()


# Weak, so that atoms nobody holds any more are forgotten.
_live: WeakValueDictionary[tuple[type[Atom], tuple[Any, ...]], Atom] = WeakValueDictionary()


class Symbol(Atom):
    """A named integer, at least ``least``."""

    __slots__ = ("name",)

    least: int

    def __init__(self, name: str, least: int) -> None:
        self.name, self.least = name, least
        self.parts, self.children, self.depth = (name, least), (), 0
        self.symbols = frozenset((name,))
        self.key = f"0{name} {least}"


class Floor(Atom):
    """``numerator // divisor``, already reduced; the divisor is positive."""

    __slots__ = ("divisor", "numerator")

    def __init__(self, numerator: Dim, divisor: Dim) -> None:
        self.numerator, self.divisor = numerator, divisor
        self._contain((numerator, divisor), numerator, divisor)
        bound = dim_least(numerator)
        if isinstance(divisor, int):
            self.least = None if bound is None else bound // divisor
        else:
            self.least = 0 if bound is not None and bound >= 0 else None


class Extreme(Atom):
    """The ``max`` or ``min`` of at least two dims, in canonical order."""

    __slots__ = ("args", "kind")

    def __init__(self, kind: Kind, args: tuple[Dim, ...]) -> None:
        self.kind, self.args = kind, args
        self._contain(args, kind, args)
        bounds = [dim_least(arg) for arg in args]
        known = [bound for bound in bounds if bound is not None]
        if kind == "max":
            self.least = max(known, default=None)
        else:
            self.least = min(known) if len(known) == len(bounds) else None


def dim_key(dim: Dim) -> str:
    """A name for a dim: equal for equal dims, and the same in every process."""
    return str(dim) if isinstance(dim, int) else dim.key


def dim_least(dim: Dim) -> int | None:
    """A proven lower bound of a dim, or None."""
    return dim if isinstance(dim, int) else dim.least
