"""A check as a person reads it: each fault drawn, then one line that says how it went."""

from __future__ import annotations

from archcalc.analyses.checked import Summary
from archcalc.report.style import paint, wrapped


def verdict(summary: Summary, *, colour: bool = False, width: int | None = None) -> str:
    """How it went, in one line without a newline at its end; in several where ``width`` columns are not enough."""
    found = [_counted(summary.errors, "error"), _counted(summary.warnings, "warning")]
    faults = " and ".join(each for each in found if each)
    style = "error" if summary.status != "ok" else "warning" if summary.warnings else "help"
    head = faults or "All well"
    told = wrapped(f"{head}: {_told(summary)}", width)
    return paint(head, style, colour) + told.removeprefix(head) if told.startswith(head) else told


def _told(summary: Summary) -> str:
    """What was checked, and how much of it holds."""
    networks = (
        f"{_counted(summary.networks, 'network') or 'no network'} in {_counted(summary.files, 'file') or 'no file'}"
    )
    parts = [networks]
    if summary.claims:
        held = f"{summary.held:,} of " if summary.held < summary.claims else "all " if summary.claims > 1 else ""
        parts.append(f"{held}{_counted(summary.claims, 'figure')} right")
    if summary.undecided:
        parts.append(f"{summary.undecided:,} undecided")
    if summary.errata:
        parts.append(f"{_counted(summary.errata, 'erratum', 'errata')} confirmed")
    if summary.quieted:
        parts.append(f"{summary.quieted:,} ignored")
    return ", ".join(parts)


def _counted(count: int, one: str, several: str = "") -> str:
    """``2 files``; nothing for none."""
    return f"{count:,} {one if count == 1 else several or one + 's'}" if count else ""
