"""Memory as reference counting leaves it: a block lives as long as something holds it."""

from __future__ import annotations


class Heap:
    """Blocks by number, with their bytes, holders and the ``node`` at work when each was made.

    ``live`` are the bytes of all that live.
    """

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.holders: list[int] = []
        self.makers: list[int] = []
        self.node = -1
        self.live = 0

    def new(self, size: int) -> int:
        """A block that one holds."""
        self.sizes.append(size)
        self.holders.append(1)
        self.makers.append(self.node)
        self.live += size
        return len(self.sizes) - 1

    def hold(self, block: int) -> int:
        """One more holds the block."""
        self.holders[block] += 1
        return block

    def drop(self, block: int) -> None:
        """One fewer holds the block; with the last, it goes."""
        self.holders[block] -= 1
        if not self.holders[block]:
            self.live -= self.sizes[block]

    def alive(self) -> list[int]:
        """The blocks that live, oldest first."""
        return [block for block, holders in enumerate(self.holders) if holders]
