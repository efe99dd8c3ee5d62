"""Where one part of a network ends and the next begins, in one pass: what lies between two stamps is one part's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from torch import Tensor

from archcalc.algebra import Dim
from archcalc.analyses.cost import Cost
from archcalc.analyses.latency.work import works
from archcalc.graph import Graph
from archcalc.pytorch.twin import Twin
from archcalc.record import Configuration

Stamp = Callable[[], None]


class Part(Configuration):
    """What a row of a profile is about. Counts are of the whole batch; None where there is none."""

    name: str
    block: str
    kind: str
    line: int | None
    macs: int | None
    flops: int | None = None
    moved_bytes: int | None = None
    routine: str = ""


class Boundaries(Protocol):
    """Passes of a module with stamps between its parts."""

    def run(self, inputs: Sequence[Tensor], stamp: Stamp) -> Any:
        """What the module gives; ``stamp`` is called once more than there are intervals."""

    def charged(self) -> Sequence[str]:
        """The part that each interval of the last pass belongs to, in order."""

    def parts(self) -> Mapping[str, Part]:
        """All parts by what ``charged`` calls them, after a pass."""

    def raised(self, stamps: int) -> str:
        """The part in which the last pass raised, after so many stamps."""


class Layers:
    """Those of a spec's network: each layer, with all that is let go after it."""

    def __init__(self, twin: Twin, graph: Graph, costs: Sequence[Cost]) -> None:
        self._twin, self._graph, self._costs = twin, graph, costs
        self._names = [node.name for node in graph.nodes]

    def run(self, inputs: Sequence[Tensor], stamp: Stamp) -> Any:
        return self._twin.run(inputs, stamp)

    def charged(self) -> Sequence[str]:
        return self._names

    def parts(self) -> Mapping[str, Part]:
        return {
            node.name: Part(
                name=node.name, block=node.block, kind=node.layer.kind, line=node.span.line,
                macs=number(cost.macs), flops=number(cost.flops), moved_bytes=number(cost.moved_bytes),
                routine=work.routine,
            )
            for node, cost, work in zip(self._graph.nodes, self._costs, works(self._graph), strict=True)
        }  # fmt: skip

    def raised(self, stamps: int) -> str:
        return self._names[max(stamps, 1) - 1]


def number(count: Dim) -> int:
    """A count of a network that is built has no open symbol."""
    assert isinstance(count, int)
    return count
