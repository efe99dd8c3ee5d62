"""Where keys and values of a TOML text stand, which the standard library reads but does not tell."""

from __future__ import annotations

import re
from typing import NamedTuple

At = tuple[int, int]
Path = tuple[str | int, ...]

_SKIPPED = re.compile(r"(?:\s|#[^\n]*)*")
_STRING = re.compile(r'"""(?:\\.|[^\\])*?""""{0,2}' r"|'''.*?''''{0,2}" r'|"(?:\\.|[^"\\])*"' r"|'[^']*'", re.DOTALL)
_KEY = re.compile(r"""[A-Za-z0-9_-]+|"(?:\\.|[^"\\])*"|'[^']*'""")
_BARE = re.compile(r"[^\s,\]}#]+(?: \d[^\s,\]}#]*)?")  # a date may have a blank before its time
_POINT = re.compile(r"[ \t]*\.[ \t]*")


class Place(NamedTuple):
    """Where a key stands, or a table's name in its header, and its value; an element of a list has no key."""

    key: At | None
    value: At | None


def places(text: str) -> dict[Path, Place]:
    """Every key and element of a text that tomllib reads, by its path; elements of lists by number."""
    return _Scan(text).document()


def letters(text: str, at: At) -> tuple[str, tuple[int, ...]] | None:
    """A text value on one line: what it says, and where each of its characters and its end stand in the TOML.

    None of a value over several lines, whose places are not told.
    """
    first, last = at
    raw = text[first:last]
    if raw[:3] in ('"""', "'''"):
        return None
    if raw[0] == "'" or "\\" not in raw:
        return raw[1:-1], tuple(range(first + 1, last))
    pieces = list(re.finditer(r"\\u.{4}|\\U.{8}|\\.|.", raw[1:-1]))
    return "".join(_said(f'"{piece[0]}"') for piece in pieces), (
        *(first + 1 + piece.start() for piece in pieces),
        last - 1,
    )


def _said(raw: str) -> str:
    """What a quoted key or text says."""
    import tomllib

    return str(tomllib.loads(f"it = {raw}")["it"])


class _Scan:
    """One walk through a text that is known to be TOML."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.found: dict[Path, Place] = {}
        self._lists: dict[Path, int] = {}  # tables that ``[[name]]`` has begun so far

    def document(self) -> dict[Path, Place]:
        table: Path = ()
        self._skip()
        while self.position < len(self.text):
            if self.text[self.position] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._skip()
        return self.found

    def _skip(self) -> None:
        """Over blanks, ends of lines and comments."""
        self.position = self._match(_SKIPPED).end()

    def _match(self, pattern: re.Pattern[str]) -> re.Match[str]:
        match = pattern.match(self.text, self.position)
        assert match is not None, f"tomllib reads what stands at {self.position}, this does not"
        return match

    def _header(self) -> Path:
        """The table that ``[name]`` or ``[[name]]`` begins."""
        many = self.text.startswith("[[", self.position)
        self.position += 2 if many else 1
        self._skip()
        names, at = self._keys()
        path: Path = ()
        for number, name in enumerate(names, 1):
            path = (*path, name)
            if path in self._lists and not (many and number == len(names)):
                path = (*path, self._lists[path] - 1)
        if many:
            self._lists[path] = self._lists.get(path, 0) + 1
            path = (*path, self._lists[path] - 1)
        self._skip()
        self.position += 2 if many else 1
        self.found[path] = Place(at, None)
        for end in range(1, len(path)):
            self.found.setdefault(path[:end], Place(at, None))
        return path

    def _keys(self) -> tuple[tuple[str, ...], At]:
        """A key, of several names if there are points, and where it stands."""
        start, names = self.position, []
        while True:
            match = self._match(_KEY)
            names.append(_said(match[0]) if match[0][0] in "\"'" else match[0])
            self.position = match.end()
            point = _POINT.match(self.text, self.position)
            if point is None:
                return tuple(names), (start, self.position)
            self.position = point.end()

    def _pair(self, table: Path) -> None:
        names, at = self._keys()
        self._skip()
        self.position += 1  # =
        path = (*table, *names)
        value = self._value(path)
        self.found[path] = Place(at, value)
        for end in range(len(table) + 1, len(path)):  # a.b = 1 makes a table a
            self.found.setdefault(path[:end], Place(at, value))

    def _value(self, path: Path) -> At:
        self._skip()
        start, opening = self.position, self.text[self.position]
        if opening in "[{":
            self.position += 1
            self._inside(path, "]" if opening == "[" else "}")
        else:
            self.position = self._match(_STRING if opening in "\"'" else _BARE).end()
        return start, self.position

    def _inside(self, path: Path, closing: str) -> None:
        """The elements of a list, or the pairs of a table on one line, and the bracket that closes it."""
        count = 0
        self._skip()
        while self.text[self.position] != closing:
            if closing == "]":
                self.found[*path, count] = Place(None, self._value((*path, count)))
                count += 1
            else:
                self._pair(path)
            self._skip()
            if self.text[self.position] == ",":
                self.position += 1
                self._skip()
        self.position += 1
