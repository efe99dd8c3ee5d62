"""``expect`` and ``erratum`` lines to claims."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

from archcalc.claims import Claim, Figure, Operator
from archcalc.diagnostics import nearest
from archcalc.notation.arithmetic import evaluate
from archcalc.notation.figures import QUANTITIES, read_figure
from archcalc.notation.statements import IDENTIFIER
from archcalc.notation.syntax import parse_expression
from archcalc.notation.text import Line
from archcalc.notation.tokens import Unreadable

_EXPECT = re.compile(
    r"expect\s+(?P<quantity>[\w -]+?)(?:\s+at\s+(?P<at>.+?))?(?:\s+of\s+(?P<of>.+?))?\s*"
    r"(?P<operator><=|>=|=|~|<|>)\s*(?P<value>.+?)(?:\s+with\s+(?P<with>.+))?$",
    re.IGNORECASE,
)
_ERRATUM = re.compile(
    r'erratum\s+"(?P<text>[^"]*)"\s+(?P<quantity>[\w -]+?)(?:\s+at\s+(?P<at>.+?))?(?:\s+of\s+(?P<of>.+?))?'
    r"\s*=\s*(?P<value>.+?)(?:\s+with\s+(?P<with>.+))?$",
    re.IGNORECASE,
)
_SIC = re.compile(r"\(\s*sic\s*:\s*([^()]*)\)\s*$", re.IGNORECASE)
_SHAPE = re.compile(r"\d+(?:\s*x\s*\d+)+$", re.IGNORECASE)
#: What stands before a number that is no figure: Table 4, section 3.1, et al. 2017.
_REFERENCE = re.compile(
    r"(?:\b(?:table|figure|fig|section|sec|eq|equation|appendix|page|chapter)s?\.?\s*|[\w]-|\bal\.?,?\s*|[(,]\s*(?=(?:19|20)\d\d\b))$",
    re.IGNORECASE,
)


def read_claim(line: Line) -> Claim:
    """The claim that an ``expect`` or ``erratum`` line makes. Raises Unreadable."""
    text = line.text
    match = (_ERRATUM if text.lower().startswith("erratum") else _EXPECT).match(text)
    if match is None:
        if text.lower().startswith("erratum"):
            raise Unreadable('an erratum line is: erratum "what a source prints" params = 25,557,032', (0, len(text)))
        raise Unreadable("an expect line is: expect params [at LAYER] [of NETWORK] = 25,557,032", (0, len(text)))
    quantity = " ".join(match["quantity"].lower().replace("_", " ").replace("-", " ").split())
    known = QUANTITIES.get(quantity)
    if known is None:
        raise Unreadable(
            f"unknown quantity '{match['quantity']}'", match.span("quantity"), nearest(quantity, QUANTITIES), "A105"
        )
    value, offset = match["value"], match.start("value")
    sic_match = _SIC.search(value)
    sic = _value(sic_match[1], (offset, offset + len(value))) if sic_match else None
    if sic_match:
        value = value[: sic_match.start()].rstrip()
    expected = _value(value, (offset, offset + len(value)))
    settings = dict(_settings(match["with"], match.start("with"))) if match["with"] else {}
    operator: Operator = "=" if text.lower().startswith("erratum") else match["operator"]  # type: ignore[assignment]
    if operator == "~" and isinstance(expected, Figure):
        expected = Figure(expected.text, expected.value, abs(expected.value) / 20, expected.unit)
    erratum = match["text"] if text.lower().startswith("erratum") else None
    span = line.span((offset, offset + len(value)))
    at, of = match["at"], match["of"]
    if erratum is None:
        return Claim(known, operator, expected, span, place=at, network=of, settings=settings, sic=sic, stated=True)
    figure = quoted_figure(erratum)
    if figure is None:
        raise Unreadable(
            "no figure in what the erratum quotes",
            match.span("text"),
            'erratum "Table 4 prints 154M" params = ...',
            "A107",
        )
    return Claim(
        known,
        "=",
        expected,
        span,
        place=at,
        network=of,
        settings=settings,
        erratum=erratum,
        printed=figure,
        stated=True,
    )


def _value(text: str, at: tuple[int, int]) -> Figure | tuple[int, ...]:
    if _SHAPE.match(text.strip()):
        return tuple(int(piece) for piece in re.split(r"\s*[xX]\s*", text.strip()))
    figure = read_figure(text)
    if figure is None or text.strip()[len(figure.text) :].strip().lower() not in (
        "",
        "bytes",
        "params",
        "layers",
        "/ image",
    ):
        raise Unreadable(f"'{text}' is no figure", at, "a number as printed: 25,557,032 or 25.6M", "A107")
    return figure


def _settings(text: str, offset: int) -> Iterator[tuple[str, Fraction]]:
    """``k = 2, depth = 40``."""
    position = offset
    for part in text.split(","):
        match = re.fullmatch(rf"\s*({IDENTIFIER})\s*=\s*(.+?)\s*", part)
        at = (position, position + len(part))
        if match is None:
            raise Unreadable("'with' is followed by parameters and their values", at, "with k = 2, depth = 40", "A107")
        value = evaluate(parse_expression(match[2], position + match.start(2)), {})
        if isinstance(value, bool) or not isinstance(value, (int, Fraction)):
            raise Unreadable("a number is wanted here", at, code="A107")
        yield match[1], Fraction(value)
        position += len(part) + 1


def quoted_figure(text: str) -> Figure | None:
    """The figure that a quoted sentence prints: its last number that is no reference, year or part of a name."""
    found: list[Figure] = []
    for match in re.finditer(r"(?<![\w.])\d[\d.,]*", text):
        if _REFERENCE.search(text[: match.start()]) or re.fullmatch(r"(?:19|20)\d\d[,.:]?", match[0]):
            continue
        figure = read_figure(text[match.start() :])
        if figure is not None:
            found.append(figure)
    return found[-1] if found else None
