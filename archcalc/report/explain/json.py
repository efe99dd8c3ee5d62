"""Explanations as JSON: the schema is docs/schema/explain-1.json."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from archcalc.report.explain.arithmetic import formula, left, letters
from archcalc.version import __version__

if TYPE_CHECKING:
    from archcalc.analyses.explain.values import Equation, Explained, Explanation, Part

SCHEMA = 1


def dumps(found: Sequence[Explanation], *, many: bool) -> str:
    """One object, or an array if ``many``; a newline at its end."""
    made = [_network(each) for each in found]
    return json.dumps(made if many or not made else made[0], indent=1, ensure_ascii=False) + "\n"


def _network(found: Explanation) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "archcalc": __version__,
        "network": found.network,
        "title": found.title,
        "file": found.file,
        "dtype": found.dtype,
        "input": list(found.input),
        "settings": {name: str(value) for name, value in found.settings.items()},
        "at": found.at,
        "layers": [_layer(layer) for layer in found.layers],
        "total": found.total and _part(found.total),
    }


def _layer(layer: Explained) -> dict[str, Any]:
    equations = [equation for part in layer.parts for equation in part.equations]
    return {
        "name": layer.name,
        "kind": layer.kind,
        "attributes": dict(layer.attributes),
        "inputs": {name: list(dims) for name, dims in layer.inputs.items()},
        "output": list(layer.output),
        "line": layer.line,
        "letters": letters(equations),
        "parts": [_part(part) for part in layer.parts],
    }


def _part(part: Part) -> dict[str, Any]:
    return {
        "title": part.title,
        "source": part.source or None,
        "equations": [_equation(each) for each in part.equations],
        "notes": list(part.notes),
    }


def _equation(each: Equation) -> dict[str, Any]:
    """``value`` is a number, or text where it is a fraction; ``worked`` is its arithmetic, None where there is none."""
    return {
        "what": each.what,
        "worked": left(each),
        "value": each.value if isinstance(each.value, int) else str(each.value),
        "unit": each.unit or None,
        "formula": formula(each),
        "latex": formula(each, "latex"),
    }
