"""Measurements kept beyond the command that takes them: where, and what is said if they cannot be."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

Database = Annotated[
    Path | None,
    typer.Option("--db", metavar="PATH", help="Where measurements are kept, if not in ARCHCALC_DB or your data."),
]


def record(kind: str, document: Mapping[str, Any], path: Path | None = None) -> int | None:
    """Keeps a measurement; its number, or None, with a warning, where it cannot be kept: that spoils no measurement."""
    from archcalc.history import History, Unusable

    try:
        return History(path, warn).add(kind, document)
    except Unusable as error:
        warn(f"not kept: {error}")
        return None


def writable(path: Path | None = None) -> None:
    """Ends in a line where nothing can be kept: before a long measurement that is made to be kept."""
    from archcalc.history import History, Unusable

    try:
        History(path, warn).merge([])
    except Unusable as error:
        end(str(error))


def warn(line: str) -> None:
    """A warning, a line on standard error."""
    _say("warning", line)


def complain(line: str) -> None:
    """An error, a line on standard error."""
    _say("error", line)


def end(line: str) -> NoReturn:
    """An error in a line, and the exit status of who could do nothing."""
    complain(line)
    raise typer.Exit(2)


def _say(severity: str, line: str) -> None:
    """What is on standard output by now keeps its place before it."""
    from archcalc.report.style import coloured, paint, terminal_width, visible, wrapped

    sys.stdout.flush()
    width = terminal_width(sys.stderr) if sys.stderr.isatty() else None
    said = wrapped(f"{severity}: {visible(line)}", width).removeprefix(severity)
    sys.stderr.write(f"{paint(severity, severity, coloured(sys.stderr))}{said}\n")
