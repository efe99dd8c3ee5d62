"""Arithmetic as text: in numbers, in letters, and in letters for LaTeX."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Literal

from archcalc.analyses.explain.tree import NAMELESS, Extreme, Number, Product, Quotient, Sum, Tree, numbers
from archcalc.analyses.explain.values import Equation
from archcalc.report.numbers import exact

Script = Literal["numbers", "letters", "latex"]
_TIMES = {"numbers": "*", "letters": "*", "latex": r" \cdot "}
_CEILING = {"numbers": "⌈⌉", "letters": "⌈⌉", "latex": (r"\lceil ", r" \rceil")}
_FLOOR = {"numbers": "⌊⌋", "letters": "⌊⌋", "latex": (r"\lfloor ", r" \rfloor")}
#: In products a window comes before an image's sides, these before channels, as papers print shapes.
_ORDER = "FHWTNCKMGDSjhnfb"
#: Groups divide channels: nothing is rounded.
_WHOLE = frozenset("CK")


def left(equation: Equation) -> str | None:
    """The left side in numbers; None of a value that nothing was worked out for."""
    if isinstance(equation.tree, Number):
        return None
    return _write(equation.tree, "numbers", rounds=not equation.exact)


def right(equation: Equation) -> tuple[str, str]:
    """``=`` and the value, or ``≈`` and two decimals of what has more; thousands apart, then the unit."""
    value = equation.value
    unit = f" {equation.unit}" if equation.unit else ""
    if isinstance(value, int):
        return "=", exact(value) + unit
    hundredths = (value * 200 + 1) // 2
    text = f"{hundredths // 100:,}.{hundredths % 100:02d}"
    return ("=", text.rstrip("0") + unit) if value * 100 == hundredths else ("≈", text + unit)


def formula(equation: Equation, script: Script = "letters") -> str | None:
    """The left side in letters; None where some of its numbers have none, or none has."""
    tree = equation.form or equation.tree
    names = [number.name for number in numbers(tree)]
    if not names or NAMELESS in names or isinstance(tree, Number):
        return None
    return _write(tree, script, rounds=not equation.exact)


def letters(equations: Iterable[Equation]) -> dict[str, int]:
    """The letters of several formulas and their values, in order."""
    found: dict[str, int] = {}
    for equation in equations:
        if formula(equation) is not None:
            for number in numbers(equation.form or equation.tree):
                found.setdefault(number.name, number.number)
    return found


def spelled(name: str, script: Script = "letters") -> str:
    """A letter with its mark: ``P1``, in LaTeX ``P_{1}``."""
    mark = name[1:]
    return name if script != "latex" or mark in ("", "'") else f"{name[0]}_{{{mark}}}"


def _write(tree: Tree, script: Script, rounds: bool) -> str:
    """A whole piece of arithmetic; its quotients rounded, where they are, only if ``rounds``."""
    if isinstance(tree, Sum):
        return _sum(tree, script, rounds)
    if isinstance(tree, Product):
        return _product(tree.factors, script, rounds)
    if isinstance(tree, Quotient):
        return _quotient(tree, script, rounds)
    if isinstance(tree, Extreme):
        inner = ", ".join(_write(each, script, rounds) for each in tree.of)
        return rf"\{tree.kind}({inner})" if script == "latex" else f"{tree.kind}({inner})"
    assert isinstance(tree, Number)
    return str(tree.number) if script == "numbers" or not tree.name else spelled(tree.name, script)


def _sum(tree: Sum, script: Script, rounds: bool) -> str:
    """Terms with their signs; in numbers those after the first that are 0 are left out."""
    shown = [each for place, each in enumerate(tree.terms) if not (place and script == "numbers" and _nothing(each[1]))]
    parts = [(times < 0, _term(abs(times), term, script, rounds)) for times, term in shown]
    if shown[0][0] == 1 and isinstance(shown[0][1], Number):  # a sign needs no parentheses at the start
        parts[0] = (False, _write(shown[0][1], script, rounds))
    if tree.constant:
        parts.append((tree.constant < 0, str(abs(tree.constant))))
    (minus, first), *rest = parts
    signed = "".join(f" {'-' if negative else '+'} {text}" for negative, text in rest)
    return f"{'-' if minus else ''}{first}{signed}"


def _nothing(tree: Tree) -> bool:
    return isinstance(tree, Number) and not tree.number


def _term(times: int, term: Tree, script: Script, rounds: bool) -> str:
    text = _factor(term, script, rounds) if isinstance(term, Number | Sum) else _write(term, script, rounds)
    if times == 1:
        return text
    if script != "numbers" and isinstance(term, Number):
        return f"{times}{text}"
    text = _factor(term, script, rounds) if isinstance(term, Quotient) else text
    return f"{times}{_TIMES[script]}{text}"


def _product(factors: Sequence[Tree], script: Script, rounds: bool) -> str:
    ordered = sorted(factors, key=_rank)
    texts = [_factor(each, script, rounds) for each in ordered]
    if script == "latex":
        runs = [(text, len(list(same))) for text, same in groupby(texts)]
        texts = [text if count == 1 else f"{text}^{{{count}}}" for text, count in runs]
    return _TIMES[script].join(texts)


def _rank(tree: Tree) -> int:
    """A window's sizes, then what is in parentheses or was worked out, then sides and channels."""
    first = next((number.name[:1] for number in numbers(tree)), "")
    if isinstance(tree, Sum | Product) or not first or first == NAMELESS:
        return 0
    return 1 + _ORDER.index(first) if first in _ORDER else len(_ORDER) + 1


def _factor(tree: Tree, script: Script, rounds: bool) -> str:
    text = _write(tree, script, rounds)
    negative = isinstance(tree, Number) and text.startswith("-")
    bare = isinstance(tree, Quotient) and not text.startswith(("⌊", "⌈", "\\"))
    return f"({text})" if negative or bare or isinstance(tree, Sum | Product) else text


def _quotient(tree: Quotient, script: Script, rounds: bool) -> str:
    over = _write(tree.over, script, rounds)
    over = f"({over})" if isinstance(tree.over, Sum) else over
    text = f"{over}/{_factor(tree.by, script, rounds)}"
    whole = not tree.rounds and (script == "numbers" or _divides(tree))
    if whole or not rounds:
        return text
    before, after = (_CEILING if tree.up else _FLOOR)[script]
    return f"{before}{text}{after}"


def _divides(tree: Quotient) -> bool:
    """Whether it leaves nothing by rule: channels by groups, or what a plain number was chosen to divide."""
    by = tree.by.name if isinstance(tree.by, Number) else None
    return by == "" or (by == "G" and isinstance(tree.over, Number) and tree.over.name[:1] in _WHOLE)
