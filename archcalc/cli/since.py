"""What ``archcalc check`` compares with: a git revision, a lock file."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

import typer

from archcalc.analyses.checked import CheckedFile
from archcalc.record import Configuration

if TYPE_CHECKING:
    from archcalc.analyses.difference import FileDifference
    from archcalc.checking.file import Asked
    from archcalc.checking.project import Project
    from archcalc.diagnostics import Diagnostic

Take = Callable[[CheckedFile], None]


class Since(Configuration):
    """What is asked for: a revision, what may not change since it, a lock file, and whether to write it."""

    against: str
    fail_on: tuple[str, ...]
    lock: str
    update: bool
    strict: bool

    def meant(self) -> Since:
        """The same. Raises BadParameter for options that mean nothing."""
        if self.fail_on and not self.against:
            raise typer.BadParameter("it is about changes: give --against REVISION too", param_hint="--fail-on")
        if self.update and not self.lock:
            raise typer.BadParameter("give --lock FILE too", param_hint="--update-lock")
        return self

    @property
    def asked(self) -> bool:
        """Whether there is anything to compare with."""
        return bool(self.against or self.lock)

    def within(self, ours: Project) -> Since:
        """The same, with what a project says of it where the command line says nothing."""
        return self.but(
            lock=self.lock or (ours.near(ours.lock) if ours.lock else ""),
            fail_on=self.fail_on or (ours.fail_on if self.against else ()),
            strict=self.strict or ours.strict,
        )

    def compared(self, specs: Sequence[str], paths: Sequence[str]) -> Compared:
        """The specs, which paths meant, held against these. Raises BadParameter."""
        changes: tuple[FileDifference, ...] = ()
        said: dict[str, tuple[Diagnostic, ...]] = {}
        if self.against:
            changes = self._changes(specs, [path for path in paths if os.path.isdir(path)])
            _add(said, ((each.new or each.old or "", each.diagnostics) for each in changes))
        if self.lock:
            from archcalc.checking.locked import locked

            found = locked(specs, self.lock, update=self.update)
            _add(said, found.diagnostics.items())
            if found.written is not None:
                count = f"{found.written:,} network{'' if found.written == 1 else 's'}"
                sys.stderr.write(f"{self.lock}: written, {count}\n")
        return Compared(changes, said, self.strict)

    def _changes(self, specs: Sequence[str], folders: Sequence[str]) -> tuple[FileDifference, ...]:
        from archcalc.checking.against import against
        from archcalc.checking.pairs import Wanted
        from archcalc.cli.diff import conditions_of
        from archcalc.files import ArchcalcError

        wanted = Wanted(conditions=conditions_of(self.fail_on))
        try:
            return against(specs, self.against, wanted, folders)
        except ArchcalcError as error:
            sys.stderr.write(f"{error}\n")
            raise typer.Exit(2) from None


class Compared:
    """What a comparison has to say, to be told with what a check finds in each file."""

    def __init__(
        self, changes: tuple[FileDifference, ...], said: dict[str, tuple[Diagnostic, ...]], strict: bool
    ) -> None:
        self.changes, self.said, self.strict = changes, said, strict

    def into(self, take: Take, asked: Callable[[str], Asked]) -> Take:
        """``take``, given each file with what is said of it here too, but for what nobody wants to be told."""

        def both(found: CheckedFile) -> None:
            more = self.said.pop(found.file, ())
            if not more:
                take(found)
                return
            from archcalc.checking.ignores import heeded

            told, quiet = heeded(more, asked(found.file).ignored)
            every = sorted((*found.diagnostics, *self._meant(told)), key=lambda each: each.order)
            take(found.but(diagnostics=tuple(every), quieted=found.quieted + len(quiet)))

        return both

    def rest(self, take: Take) -> None:
        """Gives ``take`` what is said of files that were not checked: those that are gone, the lock itself."""
        for file, diagnostics in self.said.items():
            if diagnostics:
                take(CheckedFile(file=file, diagnostics=self._meant(diagnostics)))
        self.said.clear()

    def _meant(self, diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
        from archcalc.checking.file import as_error

        return tuple(map(as_error, diagnostics)) if self.strict else tuple(diagnostics)


def _add(said: dict[str, tuple[Diagnostic, ...]], found: Iterable[tuple[str, tuple[Diagnostic, ...]]]) -> None:
    for file, diagnostics in found:
        said[file] = (*said.get(file, ()), *diagnostics)
