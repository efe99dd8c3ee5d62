"""Every way to reach a receptive field at a given width, each built as a network and asked by the usual analyses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from archcalc.analyses.cost import DType
from archcalc.analyses.kernels.measure import Kernel as Kernel
from archcalc.analyses.kernels.measure import measured
from archcalc.analyses.kernels.ways import EVERY_MIX, Style, Way, alone, halvings, ways
from archcalc.diagnostics import Fault
from archcalc.layers import Shape
from archcalc.record import Configuration

if TYPE_CHECKING:
    from archcalc.analyses.latency.asked import Target

#: What ways are weighed by, and whether less or more of it is better.
_COSTS = {"params": "less", "macs": "less", "activations_bytes": "less", "depth": "more"}


class Group(Configuration):
    """Ways that are compared with each other, with ``one`` of them in ratios, and ``notes`` of what was left out.

    ``objectives``: what they are weighed by, ``less`` or ``more`` of it being better; none where each sees another
    field.
    """

    key: str
    title: str
    one: str
    ways: tuple[Kernel, ...]
    objectives: Mapping[str, str]
    notes: tuple[str, ...] = ()


class Kernels(Configuration):
    """What was asked, and every group of ways."""

    field: int
    into: int
    out: int
    size: tuple[int, int]
    bias: bool
    bn: bool
    reduce: int
    batch: int
    dtype: DType
    groups: tuple[Group, ...]
    target: Target | None = None

    def way(self, number: int) -> Kernel | None:
        """The way with this number; None where there is none."""
        return next((way for group in self.groups for way in group.ways if way.number == number), None)


def kernels(
    field: int,
    channels: tuple[int, int],
    size: tuple[int, int],
    *,
    bias: bool = False,
    bn: bool = False,
    reduce: int = 4,
    batch: int = 1,
    dtype: DType = "fp32",
    target: Target | None = None,
) -> Kernels:
    """Every way to see ``field`` x ``field`` of an image of ``size`` (height, width), from and to so many channels.

    ``reduce``: by what a bottleneck divides the channels; ``target``: a device on which each way's latency is
    predicted, and weighed where it is calibrated. Raises ValueError where one of these is below 1.
    """
    if min(field, *channels, *size, reduce, batch) < 1:
        raise ValueError("field, channels, size, reduce and batch are at least 1")
    style = Style(into=channels[0], out=channels[1], bias=bias, bn=bn, reduce=reduce)
    odd = any(side % 2 for side in size)
    measure = _Measure((channels[0], *size), batch, dtype, target)
    costs = _COSTS | ({"latency_ns": "less"} if target is not None and target.calibration is not None else {})
    seen = measure.group("field", f"see {field}x{field}, keep the size", ways(field, style), costs)
    halved = measure.group("halving", "halve the size", halvings(field, style, odd), costs | {"field": "more"})
    sized = measure.group(
        "size", "one kernel, by size", alone(field, style), {}, one=f"{min(3, field)}x{min(3, field)}"
    )
    seen = seen.but(notes=(*seen.notes, *_left_out(field, style)))
    return Kernels(
        field=field, into=channels[0], out=channels[1], size=size, bias=bias, bn=bn, reduce=reduce, batch=batch,
        dtype=dtype, groups=(seen, halved, sized), target=target,
    )  # fmt: skip


def _left_out(field: int, style: Style) -> Iterable[str]:
    """Which families have no way here, and why."""
    if field > EVERY_MIX:
        yield f"above field {EVERY_MIX}, of the mixed stacks only those of 3x3, 5x5 and 7x7"
    if field % 2 == 0:
        yield "an even field takes one even kernel, padded by one more behind than before"
        yield "no dilated way: 3x3s reach odd fields only"
    if style.narrow is None:
        yield f"no bottleneck: --reduce {style.reduce} does not make fewer whole channels of {style.out}"


class _Measure:
    """Measures ways under one setting, and numbers them."""

    def __init__(self, shape: Shape, batch: int, dtype: DType, target: Target | None) -> None:
        self.shape, self.batch, self.dtype, self.target = shape, batch, dtype, target
        self.count = 0

    def group(
        self, key: str, title: str, asked: Iterable[Way], objectives: Mapping[str, str], one: str | None = None
    ) -> Group:
        """Ways measured, each against ``one`` or the first; those that do not fit are told."""
        found: list[Kernel] = []
        notes = []
        for way in asked:
            try:
                found.append(measured(self.count + 1, way, self.shape, self.batch, self.dtype, self.target))
                self.count += 1
            except Fault as fault:
                notes.append(f"left out: {way.name} ({fault})")
        base = next((way for way in found if way.name == one), found[0])
        best = _undominated([_weighed(way, objectives) for way in found]) if objectives else set()
        compared = tuple(
            way.but(
                params_ratio=Fraction(way.params, base.params),
                macs_ratio=Fraction(way.macs, base.macs),
                best=place in best,
            )
            for place, way in enumerate(found)
        )
        return Group(key=key, title=title, one=base.name, ways=compared, objectives=objectives, notes=tuple(notes))


def _weighed(way: Kernel, objectives: Mapping[str, str]) -> tuple[Any, ...]:
    """What a way is weighed by, less being better."""
    sides = ((getattr(way, name), wanted) for name, wanted in objectives.items())
    parts = ((value if isinstance(value, tuple) else (value,), wanted) for value, wanted in sides)
    return tuple(-part if wanted == "more" else part for values, wanted in parts for part in values)


def _undominated(points: Sequence[tuple[int, ...]]) -> set[int]:
    """Places of points that no other is at least as small as everywhere, and smaller somewhere."""

    def beaten(point: tuple[int, ...]) -> bool:
        return any(other != point and all(a <= b for a, b in zip(other, point, strict=True)) for other in points)

    return {place for place, point in enumerate(points) if not beaten(point)}
