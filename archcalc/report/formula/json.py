"""Closed forms as JSON: the schema is docs/schema/formula-1.json."""

from __future__ import annotations

import json
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from archcalc.algebra import evaluate, to_latex, to_python, to_text
from archcalc.report.formula import conditions, growth
from archcalc.report.formula.words import chosen, known
from archcalc.version import __version__

if TYPE_CHECKING:
    from archcalc.algebra import Dim
    from archcalc.analyses.formula import Family, Forms, Formula, Value

SCHEMA = 1


def dumps(formulas: Sequence[Formula], wanted: Sequence[str] = (), *, many: bool, grown: bool = False) -> str:
    """One object, or an array if ``many``, with ``grown`` what leads in each form; a newline at its end."""
    found = [
        {"schema": SCHEMA, "archcalc": __version__}
        | _plain(each, wanted)
        | ({"growth": growth.plain(each, wanted or tuple(each.whole.values))} if grown else {})
        for each in formulas
    ]
    return json.dumps(found if many else found[0], indent=1) + "\n"


def _plain(formula: Formula, wanted: Sequence[str]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "network": formula.network,
        "file": formula.file,
        "aux": formula.aux,
        "symbols": dict(formula.symbols),
        "settings": dict(formula.settings),
        "input": [to_text(dim) for dim in formula.input],
        "at": formula.place,
        "family": None if formula.family is None else _family(formula.family),
        "possible": not formula.conditions.never,
        "conditions": [
            {"text": conditions.text(each), "python": conditions.python(each), "latex": conditions.latex(each)}
            for each in formula.conditions.listed()
        ],
        **_forms(formula.whole, formula, wanted),
    }
    layers = [{"name": each.name, "kind": each.kind, **_forms(each, formula, wanted)} for each in formula.layers]
    return found | ({"layers": layers} if layers else {})


def _family(family: Family) -> dict[str, Any]:
    named = {name: getattr(family, name) for name in ("parameter", "symbol", "step", "rest")}
    return named | {"checked": list(family.checked)}


def _forms(forms: Forms, formula: Formula, wanted: Sequence[str]) -> dict[str, Any]:
    """The output and each quantity: as text, Python and LaTeX, and its value at the text's own numbers."""
    values = {name.replace(" ", "_"): _value(value, formula) for name, value in chosen(forms, wanted or forms.values)}
    return {"output": [_value(dim, formula) for dim in forms.output], "figures": values}


def _value(value: Value, formula: Formula) -> Any:
    if isinstance(value, tuple):
        return [_value(part, formula) for part in value]
    if isinstance(value, Fraction):
        return {"text": str(value), "python": f"Fraction({value.numerator}, {value.denominator})",
                "latex": rf"\frac{{{value.numerator}}}{{{value.denominator}}}", "value": str(value)}  # fmt: skip
    return {"text": to_text(value), "python": to_python(value), "latex": to_latex(value), "value": _at(value, formula)}


def _at(dim: Dim, formula: Formula) -> int | None:
    if isinstance(dim, int):
        return dim
    own = known(formula)
    return None if own is None else evaluate(dim, own)
