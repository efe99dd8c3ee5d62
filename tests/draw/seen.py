"""What a drawing shows, read back from its SVG: boxes, arrows, texts and where they stand."""

from __future__ import annotations

import math
import re
from itertools import pairwise
from typing import NamedTuple
from xml.etree import ElementTree

SPACE = "{http://www.w3.org/2000/svg}"
#: Wider than what a browser draws of 10.5 pixels, by a font's average letter.
LETTER = 6.2


class Rect(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other, by=0.0):
        """Whether they overlap by more than ``by`` pixels."""
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        return across > by and down > by

    def within(self, other):
        inside = self.left >= other.left and self.top >= other.top
        return inside and self.right <= other.right and self.bottom <= other.bottom

    def from_border(self, point):
        """How far a point is from the border, inside or outside."""
        x, y = point
        outside = math.hypot(max(self.left - x, 0, x - self.right), max(self.top - y, 0, y - self.bottom))
        return outside or min(x - self.left, self.right - x, y - self.top, self.bottom - y)


class Arrow(NamedTuple):
    source: str
    target: str
    shape: str
    start: tuple
    tip: tuple
    points: list
    label: Rect
    side: bool


class Seen:
    def __init__(self, text):
        self.root = self.parsed(text)
        left, top, wide, high = map(float, self.root.get("viewBox").split())
        self.page = Rect(left, top, left + wide, top + high)
        self.ids = [each.get("id") for each in self.root.iter() if each.get("id")]
        (plane,) = (each for each in self.root if each.get("transform"))
        self.corner = tuple(map(float, re.findall(r"[\d.]+", plane.get("transform"))))
        self.boxes, self.texts, self.tooltips, self.side = {}, {}, {}, set()
        for group in plane:
            if group.get("class").startswith("box"):
                self._box(group)
        self.arrows = [self._arrow(group) for group in plane if group.get("class").startswith("arrow")]

    @staticmethod
    def parsed(text):
        return ElementTree.fromstring(text)

    def _box(self, group):
        rect = group.findall(f"{SPACE}rect")[-1]
        left, top, wide, high = (float(rect.get(key)) for key in ("x", "y", "width", "height"))
        tooltip = group.find(f"{SPACE}title").text
        name = re.split(r":|\n", tooltip)[0]
        assert name not in self.boxes
        self.boxes[name] = Rect(*self._moved(left, top), *self._moved(left + wide, top + high))
        self.tooltips[name] = tooltip
        self.texts[name] = [
            (each.text, each.get("class") or "", *self._moved(float(each.get("x")), float(each.get("y"))))
            for each in group.findall(f"{SPACE}text")
        ]
        if "side" in group.get("class"):
            self.side.add(name)

    def _arrow(self, group):
        way, head = group.findall(f"{SPACE}path")
        label = group.find(f"{SPACE}text")
        points = [self._moved(*spot) for spot in followed(way.get("d"))]
        tip = self._moved(*map(float, re.match(r"M([-\d.]+),([-\d.]+)", head.get("d")).groups()))
        x, y = self._moved(float(label.get("x")), float(label.get("y")))
        half = len(label.text) * LETTER / 2
        rect = Rect(x - half, y - 9, x + half, y + 2)
        ends = group.get("data-from"), group.get("data-to")
        return Arrow(*ends, label.text, points[0], tip, points, rect, "side" in group.get("class"))

    def _moved(self, x, y):
        return x + self.corner[0], y + self.corner[1]


def followed(path):
    """Points along a path, two pixels apart or less on its curves and lines."""
    here, found = None, []
    for letter, numbers in re.findall(r"([MLCQ])([^MLCQ]*)", path):
        spots = [tuple(map(float, spot.split(","))) for spot in numbers.split()]
        if letter == "M":
            here = spots[0]
            found.append(here)
            continue
        control = [here, *spots]
        steps = max(int(sum(math.dist(a, b) for a, b in pairwise(control)) / 2), 1)
        found += [curve(control, step / steps) for step in range(1, steps + 1)]
        here = spots[-1]
    return found


def curve(control, at):
    """A point of a Bézier curve, by de Casteljau's halving of its control points."""
    while len(control) > 1:
        control = [(a[0] + (b[0] - a[0]) * at, a[1] + (b[1] - a[1]) * at) for a, b in pairwise(control)]
    return control[0]
