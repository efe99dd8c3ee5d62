"""Claims of a text held against its network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from archcalc.algebra import Dim


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
