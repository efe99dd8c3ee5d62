"""What differs between two networks: their totals, their layers and what became of their claims."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from archcalc.analyses.check import Expectation
from archcalc.analyses.difference.change import Change, changes
from archcalc.analyses.difference.condition import Broken
from archcalc.analyses.difference.layers import LayerChange, layer_changes
from archcalc.analyses.summary import Report, Status, Totals
from archcalc.diagnostics import Diagnostic
from archcalc.record import Configuration

State = Literal["same", "changed", "added", "removed"]


class ClaimChange(Configuration):
    """One claim of both texts, or of one: ``old`` is None where it was added, ``new`` where it was removed."""

    old: Expectation | None
    new: Expectation | None

    @property
    def state(self) -> State:
        """``changed``: another figure is claimed or computed, or it holds on one side only."""
        if self.old is None or self.new is None:
            return "added" if self.old is None else "removed"
        return "same" if _judged(self.old) == _judged(self.new) else "changed"


class Difference(Configuration):
    """Two networks, or one where a file has no such network: ``old`` is None where it was added; then only its totals
    are told.

    ``layers`` are those of both, in order, equal ones too; everything else holds only what differs. ``broken`` are the
    conditions that the change is not allowed to meet, and does.
    """

    old: Report | None
    new: Report | None
    settings: tuple[Change, ...] = ()
    input: Change | None = None
    output: Change | None = None
    totals: tuple[Change, ...] = ()
    layers: tuple[LayerChange, ...] = ()
    claims: tuple[ClaimChange, ...] = ()
    broken: tuple[Broken, ...] = ()

    @property
    def network(self) -> str | None:
        """The network's name, the new one where it was renamed."""
        side = self.new or self.old
        return None if side is None else side.network

    @property
    def state(self) -> State:
        """``same``: no figure, layer, name, parameter or claim differs; where the lines stand is no matter."""
        if self.old is None or self.new is None:
            return "added" if self.old is None else "removed"
        around = (self.settings, self.input, self.output, self.totals)
        parts = (*(each.state for each in self.layers), *(each.state for each in self.claims))
        return "changed" if any(around) or any(state != "same" for state in parts) else "same"

    @property
    def figures_differ(self) -> bool:
        """Whether a figure or a shape of the network or one of its layers is another."""
        return bool(self.input or self.output or self.totals or any(each.figures for each in self.layers))


class FileDifference(Configuration):
    """Two files and what differs between their networks: ``old`` is None where there was no such file, ``new`` where
    there is none any more. ``diagnostics`` say why networks of one side could not be compared.
    """

    old: str | None
    new: str | None
    networks: tuple[Difference, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def status(self) -> Status:
        """``unreadable`` where an error stands in the way, ``failed`` where a change is not allowed."""
        if any(each.severity == "error" and each.code != "A207" for each in self.diagnostics):
            return "unreadable"
        return "failed" if any(each.broken for each in self.networks) else "ok"


def difference(old: Report | None, new: Report | None) -> Difference:
    """What differs between two networks that were reported on under the same conditions."""
    if old is None or new is None:
        return Difference(old=old, new=new, totals=changes(_totals(old), _totals(new)))
    return Difference(
        old=old,
        new=new,
        settings=changes({**_absent(new.settings), **old.settings}, {**_absent(old.settings), **new.settings}),
        input=next(iter(changes({"input": _inputs(old)}, {"input": _inputs(new)})), None),
        output=next(iter(changes({"output": old.output}, {"output": new.output})), None),
        totals=changes(_totals(old), _totals(new)),
        layers=layer_changes(old.layers, new.layers),
        claims=_claims(old.expectations, new.expectations),
    )


def _absent(settings: Any) -> dict[str, None]:
    return dict.fromkeys(settings)


def _inputs(report: Report) -> Any:
    """The input's shape; the shape of each by name where there are several."""
    return report.inputs if len(report.inputs) > 1 else report.input


def _totals(report: Report | None) -> dict[str, Any]:
    return {name: getattr(report.totals, name, None) for name in Totals.fields} if report else {}


def _subject(claim: Expectation) -> tuple[Any, ...]:
    return claim.quantity, claim.at, claim.operator, claim.erratum


def _judged(claim: Expectation) -> tuple[Any, ...]:
    return claim.expected, str(claim.computed), claim.holds, claim.sic


def _claims(old: Sequence[Expectation], new: Sequence[Expectation]) -> tuple[ClaimChange, ...]:
    """The claims of both, in the new order: those about one thing are matched, first those with the same figure."""
    left: dict[tuple[Any, ...], list[Expectation]] = {}
    for claim in old:
        left.setdefault(_subject(claim), []).append(claim)
    found: dict[int, Expectation] = {}
    for alike in (True, False):
        for index, claim in enumerate(new):
            waiting = left.get(_subject(claim), [])
            match = next((each for each in waiting if not alike or each.expected == claim.expected), None)
            if index not in found and match is not None:
                waiting.remove(match)
                found[index] = match
    made = [ClaimChange(old=found.get(index), new=claim) for index, claim in enumerate(new)]
    return (*made, *(ClaimChange(old=claim, new=None) for claims in left.values() for claim in claims))
