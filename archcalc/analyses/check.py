"""Claims of a text held against its network."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from archcalc.algebra import Dim
from archcalc.claims import Claim
from archcalc.diagnostics import Diagnostic
from archcalc.graph import Graph


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """One claim and what became of it.

    ``expected`` is the text's figure; ``computed`` a number, a shape as ``[C, H, W]``, a field per axis where the axes
    differ, or None. ``holds`` is None where an open symbol leaves it undecided.
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


Variant = Callable[[Mapping[str, Fraction]], Graph | None]


def evaluate(
    graph: Graph, claims: Iterable[Claim], variant: Variant | None = None
) -> tuple[tuple[Expectation, ...], tuple[Diagnostic, ...]]:
    """What becomes of each claim, and a diagnostic for each that fails."""
    return (), ()
