"""Ways to reach a receptive field as text and Markdown; for programs in ``plain``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from archcalc.record import Record
from archcalc.report.agreement import ellipsis
from archcalc.report.kernels.plain import comma_separated as comma_separated
from archcalc.report.kernels.plain import dumps as dumps
from archcalc.report.layout import Column, draw, fitted, fold, total
from archcalc.report.markdown import escaped, row
from archcalc.report.numbers import exact, pair, shape, short, size
from archcalc.report.style import paint, wrapped
from archcalc.report.text import ASCII

if TYPE_CHECKING:
    from archcalc.analyses.kernels import Group, Kernel, Kernels
    from archcalc.analyses.latency.asked import Target
    from archcalc.report.text import Paper

MARK = "*"
#: A fraction is shown where both its numbers have at most three digits.
_SIMPLE = 1000
#: Ways of which a note tells that they pass over inputs.
_TOLD = 3


class Figure(Record):
    """A figure of a way: the key of its column, its title, the cell, and a shorter cell where there is no room."""

    key: str
    title: str
    cell: Callable[[Kernel], str]
    brief: Callable[[Kernel], str] | None = None
    right: bool = True


def _named(key: str, shown: Callable[[Any], str] = exact) -> Callable[[Kernel], str]:
    return lambda way: shown(getattr(way, key))


#: What stands in a row.
FIGURES = (
    Figure("number", "no. ", lambda way: f"{way.number}{MARK if way.best else ' '}"),
    Figure("name", "way", _named("name", str), right=False),
    Figure("family", "kind", _named("family", str), right=False),
    Figure("params", "params", _named("params"), _named("params", short)),
    Figure("params_ratio", "ratio", lambda way: ratio(way.params_ratio), lambda way: brief_ratio(way.params_ratio)),
    Figure("macs", "MACs", _named("macs"), _named("macs", short)),
    Figure("macs_ratio", "ratio", lambda way: ratio(way.macs_ratio), lambda way: brief_ratio(way.macs_ratio)),
    Figure("latency", "latency", lambda way: times([way])[0], lambda way: times([way], bands=False)[0]),
    Figure("activations_bytes", "act. mem", _named("activations_bytes", size)),
    Figure("saved_bytes", "saved", lambda way: "" if way.saved_bytes is None else size(way.saved_bytes)),
    Figure("depth", "depth", _named("depth")),
    Figure("field", "field", _named("field", pair)),
    Figure("reads", "reads", lambda way: f"{way.reads:,}"),
    Figure("output", "output", _named("output", shape), right=False),
    Figure("weights", "out x in x k x k", lambda way: ", ".join(shape(each, "chw") for each in way.weights)),
)
_BY_KEY = {figure.key: figure for figure in FIGURES}
#: What a table has whatever the width, numbers in short; then what it has more, in the order in which room is given.
_NEEDED = ("number", "name", "params", "params_ratio", "macs", "latency", "activations_bytes", "depth", "field")
_WISHED = (
    "params", "macs", "latency", "params_ratio", "macs_ratio", "weights", "reads", "saved_bytes", "family", "output",
)  # fmt: skip


#: Figures by which a table is sorted under another name.
_SORTED = {"latency": "latency_ns"}


def times(ways: Sequence[Kernel], *, bands: bool = True) -> list[str]:
    """Their latencies, in one unit."""
    if all(way.latency is None for way in ways):
        return [""] * len(ways)
    from archcalc.report.latency import cells

    return cells([way.latency for way in ways], bands=bands)


def ratio(value: Fraction) -> str:
    """``18/25 = 0.720``; a decimal alone where the fraction is no simple one, a whole number as it is."""
    if value.denominator == 1:
        return exact(value.numerator)
    simple = max(value.numerator, value.denominator) < _SIMPLE
    return f"{value} = {_decimal(value)}" if simple else _decimal(value)


def brief_ratio(value: Fraction) -> str:
    """``18/25``, or a decimal where the fraction is no simple one."""
    return str(value) if max(value.numerator, value.denominator) < _SIMPLE else _decimal(value)


def _decimal(value: Fraction) -> str:
    """Three digits."""
    return f"{float(value):.{3 if value < 1 else 2}f}" if value >= Fraction(1, 100) else f"{float(value):.2g}"


def chosen(found: Kernels, sort: str = "", limit: int | None = None) -> Kernels:
    """The same with each group's ways sorted by a figure (most first for depth, field and reads), and only so many."""
    return found.but(groups=tuple(_chosen(group, sort, limit) for group in found.groups))


def _chosen(group: Group, sort: str, limit: int | None) -> Group:
    more = sort in ("depth", "field", "reads")
    key = _SORTED.get(sort, sort)
    ways = sorted(group.ways, key=lambda way: getattr(way, key) or 0, reverse=more) if key else [*group.ways]
    kept = ways if limit is None else ways[:limit]
    left = len(ways) - len(kept)
    notes = (*group.notes, *([f"{left} more: without --limit all are shown"] if left else []))
    return group.but(ways=tuple(kept), notes=notes)


def text(found: Kernels, *, paper: Paper) -> str:
    """A table for each group; a newline at its end."""
    lines = [*_fitting(_head(found), paper)]
    for group in found.groups:
        columns = _columns(group, paper.width)
        lines += ["", *_fitting([_title(group)], paper, "bold"), *_table(columns, paper)]
        lines += _fitting((f"  {note}" for note in _notes(group, columns)), paper)
    lines += ["", *_fitting(_legend(found), paper)]
    lines += [line for said in _unknown(found) for line in wrapped(said, paper.width).split("\n")]
    made = "".join(f"{line}\n" for line in lines)
    return made.translate(ASCII) if paper.ascii_only else made


def _fitting(lines: Iterable[str], paper: Paper, style: str | None = None) -> Iterator[str]:
    """Lines of prose cut to the width, and painted."""
    for line in lines:
        yield paint(fold(line, paper.width or len(line), ellipsis(paper)), style, paper.colour)


def _notes(group: Group, columns: Sequence[Column]) -> Iterator[str]:
    """What was left out, and which ways pass over inputs where no column says so."""
    if all(column.key != "reads" for column in columns):
        gaps = [way for way in group.ways if _passes_over(way)]
        for way in gaps[:_TOLD]:
            yield f"no. {way.number} reads {way.reads:,} of the {way.field[0] * way.field[1]:,} inputs of its field"
        if len(gaps) > _TOLD:
            yield f"{len(gaps) - _TOLD} more read a part of it"
    yield from group.notes


def _title(group: Group) -> str:
    return f"{group.title}; ratios to {group.one}"


def _head(found: Kernels) -> Iterator[str]:
    height, width = found.size
    yield (
        f"field {found.field}x{found.field}, {found.into} to {found.out} channels, image {height}x{width}, "
        f"batch {found.batch:,}, {found.dtype}"
    )
    yield f"{'with biases' if found.bias else 'no biases'}, {'bn and ' if found.bn else ''}relu behind each convolution"
    if found.target is not None:
        from archcalc.report.latency import of

        yield f"latency on {of(found.target)}"


def _legend(found: Kernels) -> Iterator[str]:
    """What the mark and the words mean."""
    if any(way.best for group in found.groups for way in group.ways):
        yield f"{MARK} Pareto-optimal: no way is as good in all and better in one of these:"
        yield "  fewer params, fewer MACs, less act. mem, more depth; halving, a wider field"
    if found.target is not None:
        yield from _of_latency(found.target)
    yield "depth counts non-linearities; act. mem is outputs but relu's, saved what is kept"
    yield "for the backward pass"
    if any(_passes_over(way) for group in found.groups for way in group.ways):
        yield "reads: inputs of a channel that an output depends on; dilation leaves others out"


def _unknown(found: Kernels) -> Iterator[str]:
    """What the device was not calibrated for."""
    if found.target is not None:
        from archcalc.report.latency import averaged

        yield from averaged(found.target.unknown(way.graph for group in found.groups for way in group.ways))


def _of_latency(target: Target) -> Iterator[str]:
    """What a predicted time is worth."""
    if target.calibration is None:
        yield "latency: no program is faster than the bound behind the sign"
    else:
        yield "  and less latency, as it is predicted; a wide table has the bands behind it,"
        yield "  in which nine of ten lie"


def _passes_over(way: Kernel) -> bool:
    """Whether an output depends on some of its field alone."""
    return way.reads < way.field[0] * way.field[1]


def _table(columns: Sequence[Column], paper: Paper) -> Iterator[str]:
    fit = fitted(columns, paper.width, ellipsis(paper))
    yield from draw(fit, colour=paper.colour, rule="-" if paper.ascii_only else "─", summed=False)


def _columns(group: Group, width: int | None) -> list[Column]:
    """What is needed, then wishes in order for as long as they fit; a column that says nothing new is none."""
    ways = group.ways
    timed = any(way.latency is not None for way in ways)
    needed = [_column(_BY_KEY[key], ways, brief=True) for key in _NEEDED if timed or key != "latency"]
    while width is not None and len(needed) > 2 and total(needed) > width:
        needed.pop()
    granted = {column.key: column for column in needed}
    said = {
        "latency": timed,
        "macs_ratio": any(way.params_ratio != way.macs_ratio for way in ways),
        "output": any(way.output != ways[0].output for way in ways),
        "weights": not group.objectives,
        "reads": any(_passes_over(way) for way in ways),
    }
    for key in _WISHED:
        tried = {**granted, key: _column(_BY_KEY[key], ways)}
        if said.get(key, True) and (width is None or total(list(tried.values())) <= width):
            granted = tried
    return [granted[figure.key] for figure in FIGURES if figure.key in granted]


def _column(figure: Figure, ways: Sequence[Kernel], brief: bool = False) -> Column:
    cell = figure.brief if brief and figure.brief is not None else figure.cell
    made = times(ways, bands=not brief) if figure.key == "latency" else [cell(way) for way in ways]
    least = 22 if figure.key == "name" else None
    style = {"params": "params", "macs": "macs", "family": "dim"}.get(figure.key)
    return Column(figure.key, figure.title, made, figure.right, least, style=style)


def markdown(found: Kernels) -> str:
    """A heading and a table for each group."""
    lines = [*_head(found)]
    lines = [f"{lines[0][0].upper()}{lines[0][1:]}; {'; '.join(lines[1:])}."]
    for group in found.groups:
        left_out = {"output", "weights"} | ({"latency"} if found.target is None else set())
        figures = [figure for figure in FIGURES if figure.key not in left_out]
        lines += ["", f"### {escaped(_title(group))}", ""]
        lines += [row(figure.title.strip() for figure in figures)]
        lines += [row("---:" if figure.right else "---" for figure in figures)]
        lines += [row(escaped(figure.cell(way).strip()) for figure in figures) for way in group.ways]
        lines += ["", *(f"{escaped(note)}." for note in group.notes)] if group.notes else []
    return "".join(
        f"{line}\n" for line in [*lines, "", escaped(" ".join(" ".join((*_legend(found), *_unknown(found))).split()))]
    )
