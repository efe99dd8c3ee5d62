"""Receptive fields."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from archcalc.algebra import Dim

Kind = Literal["window", "phased", "all", "none"]
Stride = Dim | Fraction


@dataclass(frozen=True, slots=True)
class Field:
    """What one output of a layer sees of the network's input, height before width, what lies in the padding included.

    ``window``: output o sees ``size`` inputs from ``start + stride * o`` on. ``phased``: the size varies with the
    position (the largest is given) or the stride is fractional. ``all``: the whole input; ``none``: a sampler chose what
    it sees. ``start`` is the first coordinate that output 0 sees (None: it sees nothing); ``stride`` is None where
    branches of different strides meet. ``aligned`` is False once branches of a merge were centred on different inputs.
    """

    kind: Kind
    size: tuple[Dim, Dim] | None = None
    stride: tuple[Stride | None, Stride | None] | None = None
    start: tuple[Dim | None, Dim | None] | None = None
    aligned: bool = True
    note: str | None = None

    def plain(self) -> dict[str, Any]:
        """Plain values by name: None for what this kind lacks, a fractional stride as ``1/2``."""
        strides = self.stride and [str(s) if isinstance(s, Fraction) else s for s in self.stride]
        found = {
            "kind": self.kind,
            "size": self.size and list(self.size),
            "stride": strides,
            "start": self.start and list(self.start),
            "aligned": self.aligned,
        }
        return found | ({"note": self.note} if self.note else {})
