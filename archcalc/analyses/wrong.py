"""The diagnostics of claims that do not hold."""

from __future__ import annotations

from math import floor

from archcalc.analyses.claimed import as_printed, in_bytes, in_unit, told, written
from archcalc.analyses.quantities import Answer
from archcalc.analyses.repair import arithmetic, culprit, mistaken, spoken, ways
from archcalc.analyses.subjects import Subject, figure_code
from archcalc.claims import Claim, Figure, conditions
from archcalc.diagnostics import Diagnostic
from archcalc.layers import shown
from archcalc.source import Span


def wrong_sum(claim: Claim) -> Diagnostic | None:
    """What is wrong with the arithmetic printed before a figure; under ``sic`` the figure is known to be wrong."""
    if claim.worked is None or claim.sic is not None or not isinstance(claim.expected, Figure):
        return None
    if claim.expected.near(claim.worked):
        return None
    worked = f"{int(claim.worked):,}" if claim.worked.denominator == 1 else str(float(claim.worked))
    return Diagnostic("A202", f"the arithmetic gives {worked}, this line says {claim.expected.text}", claim.span)


def needless(claim: Claim, quantity: str) -> Diagnostic:
    """A correction of what is right."""
    if claim.printed is not None:
        return Diagnostic(
            "A205", f"{claim.printed.text} is what the layers give for {quantity}: no erratum", claim.span
        )
    return Diagnostic("A205", f"{written(claim.expected)} is what the layers give: nothing to correct", claim.span)


def wrong_figure(claim: Claim, about: Subject) -> Diagnostic:
    answer = about.answer(claim.expected)
    found, text = told(about.quantity, answer, in_bytes(claim.expected)), written(claim.expected)
    notes = [answer.note] if answer.note else []
    if claim.stated:
        place = f" at {about.name}" if about.name else ""
        scaled = _scaled(answer.value, claim)
        notes += _makings(claim, about, answer, [found] if scaled else [])
        asked = f"{about.quantity}{conditions(claim.under)}{place}"
        message = f"expected {asked} {claim.operator} {text}, found {scaled or found}"
    elif claim.sic is not None:
        message = f"{found} {about.quantity} found, neither {text} nor {written(claim.sic)}"
    else:
        message = f"{text} {about.quantity} printed, {found} found"
    figure = claim.expected if claim.operator == "=" and isinstance(claim.expected, Figure) else None
    help = mistaken(about.measure, about.region, about.quantity, figure) if figure else _smaller(claim, about, answer)
    return Diagnostic(figure_code(claim), message, claim.sic_span or claim.span, notes=tuple(notes), help=help)


def _scaled(value: object, claim: Claim) -> str | None:
    """Bytes in the unit of the claim's figure, where it has one."""
    figure = claim.expected
    if isinstance(value, int) and isinstance(figure, Figure) and in_bytes(figure):
        return in_unit(value, figure)
    return None


def _makings(claim: Claim, about: Subject, answer: Answer, exactly: list[str]) -> list[str]:
    """What is found to the byte, and what a peak of memory is most made of."""
    most = about.measure.footprint.explained(about.quantity) if isinstance(answer.value, int) else None
    if most is None:
        return exactly
    size = _scaled(most.bytes, claim) or f"{most.bytes:,} bytes"
    return [", ".join((*exactly, f"{size} of them {most.what}")), f"at their most {most.when}"]


def _smaller(claim: Claim, about: Subject, answer: Answer) -> str | None:
    """The largest batch under which a broken bound on a peak holds; tried."""
    bound = claim.expected
    if claim.operator not in ("<=", "<") or not isinstance(bound, Figure) or not isinstance(answer.value, int):
        return None
    if "batch" not in claim.under:
        return None
    below = 1 if claim.operator == "<" and bound.value.denominator == 1 else 0
    batch = about.measure.footprint.fitting(about.quantity, floor(bound.value) - below)
    if batch is None:
        return None
    return f"the largest batch that fits is {batch:,}" if batch else "not even one image fits"


def wrong_shape(claim: Claim, about: Subject) -> Diagnostic:
    graph = about.measure.graph
    node, actual = culprit(graph, about.region), graph.nodes[about.region.output].shape
    text = written(claim.sic or claim.expected)
    says = f"expected {text}" if claim.stated else f"this line says {text}"
    printed = as_printed(claim.expected, actual) if isinstance(claim.expected, tuple) else None
    span = claim.sic_span or claim.span
    return Diagnostic(
        "A204" if claim.stated else "A201",
        f"{says}, the {spoken(node)} gives {shown(actual)}",
        span,
        notes=arithmetic(graph, node, printed) if printed else (),
        help=ways(graph, node, printed) if printed else None,
        also=_apart(claim.parts or (node.span,), span),
    )


def _apart(parts: tuple[Span, ...], span: Span) -> tuple[Span, ...]:
    """The stretches of the same text that can be underlined beside another."""
    same = (part for part in parts if part.source is span.source)
    return tuple(part for part in same if part.end <= span.start or span.end <= part.start)
