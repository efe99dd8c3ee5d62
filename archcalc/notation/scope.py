"""What surrounds a line while it is elaborated: parameters, names, rules of ``means``, and where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from archcalc.algebra import Dim
from archcalc.graph import Place
from archcalc.layers import Pair, Shape
from archcalc.notation.naming import Frame, same_name
from archcalc.notation.statements import BlockLine, MeansLine
from archcalc.record import Record


@dataclass(eq=False, slots=True)
class NameTable:
    """Names of layers in a body, and in the bodies around it."""

    own: dict[str, Place] = field(default_factory=dict)
    outer: NameTable | None = None
    #: of the outermost: how often a name was looked for here, found or not
    asked: int = 0

    def find(self, name: str) -> Place | None:
        key = same_name(name)
        table: NameTable | None = self
        while table is not None:
            if table.outer is None:
                table.asked += 1
            if key in table.own:
                return table.own[key]
            table = table.outer
        return None

    def all(self) -> list[str]:
        return [*self.own, *(self.outer.all() if self.outer else [])]


@dataclass(frozen=True, slots=True)
class Around:
    """What a ``shortcut`` goes around: from a node to the end of the sum's first other branch."""

    start: int
    end: int
    strides: Pair


class Scope(Record):
    """``means`` are the rules written above, latest last; ``hidden`` counts are the network's."""

    params: Mapping[str, Dim | Fraction]
    means: tuple[MeansLine, ...]
    names: NameTable
    frame: Frame
    around: Around | None = None
    shown: Shape | None = None
    in_table: bool = False
    in_cell: bool = False
    head: int = 0
    depth: int = 0
    fixed_in: bool = False
    lent: str | None = None


@dataclass(frozen=True, slots=True)
class BlockDef:
    """A block as written, with the parameters and rules that hold where it stands."""

    line: BlockLine
    params: Mapping[str, Dim | Fraction]
    means: tuple[MeansLine, ...]
