"""Closed forms for a person: what they have in common named once, long ones over several lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from archcalc.algebra import to_text
from archcalc.report.formula import conditions
from archcalc.report.formula.growth import growth_table, listed
from archcalc.report.formula.naming import Style, styled
from archcalc.report.formula.words import LABELS, USUAL, at_own, chosen, dims_of, known, written
from archcalc.report.layout import Column, draw, fitted, total
from archcalc.report.numbers import exact
from archcalc.report.style import columns, paint, visible
from archcalc.report.text import heading

if TYPE_CHECKING:
    from archcalc.analyses.formula import Family, Forms, Formula
    from archcalc.layers import Shape
    from archcalc.report.text import Paper

#: What terminals without these signs get.
ASCII = str.maketrans(
    {"⌊": "floor(", "⌋": ")", "·": "*", "≥": ">=", "≤": "<=", "≠": "!=", "≡": "=", "…": "...", "×": "x", "─": "-"}
    | {sign: str(digit) for digit, sign in enumerate("₀₁₂₃₄₅₆₇₈₉")}
    | {sign: f"^{digit}" for digit, sign in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")}
)
_LAYER = ("params", "macs", "activations")
#: Forms are read in lines of at most this many columns, wherever they go.
_WIDEST = 120
_LITTLE = 40


def text(formula: Formula, wanted: Sequence[str] = (), *, paper: Paper, grown: bool = False) -> str:
    """What is open, what must hold of it, and the form of each quantity, with ``grown`` what leads in each; a newline
    at its end."""
    wanted = tuple(wanted) or USUAL
    style = _style(formula, wanted)
    lines = [
        *heading(formula.network, formula.title, formula.file, paper), *_head(formula, style, paper), "",
        *_forms(formula, formula.whole, wanted, style, paper),
    ]  # fmt: skip
    if grown:
        lines += ["", *growth_table(formula, wanted, paper)]
    if formula.layers:
        lines += ["", *_layers(formula, style, paper)]
    if style.atoms:
        parts = [f"{name} = {meant}" for name, meant in style.definitions()]
        lines += ["", *_filled("where", [f"{part}," for part in parts[:-1]] + parts[-1:], paper)]
    made = "".join(f"{line}\n" for line in lines)
    return made.translate(ASCII) if paper.ascii_only else made


def _style(formula: Formula, wanted: Sequence[str]) -> Style:
    dims = [*formula.whole.output, *dims_of(value for _, value in chosen(formula.whole, wanted))]
    for layer in formula.layers:
        dims += [*layer.output, *dims_of(value for _, value in chosen(layer, _LAYER))]
    return styled(dims, "text")


def _head(formula: Formula, style: Style, paper: Paper) -> Iterator[str]:
    parts = [f"input {shape(formula.input, style)}", *(f"{n} = {exact(v)}" for n, v in formula.settings.items())]
    parts += [f"at {visible(formula.place)}"] if formula.place else []
    parts += ["side heads included"] if formula.aux else []
    yield from _filled("", [f"{part}," for part in parts[:-1]] + parts[-1:], paper)
    if not formula.symbols:
        return
    names = ", ".join(formula.symbols)
    if formula.conditions.never:
        yield paint(f"no {names} fits: the layers contradict each other", "error", paper.colour)
        return
    if formula.family is not None:
        yield from _filled("", _fitted(formula.family), paper)
    said = [conditions.text(each) for each in formula.conditions.listed()]
    if said:
        yield from _filled("for", [f"{each}," for each in said[:-1]] + said[-1:], paper)
    else:
        yield f"for every {names}" if len(formula.symbols) == 1 else f"for all {names}"


def _fitted(family: Family) -> list[str]:
    """What the symbol of a family stands for, and how its forms were found."""
    named = [] if family.symbol == family.parameter else [f"{family.parameter} = {to_text(family.form)},"]
    return [
        *named,
        "polynomials through some networks,",
        f"true of all of {family.parameter} = {listed(family.checked, family.step)}",
    ]


def _forms(formula: Formula, forms: Forms, wanted: Sequence[str], style: Style, paper: Paper) -> Iterator[str]:
    """A quantity's name, its form, and beneath what that is at the text's own numbers."""
    labels = {name: LABELS.get(name, name) for name in wanted}
    width = max(map(len, ["output", *labels.values()]))
    yield from _filled("output", [shape(forms.output, style)], paper, width)
    own = known(formula)
    at = ", ".join(f"{name} = {value:,}" for name, value in (own or {}).items())
    for name, label in labels.items():
        if name not in forms.values:
            why = f"none: {forms.notes[name]}" if forms.notes.get(name) else "none"
            yield from _filled(label, why.split(), paper, width)
            continue
        value = forms.values[name]
        yield from _filled(label, _terms(written(value, style)), paper, width)
        number = at_own(value, formula)
        if number is not None:
            for line in _filled("", [f"= {number}", f"at {at}"], paper, width):
                yield paint(line, "dim", paper.colour)


def _layers(formula: Formula, style: Style, paper: Paper) -> Iterator[str]:
    """A row a layer: output, parameters, multiply-adds, numbers kept."""
    table = [
        Column("name", "layer", [visible(layer.name) for layer in formula.layers], least=12),
        Column("output", "output", [shape(layer.output, style) for layer in formula.layers], least=10, tail=True),
    ]
    for quantity in _LAYER:
        cells = [written(layer.values.get(quantity, 0), style) for layer in formula.layers]
        table.append(Column(quantity, LABELS.get(quantity, quantity), cells, least=10, tail=True))
    while paper.width is not None and len(table) > 2 and total(table) > paper.width:
        table.pop()
    ellipsis, rule = ("...", "-") if paper.ascii_only else ("…", "─")
    yield from draw(fitted(table, paper.width, ellipsis), colour=paper.colour, rule=rule, summed=False)


def shape(value: Shape, style: Style) -> str:
    """A shape as papers print it, height x width x channels, sums in parentheses."""
    dims = (*value[1:], value[0]) if len(value) == 3 else value
    texts = [str(dim) if isinstance(dim, int) else style(dim) for dim in dims]
    return "x".join(f"({each})" if any(sign in each for sign in " ·") and len(texts) > 1 else each for each in texts)


def _terms(form: str) -> list[str]:
    """Where a form may go on in the next line: before a term's sign, and behind a comma of an outermost max or min."""
    found, deep, start = [], 0, 0
    for place, sign in enumerate(form):
        deep += (sign in "(⌊") - (sign in ")⌋")
        before = not deep and sign in "+-" and form[place - 1 : place + 2] == f" {sign} "
        if before or (deep == 1 and form[place - 2 : place] == ", "):
            found.append(form[start : place - 1])
            start = place
    return [*found, form[start:]]


def _filled(label: str, parts: Iterable[str], paper: Paper, width: int = 0) -> Iterator[str]:
    """Parts side by side behind a label, as many a line as fit; the next line begins below the first.

    Where the label leaves little room it stands alone. A part wider than a line goes on in the next.
    """
    width = max(width, len(label))
    room = min(paper.width or _WIDEST, _WIDEST)
    if width and room - width < _LITTLE:
        if label:
            yield label
        label, width = "", 0
    indent = " " * (width + 2)
    line = f"{label:<{width}}  " if label else indent if width else ""
    begun = False
    for part in parts:
        wide = columns(indent) + columns(part) > room
        for piece in re.split(" (?=[+-] )", part) if wide else [part]:
            if begun and columns(line) + 1 + columns(piece) > room:
                yield line.rstrip()
                line, begun = indent, False
            line += f"{' ' if begun else ''}{piece}"
            begun = True
    yield line.rstrip()
