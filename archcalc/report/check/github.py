"""A check as workflow commands of GitHub's Actions, which makes an annotation of each line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archcalc.analyses.checked import CheckedFile, summed
from archcalc.diagnostics import CODES, Diagnostic
from archcalc.report.check.places import from_root, said
from archcalc.report.check.text import verdict
from archcalc.report.style import visible

_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def render(files: Sequence[CheckedFile]) -> str:
    """A command a diagnostic, then a line that is none, a newline at its end."""
    lines = [_command(path, diagnostic) for path, diagnostic in said(files)]
    return "\n".join([*lines, visible(verdict(summed(files)))]) + "\n"


def _command(path: str, diagnostic: Diagnostic) -> str:
    properties = ",".join(f"{key}={_property(value)}" for key, value in _place(path, diagnostic))
    help = (f"help: {diagnostic.help}",) if diagnostic.help else ()
    message = "\n".join(map(visible, (diagnostic.message, *diagnostic.notes, *help)))
    return f"::{_COMMANDS[diagnostic.severity]} {properties}::{_data(message)}"


def _place(path: str, diagnostic: Diagnostic) -> Iterator[tuple[str, str]]:
    """File, lines, and columns where one line is meant: annotations of several have none."""
    if not path.startswith("<"):
        yield "file", visible(from_root(path))
    span = diagnostic.span
    if span is not None:
        one = span.line == span.end_line
        yield "line", str(span.line)
        if one:
            yield "col", str(span.column)
        yield "endLine", str(span.end_line)
        if one:
            yield "endColumn", str(span.end_column)
    yield "title", f"{diagnostic.code}: {CODES[diagnostic.code]}"


def _data(text: str) -> str:
    """What stands behind the second ``::``."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """What stands between ``=`` and the next comma."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
