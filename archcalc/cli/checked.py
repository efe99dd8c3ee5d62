"""Files checked as they come: from the cache, here, or on several cores, told in the order of the command line."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING

from archcalc.analyses.checked import CheckedFile
from archcalc.checking.cache import Cache, texts_of
from archcalc.checking.file import Asked, check_file, check_source, unreadable
from archcalc.cli.paper import paper
from archcalc.cli.specs import by_file, ended, source_of
from archcalc.files import ArchcalcError, split

if TYPE_CHECKING:
    from archcalc.analyses.difference import FileDifference

Take = Callable[[CheckedFile], None]


class Checker:
    """Checks files; ``asked`` says what of each, by its path."""

    def __init__(self, cache: Cache | None, jobs: int | None) -> None:
        self.cache, self.jobs = cache, jobs
        self.asked: Callable[[str], Asked] = lambda path: Asked()

    def run(self, specs: Sequence[str], asked: Callable[[str], Asked], take: Take) -> None:
        """Calls ``take`` with what is found in each file, in order, as soon as it is due."""
        self.asked = asked
        known = {spec: found for spec in specs if (found := self._known(spec)) is not None}
        missing = [spec for spec in specs if spec not in known]
        waiting = list(reversed(specs))

        def settle() -> None:
            while waiting and waiting[-1] in known:
                take(known.pop(waiting.pop()))

        def taken(found: CheckedFile) -> None:
            spec = missing[len(done)]
            done.append(spec)
            self._keep(spec, found)
            known[spec] = found
            settle()

        done: list[str] = []
        settle()
        by_file(self._check, missing, taken, lost=_ended, jobs=self.jobs, prepare=_warm)
        if self.cache is not None:
            self.cache.save()

    def files(self, specs: Sequence[str]) -> list[str]:
        """The files that a check of these specs hangs on: their own, and those that they used last."""
        found = {split(spec)[0]: None for spec in specs}
        if self.cache is not None:
            found.update(dict.fromkeys(file for spec in specs for file in self.cache.known(spec)))
        return list(found)

    def _check(self, spec: str) -> CheckedFile:
        path, name = split(spec)
        if path != "-":
            return check_file(spec, self.asked(path))
        try:
            return check_source(source_of(path), name, self.asked(path))
        except ArchcalcError as error:
            return unreadable("<stdin>", error.diagnostics)

    def _known(self, spec: str) -> CheckedFile | None:
        path, _ = split(spec)
        if self.cache is None or path == "-":
            return None
        return self.cache.find(spec, path, _digest(self.asked(path)))

    def _keep(self, spec: str, found: CheckedFile) -> None:
        path, _ = split(spec)
        unread = any(each.code == "A101" for each in found.diagnostics)
        if self.cache is not None and path != "-" and not unread:
            self.cache.keep(spec, path, _digest(self.asked(path)), found, texts_of(path))


def _digest(asked: Asked) -> str:
    """What is asked of a file, in few letters; budgets by their text and its place, which is told."""
    places = [(claim.span.source, claim.span.line) for claim in asked.budgets]
    budgets = [(source.name, line, source.line(line)) for source, line in places]
    return blake2b(repr((asked.strict, sorted(asked.ignored), budgets)).encode(), digest_size=16).hexdigest()


def _ended(spec: str, how: str) -> CheckedFile:
    path, _ = split(spec)
    return unreadable(path, [ended(path, how)])


def _warm() -> None:
    """What every process needs is imported and learned once."""
    from archcalc.source import Source

    check_source(Source("<string>", "input 8x8x3; conv 3x3, 4\nexpect params = 112"))


class Teller:
    """Prints a check: text as it comes, each fault once; other formats when all is known."""

    def __init__(self, format_: str) -> None:
        self.format = format_
        self.files: list[CheckedFile] = []
        self.changes: tuple[FileDifference, ...] = ()
        self.said: set[str] = set()

    def differ(self, changes: Sequence[FileDifference]) -> None:
        """Takes what changed since a revision: above the faults, which end with the verdict where a person looks."""
        self.changes = tuple(changes)
        if self.format == "text":
            sys.stdout.write(_differing(changes))

    def take(self, found: CheckedFile) -> None:
        """Takes what was found in a file."""
        self.files.append(found)
        if self.format == "text" and found.diagnostics:
            from archcalc.report.diagnostics import drawn
            from archcalc.report.style import coloured, terminal_width

            out = sys.stdout
            each = drawn(found.diagnostics, colour=coloured(out), width=terminal_width(out))
            new = [text for text in each if text not in self.said]
            self.said.update(new)
            out.write("".join(new))
            out.flush()

    def finish(self) -> int:
        """Ends the document; the exit status."""
        from importlib import import_module

        from archcalc.analyses.checked import summed
        from archcalc.cli.output import STATUS

        summary = summed(self.files)
        if self.format == "text":
            from archcalc.report.check.text import verdict
            from archcalc.report.style import coloured, terminal_width

            out = sys.stdout
            out.write(verdict(summary, colour=coloured(out), width=terminal_width(out)) + "\n")
        else:
            more = {"against": self.changes} if self.format in ("json", "markdown") else {}
            sys.stdout.write(import_module(f"archcalc.report.check.{self.format}").render(self.files, **more))
        sys.stdout.flush()
        return STATUS[summary.status]


def _differing(changes: Sequence[FileDifference]) -> str:
    """What changed since a revision, for a terminal: a line a network."""
    from archcalc.report.difference.brief import text

    return text(changes, paper(bars=False))
