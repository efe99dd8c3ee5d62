"""Groups of layers folded into one row each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING, TypeVar

from archcalc.analyses.cost import COUNTS, Cost, total

if TYPE_CHECKING:
    from archcalc.analyses.latency.measured import LayerTime
    from archcalc.analyses.latency.predict import PredictedLayer
    from archcalc.analyses.latency.roofline import RoofedLayer
    from archcalc.analyses.summary import Report, Row

Placed = TypeVar("Placed", bound="Row | LayerTime | PredictedLayer | RoofedLayer")


def folded(report: Report, depth: int) -> Report:
    """The report with each group of ``depth`` names as one row: sums of its layers, the last one's output and field.

    Layers that lie less deep keep their rows, so rows still sum to totals.
    """
    return report.but(layers=tuple(row for row, _ in groups(report.layers, depth)))


def groups(layers: Iterable[Row], depth: int) -> Iterator[tuple[Row, list[Row]]]:
    """Each row of a folded report, and the layers that it stands for."""
    for name, members in parted(layers, depth):
        yield (members[0] if len(members) == 1 else _one(name, members)), members


def parted(layers: Iterable[Placed], depth: int) -> Iterator[tuple[str, list[Placed]]]:
    """The name of each row of a folded table, and the layers that it stands for.

    A group that goes on after one inside it, as behind a shortcut, has a row a part: ``conv2.1``, ``conv2.1 (2)``.
    """
    parts: dict[str, int] = {}
    for path, group in groupby(layers, key=lambda row: path_of(row, depth)):
        members = list(group)
        if len(members) == 1:
            yield members[0].name, members
            continue
        part = parts[path] = parts.get(path, 0) + 1
        yield (path if part == 1 else f"{path} ({part})"), members


def path_of(row: Placed, depth: int) -> str:
    """The group, ``depth`` names deep, that a layer is folded into; outside of any itself."""
    return ".".join(row.block.split(".")[:depth]) or row.name


def _one(path: str, members: list[Row]) -> Row:
    cost = total(Cost(**{name: getattr(member, name) for name in COUNTS}) for member in members)
    inside = {member.name for member in members}
    kept = [member.saved_bytes for member in members if member.saved_bytes is not None]
    outside = (name for member in members for name in member.inputs if name not in inside)
    return members[-1].but(
        **{name: getattr(cost, name) for name in COUNTS},
        **members[-1].summed(members),
        intensity=cost.intensity,
        saved_bytes=sum(kept) if len(kept) == len(members) else None,
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
