"""What a text asserts about its network: printed figures, expectations and errata, as values to be checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from archcalc.algebra import Dim
from archcalc.source import Span

Operator = Literal["=", "~", "<=", "<", ">=", ">"]

#: Quantities that are predicted, and held to a limit.
TIMED = ("latency", "throughput")
#: How a condition is told; the others are their own words.
_TOLD = {
    "batch": "batch {}", "segments": "checkpoint {}", "threads": "threads {}", "on": "on {}", "device": "on {}",
    "amp": "amp", "aux": "aux",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Figure:
    """A printed number as the interval of values that it may stand for.

    A plain integer stands for itself; 138M for 137.5 to 138.5 million, ends included. ``unit`` is ``bytes`` where the
    text says so; ``text`` is what was printed.
    """

    text: str
    value: Fraction
    slack: Fraction = Fraction(0)
    unit: Literal["bytes"] | None = None

    def near(self, value: Fraction) -> bool:
        """Whether ``value`` may be printed as this figure."""
        return abs(value - self.value) <= self.slack


@dataclass(frozen=True, slots=True)
class Claim:
    """One assertion: ``quantity`` [at a layer] [of a network] operator expected [with settings].

    ``expected`` is a Figure, or a shape as the text prints it (height x width x channels). ``at`` is the first and
    one-past-last node and the output node of what a printed figure stands beside; ``place`` names a layer instead.
    ``worked`` is the value of the arithmetic printed before the figure; ``sic`` the true figure or shape given beside a
    wrong one; ``erratum`` the sentence quoted from a source, whose figure is ``printed``. ``stated``: a line of its own
    (``expect``), not a figure beside the layers. ``under`` are the conditions that the text gives, by the names that
    ``archcalc memory`` has for them; a ``device`` by its id.
    """

    quantity: str
    operator: Operator
    expected: Figure | tuple[Dim, ...]
    span: Span
    at: tuple[int, int, int] | None = None
    place: str | None = None
    network: str | None = None
    settings: Mapping[str, Fraction] = field(default_factory=dict)
    worked: Fraction | None = None
    sic: Figure | tuple[Dim, ...] | None = None
    sic_span: Span | None = None
    erratum: str | None = None
    printed: Figure | None = None
    weights_only: bool = False
    parts: tuple[Span, ...] = ()
    stated: bool = False
    under: Mapping[str, int | str | bool] = field(default_factory=dict)
    #: where the parts of the line stand: ``quantity``, ``place``, ``network``, and each condition by its name
    spots: Mapping[str, Span] = field(default_factory=dict)


def asked(quantity: str, under: Mapping[str, int | str | bool]) -> str:
    """A quantity with its conditions; a prediction says the device, too, that is meant where none is named: the CPU."""
    meant = {"on": "cpu"} if quantity in TIMED and "on" not in under else {}
    return f"{quantity}{conditions(meant | {**under})}"


def conditions(under: Mapping[str, int | str | bool]) -> str:
    """Conditions as a sentence has them behind a quantity: `` (batch 32, adam)``; nothing without any."""
    shown = {name: value for name, value in under.items() if name != "on" or "device" not in under}
    told = [_TOLD.get(name, "{}").format(value) for name, value in shown.items()]
    return f" ({', '.join(told)})" if told else ""
