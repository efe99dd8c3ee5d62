"""What a run keeps and when it may write over what it read, decided once from the graph."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from archcalc.graph import Graph, Node
from archcalc.layers import (
    VECTOR,
    Activation,
    Crop,
    Dropout,
    DropPath,
    FirstToken,
    Flatten,
    GlobalMaxPool,
    Identity,
    Layer,
    Max,
    Mean,
    Product,
    Reshape,
    Sum,
    Tokens,
)

#: Layers that may hand on their input's memory (dropout does in inference, a merge of one branch always).
ALIASES = (Identity, Flatten, Reshape, Tokens, FirstToken, Crop, Dropout, DropPath)
MERGES = (Sum, Mean, Max, Product)

#: Functions whose backward pass reads what they gave, not what they took.
KEEPS_OUTPUT = ("relu", "sigmoid", "tanh", "softmax", "log softmax")


@dataclass(frozen=True)
class Plan:
    """``frees``: after each node, those that nothing reads any more; ``overwrites``: nodes that write into what they
    read first."""

    frees: tuple[tuple[int, ...], ...]
    overwrites: frozenset[int]


def plan(graph: Graph, outputs: Collection[int]) -> Plan:
    """The plan of a run that gives these nodes."""
    return Plan(_frees(graph, outputs), _overwrites(graph, outputs))


def _frees(graph: Graph, outputs: Collection[int]) -> tuple[tuple[int, ...], ...]:
    last = {index: index for index in range(len(graph.nodes))}
    for index, node in enumerate(graph.nodes):
        last.update(dict.fromkeys(node.inputs, index))
    spent: list[list[int]] = [[] for _ in graph.nodes]
    for index, reader in last.items():
        if index not in outputs:
            spent[reader].append(index)
    return tuple(map(tuple, spent))


def _overwrites(graph: Graph, outputs: Collection[int]) -> frozenset[int]:
    """ReLUs and sums whose input nothing else reads: no other layer, not who asked for the outputs, no backward pass.

    What is read under another name, as a view, counts: an input is ``alone`` if no name of its memory has two readers.
    """
    readers = Counter(source for node in graph.nodes for source in node.inputs) + Counter(outputs)
    alone: list[bool] = []
    kept: list[bool] = []
    found = set()
    for index, node in enumerate(graph.nodes):
        first = node.inputs[0] if node.inputs else index
        free = bool(node.inputs) and alone[first] and readers[first] == 1
        writes = free and not kept[first] and _may_write(node.layer)
        shares = writes or _aliases(node)
        if writes:
            found.add(index)
        alone.append(free if shares else bool(node.inputs))
        kept.append(_keeps_output(node) or (shares and kept[first]))
    return frozenset(found)


def _may_write(layer: Layer) -> bool:
    return isinstance(layer, Sum) or (isinstance(layer, Activation) and layer.function == "relu")


def _aliases(node: Node) -> bool:
    return isinstance(node.layer, ALIASES) or (isinstance(node.layer, MERGES) and len(node.inputs) == 1)


def _keeps_output(node: Node) -> bool:
    """Whether its backward pass reads what it gave: some functions, and the maximum of tokens (of images, indices)."""
    layer = node.layer
    if isinstance(layer, GlobalMaxPool):
        return len(node.shape) == VECTOR
    return isinstance(layer, Activation) and layer.function in KEEPS_OUTPUT
