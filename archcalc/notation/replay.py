"""Calls made once and laid again: a block called with the same numbers on the same shape makes the same layers.

Deep networks are a few blocks repeated; laying a copy costs a tenth of reading the block's lines again.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

from archcalc.graph import Builder, Known
from archcalc.layers import Shape
from archcalc.notation.naming import Frame, Leaf


@dataclass(slots=True, frozen=True)
class Recording:
    """The layers of one call as it laid them: ``first`` was the first node, ``entered`` the node that flowed in."""

    layers: list[Any]
    shapes: list[Shape]
    frame: Frame
    first: int
    entered: int | None
    output: int | None
    keep: Any  # what the key only names by identity

    def lay(self, builder: Builder, current: int | None) -> tuple[Frame, int | None]:
        """Lays the layers again behind ``current``; their frame, and the node that flows out."""
        shift = len(builder.shapes) - self.first

        def moved(node: int) -> int:
            return node + shift if node >= self.first or current is None else current

        for layer, inputs, span, aux, shares in self.layers:
            again = None if shares is None else moved(shares)
            builder.layers.append((layer, tuple([moved(node) for node in inputs]), span, aux, again))
        builder.shapes.extend(self.shapes)
        return copied(self.frame, moved), None if self.output is None else moved(self.output)


def copied(frame: Frame, moved: Any) -> Frame:
    """A frame whose nodes have moved."""
    made = Frame(frame.stem, frame.label, moved(frame.first), moved(frame.stop - 1) + 1, moved(frame.output))
    made.members = [
        Leaf(moved(member.node), member.stem) if isinstance(member, Leaf) else copied(member, moved)
        for member in frame.members
    ]
    return made


class Recordings:
    """The calls of one network that may be laid again."""

    def __init__(self) -> None:
        self._made: dict[Hashable, Recording] = {}
        self.known = Known()

    def find(self, key: Hashable) -> Recording | None:
        return self._made.get(key)

    def keep(
        self,
        key: Hashable,
        builder: Builder,
        frame: Frame,
        first: int,
        entered: int | None,
        output: int | None,
        keep: Any,
    ) -> None:
        """Remembers the nodes from ``first`` on, and a copy of their frame: later merges may take from either."""
        layers, shapes = builder.layers[first:], builder.shapes[first:]
        self._made[key] = Recording(layers, shapes, copied(frame, int), first, entered, output, keep)
