"""Verifications of many networks: a line each, and what they come to; and as JSON, docs/schema/verify-1.json."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from archcalc.report.agreement import departures, ellipsis, fit, outcome, title
from archcalc.report.json import diagnostic
from archcalc.report.layout import fold
from archcalc.report.numbers import exact
from archcalc.report.style import paint, visible
from archcalc.version import __version__

if TYPE_CHECKING:
    from archcalc.analyses.agreement import Agreement, Verification
    from archcalc.report.text import Paper

SCHEMA = 1
#: Columns of a line after the network's name: its layers, its comparisons, and what they came to.
_COUNTS, _OUTCOME = 18, 16
_NAME = 44


class Summary:
    """Draws networks as they come, and adds them up."""

    def __init__(self, paper: Paper) -> None:
        self.paper = paper
        self.name = _NAME if paper.width is None else max(min(_NAME, paper.width - _COUNTS - _OUTCOME - 2), 12)
        self.networks = self.failed = self.compared = 0
        self.left_out: Counter[tuple[str, str]] = Counter()

    def head(self) -> str:
        """The titles of the lines."""
        return (
            paint(f"{'network':<{self.name}}{'layers':>8}{'compared':>10}  verdict", "bold", self.paper.colour) + "\n"
        )

    def line(self, found: Verification) -> str:
        """A network's line, its departures beneath."""
        compared = sum(each.compared for each in found.quantities)
        self.networks += 1
        self.failed += found.status == "failed"
        self.compared += compared
        for each in found.quantities:
            for reason, count in each.skipped:
                self.left_out[each.quantity, reason] += count or found.layers
        cut = ellipsis(self.paper)
        name = fold(visible(f"{found.file}:{found.network}"), self.name, cut)
        counts = f"{name:<{self.name}}{exact(found.layers):>8}{exact(compared):>10}  "
        verdict = outcome(found)
        if self.paper.width is not None:
            verdict = fold(verdict, max(self.paper.width - len(counts), 8), cut, tail=True)
        lines = [counts + paint(verdict, "error" if found.status == "failed" else "good", self.paper.colour)]
        if found.status == "failed":
            lines += [*departures(found, self.paper), ""]
        return "".join(f"{each}\n" for each in lines)

    def foot(self) -> Iterator[str]:
        """What all of them came to, and what was left out."""
        agree = self.networks - self.failed
        verdict = "all agree" if not self.failed else f"{agree:,} agree, {self.failed:,} differ"
        line = fit(f"{self.networks:,} networks: {verdict}, in {self.compared:,} comparisons", self.paper)
        yield paint(line, "error" if self.failed else "good", self.paper.colour)
        for (quantity, reason), count in self.left_out.items():
            yield fit(f"{title(quantity)}: {count:,} layers left out, {reason}", self.paper)


def document(found: Verification) -> str:
    """One network's JSON object, without a newline at its end: one key and one quantity a line."""
    own = ("network", "title", "file", "status", "against", "layers", "message")
    keys: dict[str, Any] = {"schema": SCHEMA, "archcalc": __version__, **{name: getattr(found, name) for name in own}}
    keys["diagnostics"] = [diagnostic(each) for each in found.diagnostics]
    quantities = ",\n".join(json.dumps(_quantity(each), default=_plain) for each in found.quantities)
    lines = [f"{json.dumps(key)}: {json.dumps(value)}" for key, value in keys.items()]
    lines.append(f'"quantities": [\n{quantities}\n]' if quantities else '"quantities": []')
    return "{\n" + ",\n".join(lines) + "\n}"


def _quantity(found: Agreement) -> dict[str, Any]:
    named = ("layer", "line", "there", "ours", "theirs", "note")
    return {
        "quantity": found.quantity,
        "witness": found.witness,
        "verdict": found.verdict,
        "compared": found.compared,
        "agreeing": found.agreeing,
        "ours": found.ours,
        "theirs": found.theirs,
        "departures": [{name: getattr(each, name) for name in named} for each in found.departures],
        "skipped": [{"reason": reason, "layers": count} for reason, count in found.skipped],
        "notes": found.notes,
        "within": found.within,
    }


def _plain(value: Any) -> Any:
    """A receptive field as its keys, a fraction as it prints itself."""
    return value.plain() if hasattr(value, "plain") else str(value)
