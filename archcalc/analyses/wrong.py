"""The diagnostics of claims that do not hold."""

from __future__ import annotations

from archcalc.analyses.compare import as_printed, in_bytes, told, written
from archcalc.analyses.repair import arithmetic, culprit, mistaken, spoken, ways
from archcalc.analyses.subjects import Subject, figure_code
from archcalc.claims import Claim, Figure
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
    found = told(about.quantity, about.answer(claim.expected), in_bytes(claim.expected))
    text = written(claim.expected)
    if claim.stated:
        place = f" at {about.name}" if about.name else ""
        message = f"expected {about.quantity}{place} {claim.operator} {text}, found {found}"
    elif claim.sic is not None:
        message = f"{found} {about.quantity} found, neither {text} nor {written(claim.sic)}"
    else:
        message = f"{text} {about.quantity} printed, {found} found"
    note = about.answer(claim.expected).note
    figure = claim.expected if claim.operator == "=" and isinstance(claim.expected, Figure) else None
    help = mistaken(about.measure, about.region, about.quantity, figure) if figure else None
    return Diagnostic(
        figure_code(claim), message, claim.sic_span or claim.span, notes=(note,) if note else (), help=help
    )


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
