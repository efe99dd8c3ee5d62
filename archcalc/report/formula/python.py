"""Closed forms as a Python module: a function a quantity, whole numbers in and out."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from archcalc.algebra import to_python
from archcalc.report.formula import conditions
from archcalc.report.formula.naming import Style, styled
from archcalc.report.formula.words import chosen, dims_of
from archcalc.version import __version__

if TYPE_CHECKING:
    from archcalc.algebra import Dim
    from archcalc.analyses.formula import Formula, Value

_WIDTH = 110
#: What the text says of a quantity, beside its name.
_MEANT = {
    "out": "Sizes of the output, channels first: (C, H, W), (N, C) or (F,).",
    "macs": "Multiply-adds for one image.",
    "flops": "Operations for one image: two a multiply-add, and element operations.",
    "params": "Stored weights.",
    "activations": "Numbers that layers keep, for one image.",
    "weights bytes": "Bytes of parameters and buffers in fp32.",
    "field": "The receptive field of the last layer that sees a window.",
}


def module(formula: Formula, wanted: Sequence[str] = ()) -> str:
    """A module that imports nothing of ours: functions of the open symbols that raise ValueError where the network
    cannot be built with them."""
    forms = formula.whole
    values: dict[str, Value] = {"out": forms.output, **dict(chosen(forms, wanted or forms.values))}
    style = styled([*dims_of(values.values())], "python", few=0)
    place = f", at {formula.place}" if formula.place else ""
    names = ", ".join(formula.symbols) or "nothing"
    head = f"{formula.network}{place}: closed forms in {names}, by archcalc {__version__}."
    if formula.family is not None:
        head += f"\n\n{formula.family.parameter} is {to_python(formula.family.form)}.\n"
    parts = [f'"""{_quoted(head)}"""', *_imports(values), "\n".join(_check(formula))]
    parts += ["\n".join(_function(formula, name, value, style)) for name, value in values.items()]
    return "\n\n\n".join(parts) + "\n"


def _imports(values: dict[str, Value]) -> Iterator[str]:
    parts = (part for value in values.values() for part in (value if isinstance(value, tuple) else (value,)))
    if any(isinstance(part, Fraction) for part in parts):
        yield "from fractions import Fraction"


def _parameters(formula: Formula) -> str:
    return ", ".join(f"{name}: int" for name in formula.symbols)


def _checks(formula: Formula) -> str:
    """The name of the function that checks, which no argument may hide."""
    return "require" if "check" in formula.symbols else "check"


def _check(formula: Formula) -> Iterator[str]:
    """The function that raises ValueError at a condition that is broken."""
    yield f"def {_checks(formula)}({_parameters(formula)}) -> None:"
    yield '    """Raises ValueError unless the network can be built with these sizes."""'
    for name in formula.symbols:
        yield f"    if {name} < 1:"
        yield f'        raise ValueError(f"{name} = {{{name}}}: it must be at least 1")'
    if formula.conditions.never:
        yield '    raise ValueError("no sizes fit: the layers contradict each other")'
    for condition in formula.conditions.listed():
        given = ", ".join(f"{name} = {{{name}}}" for name in formula.symbols)
        yield f"    if not ({conditions.python(condition)}):"
        yield f'        raise ValueError(f"{given}: the network needs {conditions.text(condition)}")'


def _function(formula: Formula, name: str, value: Value, style: Style) -> Iterator[str]:
    dims = [*dims_of((value,))]
    arguments = ", ".join(formula.symbols)
    several = isinstance(value, tuple)
    kind = "tuple[int, ...]" if several else "Fraction" if isinstance(value, Fraction) else "int"
    yield f"def {'output' if name == 'out' else name.replace(' ', '_')}({_parameters(formula)}) -> {kind}:"
    yield f'    """{_MEANT.get(name, f"{name.capitalize()}.")}"""'
    yield f"    {_checks(formula)}({arguments})"
    for short, meant in style.definitions(dims):
        yield f"    {short} = {meant}"
    parts = value if isinstance(value, tuple) else (value,)
    written = [_written(part, style) for part in parts]
    result = f"({', '.join(written)}{',' if len(written) == 1 else ''})" if several else written[0]
    yield from _returned(result)


def _written(part: Dim | Fraction, style: Style) -> str:
    return f"Fraction({part.numerator}, {part.denominator})" if isinstance(part, Fraction) else style(part)


def _returned(result: str) -> Iterator[str]:
    """A return, in parentheses over several lines where it is long."""
    if len(result) + 11 <= _WIDTH:
        yield f"    return {result}"
        return
    yield "    return ("
    yield from textwrap.wrap(
        result, _WIDTH, initial_indent="        ", subsequent_indent="        ", break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip
    yield "    )"


def _quoted(text: str) -> str:
    """A text that can stand between three quotes."""
    return "".join(sign if (sign.isprintable() or sign == "\n") and sign not in '\\"' else "?" for sign in text)
