"""A drawing laid out: columns beside each other, and what runs from one to another around them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise

from archcalc.record import Record
from archcalc.report.draw.cutting import Cutter
from archcalc.report.draw.dot_layout import Column, Run, Spot, column
from archcalc.report.draw.picture import Drawing
from archcalc.report.draw.routes import Routes

#: A way begins at its first spot; then lines, and curves, by their letters in SVG's paths.
Step = tuple[str, tuple[Spot, ...]]
_CORNER = 6.0
#: So much nearer to the wanted shape another column must bring a drawing.
_WORTH = 0.02


class Way(Record):
    """How an arrow runs, the tip of its head, and the middle of its shape's text."""

    steps: tuple[Step, ...]
    tip: Spot
    label: Spot


class Placed(Record):
    """Where everything stands: the boxes' middles and the arrows' ways."""

    width: float
    height: float
    boxes: tuple[Spot, ...]
    ways: tuple[Way, ...]
    columns: int

    @property
    def aspect(self) -> float:
        return self.width / self.height


def laid_out(drawing: Drawing, aspect: float) -> Placed:
    """The drawing in as many columns as bring its width over its height nearest to ``aspect``.

    Raises NoLayout without the library.
    """
    cutter = Cutter(drawing)
    known: dict[tuple[int, int], Column] = {}

    def made(count: int) -> Placed:
        cuts = cutter.columns(count)
        for cut in cuts:
            if cut not in known:
                known[cut] = column(drawing, *cut)
        return together(drawing, [known[cut] for cut in cuts])

    most = len(drawing.boxes)
    count = min(max(round(math.sqrt(aspect * cutter.whole / (cutter.widest + 40))), 1), most)
    best = made(count)
    step = 1 if best.aspect < aspect else -1
    while 1 <= count + step <= most:
        other = made(count + step)
        if _far(other, aspect) > _far(best, aspect) - _WORTH:
            break
        best, count = other, count + step
    return best


def _far(placed: Placed, aspect: float) -> float:
    return abs(math.log(placed.aspect / aspect))


def together(drawing: Drawing, columns: Sequence[Column]) -> Placed:
    """Columns side by side, and the ways of all arrows."""
    routes = Routes(drawing, columns)
    boxes: dict[int, Spot] = {}
    for each, (across, down) in zip(columns, routes.corners, strict=True):
        boxes |= {place: _moved(spot, across, down) for place, spot in each.boxes.items()}
    ways = tuple(_way(number, routes) for number in range(len(drawing.arrows)))
    ordered = tuple(boxes[place] for place in range(len(drawing.boxes)))
    return Placed(routes.width, routes.height, ordered, ways, len(columns))


def _moved(spot: Spot, across: float, down: float) -> Spot:
    return round(spot[0] + across, 2), round(spot[1] + down, 2)


def _way(number: int, routes: Routes) -> Way:
    arrow = routes.drawing.arrows[number]
    start, end = routes.home[arrow.source], routes.home[arrow.target]
    run = _shifted(routes.columns[end].runs[number], routes.corners[end])
    assert run.tip is not None and run.label is not None, "an arrow has a head and a shape"
    if start == end:
        steps = (("M", run.points[:1]), *_curves(run))
    else:
        leaving = _shifted(routes.columns[start].leaving[arrow.source], routes.corners[start])
        around = (leaving.points[-1], *routes.around(arrow.source, end), run.points[0])
        steps = (("M", leaving.points[:1]), *_curves(leaving), *_rounded(around), *_curves(run))
    return Way(steps, run.tip, run.label)


def _shifted(run: Run, corner: Spot) -> Run:
    points = tuple(_moved(point, *corner) for point in run.points)
    return Run(points, run.tip and _moved(run.tip, *corner), run.label and _moved(run.label, *corner))


def _curves(run: Run) -> Iterator[Step]:
    for place in range(1, len(run.points) - 2, 3):
        yield "C", run.points[place : place + 3]


def _rounded(points: Sequence[Spot]) -> Iterator[Step]:
    """Lines from point to point, the corners between them rounded."""
    points = [points[0], *(point for before, point in pairwise(points) if math.dist(before, point) > 0.5)]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        radius = min(_CORNER, math.dist(before, corner) / 2, math.dist(corner, after) / 2)
        yield "L", (_towards(corner, before, radius),)
        yield "Q", (corner, _towards(corner, after, radius))
    yield "L", (points[-1],)


def _towards(start: Spot, end: Spot, far: float) -> Spot:
    part = far / math.dist(start, end)
    return round(start[0] + (end[0] - start[0]) * part, 2), round(start[1] + (end[1] - start[1]) * part, 2)
