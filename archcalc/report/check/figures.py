"""A claim in words: what is printed, what the layers give, and why it has no error of its own."""

from __future__ import annotations

from archcalc.analyses.check import Expectation
from archcalc.claims import TIMED, asked
from archcalc.report.check.cases import Case
from archcalc.report.numbers import computed as figure


def printed(claim: Expectation) -> str:
    """What a text says: ``params at conv1 = 1,792``."""
    place = f" at {claim.at}" if claim.at else ""
    return f"{asked(claim.quantity, claim.under)}{place} {claim.operator} {claim.expected}"


def computed(claim: Expectation) -> str:
    """What the layers give, exactly."""
    return figure(claim.quantity, claim.computed)


def sentence(case: Case) -> str:
    """A case that has no error of its own."""
    if case.claim is None:
        return "the network cannot be built"
    said = f"{printed(case.claim)}; the layers give {computed(case.claim)}"
    if case.outcome == "undecided":
        why = "it cannot be told" if case.claim.quantity in TIMED else "left open by a symbol"
        return f"{said}: {why}"
    return f"{said}: follows from line {case.because.span.line}" if case.because and case.because.span else said
