"""A measurement as text: the figures of the whole run, every reason to doubt them, and where the time goes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from archcalc.report.agreement import ellipsis, fit
from archcalc.report.bars import bars
from archcalc.report.layout import Column, draw, fitted, total
from archcalc.report.numbers import exact, short
from archcalc.report.profile.figures import Figure, figures, rate
from archcalc.report.profile.rows import Line, lines, shares, times
from archcalc.report.profile.words import conditions, of_stamps, versions, why_no_layers
from archcalc.report.style import columns, paint, visible, wrapped
from archcalc.report.text import ASCII, heading

if TYPE_CHECKING:
    from archcalc.analyses.latency.measured import Profile
    from archcalc.report.text import Paper

#: What the table shows, in the order in which room is given, and in that in which it is drawn.
_NEEDS = ("layer", "time", "share")
_WISHES = ("kind", "rate", "bound", "macs", "bar", "exact macs")
_ORDER = ("layer", "kind", "time", "share", "bar", "macs", "exact macs", "rate", "bound")
_BAR = 10
_FOOT = ("sum", "other", "whole")
_LEAST = 12
_INDENT = " " * 7


def text(profile: Profile, paper: Paper, *, depth: int | None = None, least: Fraction | None = None) -> str:
    """The report of one measurement, a newline at its end; groups of ``depth`` names are a row each.

    ``least``: nanoseconds that the layers take at the device's roof, where that is known.
    """
    parts = [[*_head(profile, paper)], [*summary(profile, paper, least)]]
    if profile.layers:
        parts.append([*_table(profile, lines(profile, depth), paper), *_foot(profile, paper)])
    elif why := why_no_layers(profile):
        parts.append([*_aside(why, paper)])
    return printed("\n\n".join("\n".join(part) for part in parts), paper)


def printed(made: str, paper: Paper) -> str:
    """A text with its last newline, in the characters that the paper takes."""
    return (made.translate(ASCII) if paper.ascii_only else made) + "\n"


def _head(profile: Profile, paper: Paper) -> Iterator[str]:
    yield from heading(profile.network, profile.title, profile.file, paper)
    yield wrapped(conditions(profile), paper.width)
    yield paint(fit(versions(profile), paper), "dim", paper.colour)


def summary(profile: Profile, paper: Paper, least: Fraction | None = None) -> Iterator[str]:
    """Each figure, what it is where there is room for that, and why not to believe them."""
    yield from aligned(figures(profile, least), paper)
    for place, noise in enumerate(profile.noise):
        yield from _marked(f"{'' if place else 'noisy:':6} {visible(noise.seen)}", "warning", paper)
    if profile.interrupted:
        yield from _marked("interrupted: fewer runs than were asked for", "warning", paper)
    if not profile.noise and not profile.interrupted:
        yield paint("no sign of noise", "good", paper.colour)


def aligned(rows: Sequence[Figure], paper: Paper) -> Iterator[str]:
    """A line a figure; remarks where there is room."""
    names, values = (max(columns(getattr(row, part)) for row in rows) for part in ("name", "value"))
    for row in rows:
        blanks = " " * (values - columns(row.value))
        line = f"{row.name:<{names}}  {blanks}{paint(row.value, 'bold', paper.colour)}"
        room = None if paper.width is None else paper.width - names - values - 4
        if row.remark and (room is None or columns(row.remark) <= room):
            line += f"  {paint(row.remark, 'dim', paper.colour)}"
        yield line


def _marked(sentence: str, style: str, paper: Paper) -> Iterator[str]:
    yield from (paint(line, style, paper.colour) for line in wrapped(sentence, paper.width, _INDENT).splitlines())


def _table(profile: Profile, rows: Sequence[Line], paper: Paper) -> Iterator[str]:
    made = _columns(profile, rows, paper)
    granted = {key: made[key] for key in _NEEDS}
    for key in _WISHES:
        wanted = granted | {key: made[key]}
        if key == "exact macs":
            wanted.pop("macs", None)
        if any(made[key].cells) and (paper.width is None or total(list(wanted.values())) <= paper.width):
            granted = wanted
    fit_ = fitted([granted[key] for key in _ORDER if key in granted], paper.width, ellipsis(paper))
    yield from draw(fit_, colour=paper.colour, rule="-" if paper.ascii_only else "─", foot=len(_FOOT))


def _columns(profile: Profile, rows: Sequence[Line], paper: Paper) -> dict[str, Column]:
    """Every column of the table: a cell a row, then the sum of the layers, what is beyond them, and the whole."""
    time, share = (count(rows, profile.whole.median) for count in (times, shares))
    macs = [*(row.macs for row in rows), profile.macs if profile.layers else None, None, profile.macs]
    drawn = [each.ljust(_BAR) for each in bars([row.nanoseconds for row in rows], _BAR, paper.ascii_only)]
    blank = [""] * len(_FOOT)
    made = [
        Column("layer", "layer", [*(visible(row.name) for row in rows), *_FOOT], least=_LEAST),
        Column("kind", "kind", [*(visible(row.kind) for row in rows), *blank], least=_LEAST, tail=True, style="dim"),
        Column("time", f"time, {time.unit}", [*time.rows, time.layers, time.other, time.whole], right=True),
        Column("share", "share, %", [*share.rows, share.layers, share.other, share.whole], right=True),
        Column("bar", "", [*drawn, *blank] if paper.bars else [""] * (len(rows) + len(blank)), style="params"),
        Column("macs", "MACs", [short(each) if each else "" for each in macs], right=True),
        Column("exact macs", "MACs", [exact(each) if each else "" for each in macs], right=True, style="macs"),
        Column("rate", "FLOP/s", [*(rate(row.flops, row.nanoseconds) for row in rows), *blank], right=True),
        Column("bound", "bound", [*(row.bound for row in rows), *blank], style="dim"),
    ]
    return {column.key: column for column in made}


def _foot(profile: Profile, paper: Paper) -> Iterator[str]:
    for said in of_stamps(profile):
        yield from _aside(said, paper)


def _aside(sentence: str, paper: Paper) -> Iterator[str]:
    yield from (paint(line, "dim", paper.colour) for line in wrapped(sentence, paper.width, "").splitlines())
