"""The rows of a roofline: layers, or groups of them folded, each with its share and what was measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from archcalc.analyses.latency.roofline import RoofedLayer, Roofline
from archcalc.record import Configuration
from archcalc.report.fold import parted

#: Without a depth, more rows than these are folded.
MOST = 40


class Shown(Configuration):
    """A roofline as it is told: ``rows`` with their ``shares`` of the time at the roof, and what each was measured to
    take, in nanoseconds: None where it was not. ``measured`` says which measurement that is, "" for none."""

    roofline: Roofline
    rows: tuple[RoofedLayer, ...]
    shares: tuple[Fraction, ...]
    times: tuple[int | None, ...]
    measured: str = ""

    @property
    def folded(self) -> int:
        """How many layers are in other rows than their own."""
        return len(self.roofline.layers) - len(self.rows)


def shown(
    found: Roofline, depth: int | None = None, times: Mapping[str, int] | None = None, measured: str = ""
) -> Shown:
    """Groups ``depth`` names deep folded into a row each; 0 folds none, None as few as make a table of ``MOST`` rows.

    ``times`` are measured nanoseconds by name of layer; a group is measured where all of it is that does anything.
    """
    groups = _groups(found.layers, _fitting(found.layers) if depth is None else depth)
    rows = tuple(_one(path, members) for path, members in groups)
    given = times or {}
    return Shown(
        roofline=found,
        rows=rows,
        shares=tuple(row.time / found.time if found.time else Fraction(0) for row in rows),
        times=tuple(_measured(members, given) for _, members in groups),
        measured=measured,
    )


Groups = Sequence[tuple[str, Sequence[RoofedLayer]]]


def _groups(layers: Sequence[RoofedLayer], depth: int) -> Groups:
    return [*parted(layers, depth)] if depth else [(layer.name, [layer]) for layer in layers]


def _fitting(layers: Sequence[RoofedLayer]) -> int:
    """The depth that shows most in so many rows, or the least that there is; 0 where all layers fit."""
    if len(layers) <= MOST:
        return 0
    deepest = max(layer.block.count(".") + 1 for layer in layers)
    return next((depth for depth in range(deepest, 1, -1) if len(_groups(layers, depth)) <= MOST), 1)


def _one(name: str, members: Sequence[RoofedLayer]) -> RoofedLayer:
    """Several layers as one: what bounds it is what most of its time is bound by."""
    if len(members) == 1:
        return members[0]
    by = {
        bound: sum((each.time for each in members if each.bound == bound), Fraction(0))
        for bound in ("compute", "memory")
    }
    time = sum((each.time for each in members), Fraction(0))
    return RoofedLayer(
        name=name,
        block="",
        kind=f"{len(members)} layers",
        line=members[0].line,
        macs=sum(each.macs for each in members),
        flops=sum(each.flops for each in members),
        moved_bytes=sum(each.moved_bytes for each in members),
        time=time,
        bound=max(by, key=lambda bound: by[bound]) if time else "",
    )


def _measured(members: Sequence[RoofedLayer], times: Mapping[str, int]) -> int | None:
    working = [each for each in members if each.time]
    if not working or any(each.name not in times for each in working):
        return None
    return sum(times.get(each.name, 0) for each in members)
