"""Integers that remember how they came about: a layer's own methods, run on them, tell their arithmetic."""

from __future__ import annotations

from typing import Any, SupportsIndex

from archcalc.analyses.explain.tree import Number, Tree, added, divided, multiplied
from archcalc.analyses.memory.setting import numeric


class Traced(int):
    """An integer and the tree that it is the value of. What is not added, multiplied or divided is a plain integer."""

    tree: Tree

    def __new__(cls, tree: Tree) -> Traced:
        made = super().__new__(cls, tree.value)
        made.tree = tree
        return made

    def __add__(self, other: int) -> int:
        return _sum(1, self, 1, other)

    def __radd__(self, other: int) -> int:
        return _sum(1, other, 1, self)

    def __sub__(self, other: int) -> int:
        return _sum(1, self, -1, other)

    def __rsub__(self, other: int) -> int:
        return _sum(1, other, -1, self)

    def __neg__(self) -> int:
        return Traced(added([(-1, self.tree)]))

    def __mul__(self, other: int) -> int:
        return Traced(multiplied([self.tree, tree_of(other)])) if isinstance(other, int) else NotImplemented

    def __rmul__(self, other: int) -> int:
        return Traced(multiplied([tree_of(other), self.tree])) if isinstance(other, int) else NotImplemented

    def __floordiv__(self, other: int) -> int:
        return Traced(divided(self.tree, tree_of(other))) if isinstance(other, int) else NotImplemented

    def __rfloordiv__(self, other: int) -> int:
        return Traced(divided(tree_of(other), self.tree)) if isinstance(other, int) else NotImplemented

    def __reduce_ex__(self, protocol: SupportsIndex) -> tuple[Any, ...]:
        return (Traced, (self.tree,))


def _sum(one_times: int, one: int, other_times: int, other: int) -> int:
    if not isinstance(one, int) or not isinstance(other, int):
        return NotImplemented
    return Traced(added([(one_times, tree_of(one)), (other_times, tree_of(other))]))


def tree_of(value: Any) -> Tree:
    """How a number came about; a plain one is itself. Raises OpenSize for an open symbol."""
    return value.tree if isinstance(value, Traced) else Number(int(numeric(value)))


def letter(name: str, value: Any) -> Traced:
    """A number that a formula knows by a letter. Raises OpenSize for an open symbol."""
    return Traced(Number(int(numeric(value)), name))
