"""A report with another tool's counts in it."""

from __future__ import annotations

from archcalc.analyses.conventions import counted
from archcalc.analyses.summary import Report
from archcalc.graph import Graph


def recounted(report: Report, graph: Graph, name: str) -> Report:
    """The report with multiply-adds and parameters as the convention ``name`` has them; where it has none, our own.

    ``graph`` is what the report's rows are of. Raises ValueError for an unknown name.
    """
    found = counted(graph, name, batch=report.batch)
    assert report.totals is not None, "a network that was read has totals"
    rows = tuple(
        row.but(
            macs=row.macs if count is None else count,
            params=stored.params,
            trainable=stored.trainable,
        )
        for row, count, stored in zip(report.layers, found.rows, found.stored, strict=True)
    )
    totals = report.totals.but(
        macs=report.totals.macs if found.total is None else found.total,
        params=found.params,
        trainable=found.trainable,
    )
    return report.but(convention=found.convention.name, layers=rows, totals=totals)
