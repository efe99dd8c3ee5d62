"""Where a diagnostic stands, as machines are told: each said once, paths that lead there from the project's root."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from archcalc.analyses.checked import CheckedFile, told_once
from archcalc.diagnostics import Diagnostic


def said(files: Iterable[CheckedFile]) -> Iterator[tuple[str, Diagnostic]]:
    """Every diagnostic with the path of the text it is of, in order; what two files share, once."""
    for file, new in told_once(files):
        for diagnostic in new:
            yield path_of(diagnostic, file), diagnostic


def path_of(diagnostic: Diagnostic, file: CheckedFile) -> str:
    """The file that a diagnostic is of: one that this file uses, or this one as a whole."""
    return diagnostic.span.source.name if diagnostic.span else file.file


def from_root(path: str) -> str:
    """A path from the root of the project with ``/`` between its parts; one that lies elsewhere is absolute.

    The root is where the command runs, or under GitHub's Actions the checkout, from which annotations are counted.
    """
    if path.startswith("<"):  # no file: <stdin>
        return path
    here = Path(os.path.abspath(path))
    for root in (os.environ.get("GITHUB_WORKSPACE"), os.getcwd()):
        if root and here.is_relative_to(root):
            return here.relative_to(root).as_posix()
    return here.as_posix()
