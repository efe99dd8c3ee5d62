"""A report's layers as CSV: raw numbers, a header of keys."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from archcalc.report.columns import LATENCY, TIMES, chosen, raw

if TYPE_CHECKING:
    from archcalc.analyses.summary import Report


def dumps(reports: Sequence[Report], *, keys: Sequence[str] = (), layout: str = "hwc") -> str:
    """All layers under one header; a first column names the network where there are several, and one whose counts they
    are where they are another tool's. Raises UnknownColumn."""
    extra = (len(reports) > 1, any(report.convention for report in reports))
    return header(keys, *extra) + "".join(rows(report, keys, *extra, layout) for report in reports)


def header(keys: Sequence[str], several: bool, other: bool) -> str:
    """The names of the columns, of one of ``several`` reports, of an ``other`` tool's counts. Raises UnknownColumn."""
    return _written([[*(["network"] if several else []), *(["as"] if other else []), *_columns(keys)]])


def rows(report: Report, keys: Sequence[str], several: bool, other: bool, layout: str = "hwc") -> str:
    """A report's lines under that header, shapes in a ``layout``. Raises UnknownColumn."""
    columns = _columns(keys)
    first = [*([report.network] if several else []), *([report.convention] if other else [])]
    return _written([*first, *(raw(row, key, layout) for key in columns)] for row in report.layers)


def _columns(keys: Sequence[str]) -> list[str]:
    """The keys, a time and its band as three numbers. Raises UnknownColumn."""
    return [each for key in chosen(keys) for each in (TIMES if key == LATENCY else (key,))]


def _written(lines: Iterable[Sequence[Any]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(lines)
    return out.getvalue()
