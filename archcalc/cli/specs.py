"""From what a person names on the command line to reports, one a network; nothing that a file does ends the run."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from archcalc.analyses.summary import Report, unreadable
from archcalc.diagnostics import Diagnostic
from archcalc.files import ArchcalcError, decode, read_source, split
from archcalc.network import Network, build, document
from archcalc.source import LARGEST, Source

Result = TypeVar("Result")


def examined(
    specs: Sequence[str], options: Mapping[str, Any], figures: Mapping[str, Any], *, strict: bool
) -> Iterator[Report]:
    """A report for each network of each spec, in order; an ``unreadable`` one for whatever gives no network.

    ``options`` are ``settings`` and ``input_shape``, ``figures`` what ``Network.report`` takes; ``strict`` makes errors
    of warnings.
    """
    for spec in specs:
        for network in named_by(spec, options):
            if isinstance(network, Report):
                yield network
                continue
            report = _heeding(network.report(**figures))
            yield _strict(report) if strict else report


def one_by_one(specs: Sequence[str]) -> list[str]:
    """The specs, each directory replaced by its own."""
    return [str(path) if name is None else spec for spec in specs for path, name in _files(spec)]


def by_file(
    work: Callable[[str], Result],
    files: Sequence[str],
    take: Callable[[Result], None],
    *,
    lost: Callable[[str, str], Result],
    jobs: int | None,
    prepare: Callable[[], object],
) -> None:
    """Calls ``take`` with ``work(file)`` of each file in order, made on several cores where that is quicker.

    ``jobs`` processes, as many as are worth it if None. ``prepare`` is called before others are made: what it imports
    and learns, all have. ``lost`` makes what is taken for a file whose process was ended, and how, as ``SIGKILL``.
    """
    if len(files) > 1:
        from archcalc.cli.workers import Lost, hands, spread

        weights = [_weight(spec) for spec in files]
        count = hands(weights, jobs)
        if count > 1:
            prepare()
            places = iter(files)

            def taken(result: Result | Lost) -> None:
                spec = next(places)
                take(lost(spec, result.how) if isinstance(result, Lost) else result)

            spread(work, files, weights, count, taken)
            return
    for spec in files:
        take(work(spec))


def _weight(spec: str) -> int | None:
    """Bytes of a spec's file; None of what is no file: it may be read only once, or is not there."""
    path, _ = split(spec)
    try:
        return os.path.getsize(path) if path != "-" and os.path.isfile(path) else None
    except OSError:
        return None


def given_up(spec: str, how: str) -> Report:
    """The report on a file whose process was ended."""
    path, name = split(spec)
    return unreadable(name, path, [ended(path, how)])


def ended(path: str, how: str) -> Diagnostic:
    """Why there is nothing of a file whose process was ended."""
    why = f"cannot read {path}: its process was ended ({how}), perhaps for want of memory; --jobs 1 needs less"
    return Diagnostic("A101", why)


def named_by(spec: str, options: Mapping[str, Any]) -> Iterator[Network | Report]:
    """The networks of a spec, in order; an ``unreadable`` report for whatever gives none."""
    for path, name in _files(spec):
        yield from _networks(path, name, options)


def _files(spec: str) -> list[tuple[str, str | None]]:
    """A directory's specs, sorted by name; any other spec itself."""
    if not os.path.isdir(spec):
        return [split(spec)]
    return [(str(file), None) for file in sorted(Path(spec).glob("*.arch"))] or [(spec, None)]


def _networks(path: str, name: str | None, options: Mapping[str, Any]) -> Iterator[Network | Report]:
    try:
        read = document(source_of(path))
    except ArchcalcError as error:
        yield unreadable(name, _shown(path), error.diagnostics)
        return
    wanted: list[str | None] = [name] if name is not None else [*read.names] or [None]
    for each in wanted:
        try:
            yield build(read, each, **options)
        except ArchcalcError as error:
            yield unreadable(each, _shown(path), error.diagnostics)


def _shown(path: str) -> str:
    return "<stdin>" if path == "-" else path


def source_of(path: str) -> Source:
    """The text of a file, or of standard input for ``-``. Raises ArchcalcError."""
    if path == "-" and sys.stdin is None:
        raise ArchcalcError([Diagnostic("A101", "standard input is closed")])
    if path == "-":
        return decode(_shown(path), sys.stdin.buffer.read(LARGEST + 1))
    if os.path.isdir(path):
        raise ArchcalcError([Diagnostic("A101", f"no .arch file in {path}")])
    return read_source(path)


def _heeding(report: Report) -> Report:
    """The report without what comments of its text ask not to be told of."""
    if not report.diagnostics:
        return report
    from archcalc.checking.ignores import heeded, unheard

    told, quiet = heeded(report.diagnostics, frozenset())
    if not quiet:
        return report
    return report.but(
        status="failed" if any(each.severity == "error" for each in told) else "ok",
        expectations=unheard(report.expectations, quiet),
        diagnostics=tuple(told),
        quieted=len(quiet),
    )


def _strict(report: Report) -> Report:
    """The report with its warnings as errors."""
    if not any(diagnostic.severity == "warning" for diagnostic in report.diagnostics):
        return report
    return report.but(status="failed", diagnostics=tuple(map(_as_error, report.diagnostics)))


def _as_error(diagnostic: Diagnostic) -> Diagnostic:
    return replace(diagnostic, severity="error") if diagnostic.severity == "warning" else diagnostic
