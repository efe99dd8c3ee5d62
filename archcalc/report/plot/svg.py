"""A scatter as SVG: legible on light and dark, each point telling its figures under the pointer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from archcalc.report.numbers import exact
from archcalc.report.plot.picture import Axis, Line, Number, Point, Spot, along, extent, named, without_room
from archcalc.report.plot.placing import Box, Stand
from archcalc.report.plot.placing import place as placed
from archcalc.report.plot.scale import Scale, scale
from archcalc.report.style import columns

#: Its own ground, so that no viewer's colour can hide it; a viewer in the dark gives it a dark one.
_STYLE = """
text { font: 12px system-ui, 'DejaVu Sans', Arial, sans-serif; fill: #1f2328 }
.title { font-weight: 600 } .mark { fill: #57606a }
.letter { font-size: 10px; font-weight: 600; fill: #ffffff }
.ground { fill: #ffffff } .grid { stroke: #d8dee4 } .frame { stroke: #57606a; fill: none }
.point { fill: #0969da } .cloud { fill: #0969da; fill-opacity: 0.35 } .front { fill: #bc4c00 }
.line { stroke: #bc4c00; fill: none; stroke-width: 1.5 } .lead { stroke: #8c959f }
.hollow { fill: #ffffff; stroke: #bc4c00; stroke-width: 2 } .ceiling { stroke: #57606a; fill: none; stroke-width: 1.5 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .mark { fill: #9198a1 } .letter { fill: #0d1117 }
  .ground { fill: #0d1117 } .grid { stroke: #2a3038 } .frame { stroke: #9198a1 }
  .point { fill: #4493f8 } .cloud { fill: #4493f8 } .front { fill: #f0883e }
  .line { stroke: #f0883e } .lead { stroke: #656c76 }
  .hollow { fill: #0d1117; stroke: #f0883e } .ceiling { stroke: #9198a1 }
}
"""
#: Pixels: a character is at most so wide on the average, a line of text so high.
_LETTER, _LINE = 7.0, 15.0
_RADIUS, _DOT, _LETTERED = 4.0, 1.8, 6.5
_MARGIN = 14.0
#: How far from others a name must stand, and from its point may; from the second on, a thin line leads to it.
_APART = 8.0
_FAR = (8.0, 22.0, 36.0, 52.0, 72.0)
#: Of a line: at how many places and how far over them its name may stand, and how finely it keeps names off.
_STEPS, _RISES, _TRACED = 16, (12.0, 18.0, -12.0, 26.0, -18.0, 34.0, 42.0), 120


def svg(
    points: Sequence[Point],
    x: Axis,
    y: Axis,
    *,
    lines: Sequence[Line] = (),
    title: str = "",
    width: int = 880,
    height: int = 560,
) -> str:
    """The picture as a document, a newline at its end. Raises ValueError as ``scatter`` does."""
    across, up = extent(points, lines, x, y)
    upright, level = scale(up, y, max(height // 60, 2)), scale(across, x, max(width // 90, 2))
    left = _MARGIN + max((_wide(text) for _, text in upright.ticks), default=0.0) + 8
    plane = (left, _MARGIN + 2 * _LINE, width - _MARGIN, height - _MARGIN - 2.6 * _LINE)
    at = [_place(point.x, point.y, level, upright, plane) for point in points]
    paths = [[_place(*where, level, upright, plane) for where in line.places] for line in lines]
    called = _line_names(lines, paths, [_mark(where) for where in at], plane)
    spots = _named(at, points, plane, [*called.values(), *(box for path in paths for box in _traced(path))])
    beneath = _list(spots, width - left - _MARGIN)
    whole = height + len(beneath) * _LINE
    root = Element(
        "svg", xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {width} {whole:g}", width=str(width),
        height=f"{whole:g}", role="img",
    )  # fmt: skip
    SubElement(root, "title").text = title or f"{y.title} against {x.title}"
    SubElement(root, "style").text = _STYLE
    _shape(root, "rect", "ground", width="100%", height="100%")
    _axes(root, plane, level, upright)
    _text(root, plane[0], _MARGIN + _LINE, _titled(y, upright), "title")
    _text(root, plane[2], plane[3] + 2.5 * _LINE, _titled(x, level), "title", "end")
    for path in paths:
        _shape(root, "polyline", "ceiling", points=_joined(path))
    for name, box in called.items():
        _text(root, box[0] + 2, box[1] + 11, name, "mark")
    _points(root, at, points, (x, y), {spot.at for spot in spots if spot.letter})
    _names(root, spots)
    for number, line in enumerate(beneath):
        _text(root, left, height + number * _LINE, line)
    indent(root)
    return tostring(root, encoding="unicode") + "\n"


def _titled(axis: Axis, made: Scale) -> str:
    return f"{axis.title}, log scale" if made.log else axis.title


def _place(x: Number, y: Number, level: Scale, upright: Scale, plane: Box) -> tuple[float, float]:
    across = plane[0] + level.at(x) * (plane[2] - plane[0])
    return round(across, 1), round(plane[3] - upright.at(y) * (plane[3] - plane[1]), 1)


def _axes(root: Element, plane: Box, level: Scale, upright: Scale) -> None:
    left, top, right, bottom = plane
    for at, text in level.ticks:
        place = left + at * (right - left)
        _shape(root, "line", "grid", x1=place, x2=place, y1=top, y2=bottom)
        _text(root, min(place, right - _wide(text) / 2), bottom + 1.2 * _LINE, text, "mark", "middle")
    for at, text in upright.ticks:
        place = bottom - at * (bottom - top)
        _shape(root, "line", "grid", x1=left, x2=right, y1=place, y2=place)
        _text(root, left - 6, place + 4, text, "mark", "end")
    _shape(root, "path", "frame", d=f"M{left:g} {top:g}V{bottom:g}H{right:g}")


def _points(
    root: Element,
    at: Sequence[tuple[float, float]],
    points: Sequence[Point],
    axes: tuple[Axis, Axis],
    lettered: set[tuple[float, float]],
) -> None:
    """The cloud beneath, then the line of the front, then the points that have a name or are of the front."""
    front = sorted({place for place, point in zip(at, points, strict=True) if point.front})
    cloud = [place for place, point in zip(at, points, strict=True) if not point.marked]
    for across, down in dict.fromkeys(cloud):
        _shape(root, "circle", "cloud", cx=across, cy=down, r=_DOT)
    if len(front) > 1:
        _shape(root, "polyline", "line", points=_joined(front))
    for (across, down), point in zip(at, points, strict=True):
        if point.marked:
            style = "front" if point.front else "hollow" if point.sign == "hollow" else "point"
            radius = _LETTERED if (across, down) in lettered else _RADIUS if point.label else 1.5 * _DOT
            circle = _shape(root, "circle", style, cx=across, cy=down, r=radius)
            said = (f"{axis.title} {exact(value)}" for axis, value in zip(axes, (point.x, point.y), strict=True))
            SubElement(circle, "title").text = f"{point.label}: {', '.join(said)}".removeprefix(": ")


def _joined(path: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{across:g},{down:g}" for across, down in path)


def _line_names(
    lines: Sequence[Line], paths: Sequence[Sequence[tuple[float, float]]], marks: Sequence[Box], plane: Box
) -> dict[str, Box]:
    """Where the names of lines stand: beside their ends, or as near to them as there is room."""
    traced = [box for path in paths for box in _traced(path)]
    wanted = []
    for line, path in zip(lines, paths, strict=True):
        places = along(path, _STEPS)[1:] if line.label else []
        wanted.append([(box,) for rise in _RISES for where in places for box in _over(where, line.label, rise)])
    found = placed(wanted, [*marks, *traced], plane)
    return {line.label: box for line, box in zip(lines, found, strict=True) if box is not None}


def _over(place: tuple[float, float], name: str, rise: float) -> Iterator[Box]:
    """Where a name may stand so far over a place, or under it: to its left, in the middle, to its right."""
    (across, down), wide = place, _wide(name)
    for left in (across - wide, across - wide / 2, across):
        yield left, down - rise - _LINE / 2, left + wide, down - rise + _LINE / 2


def _traced(path: Sequence[tuple[float, float]]) -> list[Box]:
    """Little boxes all along a line."""
    return [(x - 1, y - 1, x + 1, y + 1) for x, y in along(path, _TRACED)]


def _named(
    at: Sequence[tuple[float, float]], points: Sequence[Point], plane: Box, taken: Sequence[Box] = ()
) -> list[Spot]:
    marks = [_mark(place) for place, point in zip(at, points, strict=True) if point.marked]
    marks += taken
    return named(at, points, _around, marks, (plane[0], plane[1] - _RADIUS, plane[2] + _MARGIN - 2, plane[3]))


def _mark(place: tuple[float, float]) -> Box:
    return place[0] - _RADIUS - 1, place[1] - _RADIUS - 1, place[0] + _RADIUS + 1, place[1] + _RADIUS + 1


def _around(place: tuple[float, float], name: str) -> list[Stand]:
    """Where a name may stand: beside its point, over and under it, then farther away with a line that leads there."""
    (across, down), wide = place, _wide(name)
    found: list[Stand] = []
    for far in _FAR:
        near = far * 0.7
        for side, rise in ((far, 0), (-far, 0), (near, -near), (-near, -near), (near, near), (-near, near)):
            left, middle = across + side - (wide if side < 0 else 0), down + rise * 1.4
            found.append(_stand(place, (left, middle - _LINE / 2, left + wide, middle + _LINE / 2)))
        for middle in (down - far - 4, down + far + 4):
            box = (across - wide / 2, middle - _LINE / 2, across + wide / 2, middle + _LINE / 2)
            found.append(_stand(place, box))
    return found


def _stand(place: tuple[float, float], box: Box) -> Stand:
    """A name's box, and the little ones of the line that leads to it, if it has one."""
    left, right = (_APART if place[0] > box[0] else 0), (_APART if place[0] < box[2] else 0)
    free = (box[0] - left, box[1], box[2] + right, box[3])  # or it would seem to be another point's
    end = _lead(place, box)
    if end is None:
        return (box, free)
    steps = range(2, 8)
    line = [(place[0] + (end[0] - place[0]) * step / 8, place[1] + (end[1] - place[1]) * step / 8) for step in steps]
    return (box, free, *((x - 1, y - 1, x + 1, y + 1) for x, y in line))


def _lead(place: tuple[float, float], box: Box) -> tuple[float, float] | None:
    """Where a line from a point to its name ends, which is where the name is nearest; None if it is beside it."""
    end = min(max(place[0], box[0]), box[2]), min(max(place[1], box[1]), box[3])
    return end if max(abs(end[0] - place[0]), abs(end[1] - place[1])) > 1.5 * _FAR[0] else None


def _names(root: Element, spots: Sequence[Spot]) -> None:
    for spot in spots:
        (across, down), box = spot.at, spot.box
        if spot.letter:
            _text(root, across, down + 3, spot.letter, "letter", "middle")
        if box is None:
            continue
        end = _lead(spot.at, box)
        if end is not None:
            _shape(root, "line", "lead", x1=across, y1=down, x2=end[0], y2=end[1])
        # a name ends at its point's side, however wide the viewer draws its letters
        anchor, at = ("start", box[0] + 2) if box[0] > across else ("end", box[2] - 2)
        if box[0] <= across <= box[2]:
            anchor, at = "middle", (box[0] + box[2]) / 2
        _text(root, at, box[1] + 11, spot.name, "", anchor)


def _list(spots: Sequence[Spot], width: float) -> list[str]:
    """What the letters stand for, in lines."""
    lines: list[str] = []
    texts = [f"{spot.letter} {spot.name}" for spot in spots if spot.letter]
    for text in (*texts, *filter(None, [without_room(spots)])):
        if lines and _wide(f"{lines[-1]}   {text}") <= width:
            lines[-1] += f"\u2003{text}"
        else:
            lines.append(text)
    return lines


def _wide(text: str) -> float:
    return _LETTER * columns(text) + 4


def _shape(root: Element, kind: str, style: str, **where: object) -> Element:
    values = {name: f"{value:g}" if isinstance(value, float) else str(value) for name, value in where.items()}
    return SubElement(root, kind, {"class": style, **values})


def _text(root: Element, across: float, down: float, text: str, style: str = "", anchor: str = "") -> None:
    more = {"class": style} if style else {}
    more |= {"text-anchor": anchor} if anchor else {}
    SubElement(root, "text", more, x=f"{across:g}", y=f"{down:g}").text = text
