"""Stages of networks, and which stage of one is which of another: by name, else by the size of its output."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import groupby

from archcalc.graph import Graph, Node, same_name
from archcalc.layers import IMAGE, Shape
from archcalc.record import Record

#: What a match is worth: no number of sizes outweighs a name, no likeness of length a size, nor that both are the end.
_NAME, _SIZE, _END, _LENGTH = 1_000_000, 1_000, 400, 10


class Stage(Record):
    """A part of a network: its nodes, what it is called and by which names it is known, the size of its output;
    ``end``: it gives the network's output."""

    name: str
    known: frozenset[str]
    nodes: tuple[int, ...]
    size: Shape
    end: bool = False


Row = tuple[Stage | None, ...]


def stages(graph: Graph, depth: int) -> list[Stage]:
    """The groups ``depth`` names deep, in order; layers outside of groups that follow each other in one output size are
    a stage too. The network's inputs are in none."""
    found = []
    nodes = [(index, node) for index, node in enumerate(graph.nodes) if node.inputs]
    for (group, _), run in groupby(nodes, key=lambda each: _kept_together(each[1], depth)):
        members = list(run)
        first, last = members[0][1], members[-1][1]
        names = (group,) if group else (first.name, last.name)
        found.append(
            Stage(
                " … ".join(dict.fromkeys(names)),
                frozenset(map(same_name, names)),
                tuple(index for index, _ in members),
                _size(last.shape),
                any(index == graph.output for index, _ in members),
            )
        )
    return found


def _kept_together(node: Node, depth: int) -> tuple[str, Shape]:
    group = ".".join(node.block.split(".")[:depth])
    return group, () if group else _size(node.shape)


def _size(shape: Shape) -> Shape:
    """Height and width of an image, the number of tokens; of a vector nothing."""
    return shape[1:] if len(shape) == IMAGE else shape[:-1]


def aligned(networks: Sequence[Sequence[Stage]]) -> list[Row]:
    """Rows of stages, one of each network or None, in the order of all of them.

    Network by network, so that as many as possible match what is there by name, and of the rest by size.
    """
    rows: list[Row] = [(stage,) for stage in networks[0]]
    for place, new in enumerate(networks[1:], 1):
        rows = [(*((None,) * place if row is None else row), stage) for row, stage in _Match(rows, new).pairs()]
    return rows


class _Match:
    """The most valuable way to match rows with stages, both in order."""

    def __init__(self, rows: Sequence[Row], stages: Sequence[Stage]) -> None:
        self.rows, self.stages = rows, stages

    def worth(self, row: Row, stage: Stage) -> int:
        return max(_worth(other, stage) for other in row if other is not None)

    @cached_property
    def most(self) -> list[list[int]]:
        """What the rest is worth, from each row and each stage on."""
        height, width = len(self.rows), len(self.stages)
        most = [[0] * (width + 1) for _ in range(height + 1)]
        for r in range(height - 1, -1, -1):
            for s in range(width - 1, -1, -1):
                worth = self.worth(self.rows[r], self.stages[s])
                matched = worth + most[r + 1][s + 1] if worth else 0
                most[r][s] = max(matched, most[r + 1][s], most[r][s + 1])
        return most

    def pairs(self) -> Iterator[tuple[Row | None, Stage | None]]:
        r = s = 0
        while r < len(self.rows) or s < len(self.stages):
            if r < len(self.rows) and self.most[r][s] == self.most[r + 1][s]:
                yield self.rows[r], None
                r += 1
            elif s < len(self.stages) and self.most[r][s] == self.most[r][s + 1]:
                yield None, self.stages[s]
                s += 1
            else:
                yield self.rows[r], self.stages[s]
                r, s = r + 1, s + 1


def _worth(one: Stage, other: Stage) -> int:
    named, sized = not one.known.isdisjoint(other.known), one.size == other.size
    if not named and not sized:
        return 0
    lengths = sorted((len(one.nodes), len(other.nodes)))
    return named * _NAME + sized * _SIZE + (one.end and other.end) * _END + _LENGTH * lengths[0] // lengths[1]
