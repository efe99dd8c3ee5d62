"""The largest moments of a run, and what lives at one of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from archcalc.analyses.memory.heap import Heap


class Most:
    """The largest of the moments told, by node; what lives at moment ``stop`` is noted."""

    def __init__(self, heap: Heap, nodes: int, stop: int = 0) -> None:
        self.heap, self.stop = heap, stop
        self.best, self.where, self.told = 0, 0, 0
        self.node = -1  # where the best was
        self.nodes = [0] * (nodes + 1)
        self.alive: list[int] = []

    def __call__(self, live: int) -> None:
        self.told += 1
        node = self.heap.node
        if live > self.nodes[node]:
            self.nodes[node] = live
            if live > self.best:
                self.best, self.where, self.node = live, self.told, node
        if self.told == self.stop:
            self.alive = self.heap.alive()


class Largest:
    """The largest of what it is told."""

    def __init__(self) -> None:
        self.best = 0

    def __call__(self, live: int) -> None:
        if live > self.best:
            self.best = live


class Block(NamedTuple):
    """Something that lives at the peak: its bytes, the node that made it (None: given, or the loss's), what it is."""

    size: int
    node: int | None
    what: str


class Peak(NamedTuple):
    """What the largest moment is made of: bytes by kind, which add up to it, and the blocks, largest first."""

    items: Mapping[str, int]
    blocks: tuple[Block, ...]


def blocks_of(heap: Heap, alive: list[int], what: Callable[[int], str]) -> tuple[Block, ...]:
    """Blocks, largest first, each with what it is."""
    made = ((block, heap.makers[block]) for block in alive)
    found = (Block(heap.sizes[block], None if node < 0 else node, what(block)) for block, node in made)
    return tuple(sorted(found, key=lambda block: -block.size))
