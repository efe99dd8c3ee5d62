"""A network whose fully connected layers are convolutions, as text and JSON (docs/schema/convolutionize-1.json)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from archcalc.algebra import to_text
from archcalc.formats.phrases import phrase
from archcalc.report.agreement import ellipsis
from archcalc.report.layout import Column, draw, fitted, fold, total
from archcalc.report.numbers import exact, pair, shape, short
from archcalc.report.style import visible
from archcalc.report.text import ASCII, heading
from archcalc.version import __version__

if TYPE_CHECKING:
    from archcalc.analyses.grid import Convolution, Grid
    from archcalc.report.text import Paper

SCHEMA = 1


def text(found: Convolution, *, paper: Paper) -> str:
    """What became of which layer, and the grid on each input; a newline at its end."""
    graph = found.graph
    lines = [*heading(graph.name, graph.title, graph.file, paper), _fitting(_same(found), paper), ""]
    lines += [*_table(_layers(found), paper), *(_fitting(note, paper) for note in _notes(found))]
    lines += ["", *_table(_grids(found.grids), paper)]
    made = "".join(f"{line}\n" for line in lines)
    return made.translate(ASCII) if paper.ascii_only else made


def _fitting(line: str, paper: Paper) -> str:
    return fold(line, paper.width or len(line), ellipsis(paper))


def _same(found: Convolution) -> str:
    count = len(found.rewritten)
    layers = "1 fc layer is a convolution" if count == 1 else f"{count} fc layers are convolutions"
    kept = "as before" if found.same else "not as before"
    return f"{layers}: {exact(found.params)} params and {short(found.grids[0].macs)} MACs, {kept}"


def _table(columns: Sequence[Column], paper: Paper) -> Iterator[str]:
    """As many columns as the width holds, the first two always."""
    kept = [*columns]
    while paper.width is not None and len(kept) > 2 and total(kept) > paper.width:
        kept.pop()
    rule = "-" if paper.ascii_only else "─"
    yield from draw(fitted(kept, paper.width, ellipsis(paper)), colour=paper.colour, rule=rule, summed=False)


def _layers(found: Convolution) -> list[Column]:
    rows = found.rewritten
    return [
        Column("name", "layer", [visible(each.name) for each in rows], least=8),
        Column("was", "was", [phrase(each.was, each.read) for each in rows], least=8, tail=True),
        Column("reads", "reads", [shape(each.reads) for each in rows]),
        Column("now", "now", [phrase(each.now, each.reads) for each in rows], least=12, tail=True),
        Column("params", "params", [exact(each.params) for each in rows], right=True, style="params"),
    ]


def _notes(found: Convolution) -> Iterator[str]:
    for name in found.pools:
        yield f"{visible(name)}: a global pool, now a window as large as its map"
    for name, why in found.left:
        yield f"{visible(name)}: as it was, {why}"
    if found.heads:
        yield "side heads are left out"


def _grids(grids: Sequence[Grid]) -> list[Column]:
    """A row an input: where it fits its grid, what an output sees, what one pass takes and so many windows would."""
    return [
        Column("input", "input", [shape(each.input) for each in grids]),
        Column("grid", "grid", [_positions(each) for each in grids], right=True),
        Column("stride", "stride", [_seen(each, "stride") for each in grids], right=True),
        Column("field", "field", [_seen(each, "size") for each in grids], right=True),
        Column("macs", "MACs", [short(each.macs) if each.macs is not None else "" for each in grids], right=True,
               style="macs"),
        Column("windows", "window by window",
               [short(each.window_macs) if each.window_macs is not None else "" for each in grids], right=True),
    ]  # fmt: skip


def _positions(grid: Grid) -> str:
    if grid.positions is None:
        return "does not fit"
    return "x".join(exact(side) for side in grid.positions)


def _seen(grid: Grid, what: str) -> str:
    if grid.positions is None:
        return ""
    return "all" if grid.field is None else pair(getattr(grid.field, what))


def dumps(found: Sequence[Convolution]) -> str:
    """One object, or an array of several."""
    objects = [_object(each) for each in found]
    return (
        json.dumps(objects[0] if len(objects) == 1 else objects, indent=2, ensure_ascii=False, default=to_text) + "\n"
    )


def _object(found: Convolution) -> dict[str, Any]:
    graph = found.graph
    return {
        "schema": SCHEMA,
        "archcalc": __version__,
        "network": graph.name,
        "file": graph.file,
        "params": found.params,
        "same": found.same,
        "layers": [
            {
                "name": each.name, "was": phrase(each.was, each.read), "now": phrase(each.now, each.reads),
                "reads": list(each.reads), "params": each.params,
            }
            for each in found.rewritten
        ],
        "pools": list(found.pools),
        "heads": found.heads,
        "left": [{"name": name, "why": why} for name, why in found.left],
        "grids": [_plain(each) for each in found.grids],
    }  # fmt: skip


def _plain(grid: Grid) -> dict[str, Any]:
    return {
        "input": list(grid.input),
        "positions": grid.positions and list(grid.positions),
        "field": grid.field and grid.field.plain(),
        "macs": grid.macs,
        "window_macs": grid.window_macs,
        "wrong": grid.wrong and grid.wrong.message,
    }
