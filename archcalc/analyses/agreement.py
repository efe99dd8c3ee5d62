"""Our figures beside another witness's: what was compared, what departs, what could not be compared and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, Literal

from archcalc.diagnostics import Diagnostic
from archcalc.record import Configuration, Record

Verdict = Literal["agrees", "differs", "skipped"]


class Comparison(Record):
    """One figure of one layer, or of one of its tensors, as we and the witness have it.

    ``there`` is the witness's name of the layer where it has its own. ``note`` says by what convention it was counted;
    ``skipped`` why it was not, and then there is nothing to compare.
    """

    layer: str
    line: int | None
    ours: Any = None
    theirs: Any = None
    there: str = ""
    note: str = ""
    skipped: str = ""

    @property
    def verdict(self) -> Verdict:
        if self.skipped:
            return "skipped"
        return "agrees" if self.ours == self.theirs else "differs"


class Agreement(Configuration):
    """One quantity of a network, compared layer by layer and as a whole.

    ``ours`` and ``theirs`` are the network's totals, None for what does not add up. ``departures`` are the comparisons
    that differ, ``skipped`` the reasons why some were not made and of how many layers (0: of the whole network),
    ``notes`` conventions by which the two would differ. Totals may differ by ``within``.
    """

    quantity: str
    witness: str
    compared: int = 0
    agreeing: int = 0
    ours: Any = None
    theirs: Any = None
    departures: tuple[Comparison, ...] = ()
    skipped: tuple[tuple[str, int], ...] = ()
    notes: tuple[str, ...] = ()
    within: int = 0

    @property
    def verdict(self) -> Verdict:
        near = self.ours == self.theirs or (self.within and abs(self.ours - self.theirs) <= self.within)
        if self.departures or not near:
            return "differs"
        return "agrees" if self.compared or self.ours is not None else "skipped"


def agreement(
    quantity: str,
    witness: str,
    comparisons: Iterable[Comparison],
    totals: tuple[Any, Any] = (None, None),
    notes: Iterable[str] = (),
    skipped: str = "",
    within: int = 0,
) -> Agreement:
    """What became of these comparisons; the agreeing ones are counted, not kept. ``skipped``: why there are none."""
    verdicts: Counter[Verdict] = Counter()
    reasons: Counter[str] = Counter({skipped: 0} if skipped else {})
    said = dict.fromkeys(notes)
    departures = []
    for each in comparisons:
        verdicts[each.verdict] += 1
        if each.skipped:
            reasons[each.skipped] += 1
        elif each.verdict == "differs":
            departures.append(each)
        if each.note:
            said[each.note] = None
    return Agreement(
        quantity=quantity,
        witness=witness,
        compared=verdicts["agrees"] + verdicts["differs"],
        agreeing=verdicts["agrees"],
        ours=totals[0],
        theirs=totals[1],
        departures=tuple(departures),
        skipped=tuple(reasons.items()),
        notes=tuple(said),
        within=within,
    )


class Verification(Configuration):
    """A network beside ``against``, a witness. ``status``: ``failed`` where it departs, ``unreadable`` where nothing
    could be compared, for which ``diagnostics`` or ``message`` give the reason.
    """

    network: str | None
    title: str = ""
    file: str
    status: Literal["ok", "failed", "unreadable"]
    against: str = ""
    layers: int = 0
    quantities: tuple[Agreement, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    message: str = ""


def verification(*, quantities: Iterable[Agreement], **more: Any) -> Verification:
    """The record of a network that was compared; it fails with the first quantity that differs."""
    found = tuple(quantities)
    failed = any(each.verdict == "differs" for each in found)
    return Verification(status="failed" if failed else "ok", quantities=found, **more)
