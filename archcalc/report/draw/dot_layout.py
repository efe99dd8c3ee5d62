"""One column of a drawing, laid out by Graphviz: where its boxes stand, and how arrows run between them."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from archcalc.record import Mutable
from archcalc.report.draw.picture import SHAPE, Drawing

Spot = tuple[float, float]
_POINTS_AN_INCH = 72
#: An arrow head's length, in Graphviz's own measure of ten points.
_HEAD = 0.6
#: Room for a shape beside its arrow.
_BESIDE = 6.0


class NoLayout(Exception):
    """The library that lays out is not there."""


class Run(NamedTuple):
    """An arrow's way: the first point and the curves that follow, three points each; the tip of its head, if it has
    one; the middle of its shape's text, if it has one."""

    points: tuple[Spot, ...]
    tip: Spot | None
    label: Spot | None


class Column(Mutable):
    """Boxes by their middle; runs by arrow; where tensors leave at the foot and come in at the head, by box."""

    first: int
    stop: int
    width: float
    height: float
    boxes: dict[int, Spot]
    runs: dict[int, Run]
    leaving: dict[int, Run]
    entries: dict[int, float]


def column(drawing: Drawing, first: int, stop: int) -> Column:
    """The boxes from ``first`` to ``stop`` (exclusive) laid out. Raises NoLayout."""
    found = json.loads(_laid_out(_text(drawing, first, stop)))
    left, low, right, high = map(float, found["bb"].split(","))
    made = Column(first, stop, right - left, high - low, {}, {}, {}, {})

    def spot(text: str) -> Spot:
        across, up = map(float, text.split(","))
        return round(across - left, 2), round(high - up, 2)

    for thing in found["objects"]:
        kind, number = thing["name"][0], thing["name"][1:]
        if kind == "n":
            made.boxes[int(number)] = spot(thing["pos"])
        elif kind == "i":
            made.entries[int(number)] = spot(thing["pos"])[0]
    for edge in found.get("edges", ()):
        kind, number = edge["id"][0], int(edge["id"][1:])
        tip, points = None, []
        for text in edge["pos"].split():
            if text.startswith("e,"):
                tip = spot(text[2:])
            else:
                points.append(spot(text))
        run = Run(tuple(points), tip, spot(edge["lp"]) if "lp" in edge else None)
        (made.leaving if kind == "o" else made.runs)[number] = run
    return made


def _laid_out(text: str) -> Any:
    try:
        import pygraphviz
    except ImportError as error:
        raise NoLayout(
            "to lay out an SVG, install pygraphviz: pip install 'archcalc[draw]'; .dot and .mmd need it not"
        ) from error
    return pygraphviz.AGraph(text).draw(format="json0", prog="dot")


def _text(drawing: Drawing, first: int, stop: int) -> str:
    """The column in Graphviz's language: boxes, and a point at the head or foot for each tensor from or to another."""
    lines = [f"graph [nodesep=0.28, ranksep=0.16]; edge [arrowsize={_HEAD}]"]
    lines += ['node [shape=box, fixedsize=true, label=""]']
    for place in sorted(range(first, stop), key=lambda place: drawing.boxes[place].aux):  # side heads to the right
        box = drawing.boxes[place]
        lines.append(f"n{place} [width={box.width / _POINTS_AN_INCH:.4f}, height={box.height / _POINTS_AN_INCH:.4f}]")
    straight = drawing.straight
    entries: dict[int, None] = {}
    exits: dict[int, None] = {}
    for number, arrow in sorted(enumerate(drawing.arrows), key=lambda pair: pair[1].aux):
        inside = first <= arrow.source < stop, first <= arrow.target < stop
        if inside[1]:
            start = f"n{arrow.source}" if inside[0] else f"i{arrow.source}"
            if not inside[0]:
                entries[arrow.source] = None
            weight = 8 if number in straight else 1
            lines.append(f'{start} -> n{arrow.target} [id="a{number}", weight={weight}, label={_room(arrow.width)}]')
        elif inside[0]:
            exits[arrow.source] = None
    lines += [f'n{place} -> o{place} [id="o{place}", arrowhead=none]' for place in exits]
    for rank, letter, places in (("source", "i", entries), ("sink", "o", exits)):
        names = [f"{letter}{place}" for place in places]
        lines += [f"{name} [shape=point, width=0.01, height=0.01]" for name in names]
        lines += [f"{{ rank={rank}; {'; '.join(names)} }}"] if names else []
    return "digraph {\n" + "\n".join(lines) + "\n}\n"


def _room(width: float) -> str:
    """An empty label of a shape's size: Graphviz needs no font, and lays out the same everywhere."""
    size = f'FIXEDSIZE="TRUE" WIDTH="{width + _BESIDE:.0f}" HEIGHT="{SHAPE + 3:.0f}"'
    return f'<<TABLE BORDER="0" CELLBORDER="0" CELLPADDING="0" CELLSPACING="0" {size}><TR><TD></TD></TR></TABLE>>'
