"""An explanation for a terminal: a layer line by line, a network in a line or two a layer."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from shlex import quote
from typing import TYPE_CHECKING

from archcalc.analyses.explain.naming import meaning
from archcalc.report.explain.arithmetic import formula, left, letters, right
from archcalc.report.layout import fold
from archcalc.report.numbers import exact, shape
from archcalc.report.spelling import spelling
from archcalc.report.style import columns, paint, visible
from archcalc.report.text import ASCII, Paper, heading

if TYPE_CHECKING:
    from archcalc.analyses.explain.values import Equation, Explained, Explanation, Part

#: A line of text that goes to no terminal.
_WIDE = 100
_GAP = "  "
_ARROW = "→"
#: A blank at which no line is broken.
_HELD = "\xa0"
_ASCII = {**ASCII, ord("⌈"): "ceil(", ord("⌉"): ")", ord("≈"): "~", ord(_ARROW): "->"}


def text(found: Explanation, paper: Paper) -> str:
    """One network or layer, a newline at its end."""
    whole = found.total is not None
    lines = [*heading(found.network, found.title, found.file, paper)]
    if whole:
        lines += _network(found, paper)
    else:
        for layer in found.layers:
            if layer.inputs or len(found.layers) == 1:
                lines += ["", *_layer(layer, paper)]
    made = "".join(f"{line}\n" for line in lines)
    return made.translate(_ASCII) if paper.ascii_only else made


def what(layer: Explained) -> str:
    """A layer as the notation writes it."""
    return spelling(layer.kind, layer.attributes, layer.tensors)


def change(layer: Explained, arrow: str = _ARROW) -> str:
    """Shapes in and out."""
    read = ", ".join(shape(dims) for dims in layer.inputs.values())
    return f"{read} {arrow} {shape(layer.output)}" if read else shape(layer.output)


def _shown(words: str, paper: Paper) -> str:
    """Text before it is laid out: what an encoding lacks takes other room."""
    return words.translate(_ASCII) if paper.ascii_only else words


def _width(paper: Paper) -> int:
    return paper.width or _WIDE


def _wrapped(words: str, paper: Paper, indent: str = _GAP, more: str | None = None) -> list[str]:
    after = indent if more is None else more
    return textwrap.wrap(
        visible(words), _width(paper), initial_indent=indent, subsequent_indent=after, break_on_hyphens=False
    )


def _layer(layer: Explained, paper: Paper) -> Iterator[str]:
    """One layer in full: its parts, then what the letters stand for."""
    yield paint(fold(f"{visible(layer.name)}: {what(layer)}", _width(paper), "…", tail=True), "bold", paper.colour)
    yield fold(f"{change(layer)}, line {layer.line}", _width(paper), "…", tail=True)
    for part in layer.parts:
        yield ""
        yield from _part(part, paper)
    used = letters(equation for part in layer.parts for equation in part.equations)
    if used:
        yield ""
        yield from (paint(line, "dim", paper.colour) for line in _legend(used, len(layer.output) == 1, paper))


def _legend(used: Mapping[str, int], vector: bool, paper: Paper) -> Iterator[str]:
    """What each letter stands for, none of it broken."""
    line = ""
    for name, value in used.items():
        item = f"{name} = {exact(value)} {meaning(name, vector)}"
        if line and columns(line) + columns(item) + 3 > _width(paper):
            yield from _wrapped(f"{line},", paper, "", _GAP)
            line = ""
        line = f"{line}, {item}" if line else item
    yield from _wrapped(line, paper, "", _GAP)


def _part(part: Part, paper: Paper) -> Iterator[str]:
    """A title with its source, equations with their ``=`` in one column, sentences."""
    source = f"{_GAP}{part.source}" if part.source else ""
    title = paint(part.title, "bold", paper.colour) + paint(source, "dim", paper.colour)
    alone = part.notes[0] if not part.equations and not source and part.notes else None
    if alone is not None and len(part.title) + len(alone) + 2 <= _width(paper):
        yield f"{title}{_GAP}{alone}"
        notes: Sequence[str] = part.notes[1:]
    else:
        yield title if len(part.title) + len(source) <= _width(paper) else paint(part.title, "bold", paper.colour)
        notes = part.notes
    yield from _equations(part.equations, paper)
    for note in notes:
        yield from _wrapped(note, paper)


def _equations(equations: Sequence[Equation], paper: Paper) -> Iterator[str]:
    """What, the left side, the value, and where there is room the formula; what is too long has lines of its own."""
    if not equations:
        return
    rows = [
        tuple(_shown(cell, paper) for cell in (each.what, left(each) or "", *right(each), formula(each) or ""))
        for each in equations
    ]
    whats = max(len(row[0]) for row in rows)
    values = max(len(row[3]) for row in rows)
    room = _width(paper) - len(_GAP) * 2 - whats - values - 3
    most = room - len(_GAP) - max(columns(row[4]) for row in rows)
    beside = all(columns(row[1]) <= most for row in rows if row[4])
    most = most if beside else room
    lefts = max([columns(row[1]) for row in rows if columns(row[1]) <= most], default=0)
    for said, arithmetic, sign, value, symbols in rows:
        if columns(arithmetic) > most:
            yield from _broken(said, f"{arithmetic} {sign} {value}", paper)
        else:
            pad = " " * (lefts - columns(arithmetic))
            worked = f"{pad}{arithmetic} {sign if arithmetic else ' '} {value}" if lefts else value
            line = f"{_GAP}{said:<{whats}}{_GAP}{worked}"
            if symbols and beside:
                line += " " * (values - len(value) + len(_GAP)) + paint(symbols, "dim", paper.colour)
            yield line.rstrip()
        if symbols and not beside:
            yield from (paint(line, "dim", paper.colour) for line in _wrapped(symbols, paper, _GAP * 3))


def _broken(said: str, equation: str, paper: Paper) -> Iterator[str]:
    """An equation over several lines, broken where a term begins: not in parentheses, not before its value."""
    held = re.sub(r"\([^()]*\)|[=≈~] .*", lambda found: found[0].replace(" ", _HELD), equation)
    held = re.sub(r" ([+-]) ", rf" \1{_HELD}", held)
    lines = textwrap.wrap(
        f"{said}{_GAP}{held}" if said else held,
        _width(paper),
        initial_indent=_GAP,
        subsequent_indent=_GAP * 2,
        break_on_hyphens=False,
    )
    yield from (line.replace(_HELD, " ") for line in lines)


def _network(found: Explanation, paper: Paper) -> Iterator[str]:
    """Every layer in a line or two, then the sums."""
    settings = [f"{name} = {exact(value)}" for name, value in found.settings.items()]
    yield fold(", ".join((f"input {shape(found.input)}", found.dtype, *settings)), _width(paper), "…", tail=True)
    yield ""
    names = max(len(visible(layer.name)) for layer in found.layers)
    names = min(names, max(_width(paper) // 4, 8))
    for layer in found.layers:
        name = fold(visible(layer.name), names, "…")
        head = f"{name}{' ' * (names - columns(name))}{_GAP}{what(layer)}"
        yield from _headed(head, change(layer), paper)
        yield from _brief(layer, paper)
    if found.total is not None:
        yield ""
        yield from _part(found.total, paper)
    yield ""
    yield from (paint(line, "dim", paper.colour) for line in _wrapped(_more(found), paper, ""))


def _more(found: Explanation) -> str:
    """How the first layer is explained in full."""
    spec = "-" if found.file == "<stdin>" else f"{found.file}:{found.network}"
    layer = next(layer.name for layer in found.layers if layer.inputs)
    return f"in full, with formulas and sources: archcalc explain {quote(spec)} {quote(layer)}"


def _headed(head: str, end: str, paper: Paper) -> Iterator[str]:
    """A layer's line: what it is, and its shapes where there is room."""
    width = _width(paper)
    line = f"{head}{_GAP}{end}"
    yield paint(line if columns(line) <= width else fold(head, width, "…", tail=True), "bold", paper.colour)


def _brief(layer: Explained, paper: Paper) -> Iterator[str]:
    """A layer's equations, as many a line as have room; one is never broken unless it has no room alone."""
    line = ""
    for piece in (_shown(each, paper) for each in pieces(layer)):
        if line and columns(line) + len("; ;") + columns(piece) > _width(paper):
            yield f"{line};"
            line = ""
        if columns(piece) + len(_GAP) + 1 > _width(paper):
            yield from _broken("", piece, paper)
        else:
            line = f"{line}; {piece}" if line else f"{_GAP}{piece}"
    if line:
        yield line


def pieces(layer: Explained) -> Iterable[str]:
    """What a layer's arithmetic comes to, a piece for each figure."""
    for part in layer.parts:
        for equation in part.brief:
            arithmetic = left(equation)
            sign, value = right(equation)
            yield f"{equation.what} {arithmetic} {sign} {value}" if arithmetic else f"{equation.what} {value}"
