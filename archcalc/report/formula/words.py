"""What the formats of closed forms have in common: quantities' names, and which of them are shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

from archcalc.algebra import Dim, Expr, evaluate
from archcalc.report.numbers import exact

if TYPE_CHECKING:
    from archcalc.analyses.formula import Forms, Formula, Value
    from archcalc.report.formula.naming import Style

#: What is told without being asked for, and how it is called.
USUAL = ("params", "macs", "flops", "activations", "weights bytes", "field")
LABELS = {
    "macs": "MACs", "flops": "FLOPs", "training flops": "training FLOPs", "weights bytes": "weight bytes",
    "field": "receptive field",
}  # fmt: skip


def dims_of(values: Iterable[Value]) -> Iterator[Dim]:
    """The dims in values, fractions left out."""
    for value in values:
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, int | Expr):
                yield part


def written(value: Value, style: Style) -> str:
    """A value in a style; a pair as height and width, plain numbers with separators."""
    if isinstance(value, tuple):
        return " x ".join(written(part, style) for part in value)
    return style(value) if isinstance(value, Expr) else exact(value)


def at_own(value: Value, formula: Formula) -> str | None:
    """What a value comes to at the text's own numbers; None where they are not all known, or say the same."""
    own = known(formula)
    if own is None or not any(isinstance(dim, Expr) for dim in dims_of((value,))):
        return None
    parts = value if isinstance(value, tuple) else (value,)
    return " x ".join(exact(_number(part, own)) for part in parts)


def known(formula: Formula) -> Mapping[str, int] | None:
    """The text's own values, if it has one for every symbol."""
    own = {name: value for name, value in formula.symbols.items() if value is not None}
    return own if own and len(own) == len(formula.symbols) else None


def _number(part: Dim | Fraction, own: Mapping[str, int]) -> int | Fraction:
    return part if isinstance(part, Fraction) else evaluate(part, own)


def chosen(forms: Forms, wanted: Iterable[str]) -> Iterator[tuple[str, Value]]:
    """The wanted quantities that have a form."""
    return ((name, forms.values[name]) for name in wanted if name in forms.values)
