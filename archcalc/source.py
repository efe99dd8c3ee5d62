"""A text and the places in it: what every diagnostic points at."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

#: Bytes of the largest text that is read: a hundred thousand lines.
LARGEST = 8 << 20


@dataclass(frozen=True, eq=False)
class Source:
    """The text of one spec file; ``name`` is what a person calls it (a path, or ``<stdin>``).

    ``beside`` gives the texts that this one uses, where they are not on disk: one name for the file of a path, and its
    text or why there is none.
    """

    name: str
    text: str = field(repr=False)
    beside: Callable[[str], tuple[str, Source | str]] | None = field(default=None, repr=False)

    @cached_property
    def _starts(self) -> list[int]:
        starts = [0]
        for index, character in enumerate(self.text):
            if character == "\n":
                starts.append(index + 1)
        return starts

    def location(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both from 1, columns in characters."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The text of line ``number`` (from 1) without its end."""
        start = self._starts[number - 1]
        end = self._starts[number] if number < len(self._starts) else len(self.text) + 1
        return self.text[start : end - 1].rstrip("\r")

    def offset(self, line: int, column: int = 1) -> int:
        """The offset of a line and column (from 1)."""
        return self._starts[line - 1] + column - 1


class Span(NamedTuple):
    """A stretch of a source, ``[start, end)`` in characters."""

    source: Source
    start: int
    end: int

    @property
    def line(self) -> int:
        return self.source.location(self.start)[0]

    @property
    def column(self) -> int:
        return self.source.location(self.start)[1]

    @property
    def end_line(self) -> int:
        return self.source.location(self.end)[0]

    @property
    def end_column(self) -> int:
        return self.source.location(self.end)[1]

    @property
    def text(self) -> str:
        return self.source.text[self.start : self.end]

    def cover(self, other: Span) -> Span:
        """The smallest span that holds both."""
        return Span(self.source, min(self.start, other.start), max(self.end, other.end))
