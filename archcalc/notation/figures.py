"""Printed figures: numbers with their precision and unit, and the words for what they count."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache

from archcalc.claims import Figure
from archcalc.sizes import POWERS, TIMES

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
_TIME = re.compile(rf"(\d[\d,]*(?:\.\d+)?|\.\d+)\s*({'|'.join(TIMES)})$", re.ASCII)
_SUFFIXES = {"": 0, **POWERS, "b": 3, "million": 2, "billion": 3, "thousand": 1, "mn": 2, "bn": 3}
#: Digits in groups of three, parted by commas or single blanks, or in one.
NUMBER = (
    r"(?P<about>~\s*=?\s*)?(?P<whole>\d{1,3}(?:,\d{3})+|[1-9]\d{0,2}(?: \d{3})+(?!\d|\s*[xX]\s*\d)|\d+)?"
    r"(?P<fraction>\.\d+)?"
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
    whole, fraction = re.sub("[, ]", "", match["whole"] or "0"), match["fraction"] or ""
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


def read_time(text: str) -> Figure | None:
    """``20 ms``, ``1.5s``, ``300 us`` or ``90 ns`` as a figure in nanoseconds; None if it is no time."""
    match = _TIME.match(text.strip())
    if match is None:
        return None
    return Figure(match[0], Fraction(match[1].replace(",", "")) * TIMES[match[2]])


def _slack(whole: str, fraction: str, scale: Fraction, scaled: bool) -> Fraction:
    """Half a unit of the last digit; zeros that end a whole number before its suffix count up to the second digit."""
    if fraction:
        return scale * Fraction(1, 2 * 10 ** (len(fraction) - 1))
    if not scaled:
        return Fraction(0)
    digits = len(whole)
    significant = max(len(whole.rstrip("0")), min(2, digits))
    return scale * Fraction(10 ** (digits - significant), 2)
