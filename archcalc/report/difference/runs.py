"""Layers that fared alike, told in one row: seventeen new blocks are not a hundred and seventy lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from archcalc.record import Configuration
from archcalc.report.difference.words import happened, what
from archcalc.report.numbers import exact

if TYPE_CHECKING:
    from archcalc.analyses.difference.layers import LayerChange

#: Layers in a row that are told in one.
_FEWEST = 3
SIGNS = {"added": "+", "removed": "-", "changed": "~", "moved": "^", "renamed": "=", "affected": ".", "same": ""}


class Line(Configuration):
    """A row of a table of layers: one layer, or several; differences are None where they are no numbers."""

    state: str
    name: str
    what: str
    change: str
    params: Any
    macs: Any


def lines(layers: Sequence[LayerChange], *, everything: bool, layout: str = "hwc") -> list[Line]:
    """The layers that differ, runs of one state folded; each one, equal ones too, if ``everything``."""
    if everything:
        return [_one(layer, layout) for layer in layers]
    runs: list[list[LayerChange]] = []
    last = None
    for layer in layers:
        state = layer.state
        if state != "same":
            if state == last and state != "changed":
                runs[-1].append(layer)
            else:
                runs.append([layer])
        last = state
    found: list[Line] = []
    for run in runs:
        found += [_several(run)] if len(run) > _FEWEST else [_one(layer, layout) for layer in run]
    return found


def _one(layer: LayerChange, layout: str) -> Line:
    by = {name: _by(layer, name) for name in ("params", "macs")}
    return Line(state=layer.state, name=layer.row.name, what=what(layer), change=happened(layer, layout), **by)


def _several(run: Sequence[LayerChange]) -> Line:
    first, last, state = run[0].row.name, run[-1].row.name, run[0].state
    kinds: dict[str, int] = {}
    for layer in run:
        kinds[layer.row.kind] = kinds.get(layer.row.kind, 0) + 1
    held = ", ".join(f"{exact(count)} {kind}" for kind, count in kinds.items())
    sums = {name: _sum([_by(layer, name) for layer in run]) for name in ("params", "macs")}
    said = _common(run) if state == "affected" else state
    return Line(state=state, name=f"{first} … {last}", what=held, change=f"{len(run)} layers {said}", **sums)


def _common(run: Sequence[LayerChange]) -> str:
    """Which figures of affected layers are others."""
    names = dict.fromkeys(each.name for layer in run for each in layer.figures)
    shown = [name for name in ("output", "params", "macs", "field") if name in names] or list(names)[:2]
    return f"affected: {', '.join('MACs' if name == 'macs' else name.replace('_', ' ') for name in shown)}"


def _by(layer: LayerChange, name: str) -> Any:
    old = getattr(layer.old, name) if layer.old else 0
    new = getattr(layer.new, name) if layer.new else 0
    return new - old


def _sum(values: Sequence[Any]) -> Any:
    total: Any = 0
    for each in values:
        total = total + each
    return total
