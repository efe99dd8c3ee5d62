"""A report's layers as CSV: raw numbers, a header of keys."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from archcalc.report.columns import chosen, raw

if TYPE_CHECKING:
    from archcalc.analyses.summary import Report


def dumps(reports: Sequence[Report], *, keys: Sequence[str] = ()) -> str:
    """All layers under one header; a first column names the network where there are several, and one whose counts they
    are where they are another tool's. Raises UnknownColumn."""
    columns = chosen(keys)
    several = len(reports) > 1
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    other = any(report.convention for report in reports)
    writer.writerow([*(["network"] if several else []), *(["as"] if other else []), *columns])
    for report in reports:
        first = [*([report.network] if several else []), *([report.convention] if other else [])]
        writer.writerows([*first, *(raw(row, key) for key in columns)] for row in report.layers)
    return out.getvalue()
