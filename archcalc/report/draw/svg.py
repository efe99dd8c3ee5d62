"""A drawing as SVG: on its own ground, light or dark as the viewer is, every box telling its figures under the
pointer."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from archcalc.report.draw.families import BLOCK, FAMILIES
from archcalc.report.draw.layout import Placed, Way, laid_out
from archcalc.report.draw.letters import width
from archcalc.report.draw.picture import GAP, LINE, NAME, SHAPE, TEXT, Box, Drawing, Text, line_width

_MARGIN, _TITLE, _HEAD = 20.0, 15.0, 3.2
_SWATCH, _BETWEEN = 12.0, 18.0
_DARK = "@media (prefers-color-scheme: dark)"
_LIGHT_RULES = (
    f"text {{ font: {TEXT:g}px system-ui, 'DejaVu Sans', Arial, sans-serif; fill: #1f2328 }}",
    f".name {{ font-weight: 700; font-size: {NAME:g}px }} .title {{ font-weight: 700; font-size: {_TITLE:g}px }}",
    f".shape {{ font-size: {SHAPE:g}px; fill: #57606a }} .soft {{ fill: #57606a }} .middle {{ text-anchor: middle }}",
    ".before { text-anchor: end }",
    ".ground { fill: #ffffff }",
    ".box rect, .key { stroke-width: 1.2 } .way { fill: none; stroke: #6e7781; stroke-width: 1.2 }",
    ".head { fill: #6e7781; stroke: none }",
    ".side rect, .side .way, .key.side { stroke-dasharray: 4 3 } .side text { fill: #6e7781 }",
    ".side rect { fill: #ffffff; stroke-opacity: 0.6 } .side .way { stroke: #afb8c1 } .side .head { fill: #afb8c1 }",
)
_DARK_RULES = (
    "text { fill: #e6edf3 } .shape, .soft { fill: #9198a1 } .ground { fill: #0d1117 }",
    ".way { stroke: #7d8590 } .head { fill: #7d8590 } .side text { fill: #7d8590 }",
    ".side rect { fill: #0d1117 } .side .way { stroke: #484f58 } .side .head { fill: #484f58 }",
)


def svg(drawing: Drawing, *, aspect: float = 1.5) -> str:
    """The picture as a document, a newline at its end; its width over its height is about ``aspect`` where the network
    allows it. Raises NoLayout without the library that lays out."""
    placed = laid_out(drawing, aspect)
    families = [family for family in FAMILIES if any(box.family == family for box in drawing.boxes)]
    side = any(box.aux for box in drawing.boxes)
    head = _MARGIN + _TITLE + 2 * LINE
    across = max(placed.width, width(drawing.name, _TITLE, bold=True), width(_subtitle(drawing), TEXT))
    keys = [*_legend(families, side, across)]
    foot = head + placed.height + 1.6 * LINE
    wide, high = across + 2 * _MARGIN, foot + (keys[-1][1] if keys else 0) + LINE + _MARGIN
    root = Element(
        "svg", xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {wide:g} {high:g}", width=f"{wide:g}",
        height=f"{high:g}", role="img",
    )  # fmt: skip
    SubElement(root, "title").text = f"{drawing.name}: {_subtitle(drawing)}"
    SubElement(root, "style").text = _style(families)
    SubElement(root, "rect", {"class": "ground"}, width="100%", height="100%")
    _text(root, _MARGIN, _MARGIN + _TITLE, drawing.name, "title")
    _text(root, _MARGIN, _MARGIN + _TITLE + 1.2 * LINE, _subtitle(drawing), "soft")
    plane = SubElement(root, "g", transform=f"translate({_MARGIN + (across - placed.width) / 2:g} {head + 6:g})")
    _arrows(plane, drawing, placed)
    for number, (box, spot) in enumerate(zip(drawing.boxes, placed.boxes, strict=True)):
        _box(plane, number, box, *spot)
    for at, down, family, said in keys:
        _key(root, _MARGIN + at, foot + down, family, said)
    indent(root)
    return tostring(root, encoding="unicode") + "\n"


def _subtitle(drawing: Drawing) -> str:
    return " · ".join(filter(None, (drawing.title, drawing.summary)))


def _style(families: list[str]) -> str:
    """Only the colours that the picture has; a viewer in the dark gets dark ones."""
    named = [(family, FAMILIES[family][1]) for family in families]
    light = [f".k-{family} {{ fill: {each.fill}; stroke: {each.frame} }}" for family, each in named]
    dark = [f".k-{family} {{ fill: {each.dark_fill}; stroke: {each.dark_frame} }}" for family, each in named]
    inside = "\n".join(f"  {rule}" for rule in (*_DARK_RULES, *dark))
    return "\n" + "\n".join((*_LIGHT_RULES, *light)) + f"\n{_DARK} {{\n{inside}\n}}\n"


def _arrows(plane: Element, drawing: Drawing, placed: Placed) -> None:
    pairs = zip(drawing.arrows, placed.ways, strict=True)
    for arrow, way in sorted(pairs, key=lambda pair: not pair[0].aux):  # where they share a way, the main line is seen
        ends = {"data-from": drawing.boxes[arrow.source].name, "data-to": drawing.boxes[arrow.target].name}
        group = SubElement(plane, "g", {"class": "arrow side" if arrow.aux else "arrow", **ends})
        SubElement(group, "path", {"class": "way"}, d=_path(way))
        SubElement(group, "path", {"class": "head"}, d=_head(way))
        _text(group, way.label[0], way.label[1] + SHAPE / 3, arrow.shape, "shape middle")


def _path(way: Way) -> str:
    return " ".join(letter + " ".join(f"{x:g},{y:g}" for x, y in spots) for letter, spots in way.steps)


def _head(way: Way) -> str:
    """A triangle from where the way ends to its tip."""
    (x, y), (tip_x, tip_y) = way.steps[-1][1][-1], way.tip
    far = math.dist((x, y), (tip_x, tip_y)) or 1.0
    aside, down = _HEAD * (tip_y - y) / far, _HEAD * (tip_x - x) / far
    return f"M{tip_x:g},{tip_y:g} L{x + aside:.2f},{y - down:.2f} L{x - aside:.2f},{y + down:.2f} Z"


def _box(plane: Element, number: int, box: Box, across: float, down: float) -> None:
    group = SubElement(plane, "g", {"class": "box side" if box.aux else "box", "id": f"box{number}"})
    SubElement(group, "title").text = box.tooltip
    left, top = across - box.width / 2, down - box.height / 2
    if box.family == BLOCK:  # there is more behind it
        _rectangle(group, box.family, left + 3, top + 3, box.width, box.height)
    _rectangle(group, box.family, left, top, box.width, box.height)
    first = down - LINE * (len(box.lines) - 1) / 2 + TEXT / 2.8
    for row, line in enumerate(box.lines):
        _line(group, line, across, first + row * LINE)


def _line(group: Element, line: Sequence[Text], across: float, down: float) -> None:
    """A line of a box: one text in its middle, or its name and the rest on either side of where they meet."""
    if len(line) == 1:
        ((words, bold),) = line
        _text(group, across, down, words, "name middle" if bold else "middle")
        return
    (name, _), (rest, _) = line
    meeting = across - line_width(line) / 2 + line_width(line[:1])
    _text(group, meeting, down, name, "name before")
    _text(group, meeting + GAP, down, rest, "")


def _rectangle(group: Element, style: str, left: float, top: float, wide: float, high: float) -> None:
    size = {"x": left, "y": top, "width": wide, "height": high, "rx": 4.0}
    SubElement(group, "rect", {"class": f"k-{style}", **{name: f"{round(value, 2):g}" for name, value in size.items()}})


def _legend(families: list[str], side: bool, wide: float) -> Iterator[tuple[float, float, str, str]]:
    """Where each colour is explained, from the legend's corner, in as many lines as it takes."""
    at = down = 0.0
    known = [(family, FAMILIES[family][0]) for family in families] + ([("shape side", "side head")] if side else [])
    for family, said in known:
        needs = _SWATCH + 6 + width(said, TEXT)
        if at and at + needs > wide:
            at, down = 0.0, down + 1.3 * LINE
        yield at, down, family, said
        at += needs + _BETWEEN


def _key(root: Element, left: float, top: float, family: str, said: str) -> None:
    _rectangle(root, f"{family} key", left, top, _SWATCH, _SWATCH)
    _text(root, left + _SWATCH + 6, top + _SWATCH - 2, said, "")


def _text(parent: Element, across: float, down: float, text: str, style: str) -> None:
    more = {"class": style} if style else {}
    SubElement(parent, "text", more, x=f"{across:g}", y=f"{down:g}").text = text
