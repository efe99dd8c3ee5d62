"""Kept measurements as a list, the newest first: as many columns as there is room for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from archcalc.analyses.latency.measured import Profile, Setting
from archcalc.record import Record
from archcalc.report.agreement import ellipsis, fit
from archcalc.report.layout import Column, draw, fitted, total
from archcalc.report.numbers import duration, exact, shape
from archcalc.report.profile.figures import scale
from archcalc.report.profile.text import printed
from archcalc.report.profile.words import setting_words
from archcalc.report.style import paint, visible

if TYPE_CHECKING:
    from archcalc.history import Row
    from archcalc.report.text import Paper


class Entry(Record):
    """A kept measurement, and what it says of a network; None where it is of another kind, or cannot be read."""

    row: Row
    profile: Profile | None


#: Columns in the order in which they are drawn, and in that in which room is given.
_DRAWN = ("no.", "when", "network", "input", "setting", "machine", "median", "interval", "")
_WISHES = ("no.", "network", "median", "", "when", "setting", "interval", "whole setting", "machine", "input")
_LEAST = {"network": 12, "setting": 16, "whole setting": 40, "machine": 12}


def text(entries: Sequence[Entry], paper: Paper, count: int) -> str:
    """The list, and how many of ``count`` it leaves out."""
    lines = [*_table(entries, paper)]
    if count > len(entries):
        left = f"the newest {exact(len(entries))} of {exact(count)}; --limit {count} shows all"
        lines += ["", paint(fit(left, paper), "dim", paper.colour)]
    return printed("\n".join(lines), paper)


def _table(entries: Sequence[Entry], paper: Paper) -> Iterator[str]:
    made = {column.key: column for column in _columns(entries)}
    granted: dict[str, Column] = {}
    for key in _WISHES:
        tried = granted | {key.removeprefix("whole "): made[key]}
        if any(made[key].cells):
            if paper.width is not None and total(list(tried.values())) > paper.width:
                break
            granted = tried
    shown = fitted([granted[key] for key in _DRAWN if key in granted], paper.width, ellipsis(paper))
    yield from draw(shown, colour=paper.colour, rule="-" if paper.ascii_only else "─", summed=False)


def _columns(entries: Sequence[Entry]) -> Iterator[Column]:
    def column(key: str, cell: Callable[[Entry], str], right: bool = False, style: str | None = None) -> Column:
        title = key.removeprefix("whole ")
        tail = title in ("setting", "machine")
        return Column(key, title, [cell(each) for each in entries], right, _LEAST.get(key), tail, style)

    yield column("no.", lambda each: str(each.row.id), right=True)
    yield column("when", lambda each: when(each.row))
    yield column("network", lambda each: visible(each.row.network) or each.row.kind)
    yield column("input", lambda each: ", ".join(map(shape, each.profile.inputs)) if each.profile else "", style="dim")
    yield from (column(key, setting) for key in ("setting", "whole setting"))
    yield column("machine", lambda each: visible(each.row.machine), style="dim")
    yield column("median", _median, right=True)
    yield column("interval", interval, right=True, style="dim")
    yield column("", mark, style="warning")


def when(row: Row) -> str:
    """The minute in which it was begun, where we are."""
    return f"{row.time:%Y-%m-%d %H:%M}"


def setting(entry: Entry) -> str:
    """How it was run, on which device: ``cpu, batch 1, fp32, 2 threads``."""
    if entry.profile is None:
        return visible(", ".join([entry.row.device, *_calibrated(entry.row)]))
    words = setting_words(entry.profile.setting, entry.profile.machine.get("threads"))
    values = [f"{name} = {value}" for name, value in entry.profile.values.items()]
    return visible(", ".join([entry.row.device, *words, *values]))


def _calibrated(row: Row) -> list[str]:
    """How a calibration was run, as far as it says so."""
    found: Any = row.document.get("setting")
    try:
        said = Setting(**{name: found[name] for name in _CALIBRATED})
    except (KeyError, TypeError):
        return []
    return setting_words(said)[1:]  # its networks have batches of their own


#: What a calibration's setting says.
_CALIBRATED = ("device", "dtype", "threads", "channels_last")


def _median(entry: Entry) -> str:
    if entry.profile is None:
        return "" if entry.row.median_ns is None else duration(entry.row.median_ns)
    median = entry.profile.whole.median
    return scale(median).told(median)


def interval(entry: Entry) -> str:
    """Between what the median is with 95 % confidence, in the unit of the median."""
    whole = entry.profile.whole if entry.profile else None
    if whole is None or whole.low is None or whole.high is None:
        return ""
    to = scale(whole.median)
    return f"{to.bare(whole.low)} to {to.bare(whole.high)}"


def mark(entry: Entry) -> str:
    """Why it is not to be taken at its word."""
    if entry.profile is None:
        noisy = "noisy" if entry.row.document.get("noisy") is True else ""
        return "unreadable" if entry.row.kind == "profile" else noisy
    marks = ("noisy" if entry.profile.noisy else "", "interrupted" if entry.profile.interrupted else "")
    return ", ".join(filter(None, marks))
