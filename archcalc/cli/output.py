"""Reports to standard output, diagnostics to standard error, and the exit status that they make."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from archcalc.graph import Graph

STATUS = {"ok": 0, "failed": 1, "unreadable": 2}
#: What stands between two reports; CSV's are rows of one table.
_BETWEEN = {"text": "\n", "json": ",\n", "csv": "", "markdown": "\n"}


class Page(NamedTuple):
    """What one report prints: its body, or None, its diagnostics drawn, and the exit status that it makes.

    ``several``: whether it is one of several, which CSV and JSON show.
    """

    body: str | None
    said: tuple[str, ...]
    status: int
    several: bool


class Press:
    """Makes pages of reports, in whichever process; a ``Printer`` prints them."""

    def __init__(self, format_: str, keys: Sequence[str] = (), layout: str = "hwc", depth: int | None = None) -> None:
        self.format, self.keys, self.layout, self.depth = format_, keys, layout, depth

    def pages(self, reports: Sequence[Any], several: bool) -> list[Page]:
        """The pages of a file's reports, a diagnostic on the first that has it; ``several``: there are other files."""
        several = several or len(reports) > 1
        said: set[Any] = set()
        made = []
        for report in reports:
            new = [each for each in dict.fromkeys(report.diagnostics) if each not in said]
            said.update(new)
            made.append(Page(self._body(report, several), self._drawn(new), STATUS[report.status], several))
        return made

    def _body(self, report: Any, several: bool) -> str | None:
        if self.depth is not None and report.totals is not None:
            from archcalc.report.fold import folded

            report = folded(report, self.depth)
        if self.format == "json":
            from archcalc.report.json import document

            return document(report)
        if self.format == "csv":
            from archcalc.report import csv

            return csv.rows(report, self.keys, several, bool(report.convention), self.layout)
        if self.format == "markdown":
            from archcalc.report import markdown

            return markdown.section(report, self.keys, self.layout)
        return None if report.totals is None else self._text(report)

    def _text(self, report: Any) -> str:
        from archcalc.cli.paper import paper
        from archcalc.report.text import text

        return text(report, paper=paper(layout=self.layout), keys=self.keys)

    @staticmethod
    def _drawn(diagnostics: Sequence[Any]) -> tuple[str, ...]:
        if not diagnostics:
            return ()
        from archcalc.report.diagnostics import drawn
        from archcalc.report.style import coloured, terminal_width

        return tuple(drawn(diagnostics, colour=coloured(sys.stderr), width=terminal_width(sys.stderr)))


class Printer:
    """Prints pages as they come, in one document, and each drawn diagnostic once."""

    def __init__(
        self, format_: str, keys: Sequence[str] = (), layout: str = "hwc", convention: str | None = None
    ) -> None:
        self.format, self.keys, self.convention = format_, keys, convention
        self.said: set[str] = set()
        self.status = 0
        self.count = 0
        self.end = ""

    def put(self, page: Page) -> None:
        """Prints a page, and those of its diagnostics that no other had."""
        self.status = max(self.status, page.status)
        if page.body is not None:
            sys.stdout.write((_BETWEEN[self.format] if self.count else self._start(page.several)) + page.body)
            self.count += 1
        self._say([each for each in page.said if each not in self.said])

    def add(self, report: Any) -> None:
        """Prints a report that is the only one, or says why there is none."""
        for page in Press(self.format, self.keys).pages([report], several=False):
            self.put(page)

    @contextmanager
    def sized(self, graph: Graph) -> Iterator[None]:
        """What is worked out within needs every size of a network; where one is an open symbol, this says so."""
        from archcalc.analyses.memory.setting import OpenSize

        try:
            yield
        except OpenSize as error:
            self.refuse(graph, f"{graph.name}: {error}: give it one with --set or --input")

    def refuse(self, graph: Graph, why: str) -> None:
        """Says why there is nothing of a network that was read."""
        from archcalc.cli.recorded import complain

        complain(f"{graph.file}: {why}")
        self.status = 2

    def finish(self) -> int:
        """Ends the document; the exit status."""
        sys.stdout.write(self.end)
        sys.stdout.flush()
        return self.status

    def _start(self, several: bool) -> str:
        if self.format == "json":
            self.end = "\n]\n" if several else "\n"
            return "[\n" if several else ""
        if self.format == "csv":
            from archcalc.report import csv

            return csv.header(self.keys, several, bool(self.convention))
        return ""

    def _say(self, new: Sequence[str]) -> None:
        if not new:
            return
        self.said.update(new)
        # a report and what is wrong with it keep their order where both go to one place
        sys.stdout.flush()
        below = self.count and self.format == "text" and sys.stdout.isatty() and sys.stderr.isatty()
        sys.stderr.write(("\n" if below else "") + "".join(new))
        sys.stderr.flush()
