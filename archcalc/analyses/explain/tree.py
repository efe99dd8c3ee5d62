"""Arithmetic kept as it was done: sums, products and quotients of named numbers, each with its value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Literal

from archcalc.record import Record

#: The name of a number that was worked out in a line before and has no letter.
NAMELESS = "#"


class Tree(Record):
    """A piece of arithmetic; ``value`` is what it comes to."""

    @property
    def value(self) -> int:
        raise NotImplementedError

    @property
    def exact(self) -> Fraction:
        """What it comes to if nothing is rounded."""
        return Fraction(self.value)

    @property
    def parts(self) -> Iterable[Tree]:
        """What it is made of."""
        return ()


class Number(Tree):
    """A number; ``name`` is its letter in a formula, if it has one."""

    number: int
    name: str = ""

    @property
    def value(self) -> int:
        return self.number


class Sum(Tree):
    """Terms, each so many times, and a constant."""

    terms: tuple[tuple[int, Tree], ...]
    constant: int = 0

    @property
    def value(self) -> int:
        return sum(times * term.value for times, term in self.terms) + self.constant

    @property
    def exact(self) -> Fraction:
        return sum((times * term.exact for times, term in self.terms), Fraction(self.constant))

    @property
    def parts(self) -> Iterable[Tree]:
        return (term for _, term in self.terms)


class Product(Tree):
    """Factors."""

    factors: tuple[Tree, ...]

    @property
    def value(self) -> int:
        found = 1
        for factor in self.factors:
            found *= factor.value
        return found

    @property
    def exact(self) -> Fraction:
        found = Fraction(1)
        for factor in self.factors:
            found *= factor.exact
        return found

    @property
    def parts(self) -> Iterable[Tree]:
        return self.factors


class Quotient(Tree):
    """A division rounded down, or ``up``."""

    over: Tree
    by: Tree
    up: bool = False

    @property
    def value(self) -> int:
        return -(-self.over.value // self.by.value) if self.up else self.over.value // self.by.value

    @property
    def exact(self) -> Fraction:
        return self.over.exact / self.by.exact

    @property
    def rounds(self) -> bool:
        """Whether anything is left over."""
        return self.over.value % self.by.value != 0

    @property
    def parts(self) -> Iterable[Tree]:
        return (self.over, self.by)


class Extreme(Tree):
    """The largest or the smallest of several."""

    kind: Literal["max", "min"]
    of: tuple[Tree, ...]

    @property
    def value(self) -> int:
        values = [each.value for each in self.of]
        return max(values) if self.kind == "max" else min(values)

    @property
    def parts(self) -> Iterable[Tree]:
        return self.of


def added(trees: Iterable[tuple[int, Tree]]) -> Tree:
    """Their sum, each so many times: sums in it opened, equal terms put together, constants too."""
    terms: dict[Tree, int] = {}
    constant = 0
    for times, tree in trees:
        if isinstance(tree, Sum):
            inner, constant = tree.terms, constant + times * tree.constant
        elif isinstance(tree, Number) and not tree.name:
            inner, constant = (), constant + times * tree.number
        else:
            inner = ((1, tree),)
        for count, term in inner:
            terms[term] = terms.get(term, 0) + times * count
    left = tuple((count, term) for term, count in terms.items() if count)
    if not left:
        return Number(constant)
    return left[0][1] if len(left) == 1 and left[0][0] == 1 and not constant else Sum(left, constant)


def multiplied(trees: Iterable[Tree]) -> Tree:
    """Their product: products in it opened, ones left out, a sign or count of a lone term put in front."""
    factors: list[Tree] = []
    count = 1
    for tree in trees:
        if isinstance(tree, Sum) and len(tree.terms) == 1 and not tree.constant:
            times, tree = tree.terms[0]
            count *= times
        if isinstance(tree, Number) and not tree.name:
            count *= tree.number
        else:
            factors += tree.factors if isinstance(tree, Product) else (tree,)
    if not factors or not count:
        return Number(count)
    made = factors[0] if len(factors) == 1 else Product(tuple(factors))
    return made if count == 1 else Sum(((count, made),))


def divided(over: Tree, by: Tree) -> Tree:
    """Their quotient, rounded down; up where the formula adds ``by - 1`` before it divides."""
    if isinstance(by, Number) and not by.name and by.number == 1:
        return over
    rest = added([(1, over), (-1, by), (1, Number(1))])
    shorter = isinstance(over, Sum) and len(list(rest.parts)) < len(over.terms)
    alone = isinstance(over, Sum) and not isinstance(rest, Sum)
    return Quotient(rest, by, up=True) if shorter or alone else Quotient(over, by)


def numbers(tree: Tree) -> Iterator[Number]:
    """The named numbers of a piece of arithmetic, in order, some of them repeated."""
    if isinstance(tree, Number):
        yield from (tree,) if tree.name else ()
    for part in tree.parts:
        yield from numbers(part)


def length(tree: Tree) -> int:
    """How many numbers a piece of arithmetic is written with."""
    counts = sum(abs(times) != 1 for times, _ in tree.terms) + bool(tree.constant) if isinstance(tree, Sum) else 0
    return sum(map(length, tree.parts)) + counts or 1


def replaced(tree: Tree, known: Mapping[Tree, Tree]) -> Tree:
    """The tree with what is already known in place of how it came about."""
    if tree in known:
        return known[tree]
    if isinstance(tree, Sum):
        terms = tuple((times, replaced(term, known)) for times, term in tree.terms)
        return Sum(terms, tree.constant)
    if isinstance(tree, Product):
        return Product(tuple(replaced(factor, known) for factor in tree.factors))
    if isinstance(tree, Quotient):
        return Quotient(replaced(tree.over, known), replaced(tree.by, known), tree.up)
    return tree
