"""Specs as tests: ``check`` for a test written in Python; ``pytest --archcalc`` makes tests of the files themselves."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archcalc.analyses.checked import CheckedFile

__all__ = ["ArchcalcWarning", "check"]


class ArchcalcWarning(UserWarning):
    """A doubt about a spec, as pytest's summary of warnings tells it."""


def check(spec: str | os.PathLike[str], *, strict: bool = False) -> CheckedFile:
    """What ``archcalc check`` finds in a file, or in ``FILE:NETWORK``; under ``strict`` warnings are errors.

    Its project's configuration is asked too. Raises AssertionError with every error drawn, where there is one.
    """
    __tracebackhide__ = True
    from archcalc.checking.file import check_file
    from archcalc.checking.project import project
    from archcalc.report.diagnostics import draw_all

    path = os.fspath(spec)
    configured, wrong = project([path])
    found = check_file(path, configured.asked(path, strict=strict))
    errors = [each for each in (*wrong, *found.diagnostics) if each.severity == "error"]
    if errors or found.status != "ok":
        raise AssertionError(draw_all(errors).rstrip("\n") or f"{found.file} gives no network")
    return found
