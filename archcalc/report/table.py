"""The table of layers for a terminal: as many columns as its width holds, nothing wrapped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from archcalc.report.bars import bars
from archcalc.report.columns import COLUMNS, LATENCY, cells, times, total_cell
from archcalc.report.layout import Column, draw, fitted, total
from archcalc.report.numbers import short

if TYPE_CHECKING:
    from archcalc.analyses.summary import Row, Totals

_LEAST = {"name": 12, "what": 14, "tensors": 12, "inputs": 8, "block": 8}
_TAILS = frozenset({"what", "tensors"})
_STYLES = {"params": "params", "macs": "macs", "what": "dim"}
#: What a table shows, in the order in which room is given: a bar of so many characters, a text at least so wide.
_WISHES = (
    ("what 14",), ("params bar 4", "macs bar 4"), ("activations_bytes",), ("field",), ("what 30",),
    ("params bar 10", "macs bar 10"), ("flops",), ("field.stride",), ("intensity",), ("params bar 20", "macs bar 20"),
)  # fmt: skip
_NEEDS = ("name", "output", "params", "macs")
_NARROW = ("name", "output", "params short", "macs short")
_ORDER = (
    "name", "what", "output", "params", "params bar", "macs", "macs bar", "flops", "activations_bytes", "field",
    "field.stride", "intensity", LATENCY,
)  # fmt: skip


def table(
    rows: Sequence[Row],
    totals: Totals,
    *,
    width: int | None,
    colour: bool,
    with_bars: bool,
    ascii_only: bool,
    layout: str,
    keys: Sequence[str] = (),
    macs: str = "MACs",
) -> Iterator[str]:
    """The lines of a report's table, a total beneath.

    ``width``: columns of the terminal, None for a file. ``keys``: the columns to show, all of them whatever the width;
    by default those that fit. ``macs`` heads the column of multiply-adds.
    """
    made = _Columns(rows, totals, layout, ascii_only, macs)
    shown = [made[key] for key in keys] if keys else _pick(made, width, with_bars)
    ellipsis, rule = ("...", "-") if ascii_only else ("…", "─")
    fit = fitted(shown, width, ellipsis)
    yield from draw(fit, colour=colour, rule=rule)


class _Columns:
    """Columns of one report, made when asked for and kept."""

    def __init__(self, rows: Sequence[Row], totals: Totals, layout: str, ascii_only: bool, macs: str) -> None:
        self.rows, self.totals, self.layout, self.ascii_only, self.macs = rows, totals, layout, ascii_only, macs
        self.made: dict[str, Column] = {}

    def __getitem__(self, wish: str) -> Column:
        if wish not in self.made:
            key, _, form = wish.partition(" ")
            made = self._bar(key, int(form.removeprefix("bar "))) if form.startswith("bar") else self._column(key, form)
            self.made[wish] = made
        return self.made[wish]

    def _column(self, key: str, form: str) -> Column:
        kind = COLUMNS[key]
        brief = form == "short"
        if key == LATENCY:
            return Column(key, kind.title, times(self.rows, self.totals), kind.right)
        texts = [short(getattr(row, key)) for row in self.rows] if brief else cells(self.rows, key, self.layout)
        texts.append(short(getattr(self.totals, key)) if brief else total_cell(self.totals, key))
        least = int(form) if form.isdigit() else _LEAST.get(key)
        title = self.macs if key == "macs" else kind.title
        return Column(key, title, texts, kind.right, least, key in _TAILS, _STYLES.get(key))

    def _bar(self, key: str, length: int) -> Column:
        drawn = bars([getattr(row, key) for row in self.rows], length, self.ascii_only)
        return Column(f"{key} bar", "", [*(bar.ljust(length) for bar in drawn), ""], style=_STYLES[key])


def _pick(made: _Columns, width: int | None, with_bars: bool) -> list[Column]:
    """What is needed, in short where even that is too wide, then wishes in order for as long as they fit."""
    needed = [made[key] for key in _NEEDS]
    if width is None or total(needed) <= width:
        granted = {column.key: column for column in needed}
        for wishes in ((LATENCY,), *_WISHES) if hasattr(made.totals, LATENCY) else _WISHES:
            wished = [made[wish] for wish in wishes if with_bars or " bar " not in wish]
            tried = granted | {column.key: column for column in wished if any(column.cells)}
            if width is None or total(list(tried.values())) <= width:
                granted = tried
        return [granted[key] for key in _ORDER if key in granted]
    narrow = [made[key] for key in _NARROW]
    while len(narrow) > 1 and total(narrow) > width:
        narrow.pop()
    return narrow
