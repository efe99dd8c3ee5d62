"""What a run keeps and when it may write over what it read, decided once from the graph."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from archcalc.analyses.memory.setting import taped
from archcalc.graph import Graph, Node
from archcalc.layers.tape import ANY, Op


class Plan(NamedTuple):
    """``frees``: after each node, those that nothing reads any more; ``overwrites``: nodes that write into what they
    read first."""

    frees: tuple[tuple[int, ...], ...]
    overwrites: frozenset[int]


class _Traits(NamedTuple):
    """``aliases``: may give the very memory that it read first (dropout does in inference); ``keeps``: its backward
    pass reads what it gave; ``writes``: it can write over what it read."""

    aliases: bool
    keeps: bool
    writes: bool


def plan(graph: Graph, outputs: Collection[int]) -> Plan:
    """The plan of a run that gives these nodes."""
    last = list(range(len(graph.nodes)))
    readers = [0] * len(last)
    for index, node in enumerate(graph.nodes):
        for source in node.inputs:
            last[source] = index
            readers[source] += 1
    for output in outputs:
        readers[output] += 1
    return Plan(_frees(last, outputs), _overwrites(graph, readers))


def _frees(last: Sequence[int], outputs: Collection[int]) -> tuple[tuple[int, ...], ...]:
    """After each node those of which it is the last reader."""
    spent: list[tuple[int, ...]] = [()] * len(last)
    for index, reader in enumerate(last):
        if index not in outputs:
            spent[reader] += (index,)
    return tuple(spent)


def _overwrites(graph: Graph, readers: Sequence[int]) -> frozenset[int]:
    """ReLUs and sums whose input nothing else reads: no other layer, not who asked for the outputs, no backward pass.

    What is read under another name, as a view, counts: an input is ``alone`` if no name of its memory has two readers.
    """
    alone: list[bool] = []
    kept: list[bool] = []
    traits: list[_Traits] = []
    found = set()
    for index, (node, alike) in enumerate(zip(graph.nodes, graph.alike, strict=True)):
        own = _traits(graph, node) if alike == index else traits[alike]
        traits.append(own)
        first = node.inputs[0] if node.inputs else index
        free = bool(node.inputs) and alone[first] and readers[first] == 1
        writes = free and not kept[first] and own.writes
        shares = writes or own.aliases
        if writes:
            found.add(index)
        alone.append(free if shares else bool(node.inputs))
        kept.append(own.keeps or (shares and kept[first]))
    return frozenset(found)


def _traits(graph: Graph, node: Node) -> _Traits:
    if not node.inputs:
        return _Traits(False, False, False)
    shapes = graph.input_shapes(node)
    inference, given = taped(node.layer, shapes, False, False)
    training, result = taped(node.layer, shapes, True, False)
    keeps = any((result, ANY) in op.keeps for op in training)
    return _Traits(_memory(inference, len(shapes), given) == 0, keeps, any(op.over for op in inference))


def _memory(ops: Sequence[Op], inputs: int, tensor: int) -> int:
    """The tensor whose memory this one is."""
    while tensor >= inputs and ops[tensor - inputs].view:
        tensor = ops[tensor - inputs].reads[0]
    return tensor
