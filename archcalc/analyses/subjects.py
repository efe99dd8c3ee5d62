"""What a claim is about: a quantity of a layer, of several, or of the whole network."""

from __future__ import annotations

from typing import NamedTuple

from archcalc.analyses.claimed import Printed, in_bytes, written
from archcalc.analyses.conditions import Under, under
from archcalc.analyses.footprint import HELD
from archcalc.analyses.quantities import (
    BYTES_ONLY,
    IN_BYTES,
    QUANTITIES,
    Answer,
    Measure,
    Region,
    quantity_named,
)
from archcalc.claims import TIMED, Claim
from archcalc.diagnostics import fault, nearest

#: Quantities that no layer has a part of.
WHOLE = frozenset({*HELD, "throughput"}) - {"saved bytes"}


class Subject(NamedTuple):
    """What a claim is about: a quantity of a region of a network. ``name`` is None for the whole."""

    measure: Measure
    quantity: str
    name: str | None
    region: Region

    def answer(self, figure: Printed) -> Answer:
        """The measured value, in the unit of a figure."""
        return self.measure.answer(self.quantity, self.region, in_bytes(figure))


def subject(measure: Measure, claim: Claim) -> Subject:
    """What a claim about this network is about. Raises Fault where the text names no such quantity or layer."""
    quantity, conditions = asked(claim)
    measure = measure.asked(conditions)
    with_sides = "aux" in claim.under
    if claim.place is not None:
        of_main = quantity in (*HELD, *TIMED) and not with_sides
        return _at(measure.main if of_main else measure, quantity, claim, claim.place)
    if claim.at is not None:
        return Subject(measure, quantity, measure.graph.nodes[claim.at[2]].name, measure.region(*claim.at))
    whole = measure if with_sides else measure.main
    return Subject(whole, quantity, None, whole.whole)


def asked(claim: Claim) -> tuple[str, Under]:
    """The quantity that a claim is about, and under what. Raises Fault where no network has an answer."""
    quantity = _quantity(claim)
    conditions = under(claim, quantity)
    if claim.place is not None and quantity in WHOLE:
        part = "latency" if quantity in TIMED else "saved bytes"
        help = f"leave 'at {claim.place}' out, or expect {part} at {claim.place}"
        raise fault("A107", f"{quantity} is the whole network's", claim.spots.get("place", claim.span), help=help)
    return quantity, conditions


def _at(measure: Measure, quantity: str, claim: Claim, name: str) -> Subject:
    """A claim about what a name covers. Raises Fault where there is none."""
    graph, spot = measure.graph, claim.spots.get("place", claim.span)
    place = graph.place(name)
    if place is None:
        known = [*graph.places, *(node.name for node in graph.nodes)]
        raise fault("A401", f"no layer named '{name}'", spot, help=nearest(name, known))
    return Subject(measure, quantity, name, measure.region(place.first, place.stop, place.output))


def _quantity(claim: Claim) -> str:
    quantity = quantity_named(claim.quantity)
    if quantity is None:
        raise fault(
            "A105", f"unknown quantity '{claim.quantity}'", claim.span, help=nearest(claim.quantity, QUANTITIES)
        )
    if in_bytes(claim.expected) and quantity not in IN_BYTES and quantity not in BYTES_ONLY:
        raise fault(figure_code(claim), f"{quantity} is a count, {written(claim.expected)} is in bytes", claim.span)
    return "weights" if quantity == "params" and claim.weights_only else quantity


def figure_code(claim: Claim) -> str:
    """The code of the diagnostic for a wrong figure."""
    return "A204" if claim.stated else "A203"
