"""A report as an HTML table, for a notebook."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

from archcalc.report.columns import COLUMNS, DEFAULT, cells, total_cell
from archcalc.report.counting import words_of
from archcalc.report.numbers import exact, shape, short, size

if TYPE_CHECKING:
    from archcalc.analyses.summary import Report


def fragment(report: Report) -> str:
    """A heading, a table with the layers and their total; no script and no style sheet: any notebook shows it."""
    name = f"<b>{escape(report.network or 'no network')}</b> {escape(report.title)}"
    totals = report.totals
    if totals is None:
        return f"<p>{name}: unreadable, no figures.</p>"
    words = words_of(report.convention)
    said = (
        f"input {shape(report.input)}, batch {report.batch}, {report.dtype}: {exact(totals.params)} params "
        f"({short(totals.params)}, {size(totals.weights_bytes)}), "
        f"{exact(totals.macs)} {words.macs} ({short(totals.macs)})"
    )
    titles = {key: words.column if key == "macs" else COLUMNS[key].title for key in DEFAULT}
    head = "".join(_cell("th", title, COLUMNS[key].right) for key, title in titles.items())
    columns = [cells(report.layers, key) for key in DEFAULT]
    body = "".join(_row("td", texts) for texts in zip(*columns, strict=True))
    sums = [total_cell(totals, key) for key in DEFAULT]
    return (
        f"<p>{name}<br>{escape(said)}</p><table><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody><tfoot>{_row('th', sums)}</tfoot></table>"
    )


def _row(tag: str, texts: Iterable[str]) -> str:
    return f"<tr>{''.join(_cell(tag, text, COLUMNS[key].right) for key, text in zip(DEFAULT, texts, strict=True))}</tr>"


def _cell(tag: str, text: str, right: bool) -> str:
    return f'<{tag} style="text-align:{"right" if right else "left"}">{escape(text)}</{tag}>'
