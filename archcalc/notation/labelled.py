"""Figures that a line prints behind its layers: ``quantity: arithmetic = value``, and what may stand behind them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache

from archcalc.claims import Figure
from archcalc.diagnostics import nearest
from archcalc.notation.arithmetic import evaluate
from archcalc.notation.figures import QUANTITIES, read_figure
from archcalc.notation.syntax import parse_expression
from archcalc.notation.tokens import Unreadable
from archcalc.notation.tree import At
from archcalc.record import Record

#: What may stand behind a layer with a colon; `out:` and the like are names.
_PRINTED = (
    "memory", "params", "parameters", "weights", "biases", "macs", "ops", "flops", "neurons", "connections",
    "activations", "trainable", "mult-adds",
)  # fmt: skip
_LABEL = re.compile(rf"(?<![\w.\-])(?P<total>total\s+)?(?P<quantity>{'|'.join(_PRINTED)})\s*:(?!\w)", re.IGNORECASE)
#: Behind a first figure every word with a colon is a quantity, known or not.
_ANY_LABEL = re.compile(r"(?<![\w.\-])(?P<total>total\s+)?(?P<quantity>[^\W\d_][\w\-]*)\s*:(?!\w)", re.IGNORECASE)
_SIC = re.compile(r"\(\s*sic\s*:\s*(?P<value>[^()]*)\)", re.IGNORECASE)
_REMARK = re.compile(r"\((?!\s*sic\b)[^()]*\)", re.IGNORECASE)
_WORDY = re.compile(r"\((?!\s*sic\b)[^()]*[A-Za-z]{2}[^()]*\)", re.IGNORECASE)
WITHOUT_BIASES = re.compile(r"\(\s*(?:not\s+counting|without|excluding|no)\s+bias(?:es)?\s*\)", re.IGNORECASE)

_EACH = r"(?:/|\bper\b|\ban?\b)\s*(?:image|img|sample|example|forward\s+pass)\b"
#: What of: a word behind a figure that only repeats what its label says, or what its numbers are.
_NEUTRAL = frozenset({"byte", "bytes", "float", "floats", "number", "numbers", "value", "values", "image", "images"})
_ALIKE = frozenset({"params", "weights", "trainable"})
_WORD = re.compile(r"\b(?:weight\s+layers?|mult(?:iply)?-adds?|[A-Za-z]+)\b")
_SKIPPED = re.compile(rf"\s+|{_EACH}|<-.*|[.,;|!\\]+\s*\Z|[-=]>\s*\Z", re.IGNORECASE)
_OPERATES = re.compile(r"\s*(?:[*+/]|-(?!>)|[xX](?=[\s\d(]))\s*[\d(]|\s*\([\d\s.,xX*+/\-]*\)\s*[*xX]")


class Printed(Record):
    """A figure that a line prints: what of, its value, the value of the arithmetic before it, and where it stands."""

    quantity: str
    figure: Figure
    worked: Fraction | None
    sic: Figure | None
    weights_only: bool
    total: bool
    at: At
    sic_at: At | None = None


def split_figures(text: str) -> tuple[int, list[tuple[re.Match[str], int]]]:
    """Where the layers of a line end, and each ``quantity:`` behind them with the end of its text."""
    first = _LABEL.search(text)
    if first is None:
        return len(text), []
    plain = _without(re.compile(r"\([^()]*\)"), text)
    labels = [first, *_ANY_LABEL.finditer(plain, first.end())]
    ends = [*(label.start() for label in labels[1:]), len(text)]
    return first.start(), list(zip(labels, ends, strict=True))


def read_printed(text: str, label: re.Match[str], end: int, kilo: int) -> Iterator[Printed]:
    """The figures behind one ``quantity:``, more than one in ``27*64 = 1,728 = 1.7K``.

    Raises Unreadable, with offsets in ``text``.
    """
    quantity, start = _quantity(label), label.end()
    stretch = text[start:end]
    sic, sic_at = _true(stretch, start, kilo)
    without = bool(WITHOUT_BIASES.search(stretch))
    stretch = _SIC.sub(_blank, stretch, count=1)
    worked, values = _parted(stretch, start, label, kilo)
    for first, last in values:
        value = _without(_REMARK, stretch[first:last])
        figure = read_figure(value, kilo)
        lead = start + first + len(value) - len(value.lstrip())
        if figure is None or _OPERATES.match(stretch[first:last].lstrip()[len(figure.text) :]):
            whole = _without(_WORDY, stretch[first:last])
            found = _worked(whole, kilo) if len(values) == 1 and worked is None else None
            if found is None:
                raise Unreadable(f"a figure is wanted after '{label[0].strip()}'", (start, end), code="A107")
            figure = Figure(whole.strip(), found)
            lead = start + first + len(whole) - len(whole.lstrip())
        else:
            _nothing_more(value, figure, quantity, start + first, label)
        at = (lead, lead + len(figure.text))
        yield Printed(quantity, figure, worked, sic, without, bool(label["total"]), at, sic_at)


def _quantity(label: re.Match[str]) -> str:
    word = label["quantity"].lower()
    if word in _PRINTED:
        return QUANTITIES[word]
    at = label.span("quantity")
    if word in QUANTITIES:
        help = f"a line of its own: expect {word} at NAME = ..."
        raise Unreadable(f"'{word}' is not read behind a layer", at, help, "A107")
    help = nearest(word, [f"{each}:" for each in _PRINTED]) or f"{', '.join(_PRINTED)} are read behind a layer"
    raise Unreadable(f"unknown quantity '{label['quantity']}'", at, help, "A105")


def _true(stretch: str, start: int, kilo: int) -> tuple[Figure | None, At | None]:
    """The true figure beside a wrong one, and where it stands."""
    match = _SIC.search(stretch)
    if match is None:
        return None, None
    at = (start + match.start("value"), start + match.end("value"))
    figure = whole_figure(match["value"], kilo=kilo)
    if figure is None:
        raise Unreadable("a figure is wanted after 'sic:'", at, code="A107")
    return figure, at


def _parted(stretch: str, start: int, label: re.Match[str], kilo: int) -> tuple[Fraction | None, list[At]]:
    """The value of the arithmetic before the first equals sign, and where the figures behind the signs stand."""
    signs = list(re.finditer(r"~\s*=|(?<![<>])=(?!>)", stretch))
    if not signs:
        return None, [(0, len(stretch))]
    before = stretch[: signs[0].start()]
    worked = _worked(_without(_WORDY, before), kilo)
    if worked is None:
        at = (start + len(before) - len(before.lstrip()), start + max(len(before.rstrip()), 1))
        raise Unreadable("this arithmetic cannot be worked out", at, "numbers, as in 3*3*64*64 = 36,864", "A107")
    begins = [sign.start() if sign[0].startswith("~") else sign.end() for sign in signs]
    return worked, list(zip(begins, [*(sign.start() for sign in signs[1:]), len(stretch)], strict=True))


def _nothing_more(value: str, figure: Figure, quantity: str, start: int, label: re.Match[str]) -> None:
    """Raises Unreadable at what stands behind a figure and is no unit or remark: nothing printed is passed over."""
    last = value.index(figure.text) + len(figure.text)
    first = unknown_behind(value, last, quantity)
    rest = value[first:].strip()
    if not rest:
        return
    at = (start + first, start + first + len(value[first:].rstrip()))
    message = f"'{rest}' stands behind a figure, and is neither its unit nor a remark"
    help = "remarks stand in parentheses, or behind ' # '"
    named = re.match(r"([A-Za-z][\w\-]*)\s+[\d(~]", rest)
    if value[last].isalnum():
        at = (start + value.index(figure.text), at[1])
        message, help = f"a figure is wanted after '{label[0].strip()}'", "a number as printed: 25,557,032 or 25.6M"
    elif named and named[1].lower() in _PRINTED:
        help = f"write '{named[1]}:' before its figure"
    elif re.match(r"[-=]>\s*[\[\d]|\[", rest):
        help = "a shape stands before the figures"
    elif rest[0] == ";":
        help = "layers stand before the figures"
    raise Unreadable(message, at, help, "A107")


def unknown_behind(text: str, position: int, quantity: str = "") -> int:
    """Where, behind a figure that ends at ``position``, something stands that says neither what it counts nor its
    unit; the end of ``text`` if nowhere."""
    if text[position : position + 1].isalnum():
        return position
    while position < len(text):
        match = _SKIPPED.match(text, position) or _unit(text, position, quantity)
        if match is None:
            return position
        position = match.end()
    return position


def _unit(text: str, position: int, quantity: str) -> re.Match[str] | None:
    """A word that only says again what a figure of ``quantity`` counts."""
    match = _WORD.match(text, position)
    if match is None or re.match(r"\s+[\d(~]", text[match.end() :]):
        return None
    word = " ".join(match[0].lower().split())
    meant = QUANTITIES.get(word)
    known = word in _NEUTRAL or (meant is not None and (meant == quantity or {meant, quantity} <= _ALIKE))
    return match if known else None


def whole_figure(text: str, quantity: str = "", kilo: int = 1000) -> Figure | None:
    """A figure with nothing behind it but its unit and remarks, or None."""
    plain = _without(_REMARK, text)
    figure = read_figure(plain, kilo)
    if figure is None:
        return None
    return figure if unknown_behind(plain.lstrip(), len(figure.text), quantity) == len(plain.lstrip()) else None


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _without(pattern: re.Pattern[str], text: str) -> str:
    """The text with what matches as blanks, also what then does, in brackets around it."""
    while (less := pattern.sub(_blank, text)) != text:
        text = less
    return text


@lru_cache(maxsize=4096)
def _worked(text: str, kilo: int) -> Fraction | None:
    """The value of printed arithmetic: x is a product, numbers may have suffixes, unit words mean nothing."""
    text = re.sub(rf"{_EACH}|\b(?:bytes?|floats?|params|parameters|weights|biases|neurons)\b", " ", text)
    terms: list[str] = []
    for part in re.split(r"(\s*(?<=[\d)\s])[xX](?=[\d(\s])\s*|[*+\-/()])", text):
        stripped = part.strip()
        if stripped in ("x", "X"):
            terms.append("*")
        elif stripped and stripped[0].isdigit():
            figure = read_figure(stripped, kilo)
            if figure is None or figure.text != stripped:
                return None
            terms.append(
                f"({figure.value.numerator}/{figure.value.denominator})"
                if figure.value.denominator != 1
                else str(figure.value)
            )
        elif stripped:
            terms.append(stripped)
    if not terms:
        return None
    try:
        value = evaluate(parse_expression(" ".join(terms)), {})
    except Unreadable:
        return None
    return Fraction(value) if isinstance(value, (int, Fraction)) and not isinstance(value, bool) else None
