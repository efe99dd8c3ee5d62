"""What every layer's outputs depend on of a network's input along one axis, by trying each layer and no formula.

An output depends on what the inputs that it reads depend on: the first and last of these are the hull of its field.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import NamedTuple

import torch
from torch import Tensor

from archcalc.graph import Graph, Node
from archcalc.layers import IMAGE, Layer, Shape
from archcalc.pytorch.verify.taps import POINTWISE, Taps, taps, thin, width

_NOTHING = 1 << 40


class Hulls(NamedTuple):
    """The first and the last row of the input that each row of an output depends on; what sees nothing has first >
    last."""

    first: Tensor
    last: Tensor

    def whole(self, size: int) -> bool:
        """Whether every row sees all of an input of so many rows."""
        return bool((self.first == 0).all() and (self.last == size - 1).all())


class Misfit(RuntimeError):
    """An image of that size does not go through the network: where it stops."""

    def __init__(self, node: Node, why: str) -> None:
        super().__init__(why)
        self.node = node


Known = dict[tuple[Layer, int, int, int], Taps | None]


def hulls(graph: Graph, axis: int, size: int, known: Known) -> list[Hulls | None]:
    """The hulls of each layer's rows on an input of so many rows (``axis`` 0; 1: columns), branches joined.

    None stands for an output that is no image, and what follows it. Raises Misfit. ``known`` keeps what was tried.
    """
    found: list[Hulls | None] = []
    for node in graph.nodes:
        if not node.inputs:
            own = torch.arange(size)
            found.append(Hulls(own, own) if len(node.shape) == IMAGE else None)
            continue
        read = _meeting(node, [found[source] for source in node.inputs], size)
        found.append(read and _through(node, read, graph.input_shapes(node)[0], axis, known))
    return found


def _through(node: Node, read: Hulls, shape: Shape, axis: int, known: Known) -> Hulls | None:
    """What a layer's rows see that reads these."""
    if isinstance(node.layer, POINTWISE) or len(node.inputs) > 1:
        return read if len(node.shape) == IMAGE else None
    key = (thin(node.layer), width(node.layer, shape, axis), axis, len(read.first))
    if key not in known:
        try:
            known[key] = taps(*key)
        except (RuntimeError, ValueError) as error:
            raise Misfit(node, str(error).splitlines()[0]) from None
    tap = known[key]
    if tap is None:
        return None
    first = torch.full((tap.rows,), _NOTHING).scatter_reduce(0, tap.outputs, read.first[tap.inputs], "amin")
    last = torch.full((tap.rows,), -_NOTHING).scatter_reduce(0, tap.outputs, read.last[tap.inputs], "amax")
    return Hulls(first, last)


def _meeting(node: Node, seen: Sequence[Hulls | None], size: int) -> Hulls | None:
    """What a merge reads at each row of all its branches; a gate that sees all of the input weighs, and is left out."""
    if len(seen) == 1:
        return seen[0]
    branches = [each for each in seen if each is not None]
    if node.layer.gates:
        branches = [each for each in branches if not each.whole(size)] or branches[:1]
    if not branches or (len(branches) < len(seen) and not node.layer.gates):
        return None
    rows = max(len(each.first) for each in branches)
    if any(len(each.first) not in (1, rows) for each in branches):
        raise Misfit(node, "branches of different sizes")
    first = reduce(torch.minimum, [each.first.expand(rows) for each in branches])
    return Hulls(first, reduce(torch.maximum, [each.last.expand(rows) for each in branches]))
