"""What is drawn of a network: boxes with their text, and arrows with the shape that they carry."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from archcalc.record import Record
from archcalc.report.columns import COLUMNS, what
from archcalc.report.draw.families import BLOCK, FAMILY_OF
from archcalc.report.draw.letters import width
from archcalc.report.fold import groups, path_of
from archcalc.report.layout import fold
from archcalc.report.numbers import exact, shape, short, size
from archcalc.report.style import visible

if TYPE_CHECKING:
    from archcalc.analyses.summary import Report, Row

#: Font sizes of a box's name, of its other text and of a shape on an arrow; a line's height; room between texts.
NAME, TEXT, SHAPE = 12.0, 11.0, 10.5
LINE, GAP = 15.0, 7.0
#: Room at a box's sides and at its ends.
_SIDES, _ENDS = 9.0, 4.5
#: A name, spelling or closed form longer than so many characters is cut; its tooltip has all of it.
_LONGEST, _LONGEST_TITLE = 40, 100
#: A line that holds all a box says is at most so wide.
_ONE_LINE = 250.0
#: Without a depth, what has more layers than these is folded.
MOST = 200

Text = tuple[str, bool]


class Box(Record):
    """A layer or a group of them: lines of texts, each bold or not, and what a tooltip says."""

    name: str
    lines: tuple[tuple[Text, ...], ...]
    tooltip: str
    family: str
    aux: bool
    layers: int

    @property
    def width(self) -> float:
        return max(map(line_width, self.lines)) + 2 * _SIDES

    @property
    def height(self) -> float:
        return LINE * len(self.lines) + 2 * _ENDS


class Arrow(Record):
    """A tensor from one box to another, by their places, and its shape."""

    source: int
    target: int
    shape: str
    aux: bool

    @property
    def width(self) -> float:
        return width(self.shape, SHAPE)


class Drawing(Record):
    """A network's boxes in written order, each reading earlier ones."""

    name: str
    title: str
    summary: str
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]

    @cached_property
    def straight(self) -> frozenset[int]:
        """Arrows, by place, on the longest way both to their target and from their source; side heads apart."""
        count = len(self.arrows)
        down = self._longest(range(count), "source", "target")
        return down & self._longest(range(count - 1, -1, -1), "target", "source")

    def _longest(self, arrows: Iterable[int], start: str, end: str) -> frozenset[int]:
        """For each box the arrow by which the longest way comes to it in one direction, in whose order ``arrows``
        stand."""
        ways: dict[int, tuple[int, int]] = {}  # how long, and of several as long the first arrow's
        for place in arrows:
            arrow = self.arrows[place]
            before, _ = ways.get(getattr(arrow, start), (0, 0))
            way = before + 1 - arrow.aux * 10**9, -place
            ways[getattr(arrow, end)] = max(way, ways.get(getattr(arrow, end), way))
        return frozenset(-place for _, place in ways.values())


def line_width(line: Sequence[Text]) -> float:
    """Pixels of a line of a box."""
    return sum(width(text, NAME if bold else TEXT, bold=bold) for text, bold in line) + GAP * (len(line) - 1)


def drawing(
    report: Report, depth: int | None = None, *, label: Sequence[str] = ("params", "macs"), layout: str = "hwc"
) -> Drawing:
    """What is drawn of a report, groups ``depth`` deep folded; ``label`` names the figures that a box shows.

    Depth 0 folds nothing, and so does None, unless that makes more than ``MOST`` boxes and its groups fewer.
    Raises UnknownColumn; ValueError where the report has no network.
    """
    if report.totals is None:
        raise ValueError("there is nothing to draw: no network was read")
    from archcalc.report.columns import chosen

    keys = chosen(label) if label else ()
    depth = fitting(report) if depth is None else depth
    folded = _beside([*groups(report.layers, depth)] if depth else [(row, [row]) for row in report.layers])
    home = {layer.name: place for place, (_, layers) in enumerate(folded) for layer in layers}
    made = {layer.name: layer for layer in report.layers}
    boxes = tuple(_box(row, layers, keys, layout) for row, layers in folded)
    arrows = tuple(
        Arrow(home[name], place, _cut(shape(made[name].output, layout)), row.aux)
        for place, (row, layers) in enumerate(folded)
        for name in _read(row, layers)
    )
    title = fold(visible(report.title), _LONGEST_TITLE, "…", tail=True)
    return Drawing(visible(report.network or ""), title, _summary(report, len(boxes)), boxes, arrows)


def fitting(report: Report) -> int:
    """The depth that shows most with at most ``MOST`` boxes and no group in parts, or the one that shows least; 0 where
    nothing need be folded."""
    if len(report.layers) <= MOST:
        return 0
    for depth in range(max(row.block.count(".") + 1 for row in report.layers), 1, -1):
        paths = [path_of(layers[0], depth) for _, layers in groups(report.layers, depth)]
        if len(paths) <= MOST and len(set(paths)) == len(paths):
            return depth
    return 1


Folded = tuple["Row", list["Row"]]


def _beside(folded: Sequence[Folded]) -> list[Folded]:
    """Side heads right after what they read, wherever they are written."""
    home: dict[str, float] = {}
    keys = []
    for place, (row, layers) in enumerate(folded):
        side = all(layer.aux for layer in layers) and row.inputs
        keys.append(max(home[name] for name in row.inputs) // 1 + 0.5 if side else place)
        home |= {layer.name: keys[-1] for layer in layers}
    return [folded[place] for place in sorted(range(len(folded)), key=lambda place: (keys[place], place))]


def _read(row: Row, layers: Sequence[Row]) -> Sequence[str]:
    """The tensors that come in, by the layers that made them; a layer that reads one twice has it twice."""
    return row.inputs if len(layers) == 1 else tuple(dict.fromkeys(row.inputs))


def _summary(report: Report, boxes: int) -> str:
    main = [row for row in report.layers if not row.aux]
    params, macs = (sum((getattr(row, key) for row in main), start=0) for key in ("params", "macs"))
    folded = f" in {boxes:,} boxes" if boxes < len(report.layers) else ""
    count = len(report.layers)
    layers = f"{count:,} {'layer' if count == 1 else 'layers'}{folded}"
    return f"{layers} · {_cut(short(params))} params · {_cut(short(macs))} MACs"


def _cut(text: str) -> str:
    """A name, spelling or closed form short enough for a picture."""
    return fold(text, _LONGEST, "…", tail=True)


def _box(row: Row, layers: Sequence[Row], keys: Sequence[str], layout: str) -> Box:
    name, is_ = visible(row.name), visible(what(row))
    figures = " · ".join(filter(None, (_figure(row, key, layout) for key in keys)))
    family = BLOCK if len(layers) > 1 else FAMILY_OF.get(row.kind, "shape")
    heavy = len(layers) > 1 or row.macs != 0
    aux = all(layer.aux for layer in layers)
    return Box(name, _lines(name, is_, figures, heavy), _tooltip(row, name, is_, layout), family, aux, len(layers))


def _lines(name: str, is_: str, figures: str, heavy: bool) -> tuple[tuple[Text, ...], ...]:
    """A line each for what costs multiply-adds; anything else says all in one, if there is room."""
    called = (fold(name, _LONGEST, "…"), True)
    said = "" if is_ == name or name.split(".")[-1].rstrip("0123456789") == is_ else _cut(is_)
    rest = [text for text in (said, figures) if text]
    line = (called, (" · ".join(rest), False)) if rest else (called,)
    if not heavy and line_width(line) <= _ONE_LINE:
        return (line,)
    return ((called,), *(((text, False),) for text in rest))


def _figure(row: Row, key: str, layout: str) -> str:
    """A figure with its unit, counts rounded; nothing where it is zero or says what the box says anyway."""
    kind, value = COLUMNS[key], COLUMNS[key].value(row)
    if key in ("name", "what") or value is None or value == 0 or value == "":
        return ""
    if key == "output":
        return _cut(shape(row.output, layout))
    if kind.write is exact and kind.right and not isinstance(value, float):
        return f"{_cut(short(value))} {kind.title}"
    written = _cut(kind.write(value))
    return visible(f"{written} {kind.title}" if kind.write is size else f"{kind.title} {written}") if written else ""


#: What a tooltip says, exactly.
_TOLD = ("params", "macs", "flops", "activations_bytes", "saved_bytes")


def _tooltip(row: Row, name: str, is_: str, layout: str) -> str:
    lines = [f"{name}: {is_}" if is_ != name else name, f"output {shape(row.output, layout)}"]
    for key in _TOLD:
        value = getattr(row, key)
        if value is not None and value != 0:
            lines.append(_told(key, value))
    field = COLUMNS["field"].write(row.field)
    lines += [f"receptive field {field}"] if field else []
    lines += [f"weights of {visible(row.shares)}"] if row.shares else []
    return "\n".join(lines)


def _told(key: str, value: object) -> str:
    if not key.endswith("_bytes"):
        return f"{exact(value)} {COLUMNS[key].title}"
    return f"{exact(value)} B {'of outputs kept' if key == 'activations_bytes' else 'saved for the backward pass'}"
