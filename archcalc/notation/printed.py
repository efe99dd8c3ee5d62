"""What lines print about their layers, as claims of the network."""

from __future__ import annotations

import re

from archcalc.algebra import Dim
from archcalc.claims import Claim
from archcalc.diagnostics import Diagnostic, nearest
from archcalc.notation import tree
from archcalc.notation.expectations import read_claim
from archcalc.notation.figures import QUANTITIES, read_figure
from archcalc.notation.flowing import Flowing
from archcalc.notation.labelled import Printed
from archcalc.notation.lower import as_shape
from archcalc.notation.naming import same_name
from archcalc.notation.order import Order
from archcalc.notation.scope import Scope
from archcalc.notation.statements import ClaimLine, LayerLine
from archcalc.notation.text import Line
from archcalc.notation.tokens import Unreadable
from archcalc.source import Span

#: the true shape at a line's end, of the one at its beginning: none behind an arrow or another bracket
_SIC_LAST = re.compile(r"(?<!->)\s*\(\s*sic\s*:\s*(?P<true>[^()]*)\)\s*$", re.IGNORECASE)
_SHOWN_LAST = re.compile(r"(?:->\s*|\[)[\d\sxX]+\]?\s*$")


def _true_shape(statement: LayerLine) -> tuple[Dim, ...] | None:
    """The true shape that a line gives beside the one it begins with, or at its end. Raises Unreadable."""
    sic = statement.shown_sic
    if sic is None and not statement.figures:
        text = statement.line.text
        last = _SIC_LAST.search(text)
        sic = (last["true"], last.span("true")) if last and not _SHOWN_LAST.search(text[: last.start()]) else None
    if sic is None:
        return None
    if not re.fullmatch(r"\s*\d+(?:\s*[xX]\s*\d+)*\s*", sic[0]):
        raise Unreadable("a shape is wanted after 'sic:'", sic[1], "as in [55x55x96] (sic: 54x54x96)", "A107")
    return tuple(int(side) for side in re.findall(r"\d+", sic[0]))


class Printing(Flowing):
    """Gathers claims: ``printed`` are those beside layers, ``claims`` those of expect and erratum lines."""

    order: Order
    printed: list[Claim]
    claims: list[Claim]

    def shape(self, shown: tree.Shown, scope: Scope, current: int | None) -> tuple[Dim, ...]:
        """A printed shape's numbers, in the order they are printed."""
        return tuple(self.number(dim, scope, current) for dim in shown.dims)

    def _line_claims(self, statement: LayerLine, scope: Scope, first: int, current: int) -> None:
        where = (min(first, current), max(len(self.builder.layers), current + 1), current)
        if len(self.builder.layers) > first:
            where = (first, len(self.builder.layers), current)
        if statement.shown is not None:
            dims = self.shape(statement.shown, scope, current)
            first_bracket, last_bracket = statement.shown.at
            span = statement.line.span((first_bracket + 1, last_bracket - 1))
            sic = _true_shape(statement)
            self._add(Claim("out", "=", dims, span, at=where, sic=sic, parts=self._decisive(dims, where)))
        self.print_claims(statement.figures, statement.line, where)

    def _decisive(self, printed: tuple[Dim, ...], where: tuple[int, int, int]) -> tuple[Span, ...]:
        """What on a line decides a shape that is not as printed: window and stride, or the channels."""
        shapes, output = self.builder.shapes, self.builder.shapes[where[2]]
        if as_shape(printed) == output:
            return ()
        sized = (n for n in reversed(range(*where[:2])) if n in self.work.said and shapes[n][1:] == output[1:])
        node = next(sized, None)
        if node is None:
            return ()
        line, draft = self.work.said[node]
        parts = ("window", "stride") if as_shape(printed)[1:] != output[1:] else ("channels",)
        return tuple(line.span(draft.where(part)) for part in parts if draft.where(part) != draft.at)

    def shown(self, shown: tree.Shown, scope: Scope, line: Line, first: int, current: int) -> None:
        dims = self.shape(shown, scope, current)
        sic = tuple(self.number(dim, scope, current) for dim in shown.sic) or None
        self._add(Claim("out", "=", dims, line.span(shown.at), at=(current, current + 1, current), sic=sic))

    def remark(self, remark: tree.Remark, line: Line, node: int) -> None:
        figure = read_figure(remark.value)
        if figure is None:
            raise Unreadable("a figure is wanted here", remark.at, code="A107")
        self._add(
            Claim(QUANTITIES[remark.quantity.lower()], "=", figure, line.span(remark.at), at=(node, node + 1, node))
        )

    def print_claims(self, figures: tuple[Printed, ...], line: Line, where: tuple[int, int, int] | None) -> None:
        for printed in figures:
            sic_span = line.span(printed.sic_at) if printed.sic_at else None
            self._add(
                Claim(
                    printed.quantity,
                    "=",
                    printed.figure,
                    line.span(printed.at),
                    at=None if printed.total else where,
                    worked=printed.worked,
                    sic=printed.sic,
                    sic_span=sic_span,
                    weights_only=printed.weights_only,
                )
            )

    def _claim(self, statement: ClaimLine) -> None:
        if statement.printed is not None:
            self.print_claims(statement.printed, statement.line, None)
            return
        try:
            self._stated(statement)
        except Unreadable as error:  # nothing flows through it, so the network is read
            self.misread(Diagnostic(error.code, str(error), statement.line.span(error.at), help=error.help))

    def misread(self, diagnostic: Diagnostic) -> None:
        """Keeps a fault of a claim, once."""
        if diagnostic not in self.work.misread:
            self.work.misread.append(diagnostic)

    def _stated(self, statement: ClaimLine) -> None:
        claim = read_claim(statement.line)
        of = claim.network
        bound = claim.operator not in ("=", "~") and not claim.settings
        if self.order.changed and not bound:
            return  # a figure of the network as printed; what must hold of any (<=, >=) is still asked
        if of is None or same_name(of) == same_name(self.order.name):
            self.claims.append(claim)
        elif all(same_name(of) != same_name(known) for known in self.order.networks):
            at = statement.line.text.index(of, statement.line.text.casefold().index(" of ") + len(" of "))
            help = nearest(of, self.order.networks) or f"the text has {', '.join(self.order.networks)}"
            raise Unreadable(f"no network named '{of}'", (at, at + len(of)), help, "A408")

    def _add(self, claim: Claim) -> None:
        """Keeps what a line prints, unless the network is not the one it prints it of."""
        self.work.claims_made += 1
        if not self.order.changed:
            self.printed.append(claim)
