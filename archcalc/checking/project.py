"""A project's configuration: ``[tool.archcalc]`` of pyproject.toml, or archcalc.toml."""

from __future__ import annotations

import os
from collections.abc import Sequence
from glob import glob
from typing import Any

from archcalc.analyses.checked import CheckedFile
from archcalc.checking.fence import upwards
from archcalc.checking.file import Asked
from archcalc.checking.globs import matches
from archcalc.claims import Claim
from archcalc.diagnostics import Diagnostic, nearest
from archcalc.files import ArchcalcError, read_source, split
from archcalc.graph import same_name
from archcalc.record import Configuration
from archcalc.source import Source, Span

OWN, SHARED = "archcalc.toml", "pyproject.toml"
#: Names that a repair lists.
_SHOWN = 8


class Project(Configuration):
    """What a project asks of its checks; without a configuration, nothing.

    ``file`` is the configuration's path and ``folder`` where it lies: patterns count from there. ``paths`` are checked
    where none are named; ``cache`` may be a folder; ``budgets`` and ``per_file_ignores`` are by pattern. ``spots`` are
    keys, texts and places of paths and patterns.
    """

    file: str | None = None
    folder: str = "."
    paths: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    strict: bool = False
    ignore: tuple[str, ...] = ()
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    lock: str | None = None
    fail_on: tuple[str, ...] = ()
    cache: bool | str = True
    budgets: tuple[tuple[str, tuple[Claim, ...]], ...] = ()
    spots: tuple[tuple[str, str, Span], ...] = ()

    def roots(self) -> list[str]:
        """The paths and patterns of ``paths`` from here; this folder where there are none."""
        return [self.near(path) for path in self.paths] or ["."]

    def there(self) -> tuple[list[str], list[Diagnostic]]:
        """The roots that are there, and a fault for each that is not, where it stands."""
        gone = {text for text in self.paths if not _is_there(self.near(text))}
        kept = [self.near(path) for path in self.paths if path not in gone] if self.paths else self.roots()
        return kept, [
            Diagnostic("A601", f"'{text}' is not there", span, help=f"paths count from {self._here()}")
            for key, text, span in self.spots
            if key == "paths" and text in gone
        ]

    def idle(self, specs: Sequence[str]) -> list[Diagnostic]:
        """A warning for each pattern that means none of the specs of the whole project; none from a part of it."""
        if self._in_part:
            return []
        return [
            Diagnostic(
                "A601", f"'{text}' means none of the files that are checked", span, "warning",
                help=f"patterns count from {self._here()}; one without a '/' means a name at any depth",
            )
            for key, text, span in self.spots
            if key != "paths" and not any(self._means(text, spec) for spec in specs)
        ]  # fmt: skip

    def nameless(self, files: Sequence[CheckedFile]) -> list[Diagnostic]:
        """A warning for each budget ``of`` a network that none of its files has, of the whole project's; none where one
        of these files gave no network, as nobody knows what it would be called.
        """
        if self._in_part:
            return []
        return [
            _nameless(claim, claim.network, names)
            for pattern, claims in self.budgets
            if (names := _names([file for file in files if self._means(pattern, file.file)])) is not None
            for claim in claims
            if claim.network is not None and same_name(claim.network) not in map(same_name, names)
        ]

    @property
    def _in_part(self) -> bool:
        """Whether what is checked where no path is named is not the whole project."""
        return not self.paths and os.path.abspath(self.folder) != os.getcwd()

    def _here(self) -> str:
        return "this folder" if self.folder == "." else self.folder

    def near(self, path: str) -> str:
        """A path of the configuration as it is called from here."""
        return os.path.normpath(os.path.join(self.folder, path))

    def excludes(self, path: str) -> bool:
        """Whether a file or folder is one of those that are not looked for."""
        return any(matches(pattern, path, self.folder) for pattern in self.exclude)

    def asked(self, path: str, *, strict: bool = False) -> Asked:
        """What is asked of one file; ``strict`` besides."""
        codes = {code for pattern, codes in self.per_file_ignores if self._means(pattern, path) for code in codes}
        kept = tuple(claim for pattern, claims in self.budgets if self._means(pattern, path) for claim in claims)
        return Asked(strict=self.strict or strict, budgets=kept, ignored=frozenset(codes.union(self.ignore)))

    def _means(self, pattern: str, path: str) -> bool:
        return path != "-" and matches(pattern, split(path)[0], self.folder)


def project(paths: Sequence[str] = ()) -> tuple[Project, tuple[Diagnostic, ...]]:
    """The configuration of the project that these paths lie in (this folder without any), and what is wrong with it.

    It is looked for in their common folder, then upwards; a pyproject.toml without ``[tool.archcalc]`` is passed over.
    """
    for folder in upwards(_common(paths)):
        for name in (OWN, SHARED):
            path = os.path.join(folder, name)
            if os.path.lexists(path):
                found = _read(path)
                if found is not None:
                    return found
    return Project(), ()


def _names(files: Sequence[CheckedFile]) -> list[str] | None:
    """What the networks of some files are called; None where that is not known of all, or there is no file."""
    if not files or any(file.status == "unreadable" for file in files):
        return None
    return [network.network for file in files for network in file.networks if network.network is not None]


def _nameless(claim: Claim, name: str, known: Sequence[str]) -> Diagnostic:
    """That a budget limits nothing."""
    message = f"no network '{name}' in the files of this pattern: the budget limits nothing"
    first = ", ".join(known[:_SHOWN]) + (", ..." if len(known) > _SHOWN else "")
    help = nearest(name, known) or (f"they have {first}" if known else None)
    return Diagnostic("A601", message, claim.spots["network"], "warning", help=help)


def _is_there(path: str) -> bool:
    """Whether a path, a network of a file or a pattern of paths means anything."""
    return os.path.lexists(split(path)[0]) or bool(glob(path, recursive=True))


def _common(paths: Sequence[str]) -> str:
    """The folder that holds all of some paths."""
    whole = [os.path.abspath(split(path)[0]) for path in paths if path != "-"] or [os.getcwd()]
    try:
        return os.path.commonpath(whole)
    except ValueError:  # on several drives
        return os.getcwd()


def _read(path: str) -> tuple[Project, tuple[Diagnostic, ...]] | None:
    """A configuration, or what is wrong with it; None of a pyproject.toml that says nothing of archcalc."""
    name = os.path.relpath(path)
    shown = path if name.startswith("..") else name
    folder = os.path.dirname(name) or "."
    own = os.path.basename(path) == OWN
    try:
        source = read_source(path)
    except ArchcalcError as error:
        return Project(file=shown, folder=folder), tuple(_unreadable(shown, each) for each in error.diagnostics)
    source = Source(shown, source.text)
    if not own and "archcalc" not in source.text:
        return None
    import tomllib

    try:
        whole = tomllib.loads(source.text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return Project(file=shown, folder=folder), (_broken(source, str(error)),)
    from archcalc.checking.keys import Keys

    head = () if own else ("tool", "archcalc")
    table: Any = whole
    for key in head:
        table = table.get(key) if isinstance(table, dict) else None
    if table is None:
        return None
    keys = Keys(source, head, table)
    found = Project(file=shown, folder=folder, **keys.read(), spots=tuple(keys.spots))
    return found, tuple(keys.faults)


def _unreadable(name: str, why: Diagnostic) -> Diagnostic:
    return Diagnostic("A601", why.message, help=f"{name} is a text in UTF-8" if why.code == "A102" else None)


def _broken(source: Source, why: str) -> Diagnostic:
    """What is wrong with a text that is no TOML, where its reader stopped."""
    import re

    place = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)$", why)
    message = why[: place.start()] if place else "it nests too deeply"
    start = source.offset(int(place[1]), int(place[2])) if place and place[1] else len(source.text.rstrip())
    start = min(start, max(len(source.text) - 1, 0))
    return Diagnostic("A601", f"this is no TOML: {message[:1].lower()}{message[1:]}", Span(source, start, start + 1))
