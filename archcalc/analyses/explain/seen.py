"""A receptive field, one step: from what a layer's inputs see to what its outputs see."""

from __future__ import annotations

from collections.abc import Sequence

from archcalc.algebra import Dim
from archcalc.analyses.explain.layer import Working
from archcalc.analyses.explain.sides import joined
from archcalc.analyses.explain.traced import letter, tree_of
from archcalc.analyses.explain.tree import Extreme, Number, added
from archcalc.analyses.explain.values import Equation, Part
from archcalc.analyses.field import Field
from archcalc.analyses.memory.setting import numeric
from archcalc.layers import Window

SOURCE = "Araujo et al. 2019, equation 2"
_AXES = ("height", "width")
TITLE = "receptive field"


def seen(working: Working, before: Sequence[Field | None], field: Field | None) -> Part:
    """How the field of a layer's outputs follows from those of its inputs."""
    reading = working.reading
    windows = [found for found in before if found is not None and found.kind == "window"]
    if field is None or field.kind != "window" or len(windows) != len(before):
        return Part(title=TITLE, notes=(_words(field),))
    if not before:
        return Part(title=TITLE, notes=("each number of the input sees itself",))
    if isinstance(reading, tuple) and all(window.per == 1 for window in reading):
        return _windowed(reading, windows[0], field)
    if len(windows) == 1 or all(found == field for found in windows):
        return Part(title=TITLE, notes=(f"that of its input{'s' if len(windows) > 1 else ''}: {_sizes(field)}",))
    return _merged(windows, field)


def _windowed(reading: Sequence[Window], before: Field, field: Field) -> Part:
    told: list[Equation] = []
    for axis, (name, window) in enumerate(zip(_AXES, reading, strict=True)):
        size, stride, start = _axis(before, axis)
        sees, moves, begins = _axis(field, axis)
        r, j, s = letter("r", size), letter("j", stride), letter("s", start)
        told += [
            Equation(f"size, {name}", tree_of(r + (window.last - window.first) * j), sees),
            Equation(f"stride, {name}", tree_of(j * window.step), moves),
            Equation(f"start, {name}", tree_of(s + j * window.first), begins),
        ]
    return _part(told)


def _part(told: Sequence[Equation]) -> Part:
    """The equations by quantity, both axes in one where they agree."""
    found: list[Equation] = []
    for what in ("size", "stride", "start"):
        both = joined([each for each in told if each.what.startswith(what)])
        found += [each.but(what=what) if len(both) == 1 else each for each in both]
    found = [each for each in found if not isinstance(each.tree, Number)]
    sizes = [each for each in found if each.what.startswith("size")]
    brief = tuple(each.but(what=each.what.replace("size", "field")) for each in sizes)
    notes = () if found else ("that of its input",)
    return Part(title=TITLE, equations=tuple(found), source=SOURCE if found else "", notes=notes, brief=brief)


def _merged(windows: Sequence[Field], field: Field) -> Part:
    """Branches of one stride: from the first that any sees to the last."""
    told: list[Equation] = []
    for axis, name in enumerate(_AXES):
        sees, _, begins = _axis(field, axis)
        branches = [_axis(window, axis) for window in windows]
        starts = [Number(start, f"s{place}") for place, (_, _, start) in enumerate(branches, 1)]
        ends = [
            added([(1, start), (1, Number(size, f"r{place}"))])
            for place, (start, (size, _, _)) in enumerate(zip(starts, branches, strict=True), 1)
        ]
        first = Extreme("min", tuple(starts))
        told.append(Equation(f"size, {name}", added([(1, Extreme("max", tuple(ends))), (-1, first)]), sees))
        told.append(Equation(f"start, {name}", first, begins))
    part = _part(told)
    notes = () if field.aligned else ("the branches are centred on different inputs",)
    return part.but(source="the hull of the branches; Araujo et al. 2019", notes=notes)


def _axis(field: Field, axis: int) -> tuple[int, int, int]:
    """Size, stride and start along one axis of a window."""
    assert field.size is not None and field.stride is not None and field.start is not None
    values: list[Dim] = [
        found for found in (field.size[axis], field.stride[axis], field.start[axis]) if isinstance(found, int)
    ]
    size, stride, start = map(numeric, values)
    return size, stride, start


def _words(field: Field | None) -> str:
    if field is None:
        return "not known: it repeats too seldom to be followed"
    if field.kind == "all":
        return "all of the input"
    if field.kind == "none":
        return "none: a sampler chose what it sees"
    return (
        f"{_sizes(field)}, a window that moves evenly"
        if field.kind == "window"
        else f"at most {_sizes(field)}: it varies with the position"
    )


def _sizes(field: Field) -> str:
    assert field.size is not None
    height, width = field.size
    return f"{height}" if height == width else f"{height}x{width}"
