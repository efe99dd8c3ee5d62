"""Closed forms for a paper: an ``align*`` of them, what they have in common beneath."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from archcalc.algebra import to_latex
from archcalc.report.formula import conditions
from archcalc.report.formula.naming import Style, styled
from archcalc.report.formula.words import LABELS, USUAL, chosen, dims_of

if TYPE_CHECKING:
    from fractions import Fraction

    from archcalc.algebra import Dim
    from archcalc.analyses.formula import Formula, Value

#: Characters of source that stand on a line of the page before a sum goes on to the next.
_LONG = 90
_SPECIAL = {
    "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
}  # fmt: skip


def section(formula: Formula, wanted: Sequence[str] = ()) -> str:
    """A comment that says what it is, and the equations; amsmath is all that it needs."""
    forms = formula.whole
    values: dict[str, Value] = {"output": _as_printed(forms.output), **dict(chosen(forms, wanted or USUAL))}
    style = styled([*dims_of(values.values())], "latex")
    place = f", {formula.place}" if formula.place else ""
    lines = [f"% {''.join(s if s.isprintable() else ' ' for s in formula.network + place)}", r"\begin{align*}"]
    rows = [*_rows(values, style)]
    rows += [rf"{name} &= {meant}" for name, meant in style.definitions()]
    if formula.family is not None:
        rows.append(rf"\text{{{escaped(formula.family.parameter)}}} &= {to_latex(formula.family.form)}")
    said = [conditions.latex(each) for each in formula.conditions.listed()]
    rows += [r"\text{for } & " + r",\; ".join(said)] if said else []
    return "\n".join([*lines, " \\\\\n".join(rows), r"\end{align*}"]) + "\n"


def _as_printed(shape: tuple[Dim, ...]) -> tuple[Dim, ...]:
    """Height x width x channels."""
    return (*shape[1:], shape[0]) if len(shape) == 3 else shape


def _rows(values: dict[str, Value], style: Style) -> Iterator[str]:
    for name, value in values.items():
        parts = value if isinstance(value, tuple) else (value,)
        form = r" \times ".join(_written(part, style, alone=len(parts) == 1) for part in parts)
        first, *more = _broken(form)
        yield rf"\text{{{escaped(LABELS.get(name, name))}}} &= {first}"
        yield from (rf"&\quad {line}" for line in more)


def _written(part: Dim | Fraction, style: Style, alone: bool) -> str:
    from fractions import Fraction

    if isinstance(part, Fraction):
        return rf"\frac{{{part.numerator}}}{{{part.denominator}}}"
    written = style(part)
    return written if alone or " " not in written else rf"\left({written}\right)"


def _broken(form: str) -> list[str]:
    """A sum in lines of at most so many characters, each but the first with its sign; braces stay whole."""
    lines, line, deep = [], "", 0
    for word in form.split(" "):
        if not deep and word in ("+", "-") and len(line) > _LONG:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
        deep += word.count("{") - word.count("}") + word.count(r"\left") - word.count(r"\right")
    return [*lines, line]


def escaped(text: str) -> str:
    """A text's signs that LaTeX would read as its own."""
    return "".join(_SPECIAL.get(sign, sign) for sign in text)
