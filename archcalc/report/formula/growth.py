"""What leads in closed forms as their symbols grow, as a table and as plain values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from archcalc.algebra import Dim, substitute, to_text
from archcalc.algebra.expr import from_terms, terms_of
from archcalc.report.formula.words import LABELS
from archcalc.report.layout import Column, draw, fitted
from archcalc.report.numbers import exact

if TYPE_CHECKING:
    from archcalc.analyses.formula import Formula
    from archcalc.analyses.formula.growth import Growth
    from archcalc.report.text import Paper

_DIGITS = 6


def growth_table(formula: Formula, wanted: Sequence[str], paper: Paper) -> Iterator[str]:
    """A row for each quantity and what grows: its leading term, and what that is of the figure at the text's values."""
    from archcalc.analyses.formula.growth import growths

    found = growths(formula, wanted)
    if not found:
        formless = [LABELS.get(name, name) for name in wanted if name not in formula.whole.values]
        yield f"without a form no growth is told: {', '.join(formless)}" if formless else "none of these grows"
        return
    own = {name: value for name, value in formula.symbols.items() if value is not None}
    table = [
        Column("quantity", "", [LABELS.get(each.quantity, each.quantity) for each in found]),
        Column("grown", "as it grows", [", ".join(each.symbols) for each in found]),
        Column("leading", "leading", [leading(each, own) for each in found], least=12, tail=True),
        Column("share", "share", [share(each) for each in found], right=True),
    ]
    ellipsis, rule = ("...", "-") if paper.ascii_only else ("…", "─")
    yield from draw(fitted(table, paper.width, ellipsis), colour=paper.colour, rule=rule, summed=False)
    if own:
        at = ", ".join(f"{name} = {value:,}" for name, value in own.items())
        yield from (line for line in [f"shares, and what does not grow, at {at}"])


def leading(growth: Growth, own: Mapping[str, int]) -> str:
    """``364288·k²``, ``~76861.3·H·W``; what does not grow at the text's own values."""
    if growth.leading is None:
        return "hidden by a maximum or minimum"
    if not growth.degree:
        return "constant"
    still = {name: value for name, value in own.items() if name not in growth.symbols}
    above = substitute(growth.leading.above, still)
    rounded = False
    made = ""
    for monomial, factor in _in_order(above):
        coefficient = Fraction(factor, growth.leading.below)
        number, rough = _number(abs(coefficient))
        rounded = rounded or rough
        unknowns = to_text(from_terms({monomial: 1}))
        term = unknowns if number == "1" and monomial else f"{number}·{unknowns}" if monomial else number
        made += (" - " if coefficient < 0 else " + ") + term if made else ("-" if coefficient < 0 else "") + term
    return f"~{made}" if rounded else made


def _in_order(dim: Dim) -> list[tuple[Any, int]]:
    """Terms as text has them: by falling degree, then by name."""
    terms = terms_of(dim)
    texts = {monomial: to_text(from_terms({monomial: 1})) for monomial in terms}
    return sorted(terms.items(), key=lambda term: (-sum(power for _, power in term[0]), texts[term[0]]))


def _number(value: Fraction) -> tuple[str, bool]:
    """A coefficient, and whether it is rounded: whole ones and short decimals are exact."""
    if value.denominator == 1:
        return str(value.numerator), False
    digits = max(_DIGITS - len(str(int(value))), 0)
    text = f"{float(value):.{digits}f}"
    text = text.rstrip("0").rstrip(".") if digits else text
    return text, Fraction(text) != value


def share(growth: Growth) -> str:
    """``99.9 %``."""
    return "" if growth.share is None else f"{exact(float(100 * growth.share))} %"


def listed(values: Sequence[int], step: int) -> str:
    """Values ``step`` apart: the first two, dots and the last of those without a gap."""
    runs: list[list[int]] = []
    for value in values:
        if runs and value == runs[-1][-1] + step:
            runs[-1].append(value)
        else:
            runs.append([value])
    return ", ".join(
        ", ".join(map(str, run)) if len(run) < 5 else f"{run[0]}, {run[1]}, ..., {run[-1]}" for run in runs
    )


def plain(formula: Formula, wanted: Sequence[str]) -> list[dict[str, Any]]:
    """The same for JSON, in all symbols."""
    from archcalc.analyses.formula.growth import growths

    return [
        {
            "quantity": each.quantity.replace(" ", "_"),
            "symbols": list(each.symbols),
            "degree": each.degree,
            "leading": None if each.leading is None else to_text(each.leading.above),
            "over": 1 if each.leading is None else each.leading.below,
            "share": None if each.share is None else float(each.share),
        }
        for each in growths(formula, wanted)
    ]
