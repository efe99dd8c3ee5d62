"""One network counted every way, and what each way counts: as text, Markdown and JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from archcalc.analyses.conventions import CONVENTIONS, Convention, counted
from archcalc.analyses.conventions.probes import MULTIPLY_ADD, NUMBER, PROBES, parameters
from archcalc.report.json import SCHEMA
from archcalc.report.layout import Column, draw, fitted, total
from archcalc.report.numbers import exact, shape, short
from archcalc.report.style import visible
from archcalc.report.text import ASCII
from archcalc.version import __version__

if TYPE_CHECKING:
    from archcalc.graph import Graph
    from archcalc.report.text import Paper

Table = tuple[tuple[str, ...], list[tuple[str, ...]]]


def ways(graph: Graph) -> list[dict[str, Any]]:
    """The network as each tool counts it: None where it prints no such figure."""
    return [
        {
            "name": convention.name,
            "calls": convention.calls,
            "params": found.params if convention.stores else None,
            "trainable": found.trainable if convention.stores else None,
            "count": found.total,
        }
        for convention in CONVENTIONS
        for found in [counted(graph, convention.name)]
    ]


def _counts(graph: Graph) -> Table:
    found = ways(graph)
    macs = found[0]["count"]
    rows: list[tuple[str, ...]] = []
    for way in found:
        params, count = way["params"], way["count"]
        brief = short(count) if isinstance(count, int) else ""
        rows.append((way["name"], exact(count), brief, _ratio(count, macs), way["calls"], exact(params)))
    return ("as", "count", "short", "of MACs", "called", "params"), rows


def _ratio(count: Any, macs: Any) -> str:
    return f"{count / macs:.4f}" if isinstance(count, int) and isinstance(macs, int) and macs else ""


#: What a block of rules is about.
_PER = {MULTIPLY_ADD: "a multiply-add of", NUMBER: "a number given by"}


def _rules() -> Table:
    """What each tool counts of one thing; papers count multiply-adds and nothing else."""
    tools = CONVENTIONS[1:]
    rows: list[tuple[str, ...]] = []
    per = ""
    for probe in PROBES:
        if probe.per != per:
            per = probe.per
            rows.append((_PER[per], *[""] * len(tools)))
        rows.append((f"  {probe.what}", *(probe.spelled(probe.answer(tool)) for tool in tools)))
    kinds = [parameters(tool) for tool in tools]
    rows.append(("a parameter", *[""] * len(tools)))
    for what in kinds[0]:
        rows.append((f"  {what}", *("" if kind[what] is None else str(kind[what] or "-") for kind in kinds)))
    return ("counted for", *(tool.name for tool in tools)), rows


def text(graphs: Sequence[Graph], *, paper: Paper) -> str:
    """The networks' counts, the tools' rules, and what to know of each tool."""
    lines: list[str] = []
    for graph in graphs:
        image = shape(graph.nodes[graph.inputs[0]].shape)
        lines += [*_wrapped(f"{visible(graph.name)}, one image of {image}", paper, ""), ""]
        lines += [*_drawn(_counts(graph), paper), ""]
    lines += [*_drawn(_rules(), paper), *_wrapped("-: not counted; HW: rows x columns; N: tokens", paper, "")]
    lines += ["", *_remarks(paper)]
    made = "".join(f"{line}\n" for line in lines)
    return made.translate(ASCII) if paper.ascii_only else made


#: Columns of words, the others are of numbers.
_WORDS = ("as", "called", "counted for")


def _drawn(table: Table, paper: Paper) -> Iterator[str]:
    """A table's lines, its last columns left out where the terminal has no room for them."""
    titles, rows = table
    columns = [
        Column(title, title, cells, right=title not in _WORDS) for title, *cells in zip(titles, *rows, strict=True)
    ]
    while paper.width is not None and len(columns) > 1 and total(columns) > paper.width:
        columns.pop()
    rule = "-" if paper.ascii_only else "─"
    yield from draw(fitted(columns, paper.width, "..."), colour=paper.colour, rule=rule, summed=False)


def _remarks(paper: Paper) -> Iterator[str]:
    """What to know of each tool, nothing cut off."""
    for tool in CONVENTIONS:
        yield from _wrapped(f"{tool.name}: {tool.release}", paper, "")
        for words in (*_said(tool), f"source: {tool.source}"):
            yield from _wrapped(words, paper, "  ")


def _wrapped(words: str, paper: Paper, indent: str) -> list[str]:
    from textwrap import wrap

    width = 80 if paper.width is None else paper.width
    more = f"{indent}  " if indent else ""
    return wrap(words, width, initial_indent=indent, subsequent_indent=more, break_on_hyphens=False)


def _said(tool: Convention) -> Iterator[str]:
    yield f"its {tool.calls}: {tool.unit}" if tool.count else "it counts no operations"
    if tool.stores_meaning:
        yield f"its params: {tool.stores_meaning}"
    yield from tool.caution


def markdown(graph: Graph) -> str:
    """The same as two tables and a list."""
    lines = [f"### {graph.name}", ""]
    for titles, rows in (_counts(graph), _rules()):
        lines += [_row(titles), _row("---" if title in _WORDS else "---:" for title in titles)]
        lines += [*map(_row, rows), ""]
    for tool in CONVENTIONS:
        lines.append(f"- **{tool.name}**: {tool.release}, {tool.source}. {'; '.join(_said(tool))}.")
    return "".join(f"{line}\n" for line in lines)


def _row(cells: Any) -> str:
    return f"| {' | '.join(cell.strip() for cell in cells)} |"


def dumps(graphs: Sequence[Graph], *, many: bool) -> str:
    """One object, or an array of them if ``many``."""
    found = [_document(graph) for graph in graphs]
    return json.dumps(found if many else found[0], indent=1, default=str) + "\n"


def _document(graph: Graph) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "archcalc": __version__,
        "network": graph.name,
        "file": graph.file,
        "input": graph.nodes[graph.inputs[0]].shape,
        "conventions": [way | _about(tool) for way, tool in zip(ways(graph), CONVENTIONS, strict=True)],
    }


def _about(tool: Convention) -> dict[str, Any]:
    """What a tool counts, as a program reads it: so much of each multiply-add and each output number."""
    return {
        "release": tool.release,
        "source": tool.source,
        "unit": tool.unit,
        "rules": {
            per: {probe.what: _plain(probe.answer(tool)) for probe in PROBES if probe.per == per} if tool.count else {}
            for per in (MULTIPLY_ADD, NUMBER)
        }
        | {"parameter": dict(parameters(tool))},
        "caution": tool.caution,
    }


def _plain(value: Any) -> Any:
    return value.numerator if value.denominator == 1 else str(value)
