"""Measurements as they come: printed, kept in the history, and what went wrong; a summary at the end."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archcalc.cli.paper import paper
from archcalc.cli.recorded import complain, record, warn
from archcalc.report.progress import Progress
from archcalc.report.style import paint

if TYPE_CHECKING:
    from fractions import Fraction

    from archcalc.analyses.latency.measured import Profile
    from archcalc.analyses.latency.ratio import Ratio
    from archcalc.graph import Graph
    from archcalc.pytorch.profile import Unmeasurable

#: The exit status of what an interrupt ended.
_INTERRUPTED = 130


class Sheet:
    """Takes measurements one by one.

    ``wanted``: how many times something is measured, two by turns once. ``several``: others may follow, so that JSON
    is an array, and groups are folded unless a ``depth`` is told.
    ``by_turns``: two are wanted, and their ratio ends it. ``keeps``: in the history, the usual one or that of ``db``.
    """

    def __init__(
        self,
        format_: str,
        *,
        wanted: int,
        several: bool,
        by_turns: bool,
        depth: int | None,
        keeps: bool,
        db: Path | None,
    ) -> None:
        self.wanted, self.ended = wanted, 0
        self.format, self.several, self.by_turns, self.db = format_, several, by_turns, db
        self.depth = 1 if several and depth is None else depth
        self.paper = paper()
        self.progress = Progress(sys.stderr)
        self.status, self.stopped = 0, False
        self.keeps = keeps
        self.made: list[Profile] = []
        self.ratio: Ratio | None = None
        self.said: set[str] = set()

    @contextmanager
    def going_on(self) -> Iterator[None]:
        """What cannot be measured is told, and ends nothing of what follows."""
        self.progress.tell("loading PyTorch")
        from archcalc.pytorch.profile import Unmeasurable

        try:
            yield
        except Unmeasurable as fault:
            self.progress.wipe()
            if fault.partial is not None:
                self.add(fault.partial, None)
            self._fail(fault)
            self.ended += 1
        else:
            self.ended += 1
        finally:
            self.progress.wipe()

    def add(self, profile: Profile, graph: Graph | None) -> None:
        """Prints a measurement, and keeps it."""
        from archcalc.report.profile.json import document

        self.progress.wipe()
        least = None
        if graph is not None:
            profile, least = beside(profile, graph, self.db)
        found = document(profile)
        sys.stdout.write(self._before() + self._body(profile, found, least))
        self.made.append(profile)
        if self.keeps:
            number = record("profile", found, self.db)
            if number is None:
                self.keeps = False  # nor would the next be kept: said once
            elif self.format == "text":
                said = f"kept as no. {number}: archcalc history show {number}"
                sys.stdout.write(f"{paint(said, 'dim', self.paper.colour)}\n")
        sys.stdout.flush()

    def _before(self) -> str:
        """What stands before a measurement."""
        if self.format == "csv":
            from archcalc.report.profile import csv

            return "" if self.made else csv.header()
        if self.format == "json":
            return "" if self.by_turns else ",\n" if self.made else "[\n" if self.several else ""
        return "\n" if self.made else ""

    def _body(self, profile: Profile, found: Mapping[str, Any], least: Fraction | None) -> str:
        from archcalc.report.profile import csv, json, markdown, text

        if self.format == "json":
            return "" if self.by_turns else json.dumps(found)
        if self.format == "csv":
            return csv.rows(profile)
        if self.format == "markdown":
            return markdown.section(profile, depth=self.depth, least=least)
        return text.text(profile, self.paper, depth=self.depth, least=least)

    def again(self, name: str, reasons: Iterable[str], words: str) -> None:
        """Tells why something is measured once more."""
        self.progress.wipe()
        warn(f"{name} is noisy: {'; '.join(reasons)}; {words}")

    def _fail(self, fault: Unmeasurable) -> None:
        """What cannot be measured, once however often it is asked for."""
        self.status = 2
        named = f"{fault.layer}: " if fault.layer and fault.layer not in fault.message else ""
        line = f"{named}{fault.message}{f'; {fault.help}' if fault.help else ''}"
        if line not in self.said:
            self.said.add(line)
            complain(line)

    def finish(self) -> int:
        """Prints what is left; the exit status."""
        sys.stdout.write(self._after())
        sys.stdout.flush()
        if self.stopped and self.ended < self.wanted:
            warn(f"interrupted: {self._missing()}")
        return _INTERRUPTED if self.stopped else self.status

    def _missing(self) -> str:
        """What an interrupt left unmeasured."""
        left = self.wanted - self.ended
        if not self.made:
            return "nothing was measured"
        return f"{left} of {self.wanted} {'was' if left == 1 else 'were'} not measured"

    def _after(self) -> str:
        from archcalc.report.profile import json, markdown, several, turns

        if self.format == "json" and self.by_turns:
            return turns.document(self.ratio, [*map(json.document, self.made)])
        if self.format == "json":
            return ("\n]\n" if self.several else "\n") if self.made else "[]\n"
        if len(self.made) < 2 or self.format == "csv":
            return ""
        if self.format == "markdown":
            verdict = f"\n{turns.markdown(self.ratio, self.made)}" if self.ratio else ""
            return f"\n{markdown.table(self.made)}{verdict}"
        verdict = f"\n{turns.text(self.ratio, self.made, self.paper)}" if self.ratio else ""
        return f"\n{several.text(self.made, self.paper)}{verdict}"


def beside(profile: Profile, graph: Graph, db: Path | None) -> tuple[Profile, Fraction | None]:
    """The measurement with what bounds each layer, and nanoseconds that they take at the roof: as far as a GPU's
    published peaks tell, or a calibration in the history."""
    from archcalc.analyses.latency.bound import at_roof, bounded, calibration_for
    from archcalc.history import Unusable

    try:
        calibration = calibration_for(profile, db)
    except Unusable:  # told where the measurement is kept there
        calibration = None
    return bounded(profile, graph, calibration), at_roof(profile, graph, calibration)
