"""One network in the making: the graph so far, and what must be known across all of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from archcalc.diagnostics import Diagnostic
from archcalc.graph import Builder
from archcalc.notation import tree
from archcalc.notation.draft import Draft
from archcalc.notation.replay import Recordings
from archcalc.notation.scope import BlockDef, NameTable
from archcalc.notation.text import Line
from archcalc.notation.tokens import Unreadable


class TooMuch(Unreadable):
    """A repetition that would make more layers than anybody can read: ends the network at once."""


class Halted(Exception):
    """Ends the making of a network at its first fault, where only what stands above is wanted."""


@dataclass(eq=False)
class Work:
    """One network in the making: the graph so far, and what must be known across all of it."""

    #: layers that a network may have at most
    most: ClassVar[int] = 250_000
    blocks: dict[str, list[BlockDef]]
    builder: Builder = field(default_factory=Builder)
    faults: list[Diagnostic] = field(default_factory=list)
    #: claims that cannot be read: errors, of which no layer is at fault
    misread: list[Diagnostic] = field(default_factory=list)
    spared: frozenset[int] = frozenset()
    #: whether the first fault ends it
    halting: bool = False
    hidden: list[tuple[int, int]] = field(default_factory=list)  # (head, node) of each use of a hidden rule
    inputs: list[int] = field(default_factory=list)
    heads: int = 0
    steps: int = 0
    #: of layers with a window, the line and what it says of them
    said: dict[int, tuple[Line, Draft]] = field(default_factory=dict)
    #: how often a fault was met, the same one again or not
    stumbles: int = 0
    #: whether a fault has left open what flows on: shapes and channels below it prove nothing
    poisoned: bool = False
    #: whether it was told that nothing flows into the first layer
    starved: bool = False
    #: names of lines at fault
    lost: set[str] = field(default_factory=set)
    used_blocks: set[str] = field(default_factory=set)
    #: calls laid in this network, and those that any network of the text may lay again
    recordings: Recordings = field(default_factory=Recordings)
    shared: Recordings = field(default_factory=Recordings)
    claims_made: int = 0

    def marks(self, names: NameTable) -> tuple[object, ...]:
        """What a call changes beside the layers it lays: one that changes none of it may be laid again."""
        told = self.stumbles, self.poisoned, len(self.lost), self.starved, self.builder.warned
        return (len(self.hidden), self.heads, len(self.inputs), self.claims_made, names.asked, *told)

    def stumble(self) -> None:
        """Counts a fault. Raises Halted where the first one is the end."""
        self.stumbles += 1
        if self.halting:
            raise Halted

    def step(self, at: tree.At, layers: int = 0) -> None:
        """Counts what is elaborated, so that no text runs away; ``layers`` are about to be laid."""
        self.steps += 1
        if self.steps > 4 * self.most or len(self.builder.shapes) + layers > self.most:
            raise TooMuch(f"this network has more than {self.most:,} layers", at, code="A403")
