"""What ``archcalc check`` compares with: a git revision, a lock file."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
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


#: What a fault of the comparison with git is told of: it is no file's.
_GIT = "<git>"
#: Set by what runs checks unattended, as GitHub's Actions and GitLab do: nobody would commit a lock begun there.
_UNATTENDED = "CI"


class Since(Configuration):
    """What is asked for: a revision, what may not change since it, a lock file, whether to write it, and whether to
    begin one where there is none.
    """

    against: str
    fail_on: tuple[str, ...]
    lock: str
    update: bool
    strict: bool
    begin: bool = False

    def meant(self) -> Since:
        """The same. Raises BadParameter for options that mean nothing."""
        if self.fail_on and not self.against:
            raise typer.BadParameter("it is about changes: give --against REVISION too", param_hint="--fail-on")
        if self.update and not self.lock:
            raise typer.BadParameter(
                "give --lock FILE too, or the key 'lock' in the project's configuration", param_hint="--update-lock"
            )
        return self

    @property
    def asked(self) -> bool:
        """Whether there is anything to compare with."""
        return bool(self.against or self.lock)

    def within(self, ours: Project) -> Since:
        """The same with what a project says of it: its lock where the command line names none, and its gates too."""
        gates = (*ours.fail_on, *self.fail_on) if self.against else ()
        return self.but(
            lock=self.lock or (ours.near(ours.lock) if ours.lock else ""),
            fail_on=tuple(dict.fromkeys(gates)),
            strict=self.strict or ours.strict,
            begin=bool(self.lock) and not os.environ.get(_UNATTENDED),
        )

    def compared(self, specs: Sequence[str], paths: Sequence[str], ours: Project) -> Compared:
        """The specs, which paths meant (none: all of a project), held against these. Raises BadParameter."""
        from archcalc.files import ArchcalcError

        changes: tuple[FileDifference, ...] = ()
        said: dict[str, tuple[Diagnostic, ...]] = {}
        folders = [path for path in paths or ours.roots() if os.path.isdir(path)]
        if self.against:
            try:
                changes = self._changes(specs, folders)
            except ArchcalcError as error:
                said[_GIT] = error.diagnostics
            _add(said, ((each.new or each.old or "", each.diagnostics) for each in changes))
        if self.lock:
            whole = not paths or len(folders) == len(paths)
            _add(said, self._locked(specs, folders if paths else [ours.folder], whole=whole).items())
        return Compared(changes, said, self.strict)

    def _changes(self, specs: Sequence[str], folders: Sequence[str]) -> tuple[FileDifference, ...]:
        from archcalc.checking.against import against
        from archcalc.checking.pairs import Wanted
        from archcalc.cli.diff import conditions_of

        return against(specs, self.against, Wanted(conditions=conditions_of(self.fail_on)), folders)

    def _locked(
        self, specs: Sequence[str], folders: Sequence[str], *, whole: bool
    ) -> Mapping[str, tuple[Diagnostic, ...]]:
        """What the lock has to say, and one line of what was written to it."""
        from archcalc.checking.locked import Extent, locked

        extent = Extent(folders=tuple(folders), whole=whole)
        found = locked(specs, self.lock, update=self.update, begin=self.begin, extent=extent)
        if found.written is not None:
            count = f"{found.written:,} network{'' if found.written == 1 else 's'}"
            kept = f", {found.kept:,} of them left as in the old one" if found.kept else ""
            dropped = f"; {found.dropped:,} no more there, left out" if found.dropped else ""
            sys.stderr.write(f"{self.lock}: written, {count}{kept}{dropped}\n")
        return found.diagnostics


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
                from archcalc.checking.file import strictly

                found = CheckedFile(file=file, diagnostics=diagnostics, spec=False)
                take(strictly(found) if self.strict else found)
        self.said.clear()

    def _meant(self, diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
        from archcalc.checking.file import as_error

        return tuple(map(as_error, diagnostics)) if self.strict else tuple(diagnostics)


def _add(said: dict[str, tuple[Diagnostic, ...]], found: Iterable[tuple[str, tuple[Diagnostic, ...]]]) -> None:
    for file, diagnostics in found:
        said[file] = (*said.get(file, ()), *diagnostics)
