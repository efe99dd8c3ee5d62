"""Networks side by side for a terminal: a column a network, or where they are many a row; nothing wraps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from archcalc.record import Record
from archcalc.report.comparison.words import bands, conditions, inputs, legend, quantity, ratio, unknown, value
from archcalc.report.layout import Column, draw, fitted, fold, total
from archcalc.report.style import paint, visible, wrapped
from archcalc.report.text import ASCII, Paper

if TYPE_CHECKING:
    from archcalc.analyses.comparison import Comparison, Line

#: More networks than these are rows even where columns have room.
_COLUMNS = 8
#: Characters of a long name that are kept.
_NAME = 14
#: No number is longer.
_NUMBER = 30


class Table(Record):
    """Lines of text. ``ratios``: whether it shows any; ``needs``: the columns that those left out would take."""

    lines: Sequence[str]
    ratios: bool
    needs: int = 0


def text(found: Comparison, paper: Paper) -> str:
    """The totals, then a table of stages for each quantity; a newline at the end."""
    places = range(len(found.stages[0].lines) if found.stages else 0)
    tables = [_totals(found, paper), *filter(None, (_stages(found, place, paper) for place in places))]
    meaning = [legend(found, any(table.ratios for table in tables)), bands(found)]
    said = [conditions(found), *meaning, _left_out(found, tables)]
    lines = [_fit(each, paper) for each in said if each]
    lines += [line for each in unknown(found) for line in wrapped(each, paper.width).split("\n")]
    lines += [line for table in tables for line in ("", *table.lines)]
    made = "".join(f"{line}\n" for line in lines)
    return made.translate(ASCII) if paper.ascii_only else made


def _left_out(found: Comparison, tables: Sequence[Table]) -> str:
    """That tables lack ratios for want of room, and how much they would take."""
    needed = max(table.needs for table in tables)
    whose = "every table's" if any(table.ratios for table in tables) else "the"
    return f"{needed} columns have room for {whose} ratios to {found.names[0]}" if needed else ""


def _totals(found: Comparison, paper: Paper) -> Table:
    names = [quantity(line.quantity) for line in found.totals]
    first = [Cells("input", inputs(found))] if inputs(found) else []
    return _table("total", [*map(visible, found.names)], names, found.totals, paper, first)


def _stages(found: Comparison, place: int, paper: Paper) -> Table | None:
    """One quantity, stage by stage; nothing where no stage has any."""
    stages = [stage for stage in found.stages if any(it not in (None, 0) for it in stage.lines[place].values)]
    if not stages:
        return None
    title = f"stage: {quantity(found.stages[0].lines[place].quantity)}"
    own = [[visible(name or "") for name in names] for names in zip(*(each.names for each in stages), strict=True)]
    lines = [stage.lines[place] for stage in stages]
    names = [visible(each.name) for each in stages]
    return _table(title, [*map(visible, found.names)], names, lines, paper, own=own if not place else [])


class Cells(Record):
    """A line of a table that has no figures: its name and a text a network."""

    name: str
    texts: Sequence[str]


def _table(
    title: str,
    networks: list[str],
    names: list[str],
    lines: Sequence[Line],
    paper: Paper,
    first: Sequence[Cells] = (),
    own: Sequence[Sequence[str]] = (),
) -> Table:
    """A column a network, exact if there is room and in short if not; else a row a network.

    ``own``: what each network calls the lines, told where they do not agree.
    """
    known = any(by is not None for line in lines for by in line.ratios[1:])
    if len(networks) <= _COLUMNS:
        needs = 0
        for brief, more in ((False, True), (True, True), (True, False)):
            made = _upright(title, networks, names, lines, first, brief, more)
            made = _with_own(made, networks, own) if more and own else made
            if paper.width is None or total(made) <= paper.width:
                return Table([*_drawn(made, paper)], known and more, 0 if more else needs * known)
            needs = total(made)
    return Table([*_turned(networks, names, lines, paper, first, title)], known)


def _upright(
    title: str,
    networks: list[str],
    names: list[str],
    lines: Sequence[Line],
    first: Sequence[Cells],
    brief: bool,
    ratios: bool,
) -> list[Column]:
    least = _NAME if ":" in title else None  # quantities are not cut
    made = [Column("name", title, [*(each.name for each in first), *names], least=least)]
    for place, network in enumerate(networks):
        above = [f"{each.texts[place]}{_blank(lines)}" for each in first]
        cells = [_marked(line, place, brief, _blank(lines)) for line in lines]
        made.append(_figures_of(network, f"{network}{_blank(lines)}", [*above, *cells]))
        times = ["" for _ in first] + [ratio(line.ratios[place]) for line in lines]
        if ratios and place and any(times):
            made.append(Column(f"{network} times", "", times, right=True, style="dim"))
    return made


def _with_own(table: list[Column], networks: list[str], own: Sequence[Sequence[str]]) -> list[Column]:
    """The columns, before a network's the one of its own names, if they are not the first one's."""
    before = {
        network: Column(f"{network} name", "", names, least=_NAME, style="dim")
        for network, names in zip(networks, own, strict=True)
        if any(name not in ("", first) for name, first in zip(names, table[0].cells, strict=True))
    }
    return [each for column in table for each in (before.get(column.key), column) if each is not None]


def _marked(line: Line, place: int, brief: bool, blank: str) -> str:
    """A figure, with a mark if it is the best and a blank for the mark if others have one."""
    return f"{value(line.quantity, line.values[place], brief=brief)}{'*' if place in line.marked else blank}"


def _blank(lines: Sequence[Line]) -> str:
    return " " if any(line.marked for line in lines) else ""


def _turned(
    networks: list[str], names: list[str], lines: Sequence[Line], paper: Paper, first: Sequence[Cells], title: str
) -> Iterator[str]:
    """A row a network; as many tables as it takes, the names of the networks before each."""
    heads = [Column("network", title if ":" in title else "network", networks, least=_NAME)]
    groups = [[_figures_of(each.name, each.name, each.texts)] for each in first]
    groups += [_figures(name, line, paper.width is None) for name, line in zip(names, lines, strict=True)]
    table = list(heads)
    for group in groups:
        if paper.width is not None and total([*heads, *group]) > paper.width:
            group = group[:1]  # the ratios can be told from the figures
        if paper.width is not None and len(table) > 1 and total([*table, *group]) > paper.width:
            yield from (*_drawn(table, paper), "")
            table = list(heads)
        table += group
    yield from _drawn(table, paper)


def _figures(name: str, line: Line, whole: bool) -> list[Column]:
    """A quantity of all networks, and the ratios; exact where there is no end of room."""
    blank, places = _blank([line]), range(len(line.values))
    cells = [_marked(line, place, not whole, blank) for place in places]
    times = ["", *(ratio(by) for by in line.ratios[1:])]
    made = [_figures_of(name, f"{name}{blank}", cells)]
    return [*made, Column(f"{name} times", "", times, right=True, style="dim")] if any(times) else made


def _figures_of(key: str, title: str, cells: Sequence[str]) -> Column:
    """A column of figures: numbers are whole; closed forms, which are as long as they like, may be cut."""
    return Column(key, title, cells, right=True, least=_NAME if max(map(len, cells)) > _NUMBER else None, tail=True)


def _drawn(table: list[Column], paper: Paper) -> Iterator[str]:
    fit = fitted(table, paper.width, "..." if paper.ascii_only else "…")
    yield from draw(fit, colour=paper.colour, rule="-" if paper.ascii_only else "─", summed=False)


def _fit(words: str, paper: Paper) -> str:
    shown = visible(words)
    return paint(shown if paper.width is None else fold(shown, paper.width, "...", tail=True), "dim", paper.colour)
