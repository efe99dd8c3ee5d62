"""What is asked for: a network's statements under these settings, with an input of another size perhaps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from archcalc.algebra import Dim
from archcalc.layers import Pair, Shape
from archcalc.notation.replay import Recordings
from archcalc.notation.statements import Statement
from archcalc.source import Span


@dataclass(frozen=True)
class Order:
    """What is asked for: a network's statements under these settings, with an input of another size perhaps."""

    name: str
    title: str
    file: str
    statements: tuple[Statement, ...]
    column: int | None = None
    head: Span | None = None
    networks: tuple[str, ...] = ()
    settings: Mapping[str, Dim | Fraction] = field(default_factory=dict)
    input_shape: Shape | None = None
    strides: Mapping[tuple[int, int], Pair] = field(default_factory=dict)

    recordings: Recordings = field(default_factory=Recordings)

    @property
    def changed(self) -> bool:
        """Whether figures printed for the text as it stands do not apply."""
        return bool(self.settings) or self.input_shape is not None
