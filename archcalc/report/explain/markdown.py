"""An explanation as Markdown, its formulas as LaTeX between dollar signs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from archcalc.analyses.explain.naming import meaning
from archcalc.report.explain.arithmetic import formula, left, letters, right, spelled
from archcalc.report.explain.text import change, pieces, what
from archcalc.report.markdown import escaped, row
from archcalc.report.numbers import shape

if TYPE_CHECKING:
    from archcalc.analyses.explain.values import Equation, Explained, Explanation, Part


def markdown(found: Explanation) -> str:
    """A heading and a section for a layer; for several a table of them, and their sums."""
    lines = [f"### {escaped(found.network)}", "", f"Input {shape(found.input)}, {found.dtype}."]
    if found.total is None:
        for layer in found.layers:
            if layer.inputs or len(found.layers) == 1:
                lines += ["", *_layer(layer)]
    else:
        lines += ["", row(("layer", "what", "shapes", "worked out")), row(["---"] * 4)]
        lines += [_brief(layer) for layer in found.layers]
        lines += ["", *_part(found.total)]
    return "".join(f"{line}\n" for line in lines)


def _brief(layer: Explained) -> str:
    worked = "<br>".join(escaped(piece) for piece in pieces(layer))
    return row((escaped(layer.name), escaped(what(layer)), escaped(change(layer)), worked))


def _layer(layer: Explained) -> Iterator[str]:
    yield f"#### {escaped(layer.name)}: {escaped(what(layer))}"
    yield ""
    yield f"{escaped(change(layer))}, line {layer.line}."
    for part in layer.parts:
        yield ""
        yield from _part(part)
    used = letters(equation for part in layer.parts for equation in part.equations)
    if used:
        yield ""
        vector = len(layer.output) == 1
        said = (f"${spelled(name, 'latex')} = {value}$ {meaning(name, vector)}" for name, value in used.items())
        yield f"{', '.join(said)}."


def _part(part: Part) -> Iterator[str]:
    said = [f"**{part.title[0].upper()}{part.title[1:]}**", f"({escaped(part.source)})" if part.source else ""]
    yield " ".join(filter(None, said))
    if part.equations:
        yield ""
        yield from _equations(part.equations)
    for note in part.notes:
        yield ""
        yield f"{escaped(note[0].upper())}{escaped(note[1:])}."


def _equations(equations: Iterable[Equation]) -> Iterator[str]:
    yield row(("", "in numbers", "in letters"))
    yield row(("---", "---:", "---"))
    for each in equations:
        arithmetic, (sign, value), symbols = left(each), right(each), formula(each, "latex")
        worked = f"{escaped(arithmetic)} {sign} **{value}**" if arithmetic else f"**{value}**"
        yield row((escaped(each.what), worked, f"${symbols}$" if symbols else ""))
