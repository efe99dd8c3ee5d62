"""Diagnostics as a compiler draws them: the line, the place underlined, what was expected and how to repair it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from archcalc.diagnostics import Diagnostic
from archcalc.record import Record
from archcalc.report.style import columns, paint, visible, wrapped
from archcalc.source import Source, Span

_TAB = 4


def draw(diagnostic: Diagnostic, *, colour: bool = False, width: int | None = None) -> str:
    """One diagnostic, several lines, no newline at the end.

    ``width``: columns of the terminal, to which source lines are cut around what is underlined, and words are parted at
    blanks. None: no limit.
    """
    return "\n".join(_lines(diagnostic, colour, width))


def draw_all(diagnostics: Iterable[Diagnostic], *, colour: bool = False, width: int | None = None) -> str:
    """Several, in order of place, an empty line after each."""
    return "".join(drawn(diagnostics, colour=colour, width=width))


def drawn(diagnostics: Iterable[Diagnostic], *, colour: bool = False, width: int | None = None) -> Iterator[str]:
    """Each of several, in order of place, an empty line at its end."""
    for diagnostic in sorted(diagnostics, key=lambda diagnostic: diagnostic.order):
        yield draw(diagnostic, colour=colour, width=width) + "\n\n"


def _lines(diagnostic: Diagnostic, colour: bool, width: int | None) -> Iterator[str]:
    head = f"{diagnostic.severity}[{diagnostic.code}]"
    first, *more = wrapped(f"{head}: {visible(diagnostic.message)}", width).split("\n")
    yield paint(head, diagnostic.severity, colour) + paint(first.removeprefix(head), "bold", colour)
    yield from (paint(line, "bold", colour) for line in more)
    margin = " "
    if diagnostic.span is not None:
        spans = [span for span in diagnostic.also if span.source is diagnostic.span.source]
        snippet = _Snippet(diagnostic.span, spans, diagnostic.severity, colour, width)
        margin = " " * snippet.gutter
        yield from snippet.lines()
    for note in diagnostic.notes:
        yield from _note(f"{margin} ", "", note, colour, width)
    if diagnostic.help:
        yield from _note(f"{margin} ", "help", diagnostic.help, colour, width)


def _note(margin: str, word: str, text: str, colour: bool, width: int | None) -> Iterator[str]:
    """A further fact behind its sign, in as many lines as it takes."""
    room = None if width is None else max(width - len(margin) - 2, 20)
    first, *more = wrapped(visible(f"{word}: {text}" if word else text), room, "").split("\n")
    yield f"{margin}{paint('=', 'frame', colour)} {paint(word, 'help', colour)}{first.removeprefix(word)}"
    yield from (f"{margin}  {line}" for line in more)


class _Snippet(Record):
    """The lines of a source that one diagnostic speaks of, each with its underlines."""

    main: Span
    also: list[Span]
    severity: str
    colour: bool
    width: int | None

    @property
    def gutter(self) -> int:
        """Columns of the line numbers, a blank before them."""
        return 1 + len(str(max(span.line for span in (self.main, *self.also))))

    def lines(self) -> Iterator[str]:
        source, margin = self.main.source, " " * self.gutter
        yield f"{margin}{self._frame('-->')} {visible(source.name)}:{self.main.line}:{self.main.column}"
        yield f"{margin} {self._frame('|')}"
        marks = self._marks()
        shown = set(marks)
        before = self.main.line - 1
        if before > 0 and source.line(before).strip():
            shown.add(before)
        last = None
        for number in sorted(shown):
            if last is not None and number > last + 1:
                yield self._frame("...".rjust(self.gutter))
            yield from self._line(number, marks.get(number, []))
            last = number

    def _marks(self) -> dict[int, list[tuple[int, int]]]:
        """For each marked line, the stretches [start, end) to underline; of a span over several lines, its first."""
        marks: dict[int, list[tuple[int, int]]] = {}
        for span in (self.main, *self.also):
            start = span.column - 1
            length = len(span.source.line(span.line))
            end = span.end_column - 1 if span.end_line == span.line else length
            marks.setdefault(span.line, []).append((start, max(end, start + 1)))
        return marks

    def _line(self, number: int, marks: list[tuple[int, int]]) -> Iterator[str]:
        room = None if self.width is None else max(self.width - self.gutter - 3, 10)
        text, under = _window(self.main.source, number, marks, room, min(start for start, _ in marks) if marks else 0)
        yield f"{self._frame(f'{number:>{self.gutter}} |')} {text}".rstrip()
        if marks:
            yield f"{self._frame(' ' * self.gutter + ' |')} {paint(under, self.severity, self.colour)}"

    def _frame(self, text: str) -> str:
        return paint(text, "frame", self.colour)


def _window(source: Source, number: int, marks: list[tuple[int, int]], room: int | None, focus: int) -> tuple[str, str]:
    """A line as it is shown and its underline, cut to ``room`` columns around the first mark."""
    cells, marked = _cells(source.line(number), marks)
    start, stop = 0, len(cells)
    if room is not None and sum(map(columns, cells)) > room:
        start, stop = _cut(cells, focus, room - 6)
    head, tail = "..." if start > 0 else "", "..." if stop < len(cells) else ""
    text = head + "".join(cells[start:stop]) + tail
    under = "".join(("^" if marked[i] else " ") * columns(cells[i]) for i in range(start, stop))
    return text, (" " * len(head) + under).rstrip()


def _cells(line: str, marks: list[tuple[int, int]]) -> tuple[list[str], list[bool]]:
    """Each character as it is shown, and whether it is underlined; a blank past the end where something is missing."""
    length = max((end for _, end in marks), default=0)
    cells: list[str] = []
    column = 0
    for character in line.ljust(length):
        cells.append(" " * (_TAB - column % _TAB) if character == "\t" else visible(character))
        column += columns(cells[-1])
    marked = [False] * len(cells)
    for start, end in marks:
        marked[start:end] = [True] * (end - start)
    return cells, marked


def _cut(cells: list[str], focus: int, room: int) -> tuple[int, int]:
    """The stretch of cells that fits ``room`` columns: the focus a third in, or the line's start or end if near."""
    start, taken = min(focus, len(cells)), 0
    while start > 0 and taken + columns(cells[start - 1]) <= room // 3:
        start -= 1
        taken += columns(cells[start])
    stop, taken = start, 0
    while stop < len(cells) and taken + columns(cells[stop]) <= room:
        taken += columns(cells[stop])
        stop += 1
    while start > 0 and taken + columns(cells[start - 1]) <= room:
        start -= 1
        taken += columns(cells[start])
    return start, stop
