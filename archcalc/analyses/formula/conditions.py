"""What must hold of open symbols for a network to be built: its layers' rules, each said once and as simply as can be.

A rule in one unknown becomes a set of numbers, and the sets of one unknown become one. A rule in several stays, unless
what is known of each already proves it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from archcalc.algebra import Assumption, Dim, Expr, evaluate, lower_bound, substitute, symbol, symbols_of
from archcalc.algebra.expr import from_terms, terms_of
from archcalc.analyses.formula import solving
from archcalc.analyses.formula.numbers import Numbers
from archcalc.layers import Rule
from archcalc.record import Record

Sign = Literal["≥", "≤", "=", "≠", "≡"]


class Condition(Record):
    """``left`` is at least, at most, equal to or other than ``right``; ``≡``: it leaves one of these remainders modulo
    ``modulus``."""

    left: Dim
    sign: Sign
    right: tuple[Dim, ...]
    modulus: Dim = 0

    def holds(self, values: Mapping[str, int]) -> bool:
        """Whether it is true of these values."""
        left, right = evaluate(self.left, values), [evaluate(each, values) for each in self.right]
        if self.sign == "≡":
            modulus = evaluate(self.modulus, values)
            return modulus > 0 and left % modulus in right
        (other,) = right
        return {"≥": left >= other, "≤": left <= other, "=": left == other, "≠": left != other}[self.sign]


class Conditions(Record):
    """``ranges``: what each open symbol may be; ``others``: what else must hold, of several of them together.

    ``never``: nothing satisfies all of them.
    """

    ranges: Mapping[str, Numbers]
    others: tuple[Condition, ...] = ()

    @property
    def never(self) -> bool:
        return any(numbers.empty for numbers in self.ranges.values())

    def hold(self, values: Mapping[str, int]) -> bool:
        """Whether the network can be built with these values."""
        return all(values[name] in numbers for name, numbers in self.ranges.items()) and all(
            each.holds(values) for each in self.others
        )

    def listed(self) -> Iterator[Condition]:
        """All of them, those of one symbol first; what any positive number satisfies is left out."""
        for name, numbers in self.ranges.items():
            yield from _of_one(name, numbers)
        yield from self.others


def _of_one(name: str, numbers: Numbers) -> Iterator[Condition]:
    one, least = symbol(name), numbers.least
    if numbers.most == least:
        yield Condition(one, "=", (least,))
        return
    if numbers.but(least=1).tidy().least != least:
        yield Condition(one, "≥", (least,))
    if numbers.most is not None:
        yield Condition(one, "≤", (numbers.most,))
    if numbers.modulus > 1:
        yield Condition(one, "≡", numbers.remainders, numbers.modulus)
    for number in numbers.without:
        yield Condition(one, "≠", (number,))


Raw = tuple[Literal["positive", "multiple", "equal", "differs"], Dim, Dim]


def reduced(rules: Iterable[Rule], assumed: Iterable[Assumption], names: Iterable[str]) -> Conditions:
    """The rules of layers, and what their formulas took for granted, as conditions on these open symbols."""
    raw: list[Raw] = [(rule.test, rule.value, rule.operand) for rule in rules]
    raw += [(each.what, each.left, each.right) for each in assumed]
    known = {name: Numbers(1) for name in names}
    left: list[Raw] = []
    for _ in range(2):  # bounds found first may decide what was open
        left = []
        for each in dict.fromkeys(raw):
            if not _implied(each, known) and not _taken(each, known):
                left.append(each)
        raw = left
    return Conditions(known, tuple(dict.fromkeys(map(_said, raw))))


def _implied(raw: Raw, known: Mapping[str, Numbers]) -> bool:
    """Whether bounds already known prove it."""
    test, value, operand = raw
    value, operand = (_raised(dim, known) for dim in (value, operand))
    if test == "positive":
        return (lower_bound(value) or 0) >= 1
    if test == "multiple":
        return (lower_bound(operand) or 0) >= 1 and value == operand * (value // operand)
    gap = value - operand
    if test == "equal":
        return isinstance(gap, int) and gap == 0
    return any((lower_bound(side) or 0) >= 1 for side in (gap, -gap))


def _raised(dim: Dim, known: Mapping[str, Numbers]) -> Dim:
    """A dim in symbols that know how small they may be."""
    return substitute(dim, {name: symbol(name, known[name].least) for name in symbols_of(dim) if name in known})


def _taken(raw: Raw, known: dict[str, Numbers]) -> bool:
    """Whether a rule in one unknown has become part of what is known of it."""
    test, value, operand = raw
    names = symbols_of(value) | symbols_of(operand)
    if len(names) != 1 or not names <= known.keys():
        return False
    (name,) = names
    found = _solved(test, value, operand, known[name].least)
    met = None if found is None else known[name].meet(found)
    if met is None:
        return False
    known[name] = met
    return True


def _solved(test: str, value: Dim, operand: Dim, least: int) -> Numbers | None:
    if test == "multiple":
        if not isinstance(value, Expr) or not isinstance(operand, int):
            return None
        return solving.multiple(value, operand, least) if operand > 0 else Numbers(least, least - 1)
    gap = value if test == "positive" else value - operand
    if isinstance(gap, int):  # a difference of symbols that is a number: never or always
        holds = {"positive": gap > 0, "equal": gap == 0, "differs": gap != 0}[test]
        return Numbers(least) if holds else Numbers(least, least - 1)
    return {"positive": solving.positive, "equal": solving.zero, "differs": solving.apart}[test](gap, least)


def _said(raw: Raw) -> Condition:
    """A rule in several unknowns, its constant on the right."""
    test, value, operand = raw
    if test == "multiple":
        rest = _rest(value, operand) if isinstance(operand, int) and operand > 0 else value
        return Condition(rest, "≡", (0,), operand)
    if test == "positive":
        constant = terms_of(value).get(frozenset(), 0)
        return Condition(value - constant, "≥", (1 - constant,))
    return Condition(value, "=" if test == "equal" else "≠", (operand,))


def _rest(dim: Dim, of: int) -> Dim:
    """A dim less what ``of`` divides of its terms."""
    return from_terms({monomial: factor % of for monomial, factor in terms_of(dim).items() if factor % of})
