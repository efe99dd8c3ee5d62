"""Reports to standard output, diagnostics to standard error, and the exit status that they make."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from archcalc.diagnostics import Diagnostic

STATUS = {"ok": 0, "failed": 1, "unreadable": 2}


class Printer:
    """Takes reports one by one: text and JSON are printed as they come, the other formats at the end."""

    def __init__(self, format_: str, keys: Sequence[str], layout: str, depth: int | None) -> None:
        self.format, self.keys, self.layout, self.depth = format_, keys, layout, depth
        self.reports: list[Any] = []
        self.first = ""
        self.drawn: set[Diagnostic] = set()
        self.status = 0
        self.count = 0

    def add(self, report: Any) -> None:
        """Prints a report, or keeps what is wanted at the end, and draws those of its diagnostics not drawn yet."""
        self.status = max(self.status, STATUS[report.status])
        if self.depth is not None and report.totals is not None:
            from archcalc.report.fold import folded

            report = folded(report, self.depth)
        if self.format == "text":
            self._text(report)
        elif self.format == "json":
            self._json(report)
        else:
            self.reports.append(report)
        self._draw(report.diagnostics)

    def finish(self) -> int:
        """Prints what was kept; the exit status."""
        if self.format == "json":
            self._out("\n]\n" if self.count > 1 else self.first + "\n")
        elif self.format == "csv":
            from archcalc.report import csv

            self._out(csv.dumps(self.reports, keys=self.keys))
        elif self.format == "markdown":
            from archcalc.report import markdown

            self._out(markdown.dumps(self.reports, keys=self.keys, layout=self.layout))
        sys.stdout.flush()
        return self.status

    def _text(self, report: Any) -> None:
        if report.totals is None:
            return
        from archcalc.report.style import coloured, plain_only, terminal_width
        from archcalc.report.text import Paper, text

        out = sys.stdout
        paper = Paper(terminal_width(out), coloured(out), out.isatty(), plain_only(out), self.layout)
        self._out(("\n" if self.count else "") + text(report, paper=paper, keys=self.keys))
        self.count += 1

    def _json(self, report: Any) -> None:
        """One report is an object, several are an array: which it is shows when the second comes."""
        from archcalc.report.json import document

        made = document(report)
        if self.count == 0:
            self.first = made
        else:
            self._out(("[\n" + self.first if self.count == 1 else "") + ",\n" + made)
        self.count += 1

    def _out(self, text: str) -> None:
        sys.stdout.write(text)

    def _draw(self, diagnostics: Sequence[Diagnostic]) -> None:
        new = [diagnostic for diagnostic in dict.fromkeys(diagnostics) if diagnostic not in self.drawn]
        if not new:
            return
        from archcalc.report.diagnostics import draw_all
        from archcalc.report.style import coloured, terminal_width

        self.drawn.update(new)
        # a report and what is wrong with it keep their order where both go to one place
        sys.stdout.flush()
        below = self.count and self.format == "text" and sys.stdout.isatty() and sys.stderr.isatty()
        blank = "\n" if below else ""
        sys.stderr.write(blank + draw_all(new, colour=coloured(sys.stderr), width=terminal_width(sys.stderr)))
        sys.stderr.flush()
