"""From what a person names on the command line to reports, one a network; nothing that a file does ends the run."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from archcalc.analyses.summary import Report, unreadable
from archcalc.diagnostics import Diagnostic
from archcalc.network import ArchcalcError, Network, build, decode, document, read_source, split


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
            report = network.report(**figures)
            yield _strict(report) if strict else report


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
        read = document(_source(path))
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


def _source(path: str) -> Any:
    if path == "-":
        return decode(_shown(path), sys.stdin.buffer.read())
    if os.path.isdir(path):
        raise ArchcalcError([Diagnostic("A101", f"no .arch file in {path}")])
    return read_source(path)


def _strict(report: Report) -> Report:
    """The report with its warnings as errors."""
    if not any(diagnostic.severity == "warning" for diagnostic in report.diagnostics):
        return report
    return report.but(status="failed", diagnostics=tuple(map(_as_error, report.diagnostics)))


def _as_error(diagnostic: Diagnostic) -> Diagnostic:
    return replace(diagnostic, severity="error") if diagnostic.severity == "warning" else diagnostic
