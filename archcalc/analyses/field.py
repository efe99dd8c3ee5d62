"""Receptive fields: what of the input each layer's outputs see."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Literal, NamedTuple

from archcalc.algebra import Dim, same
from archcalc.analyses.pieces import ITSELF, Axis, Stride, Undecided, aligned, along, merge, read
from archcalc.graph import Graph, Node
from archcalc.layers import IMAGE, Reading, Shape, Window
from archcalc.record import Record

Kind = Literal["window", "phased", "all", "none"]


class Field(Record):
    """What one output of a layer sees of the network's input, height before width, what lies in the padding included.

    ``window``: output o sees ``size`` inputs from ``start + stride * o`` on. ``phased``: the size varies with the
    position (the largest is given) or the stride is fractional. ``all``: the whole input; ``none``: a sampler chose
    what it sees. ``start`` is the first coordinate that output 0 sees (None: it sees nothing); ``stride`` is None where
    branches of different strides meet, 0 where no output sees anything. ``aligned`` is False once branches of a merge
    were centred on different inputs.
    """

    kind: Kind
    size: tuple[Dim, Dim] | None = None
    stride: tuple[Stride | None, Stride | None] | None = None
    start: tuple[Dim | None, Dim | None] | None = None
    aligned: bool = True
    note: str | None = None

    def plain(self) -> dict[str, Any]:
        """Plain values by name: None for what this kind lacks, a fractional stride as ``1/2``."""
        strides = self.stride and [str(s) if isinstance(s, Fraction) else s for s in self.stride]
        found = {
            "kind": self.kind,
            "size": self.size and list(self.size),
            "stride": strides,
            "start": self.start and list(self.start),
            "aligned": self.aligned,
        }
        return found | ({"note": self.note} if self.note else {})


class _View(NamedTuple):
    """What a layer's outputs see while the field is worked out: ``axes`` of a window, or a kind without axes.

    ``undecided`` is a window that open symbols hide.
    """

    kind: Literal["window", "undecided", "all", "none"]
    axes: tuple[Axis, Axis] = (ITSELF, ITSELF)
    aligned: bool = True
    note: str | None = None


_WHOLE = _View("all")
_GATE = "a gate that sees all of the input is left out"
_REPEATED = Window(0, 0, 0)


def fields(graph: Graph) -> tuple[Field | None, ...]:
    """The receptive field of each node, in order; None where an open symbol hides it. Equal fields share a record."""
    readings: dict[int, Reading] = {}
    views: list[_View] = []
    grids: list[Shape] = []
    steps: dict[tuple[int, ...], _View] = {}
    drawn: dict[tuple[int, Shape], Field | None] = {}
    shared: dict[Field | None, Field | None] = {}
    found: list[Field | None] = []
    for index, (node, alike) in enumerate(zip(graph.nodes, graph.alike, strict=True)):
        if alike == index:
            readings[index] = node.layer.reads(*graph.input_shapes(node))
        if len(node.inputs) == 1 and readings[alike] == "same":
            view = views[node.inputs[0]]
        else:
            seen = [views[source] for source in node.inputs]
            step = (alike, *map(id, seen))  # equal layers on the same views see the same
            if step not in steps:
                steps[step] = _step(graph, node, readings[alike], seen)
            view = steps[step]
        grid = _grid(node, grids)
        drawing = (id(view), grid)
        if drawing not in drawn:
            field = _field(view, grid)
            drawn[drawing] = shared.setdefault(field, field)
        found.append(drawn[drawing])
        views.append(view)
        grids.append(grid)
    return tuple(found)


def _grid(node: Node, grids: Sequence[Shape]) -> Shape:
    """How many positions, height by width, a node's outputs have (a vector's: its input's)."""
    if len(node.shape) == IMAGE:
        return node.shape[1:]
    return grids[node.inputs[0]] if node.inputs else (1, 1)


def _step(graph: Graph, node: Node, reading: Reading, seen: list[_View]) -> _View:
    """What a node's outputs see, if its inputs see this."""
    if not seen:
        return _View("window") if len(node.shape) == IMAGE else _WHOLE
    if isinstance(reading, tuple):
        seen = [_read(view, reading) for view in seen]
    elif reading != "same":
        seen = [*seen, _View(reading)]
    else:
        seen = [_spread(view, shape, node.shape) for view, shape in zip(seen, graph.input_shapes(node), strict=True)]
        seen = _without_gates(seen) if node.layer.gates else seen
    return _join(seen)


def _spread(view: _View, shape: Shape, output: Shape) -> _View:
    """A view of the one position that a merge repeats over its whole output."""
    repeated = len(output) == IMAGE and (len(shape) != IMAGE or (shape[1:] != output[1:] and same(shape[1:], (1, 1))))
    return _read(view, (_REPEATED, _REPEATED)) if repeated else view


def _read(view: _View, windows: tuple[Window, ...]) -> _View:
    """What outputs see that read a view by a window on each axis."""
    if view.kind != "window":
        return view
    try:
        height = read(view.axes[0], windows[0])
        square = view.axes[0] is view.axes[1] and windows[0] == windows[1]
        width = height if square else read(view.axes[1], windows[1])
    except Undecided:
        return view._replace(kind="undecided")
    return _View("window", (height, width), view.aligned, view.note)


def _without_gates(seen: Sequence[_View]) -> list[_View]:
    """The branches that are gated; all of them where each sees everything."""
    gated = [view for view in seen if view.kind != "all"]
    if not gated or len(gated) == len(seen):
        return list(seen)
    return [view._replace(note=_GATE) for view in gated]


def _join(seen: Sequence[_View]) -> _View:
    """What outputs see that read the same position of every branch."""
    first = seen[0]
    if len(seen) == 1 or all(view is first for view in seen):
        return first
    kinds = {view.kind for view in seen}
    note = next((view.note for view in seen if view.note), None)
    straight = all(view.aligned for view in seen)
    for kind in ("none", "all", "undecided"):
        if kind in kinds:
            return _View(kind, aligned=straight, note=note)
    try:
        height = merge([view.axes[0] for view in seen])
        square = all(view.axes[0] is view.axes[1] for view in seen)
        width = height if square else merge([view.axes[1] for view in seen])
        axes = (0,) if square else (0, 1)
        straight = straight and all(aligned(first.axes[axis], view.axes[axis]) for view in seen[1:] for axis in axes)
    except Undecided:
        return _View("undecided", aligned=straight, note=note)
    return _View("window", (height, width), straight, note)


def _field(view: _View, grid: Shape) -> Field | None:
    """The record of what the outputs on a grid of positions see."""
    if view.kind == "undecided":
        return None
    if view.kind != "window":
        return Field(view.kind, aligned=view.aligned, note=view.note)
    try:
        height = along(view.axes[0], grid[0])
        square = view.axes[0] is view.axes[1] and grid[0] == grid[1]
        width = height if square else along(view.axes[1], grid[1])
    except Undecided:
        return None
    return Field(
        "window" if height.regular and width.regular else "phased",
        (height.size, width.size),
        (height.stride, width.stride),
        (height.start, width.start),
        view.aligned,
        view.note,
    )
