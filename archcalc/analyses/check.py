"""Claims of a text held against its network: what is printed, expected, corrected or quoted as wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from archcalc.algebra import Dim
from archcalc.analyses.claimed import Printed, agrees, plain, written
from archcalc.analyses.consequences import Consequences
from archcalc.analyses.quantities import Measure
from archcalc.analyses.subjects import Subject, subject
from archcalc.analyses.wrong import needless, wrong_figure, wrong_shape, wrong_sum
from archcalc.claims import TIMED, Claim, Figure
from archcalc.diagnostics import Diagnostic, Fault, fault
from archcalc.graph import Graph
from archcalc.record import Configuration
from archcalc.source import Span

Variant = Callable[[Mapping[str, Fraction]], Graph | None]


class Expectation(Configuration):
    """One claim and what became of it.

    ``expected`` is the text's figure; ``computed`` a number, a shape as ``[C, H, W]``, a field per axis where the axes
    differ, or None. ``holds`` is None where an open symbol leaves it undecided. ``under``: as the text gives them, the
    conditions of the quantity.
    """

    quantity: str
    at: str | None
    network: str | None
    operator: str
    expected: str
    computed: Dim | float | str | list[Any] | None
    holds: bool | None
    erratum: str | None
    sic: str | None
    line: int
    under: Mapping[str, int | str | bool] = MappingProxyType({})


def evaluate(
    measure: Measure, claims: Iterable[Claim], variant: Variant | None = None
) -> tuple[tuple[Expectation, ...], tuple[Diagnostic, ...]]:
    """What becomes of each claim, and the diagnostics of those that fail.

    ``variant`` builds the network under other parameters, for claims that name some. A printed figure that is wrong
    only because a shape printed before it is has no diagnostic of its own: the first wrong shape counts them.
    """
    claims = tuple(claims)
    check = _Check(measure, variant, Consequences(measure.graph, claims))
    expectations = tuple(check.claim(claim) for claim in claims)
    return expectations, check.diagnostics()


class _Check:
    def __init__(self, measure: Measure, variant: Variant | None, consequences: Consequences) -> None:
        self.measure = measure
        self.variant = variant
        self.consequences = consequences
        self.found: dict[tuple[str, Span | None], Diagnostic] = {}
        self.following = 0
        self._variants: dict[tuple[tuple[str, Fraction], ...], Measure | None] = {}

    def keep(self, diagnostic: Diagnostic) -> None:
        """Keeps a diagnostic, once per place: a line in a repeat makes its claims at every turn."""
        self.found.setdefault((diagnostic.code, diagnostic.span), diagnostic)

    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Those of the claims so far."""
        found = list(self.found.values())
        first = next((index for index, diagnostic in enumerate(found) if diagnostic.code == "A201"), None)
        if self.following and first is not None:
            more = f"{self.following} more printed figure{'s follow' if self.following > 1 else ' follows'} from it"
            found[first] = replace(found[first], notes=(*found[first].notes, more))
        return tuple(found)

    def claim(self, claim: Claim) -> Expectation:
        """Checks one claim and keeps what is wrong with it."""
        try:
            return self._checked(claim)
        except Fault as stopped:
            self.keep(stopped.diagnostic)
            return _expectation(claim, claim.quantity, claim.place, None, holds=False)

    def _checked(self, claim: Claim) -> Expectation:
        about = subject(self._measure(claim), claim)

        if about.quantity in TIMED:
            return self._timed(claim, about)

        def holds(figure: Printed) -> bool | None:
            return agrees(about.quantity, claim.operator, figure, about.answer(figure))

        truth, quoted = _truth_and_quotation(claim)
        true, wrongly = holds(truth), quoted is not None and holds(quoted) is True
        worked = wrong_sum(claim)
        if worked:
            self.keep(worked)
        if true is False and not (worked and _right_sum(claim, about)):
            self._wrong(claim, about)
        elif wrongly:
            self.keep(needless(claim, about.quantity))
        answer = plain(about.quantity, about.answer(claim.expected))
        return _expectation(claim, about.quantity, about.name, answer, true and not wrongly and not worked)

    def _timed(self, claim: Claim, about: Subject) -> Expectation:
        """A limit held against a prediction."""
        from archcalc.analyses.latency.limits import judged

        verdict = judged(claim, about)
        if verdict.said:
            self.keep(verdict.said)
        return _expectation(claim, about.quantity, about.name, verdict.computed, verdict.holds)

    def _measure(self, claim: Claim) -> Measure:
        """The network that a claim is about, built once for each of its settings."""
        if not claim.settings:
            return self.measure
        key = tuple(sorted(claim.settings.items()))
        if key not in self._variants:
            graph = self.variant(claim.settings) if self.variant else None
            self._variants[key] = Measure(graph) if graph else None
        measure = self._variants[key]
        if measure is None:
            under = ", ".join(f"{name} = {value}" for name, value in claim.settings.items())
            raise fault("A204", f"there is no such network with {under}", claim.span)
        return measure

    def _wrong(self, claim: Claim, about: Subject) -> None:
        """Keeps the diagnostic of a figure that the layers do not give, unless it follows from another."""
        if not claim.stated and claim.sic is None and self.consequences.holds(claim, about.quantity, about.region):
            self.following += 1
        elif about.quantity == "out" and isinstance(claim.expected, tuple):
            self.keep(wrong_shape(claim, about))
        else:
            self.keep(wrong_figure(claim, about))


def _right_sum(claim: Claim, about: Subject) -> bool:
    """Whether the layers give what the printed arithmetic does: a slip in the figure behind it is one fault."""
    if claim.worked is None or not isinstance(claim.expected, Figure):
        return False
    worked = replace(claim.expected, value=claim.worked, slack=Fraction(0))
    return agrees(about.quantity, "=", worked, about.answer(worked)) is True


def _truth_and_quotation(claim: Claim) -> tuple[Printed, Printed | None]:
    """The figure that must be right, and the one that must be wrong."""
    if claim.erratum is not None:
        return claim.expected, claim.printed
    return (claim.expected, None) if claim.sic is None else (claim.sic, claim.expected)


def _expectation(claim: Claim, quantity: str, name: str | None, computed: Any, holds: bool | None) -> Expectation:
    return Expectation(
        quantity=quantity,
        at=name,
        network=claim.network,
        operator=claim.operator,
        expected=written(claim.expected),
        computed=computed,
        holds=holds,
        erratum=claim.erratum,
        sic=None if claim.sic is None else written(claim.sic),
        line=claim.span.line,
        under=claim.under,
    )
