"""Residual modules: merges that add to a shortcut what other branches make of the same input."""

from __future__ import annotations

from collections import Counter
from itertools import accumulate

from archcalc.graph import Graph
from archcalc.record import Record

#: What lies on the longest way through a branch: activation functions, weight layers, layers; compared in this order.
Length = tuple[int, int, int]
_START = -1


class Module(Record):
    """One module: its name, the node where its branches meet, and the places of those that are shortcuts."""

    name: str
    node: int
    skips: tuple[int, ...]
    branches: int


def modules(graph: Graph, choose: frozenset[str], needed: frozenset[int]) -> tuple[Module, ...]:
    """The merges of these kinds that have a shortcut, in order.

    A shortcut is a branch without an activation function that is shorter than another one: the identity, or a
    projection. Branches are measured from where the last way to all of them parts.
    """
    forks = _forks(graph)
    found = []
    for index in sorted(needed):
        node = graph.nodes[index]
        if len(node.inputs) < 2 or node.layer.kind not in choose:
            continue
        lengths = _lengths(graph, forks[index], index)
        skips = tuple(place for place, own in enumerate(lengths) if own[0] == 0 and own < max(lengths))
        if skips:
            found.append(Module(node.name, index, skips, len(node.inputs)))
    return _named(graph, found)


def _named(graph: Graph, found: list[Module]) -> tuple[Module, ...]:
    """The modules, each by the name of its group where no other is in there."""
    blocks = [graph.nodes[each.node].block for each in found]
    held = Counter(blocks)
    for block in set(blocks):
        held.update(outer for outer in accumulate(block.split("."), "{}.{}".format) if outer != block)
    return tuple(
        each.but(name=block) if block and held[block] == 1 else each for each, block in zip(found, blocks, strict=True)
    )


def _forks(graph: Graph) -> list[int]:
    """For each node the last one that every way to it passes (its immediate dominator), -1 before all inputs."""
    forks: list[int] = []
    for node in graph.nodes:
        found = node.inputs[0] if node.inputs else _START
        for source in node.inputs[1:]:
            other = source
            while found != other:  # the later one cannot be on every way to the earlier
                if found > other:
                    found = forks[found]
                else:
                    other = forks[other]
        forks.append(found)
    return forks


def _lengths(graph: Graph, fork: int, merge: int) -> list[Length]:
    """How long each branch of a merge is, from its fork on."""
    longest: dict[int, Length] = {fork: (0, 0, 0)}
    for index in range(fork + 1, merge):
        node = graph.nodes[index]
        before = [longest[source] for source in node.inputs if source in longest]
        if before or not node.inputs:
            functions, weighted, count = max(before, default=(0, 0, 0))
            layer = node.layer
            longest[index] = functions + layer.activation, weighted + layer.weight_layer, count + 1
    return [longest[source] for source in graph.nodes[merge].inputs]
