"""Conditions as trees: comparisons of quantities, variables, figures and words, joined by and, or and not."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from archcalc.analyses.sweep.tokens import At
from archcalc.record import Record


class Figure(Record):
    """A number as written, in bytes or nanoseconds if its unit says so."""

    value: Fraction
    bytes: bool
    at: At
    time: bool = False


class Named(Record):
    """A variable or a quantity, by its own name."""

    name: str
    at: At


class Word(Record):
    """A value that is no number, as a dtype."""

    text: str
    at: At


class Arithmetic(Record):
    """``-`` of one operand, or an operator between two."""

    operator: str
    operands: tuple[Number, ...]
    at: At


class Comparison(Record):
    operator: str
    left: Number
    right: Number
    at: At


class Logic(Record):
    """``and``, ``or``, ``not`` of conditions."""

    operator: str
    operands: tuple[Condition, ...]
    at: At


Number = Figure | Named | Word | Arithmetic
Condition = Comparison | Logic


def names_in(tree: Condition | Number) -> Iterator[str]:
    """The variables and quantities that it speaks of."""
    if isinstance(tree, Named):
        yield tree.name
    elif isinstance(tree, Comparison):
        yield from names_in(tree.left)
        yield from names_in(tree.right)
    elif not isinstance(tree, Figure | Word):
        for operand in tree.operands:
            yield from names_in(operand)
