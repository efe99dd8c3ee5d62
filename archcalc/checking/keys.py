"""The keys of a configuration: each read, and each fault kept with its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

from archcalc.analyses.subjects import asked
from archcalc.checking.globs import BadPattern, compiled
from archcalc.checking.toml_places import Path, Place, letters, places
from archcalc.claims import Claim
from archcalc.diagnostics import CODES, Diagnostic, Fault, nearest
from archcalc.notation.expectations import read_claim
from archcalc.notation.text import Line, undress
from archcalc.notation.tokens import Unreadable
from archcalc.source import Source, Span

#: What is wrong with a text, and its repair.
Wrong = tuple[str, str | None] | None
#: What a person calls a value of TOML.
_CALLED = {bool: "true or false", str: "a text", int: "a number", float: "a number", list: "a list", dict: "a table"}


class Keys:
    """A configuration's table, ``head`` names it in its file; ``faults`` is what was found wrong so far, ``spots``
    are the paths and patterns that may turn out to mean nothing: their keys, texts and places.
    """

    def __init__(self, source: Source, head: tuple[str, ...], table: object) -> None:
        self.source, self.head, self.table = source, head, table
        self.faults: list[Diagnostic] = []
        self.spots: list[tuple[str, str, Span]] = []

    def read(self) -> dict[str, Any]:
        """The values of the configuration, without those that are wrong, by the names of a ``Project``'s fields."""
        readers: dict[str, Callable[[Path, Any], Any]] = {
            "paths": self._paths,
            "exclude": self._patterns,
            "strict": self._flag,
            "ignore": self._codes,
            "per-file-ignores": lambda path, value: self._by_pattern(path, value, self._codes),
            "lock": self._text,
            "fail-on": self._changes,
            "cache": self._cache,
            "budgets": lambda path, value: self._by_pattern(path, value, self._budgets),
        }
        found: dict[str, Any] = {}
        table: Any = self.table
        if not self._is(self.head, table, dict):
            return found
        for key, value in table.items():
            path = (*self.head, key)
            if key not in readers:
                self._unknown(path, key, readers)
                continue
            made = readers[key](path, value)
            if made is not None:
                found[key.replace("-", "_")] = made
        return found

    @cached_property
    def _places(self) -> Mapping[Path, Place]:
        return places(self.source.text)

    def _span(self, path: Path, key: bool = False) -> Span:
        """Where a value stands, or its key; a table is where it is named."""
        at = self._places[path]
        first, last = (at.key if key else at.value) or at.key or at.value or (0, 0)
        line_end = self.source.text.find("\n", first, last)
        return Span(self.source, first, last if line_end < 0 else line_end)

    def _wrong(self, path: Path, message: str, help: str | None, key: bool = False) -> None:
        self.faults.append(Diagnostic("A601", message, self._span(path, key), help=help))

    def _unknown(self, path: Path, key: str, known: Mapping[str, object]) -> None:
        help = nearest(key, known) or f"known are {', '.join(known)}"
        if key == "tool" and not self.head:
            help = "in archcalc.toml keys stand at the top, without [tool.archcalc]"
        self._wrong(path, f"unknown key '{key}'", help, key=True)

    def _is(self, path: Path, value: object, wanted: type, example: str = "") -> bool:
        """Whether a value is of its kind; a fault if not."""
        if type(value) is wanted:
            return True
        names = [f"'{name}'" for name in path if isinstance(name, str)]
        name = f"an element of {names[-1]}" if isinstance(path[-1], int) else names[-1]
        got = _CALLED.get(type(value), "a date")
        self._wrong(path, f"{name} is {got}: {_CALLED[wanted]} is wanted", example or None)
        return False

    def _flag(self, path: Path, value: Any) -> bool | None:
        return bool(value) if self._is(path, value, bool) else None

    def _text(self, path: Path, value: Any) -> str | None:
        if self._is(path, value, str) and not value.strip():
            self._wrong(path, "a text is wanted, this is empty", None)
            return None
        return value if isinstance(value, str) else None

    def _cache(self, path: Path, value: Any) -> bool | str | None:
        if isinstance(value, bool | str):
            return value if isinstance(value, bool) else self._text(path, value)
        self._wrong(path, f"'cache' is {_CALLED.get(type(value), 'a date')}: true, false or a folder is wanted", None)
        return None

    def _each(self, path: Path, value: Any) -> Iterator[tuple[Path, str]]:
        """The texts of a list, and where they are in it."""
        if self._is(path, value, list, f'{path[-1]} = ["..."]'):
            for number, each in enumerate(value):
                text = self._text((*path, number), each)
                if text is not None:
                    yield (*path, number), text

    def _paths(self, path: Path, value: Any) -> tuple[str, ...]:
        found = list(self._each(path, value))
        self.spots += (("paths", text, self._span(place)) for place, text in found)
        return tuple(text for _, text in found)

    def _checked(self, path: Path, value: Any, wrong: Callable[[str], Wrong]) -> tuple[str, ...]:
        """The texts of a list with which nothing is wrong."""
        kept = []
        for place, text in self._each(path, value):
            fault = wrong(text)
            if fault:
                self._wrong(place, *fault)
            else:
                kept.append(text)
        return tuple(kept)

    def _codes(self, path: Path, value: Any) -> tuple[str, ...]:
        return tuple(code.upper() for code in self._checked(path, value, _no_code))

    def _patterns(self, path: Path, value: Any) -> tuple[str, ...]:
        return self._checked(path, value, _no_pattern)

    def _changes(self, path: Path, value: Any) -> tuple[str, ...]:
        return self._checked(path, value, _no_change)

    def _by_pattern(self, path: Path, value: Any, read: Callable[[Path, Any], Any]) -> tuple[tuple[str, Any], ...]:
        """A table from patterns of paths to lists."""
        if not self._is(path, value, dict, f'[{".".join((*self.head, str(path[-1])))}] and a line "*.arch" = ["..."]'):
            return ()
        found = []
        for pattern, each in value.items():
            fault = _no_pattern(pattern)
            if fault:
                self._wrong((*path, pattern), *fault, key=True)
            else:
                found.append((pattern, read((*path, pattern), each)))
                self.spots.append((str(path[-1]), pattern, self._span((*path, pattern), key=True)))
        return tuple(found)

    def _budgets(self, path: Path, value: Any) -> tuple[Claim, ...]:
        """``expect`` lines without the word, each read as such a line is."""
        found = []
        for place, text in self._each(path, value):
            line = self._line(place, text)
            try:
                claim = read_claim(line)
                asked(claim)
            except Unreadable as error:
                self.faults.append(Diagnostic("A601", str(error), line.span(error.at), help=error.help))
            except Fault as error:
                self.faults.append(replace(error.diagnostic, code="A601"))
            else:
                found.append(claim)
        return tuple(found)

    def _line(self, path: Path, text: str) -> Line:
        """A text of the configuration as a line of the notation, its places those of the file."""
        first, last = self._places[path].value or (0, 0)
        spelled = letters(self.source.text, (first, last))
        said, origins = spelled if spelled and spelled[0] == text else (text, (first,) * len(text) + (last,))
        plain, moved = undress(said, 0)
        origins = origins if moved is None else tuple(origins[place] for place in moved)
        line = Line(self.source, plain, origins[0], 0, origins).part(0, len(plain))
        return line if plain.strip().lower().startswith("expect ") else line.implying("expect ")


def _no_pattern(text: str) -> Wrong:
    try:
        compiled(text)
    except BadPattern as error:
        return str(error), '"specs/*.arch", "**/old"'
    return None


def _no_code(text: str) -> Wrong:
    return None if text.upper() in CODES else (f"'{text}' is no code of a diagnostic", nearest(text, CODES))


def _no_change(text: str) -> Wrong:
    from archcalc.checking.allowed import UnknownCondition, condition

    try:
        condition(text)
    except UnknownCondition as error:
        message, _, help = str(error).partition("; ")
        return message, help or None
    return None
