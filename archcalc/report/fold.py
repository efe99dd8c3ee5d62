"""Groups of layers folded into one row each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from archcalc.analyses.cost import COUNTS, Cost, total

if TYPE_CHECKING:
    from archcalc.analyses.summary import Report, Row


def folded(report: Report, depth: int) -> Report:
    """The report with each group of ``depth`` names as one row: sums of its layers, the last one's output and field.

    Layers that lie less deep keep their rows, so rows still sum to totals.
    """
    rows: list[Row] = []
    for path, group in groupby(report.layers, key=lambda row: ".".join(row.block.split(".")[:depth]) or row.name):
        members = list(group)
        rows.append(members[0] if len(members) == 1 else _one(path, members))
    return report.but(layers=tuple(rows))


def _one(path: str, members: list[Row]) -> Row:
    cost = total(Cost(**{name: getattr(member, name) for name in COUNTS}) for member in members)
    inside = {member.name for member in members}
    outside = (name for member in members for name in member.inputs if name not in inside)
    return members[-1].but(
        **{name: getattr(cost, name) for name in COUNTS},
        intensity=cost.intensity,
        name=path,
        block="",
        kind=f"{len(members)} layers: {', '.join(_kinds(members))}",
        attributes={},
        inputs=tuple(dict.fromkeys(outside)),
        tensors={},
        shares=None,
        aux=any(member.aux for member in members),
        line=members[0].line,
    )


def _kinds(members: Iterable[Row]) -> Iterator[str]:
    """How many of each kind, those with weights first: ``3 conv, 3 bn, 2 relu``."""
    counts: dict[tuple[bool, str], int] = {}
    for member in members:
        key = (member.weight_layers == 0, member.kind)
        counts[key] = counts.get(key, 0) + 1
    return (f"{count} {kind}" for (_, kind), count in sorted(counts.items(), key=lambda item: item[0][0]))
