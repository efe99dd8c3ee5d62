"""What pytest collects of a spec: its networks, and a test for each thing that holds or does not."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from archcalc.analyses.checked import CheckedFile
from archcalc.checking.file import check_file
from archcalc.checking.project import Project, project
from archcalc.diagnostics import Diagnostic, nearest
from archcalc.record import Record
from archcalc.report.check.cases import Case, cases
from archcalc.report.check.figures import sentence
from archcalc.report.diagnostics import draw, draw_all
from archcalc.report.style import visible
from archcalc.testing import ArchcalcWarning

_PROJECT = pytest.StashKey[Project]()


class SpecFile(pytest.File):
    """A file: its networks, and its errors that are no figure's."""

    def collect(self) -> Iterator[pytest.Item | pytest.Collector]:
        found = self._checked()
        [(_, made)] = cases([found])
        names = dict.fromkeys(case.network for case in made if case.network is not None)
        self._refuse([*names, *(case.name for case in made if case.network is None)])
        for name in names:
            own = [case for case in made if case.network == name]
            yield SpecNetwork.from_parent(self, name=visible(name), cases=own)
        yield from _items(self, [case for case in made if case.network is None])

    def _refuse(self, names: Sequence[str]) -> None:
        """Raises CollectError for a name on the command line, ``specs/vgg.arch::F``, that is none of these."""
        known = {part for name in map(visible, names) for part in (name, name.partition("[")[0])}
        for arg in self.config.args:
            base, bracket, rest = arg.partition("[")
            path, *parts = base.split("::")
            name = parts[0] + (bracket + rest if len(parts) == 1 else "") if parts else None
            if name is not None and name not in known and self.config.invocation_params.dir / path == self.path:
                repair = nearest(name, names) or f"it has {', '.join(map(visible, names))}"
                raise self.CollectError(f"{path} has no network '{name}'; {repair}")

    def _checked(self) -> CheckedFile:
        """What is found in it; doubts are warnings of pytest, or errors where it makes errors of those."""
        path = _from_here(self.path)
        asked = self._project().asked(path, strict=bool(self.config.getoption("--archcalc-strict")))
        found = check_file(path, asked)
        try:
            for each in found.diagnostics:
                if each.severity == "warning" and _speaks(self.config):
                    _warn(each, self.path)
        except ArchcalcWarning:
            return check_file(path, asked.but(strict=True))
        return found

    def _project(self) -> Project:
        """The configuration of the project in pytest's root folder; what is wrong with it is told once."""
        if _PROJECT not in self.config.stash:
            self.config.stash[_PROJECT], wrong = project([str(self.config.rootpath)])
            if wrong:
                raise self.CollectError(draw_all(wrong).rstrip("\n"))
        return self.config.stash[_PROJECT]


class SpecNetwork(pytest.Collector):
    """A network of a file."""

    def __init__(self, *, cases: Sequence[Case], **more: Any) -> None:
        super().__init__(**more)
        self.cases = cases

    def collect(self) -> Iterator[pytest.Item]:
        return _items(self, self.cases)


class SpecItem(pytest.Item):
    """One case: a figure, or an error that is no figure's."""

    def __init__(self, *, case: Case, **more: Any) -> None:
        super().__init__(**more)
        self.case = case

    def runtest(self) -> None:
        if self.case.outcome == "undecided":
            pytest.skip(sentence(self.case))
        if self.case.outcome != "passed":
            raise _Wrong(self.case)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The diagnostic as archcalc draws it, instead of a traceback."""
        if isinstance(excinfo.value, _Wrong):
            return _Drawing(self.path, self.case)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[os.PathLike[str], int, str]:
        return self.path, self.case.line - 1, f"{_from_here(self.path)}: {visible(self.case.title)}"


class _Wrong(Exception):
    """A case that does not hold."""


class _Crash(Record):
    """Where a test failed and why: what pytest's summary tells in its line."""

    path: str
    lineno: int
    message: str


class _Drawing:
    """A failure as pytest prints it: the drawing, and one line for the summary at the end."""

    def __init__(self, path: Path, case: Case) -> None:
        self.case = case
        message = case.fault.message if case.fault else sentence(case)
        self.reprcrash = _Crash(str(path), case.line, visible(message))

    def __str__(self) -> str:
        return self._text()

    def toterminal(self, terminal: Any) -> None:
        """Writes it, as pytest asks of what is no text; in colour and cut to the width where a person looks on."""
        seen = terminal.hasmarkup
        terminal.line(self._text(colour=seen, width=terminal.fullwidth if seen else None))

    def _text(self, **how: Any) -> str:
        told = self.case.fault or self.case.because
        lines = [] if self.case.fault else [visible(sentence(self.case))]
        return "\n".join([*lines, *([draw(told, **how)] if told else [])])


def _items(parent: SpecFile | SpecNetwork, found: Sequence[Case]) -> Iterator[pytest.Item]:
    for case in found:
        yield SpecItem.from_parent(parent, name=visible(case.name), case=case)


def _from_here(path: Path) -> str:
    """A path as a person names it who runs pytest here."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def _speaks(config: pytest.Config) -> bool:
    """Whether warnings are this process's to tell: of pytest-xdist's workers, which all collect, the first."""
    worker: str = getattr(config, "workerinput", {"workerid": "gw0"})["workerid"]
    return worker == "gw0"


def _warn(diagnostic: Diagnostic, path: Path) -> None:
    """Raises ArchcalcWarning where a filter makes errors of warnings."""
    line = diagnostic.span.line if diagnostic.span else 1
    name = diagnostic.span.source.name if diagnostic.span else str(path)
    text = f"{diagnostic.code}: {visible(diagnostic.message)}"
    warnings.warn_explicit(text, ArchcalcWarning, filename=name, lineno=line)
