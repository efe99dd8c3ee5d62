"""Height and width: told together where they are alike, and what would be if nothing were rounded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archcalc.analyses.explain.tree import Number, Quotient, Tree, numbers, replaced
from archcalc.analyses.explain.values import Equation


def joined(equations: Sequence[Equation]) -> list[Equation]:
    """Height and width in one where they are the same."""
    found: list[Equation] = []
    for each in equations:
        if found and "height" in found[-1].what and "width" in each.what and _as_width(found[-1].tree) == each.tree:
            found[-1] = each.but(what=found[-1].what.replace("height", "height and width"))
        else:
            found.append(each)
    return found


def _as_width(tree: Tree) -> Tree:
    return replaced(tree, {each: Number(each.number, each.name.replace("H", "W")) for each in numbers(tree)})


def unrounded(equation: Equation) -> Iterator[Equation]:
    """An equation, before it what would be if nothing were rounded, if that is another number."""
    exact = equation.tree.exact
    if exact != equation.value and _rounds(equation.tree):
        yield equation.but(value=exact, exact=True)
    yield equation


def _rounds(tree: Tree) -> bool:
    return (isinstance(tree, Quotient) and tree.rounds) or any(map(_rounds, tree.parts))


def short(what: str) -> str:
    """Both axes alike are the size."""
    return {"height and width": "size", "padding of the height and width": "padding"}.get(what, what)
