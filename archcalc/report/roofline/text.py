"""A network under a roof as text: its ceilings, a picture, a row a layer, and the times of the whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from archcalc.report.agreement import ellipsis, fit
from archcalc.report.layout import Column, draw, fitted, total
from archcalc.report.numbers import duration, exact, short, size
from archcalc.report.plot import scatter
from archcalc.report.roofline.picture import NoPoint, picture
from archcalc.report.roofline.rows import Shown
from archcalc.report.roofline.words import AT_ROOF, NO_BOUND, at_least, bounded, ceilings, inputs, percent, taken
from archcalc.report.style import paint, visible, wrapped
from archcalc.report.text import ASCII, heading

if TYPE_CHECKING:
    from archcalc.analyses.latency.roofline import RoofedLayer
    from archcalc.report.text import Paper

_WIDE, _WIDEST = 100, 160
#: A name of a point for so many columns.
_NAMED = 10
_SIGNS = ASCII | str.maketrans({"≥": ">=", "µ": "u"})


def text(shown: Shown, *, paper: Paper, drawn: bool = True) -> str:
    """All of it, a newline at its end; ``drawn``: with the picture."""
    lines = [*_head(shown, paper), ""]
    if drawn:
        lines += [*_picture(shown, paper), ""]
    lines += [*_table(shown, paper), "", *_whole(shown, paper)]
    made = "".join(f"{line}\n" for line in lines)
    return made.translate(_SIGNS) if paper.ascii_only else made


def _head(shown: Shown, paper: Paper) -> Iterator[str]:
    found = shown.roofline
    yield from heading(found.network, found.title, found.file, paper)
    parts = [f"input {inputs(found)}", f"batch {found.batch:,}", found.roof.dtype]
    parts += ["side heads included"] if found.aux else []
    yield fit(", ".join(parts), paper)
    yield from wrapped(", ".join(ceilings(found.roof)), paper.width).split("\n")
    if shown.measured:
        yield from wrapped(f"hollow points: {shown.measured}", paper.width).split("\n")


def _picture(shown: Shown, paper: Paper) -> Iterator[str]:
    width = min(paper.width or _WIDE, _WIDEST)
    try:
        points, x, y, lines = picture(shown, width // _NAMED)
    except NoPoint as error:
        yield str(error)
        return
    made = scatter(points, x, y, lines=lines, width=width, colour=paper.colour, ascii_only=paper.ascii_only)
    yield from made.splitlines()


def _table(shown: Shown, paper: Paper) -> Iterator[str]:
    """The rows that have something to do, in as many columns as fit."""
    columns = table(shown, short_=False)
    if paper.width is not None and total(columns) > paper.width:
        columns = table(shown, short_=True)
    while paper.width is not None and len(columns) > 1 and total(columns) > paper.width:
        columns.pop(1)
    rule = "-" if paper.ascii_only else "─"
    yield from draw(fitted(columns, paper.width, ellipsis(paper)), colour=paper.colour, rule=rule)


def table(shown: Shown, *, short_: bool) -> list[Column]:
    """The columns, the total last; least first to go, behind the name."""
    rows, shares, times = working(shown)
    found, number = shown.roofline, short if short_ else exact
    moved = [row.moved_bytes for row in rows]
    made = [
        Column("name", "layer", [*(visible(row.name) for row in rows), "total"], least=8),
        Column("kind", "kind", [*(row.kind for row in rows), ""], style="dim"),
        Column("flops", "FLOPs", _summed([row.flops for row in rows], number), right=True, style="macs"),
        Column("bytes", "bytes", _summed(moved, size if short_ else exact), right=True),
        Column("intensity", "FLOPs/B", [*(_intensity(row.flops, row.moved_bytes) for row in rows), ""], right=True),
        Column("bound", "bound", [*(row.bound for row in rows), ""]),
        Column("time", "at the roof", [*(taken(row.time) for row in rows), taken(found.time)], right=True),
        Column("share", "share", [*map(percent, shares), ""], right=True),
    ]
    if any(time is not None for time in times):
        ratios = ["" if not time else percent(row.time / time) for row, time in zip(rows, times, strict=True)]
        made += [
            Column(
                "measured", "measured", [*("" if time is None else duration(time) for time in times), ""], right=True
            ),
            Column("of roof", "of roof", [*ratios, ""], right=True),
        ]
    return made


def working(shown: Shown) -> tuple[list[RoofedLayer], list[Fraction], list[int | None]]:
    """Rows, shares and measured times of what has something to do: no views, and no dropout."""
    kept = [each for each in zip(shown.rows, shown.shares, shown.times, strict=True) if each[0].time]
    return [row for row, _, _ in kept], [share for _, share, _ in kept], [time for _, _, time in kept]


def _summed(counts: Sequence[int], number: Callable[[int], str]) -> list[str]:
    return [number(count) for count in (*counts, sum(counts))]


def _intensity(flops: int, moved: int) -> str:
    return f"{flops / moved:,.1f}" if moved else ""


def _whole(shown: Shown, paper: Paper) -> Iterator[str]:
    """The time at the roof, and the bound."""
    found = shown.roofline
    rows = [("at the roof", taken(found.time), AT_ROOF)]
    rows += [("lower bound", at_least(found.bound), bounded(found))] if found.bound is not None else []
    wide = max(len(time) for _, time, _ in rows)
    for name, time, remark in rows:
        line = f"{name}  {paint(f'{time:>{wide}}', 'bold', paper.colour)}"
        if paper.width is None or len(name) + wide + 4 + len(remark) <= paper.width:
            yield f"{line}  {paint(remark, 'dim', paper.colour)}"
        else:
            yield line
            yield from (paint(part, "dim", paper.colour) for part in wrapped(f"  {remark}", paper.width).split("\n"))
    if found.bound is None:
        yield from (paint(part, "dim", paper.colour) for part in wrapped(NO_BOUND, paper.width).split("\n"))
