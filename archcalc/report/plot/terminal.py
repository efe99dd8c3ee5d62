"""A scatter in a terminal: named points as marks with their names beside them, a cloud and a line as braille dots."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

from archcalc.report.layout import fold
from archcalc.report.plot.picture import Axis, Line, Number, Point, Spot, along, extent, named, without_room
from archcalc.report.plot.placing import Box, Stand
from archcalc.report.plot.placing import place as placed
from archcalc.report.plot.scale import Scale, scale
from archcalc.report.style import columns, paint, visible

#: Dots of a character: two beside each other, four above each other.
_WIDE, _HIGH = 2, 4
_BRAILLE = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
_LEAST_WIDTH, _ROWS = 24, (10, 30)
_SIGNS = {False: ("●", "◆", "│", "┤", "└", "─", "┬"), True: ("*", "#", "|", "+", "+", "-", "+")}
_OTHERS = {False: {"hollow": "○", "small": "•"}, True: {"hollow": "o", "small": "+"}}
#: Places along a line at which its name may stand.
_STEPS = 16
#: Characters between a name and another's mark, beside the blank that is its own.
_APART = 2
Cell = tuple[int, int]


def scatter(
    points: Sequence[Point],
    x: Axis,
    y: Axis,
    *,
    lines: Sequence[Line] = (),
    width: int = 80,
    height: int | None = None,
    colour: bool = False,
    ascii_only: bool = False,
) -> str:
    """The lines of a picture at most ``width`` wide, a newline at its end; ``height`` is that of the points' field.

    A line joins the points of the front; ``lines`` are drawn beneath all points. Names stand beside their points where
    there is room; the others have a letter, and stand beneath. Raises ValueError where there is no point, or one that a
    logarithmic scale has no place for.
    """
    across, up = extent(points, lines, x, y)
    points = [point.but(label=visible(point.label)) for point in points]
    rows = height or min(max(width // 4, _ROWS[0]), _ROWS[1])
    upright = scale(up, y, max(rows // 3, 2))
    margin = max(columns(text) for _, text in upright.ticks) + 2 if upright.ticks else 2
    room = max(width, _LEAST_WIDTH) - margin
    level = scale(across, x, max(room // 14, 2))
    field = _Field(room, rows, ascii_only, level, upright)
    spots = field.draw(points, lines)
    drawn = [
        paint(_titled(y, upright), "bold", colour),
        *_framed(field, margin, colour),
        *_beneath(level, margin, room, ascii_only, colour),
        paint(_titled(x, level).rjust(margin + room), "bold", colour),
        *(fold(line, margin + room, "...", tail=True) for line in _list(spots, margin + room)),
    ]
    return "".join(f"{line}\n" for line in drawn)


def _titled(axis: Axis, made: Scale) -> str:
    return f"{axis.title}, log scale" if made.log else axis.title


class _Field:
    """The field of points: characters by row and column, each with a style."""

    def __init__(self, width: int, height: int, ascii_only: bool, level: Scale, upright: Scale) -> None:
        self.width, self.height, self.ascii_only = width, height, ascii_only
        self.level, self.upright = level, upright
        self.cells: dict[Cell, tuple[str, str]] = {}
        self.dots: dict[Cell, int] = {}

    def draw(self, points: Sequence[Point], lines: Sequence[Line] = ()) -> list[Spot]:
        """Draws all; the spots of the points that have names."""
        dots = [self.dot(point.x, point.y) for point in points]
        paths = [[self.dot(*where) for where in line.places] for line in lines]
        for path in paths:
            self._dotted([dot for one, other in pairwise(path) for dot in _between(one, other)], "dim")
        self._dotted([dot for dot, point in zip(dots, points, strict=True) if not point.marked], "dim")
        front = sorted({dot for dot, point in zip(dots, points, strict=True) if point.front})
        self._dotted([dot for one, other in pairwise(front) for dot in _between(one, other)], "macs")
        for dot, point in zip(dots, points, strict=True):
            if point.front or point.sign:
                self.cells[_cell(dot)] = (self._sign(point), "params" if point.sign == "small" else "macs")
        at = [_cell(dot) for dot in dots]
        marks = {cell for cell, point in zip(at, points, strict=True) if point.marked}
        taken: list[Box] = [(column, row, column + 1, row + 1) for column, row in sorted(marks)]
        taken += self._line_names([visible(line.label) for line in lines], paths, taken)
        return self._names(at, points, taken)

    def _sign(self, of: Point | Spot) -> str:
        return _OTHERS[self.ascii_only].get(of.sign) or _SIGNS[self.ascii_only][of.front]

    def dot(self, x: Number, y: Number) -> Cell:
        """Column and row of a place among the dots."""
        across = round(self.level.at(x) * (self.width * _WIDE - 1))
        down = round((1 - self.upright.at(y)) * (self.height * _HIGH - 1))
        return across, down

    def _dotted(self, dots: Sequence[Cell], style: str) -> None:
        for dot in dots:
            cell = _cell(dot)
            self.dots[cell] = self.dots.get(cell, 0) | _BRAILLE[dot[1] % _HIGH][dot[0] % _WIDE]
            self.cells[cell] = ("." if self.ascii_only else chr(0x2800 + self.dots[cell]), style)

    def _line_names(self, names: Sequence[str], paths: Sequence[Sequence[Cell]], taken: Sequence[Box]) -> list[Box]:
        """Writes the names of lines; where they stand."""
        wanted = []
        for name, path in zip(names, paths, strict=True):
            cells = [_cell((round(column), round(row))) for column, row in along(path, _STEPS)] if name else []
            boxes = [box for cell in cells for box in _around(cell, columns(name))]
            wanted.append([(box,) for box in sorted(boxes, key=self._covered)])
        found = placed(wanted, taken, (0, 0, self.width, self.height))
        for name, box in zip(names, found, strict=True):
            if box is not None:
                self._write(name, int(box[0]) + 1, int(box[1]))
        return [box for box in found if box is not None]

    def _names(self, at: Sequence[Cell], points: Sequence[Point], taken: Sequence[Box]) -> list[Spot]:
        """Marks and names; a name covers nothing that is taken, and as few dots as may be."""

        def around(place: tuple[float, float], name: str) -> list[Stand]:
            boxes = sorted(_around(place, columns(name)), key=self._covered)
            return [(box, _kept_free(box, place)) for box in boxes]

        spots = named(at, points, around, taken, (-1, 0, self.width + 1, self.height))
        for spot in spots:
            mark = spot.letter or self._sign(spot)
            self.cells[int(spot.at[0]), int(spot.at[1])] = (mark, "macs" if spot.front else "params")
            if spot.box is not None:
                self._write(spot.name, int(spot.box[0]) + 1, int(spot.box[1]))
        return spots

    def _covered(self, box: Box) -> int:
        """How many characters with dots a name there would cover."""
        return sum((column, int(box[1])) in self.dots for column in range(int(box[0]), int(box[2])))

    def _write(self, text: str, column: int, row: int) -> None:
        for character in text:
            taken = columns(character)
            if not taken:  # it belongs to the character before it
                before, style = self.cells.get((column - 1, row), ("", ""))
                self.cells[column - 1, row] = (before + character, style)
            for place in range(taken):
                self.cells[column + place, row] = ("" if place else character, "")
            column += taken

    def lines(self, colour: bool) -> Iterator[str]:
        """The rows from the top."""
        for row in range(self.height):
            cells = [self.cells.get((column, row), (" ", "")) for column in range(self.width)]
            runs = groupby(cells, key=lambda cell: cell[1])
            yield "".join(paint("".join(text for text, _ in run), style, colour) for style, run in runs).rstrip()


def _cell(dot: Cell) -> Cell:
    return dot[0] // _WIDE, dot[1] // _HIGH


def _between(one: Cell, other: Cell) -> Iterator[Cell]:
    """The dots of a line."""
    steps = max(abs(other[0] - one[0]), abs(other[1] - one[1]), 1)
    for step in range(steps + 1):
        yield (
            one[0] + round((other[0] - one[0]) * step / steps),
            one[1] + round((other[1] - one[1]) * step / steps),
        )


def _around(cell: tuple[float, float], width: int) -> list[Box]:
    """Where a name so wide may stand: right of its mark, left, above and below; a blank at either end is its own."""
    column, row = cell
    starts = ((column + 1, row), (column - width - 2, row))
    level = [(column - 1, row + by) for by in (-1, 1)]
    level += [(column - (width + 1) // 2, row + by) for by in (-1, 1)]
    level += [(column - width, row + by) for by in (-1, 1)]
    return [(start, line, start + width + 2, line + 1) for start, line in (*starts, *level)]


def _kept_free(box: Box, place: tuple[float, float]) -> Box:
    """What no other mark or name may be in: a character farther than the name, or it would seem to be the other's."""
    left, top, right, bottom = box
    own = place[1] == top
    return (
        left if own and place[0] < left else left - 1,
        top,
        right if own and place[0] >= right else right + 1,
        bottom,
    )


def _framed(field: _Field, margin: int, colour: bool) -> Iterator[str]:
    """The rows with the upright axis before them."""
    _, _, bar, tick, *_ = _SIGNS[field.ascii_only]
    names = {round((1 - at) * (field.height * _HIGH - 1)) // _HIGH: text for at, text in field.upright.ticks}
    for row, line in enumerate(field.lines(colour)):
        text = names.get(row, "")
        yield f"{' ' * (margin - 2 - columns(text))}{text}{tick if row in names else bar} {line}".rstrip()


def _beneath(level: Scale, margin: int, room: int, ascii_only: bool, colour: bool) -> Iterator[str]:
    """The level axis and the names of its marks, each beneath its own where it covers no other."""
    *_, corner, rule, tick = _SIGNS[ascii_only]
    marks = {round(at * (room * _WIDE - 1)) // _WIDE: text for at, text in level.ticks}
    yield " " * (margin - 2) + corner + rule + "".join(tick if place in marks else rule for place in range(room))
    line = " " * margin
    for place, text in sorted(marks.items()):
        start = min(margin + place - columns(text) // 2, margin + room - columns(text))
        if start > columns(line.rstrip()) or not line.strip():
            line = line.rstrip().ljust(max(start, 0)) + text
    yield line


def _list(spots: Sequence[Spot], width: int) -> Iterator[str]:
    """What the letters stand for, as many beside each other as there is room for."""
    line = ""
    for spot in spots:
        if spot.letter:
            text = f"{spot.letter} {spot.name}"
            if line and columns(line) + columns(text) + 3 > width:
                yield line
                line = ""
            line = f"{line}   {text}" if line else text
    if line:
        yield line
    if lost := without_room(spots):
        yield lost
