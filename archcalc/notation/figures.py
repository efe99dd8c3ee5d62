"""Printed figures: numbers with their precision and unit, and ``quantity: arithmetic = value`` behind a layer."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache

from archcalc.claims import Figure
from archcalc.notation.arithmetic import evaluate
from archcalc.notation.syntax import parse_expression
from archcalc.notation.tokens import Unreadable
from archcalc.notation.tree import At
from archcalc.record import Record
from archcalc.sizes import POWERS

#: Words for a quantity, and its name in the report.
QUANTITIES: dict[str, str] = {
    "params": "params",
    "param": "params",
    "parameters": "params",
    "parameter": "params",
    "weights": "weights",
    "biases": "biases",
    "norms": "norms",
    "others": "others",
    "trainable": "trainable",
    "buffers": "buffers",
    "weight layers": "weight layers",
    "weight layer": "weight layers",
    "depth": "depth",
    "neurons": "neurons",
    "connections": "connections",
    "macs": "macs",
    "mac": "macs",
    "mult-adds": "macs",
    "multiply-adds": "macs",
    "madds": "macs",
    "ops": "macs",
    "flops": "flops",
    "training flops": "training flops",
    "memory": "memory",
    "activations": "activations",
    "activations bytes": "activations bytes",
    "input bytes": "input bytes",
    "weights bytes": "weights bytes",
    "intensity": "intensity",
    "out": "out",
    "output": "out",
    "field": "field",
    "receptive field": "field",
    "stride": "stride",
    "start": "start",
    "inference memory": "inference memory",
    "training memory": "training memory",
    "inference peak": "inference peak bytes",
    "inference peak bytes": "inference peak bytes",
    "inference arena": "inference arena bytes",
    "inference arena bytes": "inference arena bytes",
    "saved": "saved bytes",
    "saved bytes": "saved bytes",
    "gradients bytes": "gradients bytes",
    "optimizer bytes": "optimizer bytes",
    "training peak": "training peak bytes",
    "training peak bytes": "training peak bytes",
    "largest batch": "largest batch",
    "largest inference batch": "largest inference batch",
}
#: What may stand behind a layer with a colon; `out:` and the like are names.
_PRINTED = "memory|params|parameters|weights|biases|macs|ops|flops|neurons|connections|activations|trainable|mult-adds"
LABEL = re.compile(rf"(?<![\w.\-])(?P<total>total\s+)?(?P<quantity>{_PRINTED})\s*:(?!\w)", re.IGNORECASE)
_SIC = re.compile(r"\(\s*sic\s*:\s*(?P<value>[^()]*)\)", re.IGNORECASE)
_REMARK = re.compile(r"\((?!\s*sic\b)[^()]*\)")
WITHOUT_BIASES = re.compile(r"\(\s*(?:not\s+counting|without|excluding|no)\s+bias(?:es)?\s*\)", re.IGNORECASE)

_SUFFIXES = {"": 0, **POWERS, "b": 3, "million": 2, "billion": 3, "thousand": 1, "mn": 2, "bn": 3}
NUMBER = (
    r"(?P<about>~\s*=?\s*)?(?P<whole>\d{1,3}(?:,\d{3})+|\d+)?(?P<fraction>\.\d+)?"
    r"(?:\s*(?:x|\*)\s*10\s*(?:\^|\*\*)?\s*(?P<power>\d+|[⁰¹²³⁴⁵⁶⁷⁸⁹]+)|[eE](?P<exponent>\d+))?"
    r"\s*(?P<suffix>million|billion|thousand|[kKMGTB](?=i?[Bb]?(?:ytes)?\b|$))?(?P<binary>i)?(?P<bytes>\s*bytes?|B\b)?"
)
_VALUE = re.compile(NUMBER + r"(?![\w.,]*\d)")
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")


@lru_cache(maxsize=4096)
def read_figure(text: str, kilo: int = 1000) -> Figure | None:
    """A number as printed: plain integers are exact, the others good to half a unit of their last digit.

    ``kilo`` is what K stands for (1000, or 1024 after a line ``K = 1024``). None if the text begins with no number.
    """
    match = _VALUE.match(text.strip())
    if match is None or (match["whole"] is None and match["fraction"] is None):
        return None
    whole, fraction = (match["whole"] or "0").replace(",", ""), match["fraction"] or ""
    suffix = (match["suffix"] or "").lower()
    billions = match["bytes"] or match["binary"] or match["power"]
    if match["suffix"] == "B" and not billions and text.strip()[match.start("suffix") - 1] == " ":
        return Figure(match[0].strip(), Fraction(whole + fraction), Fraction(0), "bytes")  # 12 B, where 5B is billions
    base = 1024 if match["binary"] else kilo if len(suffix) == 1 and suffix != "b" else 1000
    power = (match["power"] or match["exponent"] or "0").translate(_SUPERSCRIPTS)
    if int(power) > 30:
        return None
    scale = Fraction(base) ** _SUFFIXES[suffix] * 10 ** int(power)
    value = Fraction(whole + fraction) * scale
    about = bool(match["about"])
    slack = value / 20 if about else _slack(whole, fraction, scale, bool(suffix or int(power)))
    return Figure(match[0].strip(), value, slack, "bytes" if match["bytes"] else None)


def _slack(whole: str, fraction: str, scale: Fraction, scaled: bool) -> Fraction:
    """Half a unit of the last digit; zeros that end a whole number before its suffix count up to the second digit."""
    if fraction:
        return scale * Fraction(1, 2 * 10 ** (len(fraction) - 1))
    if not scaled:
        return Fraction(0)
    digits = len(whole)
    significant = max(len(whole.rstrip("0")), min(2, digits))
    return scale * Fraction(10 ** (digits - significant), 2)


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
    labels = list(LABEL.finditer(text))
    ends = [*(label.start() for label in labels[1:]), len(text)][: len(labels)]
    return (labels[0].start() if labels else len(text)), list(zip(labels, ends, strict=True))


def read_printed(text: str, label: re.Match[str], end: int, kilo: int) -> Printed:
    """The figure behind one ``quantity:``. Raises Unreadable, with offsets in ``text``."""
    start = label.end()
    stretch = text[start:end]
    sic_match = _SIC.search(stretch)
    sic = sic_at = None
    if sic_match:
        sic = read_figure(sic_match["value"], kilo)
        sic_at = (start + sic_match.start("value"), start + sic_match.end("value"))
        if sic is None:
            raise Unreadable("a figure is wanted after 'sic:'", sic_at, code="A107")
    without = bool(WITHOUT_BIASES.search(stretch))
    blank = lambda match: " " * len(match[0])  # noqa: E731
    stretch = _SIC.sub(blank, stretch)
    equals = list(re.finditer(r"~\s*=|=", stretch))
    if equals:
        value_from = equals[-1].start() if equals[-1][0].startswith("~") else equals[-1].end()
        worked = _worked(stretch[: equals[0].start()], kilo)
    else:
        value_from, worked = 0, None
    value = _REMARK.sub(blank, stretch[value_from:]) if equals else stretch
    figure = read_figure(value, kilo)
    place = start + value_from + len(value) - len(value.lstrip())
    if figure is None or (not equals and re.match(r"\s*[\d.,]+\s*[*(]", value)):
        worked = _worked(_REMARK.sub(blank, stretch), kilo)
        if worked is None:
            raise Unreadable(f"a figure is wanted after '{label[0].strip()}'", (start, end), code="A107")
        figure = Figure(stretch.strip(), worked)
        return Printed(
            QUANTITIES[label["quantity"].lower()],
            figure,
            None,
            sic,
            without,
            bool(label["total"]),
            (place, place + len(stretch.strip())),
            sic_at,
        )
    at = (place, place + len(figure.text))
    return Printed(
        QUANTITIES[label["quantity"].lower()], figure, worked, sic, without, bool(label["total"]), at, sic_at
    )


@lru_cache(maxsize=4096)
def _worked(text: str, kilo: int) -> Fraction | None:
    """The value of printed arithmetic: x is a product, numbers may have suffixes, unit words mean nothing."""
    text = re.sub(r"\b(bytes?|floats?|params|parameters|image|per)\b", " ", text)
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
