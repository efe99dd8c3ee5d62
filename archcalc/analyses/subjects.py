"""What a claim is about: a quantity of a layer, of several, or of the whole network."""

from __future__ import annotations

from typing import NamedTuple

from archcalc.analyses.compare import Printed, in_bytes, written
from archcalc.analyses.quantities import IN_BYTES, QUANTITIES, Answer, Measure, Region, quantity_named
from archcalc.claims import Claim
from archcalc.diagnostics import fault, nearest


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
    graph, quantity = measure.graph, _quantity(claim)
    if claim.place is not None:
        place = graph.place(claim.place)
        if place is None:
            known = [*graph.places, *(node.name for node in graph.nodes)]
            raise fault("A401", f"no layer named '{claim.place}'", claim.span, help=nearest(claim.place, known))
        return Subject(measure, quantity, claim.place, measure.region(place.first, place.stop, place.output))
    if claim.at is not None:
        return Subject(measure, quantity, graph.nodes[claim.at[2]].name, measure.region(*claim.at))
    return Subject(measure.main, quantity, None, measure.main.whole)


def _quantity(claim: Claim) -> str:
    quantity = quantity_named(claim.quantity)
    if quantity is None:
        raise fault(
            "A105", f"unknown quantity '{claim.quantity}'", claim.span, help=nearest(claim.quantity, QUANTITIES)
        )
    if in_bytes(claim.expected) and quantity not in IN_BYTES and not quantity.endswith("bytes"):
        raise fault(figure_code(claim), f"{quantity} is a count, {written(claim.expected)} is in bytes", claim.span)
    return "weights" if quantity == "params" and claim.weights_only else quantity


def figure_code(claim: Claim) -> str:
    """The code of the diagnostic for a wrong figure."""
    return "A204" if claim.stated else "A203"
