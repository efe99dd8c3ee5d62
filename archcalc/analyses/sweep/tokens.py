"""The words, signs and figures of a condition."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from archcalc.diagnostics import Fault, fault
from archcalc.sizes import POWERS, TIMES
from archcalc.source import Source, Span

#: Where something stands, first and last character.
At = tuple[int, int]

_TOKEN = re.compile(
    r"(?P<number>(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:e[+-]?\d{1,2}(?![^\W_]))?|\.\d+)"
    rf"(?P<time>[ ]?(?:{'|'.join(TIMES)})\b)?"
    rf"(?P<unit>[ ]?(?:[{''.join(POWERS)}]i?)?(?:bytes?|b)\b|[ ]?[{''.join(POWERS)}]i?\b)?"
    r"|(?P<word>[^\W\d]\w*)|(?P<sign><=|>=|==|!=|//|[<>=+\-*/%()])|(?P<blank>\s+)",
    re.IGNORECASE,
)
_MEANT = {"&": "and", "|": "or", "!": "not", "≤": "<=", "≥": ">=", "≠": "!=", "^": "*, as in width*width"}


class Token(NamedTuple):
    kind: str
    text: str
    at: At
    value: Fraction = Fraction(0)
    bytes: bool = False
    time: bool = False


def wrong(source: Source, at: At, message: str, help: str | None = None, code: str = "A107") -> Fault:
    """What is wrong at a place of a condition, ready to raise."""
    return fault(code, message, Span(source, at[0], max(at[1], at[0] + 1)), help=help)


def tokens(source: Source) -> Iterator[Token]:
    """Them all, and one for the end. Raises Fault."""
    text, place = source.text, 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise wrong(source, (place, place + 1), f"'{text[place]}' has no meaning here", _MEANT.get(text[place]))
        place = match.end()
        if match["number"]:
            yield _figure(source, match)
        elif not match["blank"]:
            yield Token("word" if match["word"] else "sign", match[0], match.span())
    yield Token("end", "the end", (len(text), len(text)))


def _figure(source: Source, match: re.Match[str]) -> Token:
    number, unit = Fraction(match["number"].replace(",", "")), (match["unit"] or "").strip().casefold()
    if match["time"]:
        return Token("number", match[0], match.span(), number * TIMES[match["time"].strip().lower()], time=True)
    if match["unit"] == "B":
        help = f"{match['number']}G is billions, {match['number']} bytes are bytes"
        raise wrong(source, match.span(), f"'{match[0]}' has two readings", help)
    base, power = 1024 if unit[1:2] == "i" else 1000, POWERS.get(unit[:1], 0)
    return Token("number", match[0], match.span(), number * base**power, unit.endswith(("b", "byte", "bytes")))
