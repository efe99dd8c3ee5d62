"""Budgets of a project held against a network: what every network of some files must keep to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from archcalc.analyses.check import Expectation
from archcalc.claims import Claim
from archcalc.diagnostics import Diagnostic
from archcalc.graph import same_name
from archcalc.network import Network


def held(network: Network, claims: Iterable[Claim]) -> tuple[tuple[Expectation, ...], tuple[Diagnostic, ...]]:
    """What becomes of each budget, and a diagnostic of each that does not hold or cannot be asked of this network.

    A budget ``of`` a network is only that one's. Expectations have the line where the network begins.
    """
    asked = [claim for claim in claims if claim.network is None or same_name(claim.network) == same_name(network.name)]
    kept: list[Expectation] = []
    wrong: list[Diagnostic] = []
    for claim in asked:
        expectations, found = network.held([claim])
        kept += (each.but(line=network.head.line) for each in expectations)
        wrong += (_exceeded(network, claim, each) for each in found)
        if not found and any(each.holds is None for each in expectations):
            wrong.append(_exceeded(network, claim, _undecided(claim)))
    return tuple(kept), tuple(wrong)


def _undecided(claim: Claim) -> Diagnostic:
    """A limit that cannot be told from none is no limit."""
    message = f"whether the budget for {claim.quantity} is kept is left open by a symbol"
    repair = "give the symbol a value, or ask the budget of other files"
    return Diagnostic("A206", message, claim.span, "warning", help=repair)


def _exceeded(network: Network, claim: Claim, found: Diagnostic) -> Diagnostic:
    """The diagnostic of a claim, told where the network begins; where the budget stands is a note."""
    source, start, head = claim.span.source, claim.spots["quantity"].start, network.head
    note = f"{source.name}:{claim.span.line}: {source.text[start : claim.span.end]}"
    named = f".{same_name(network.name)}." in f".{same_name(head.text)}."  # a table's networks begin together
    message = found.message if named else f"{network.name}: {found.message}"
    return replace(found, code="A206", message=message, span=head, also=(), notes=(*found.notes, note))
