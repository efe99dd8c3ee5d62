"""The same network as other tools count it: ``counted(graph, "fvcore")``.

Each convention is a pinned release of a tool, and gives the integer that the tool prints for the module that
``archcalc.pytorch.build`` makes, in evaluation, of one image, on the CPU. What a tool counts is written in the file of
its name, over the formulas that layers have of themselves.
"""

from __future__ import annotations

from archcalc.algebra import Dim
from archcalc.analyses.conventions.base import Convention, Stored, stored
from archcalc.analyses.conventions.fvcore import FVCORE
from archcalc.analyses.conventions.plain import FLOP_COUNTER, KERAS, PAPER
from archcalc.analyses.conventions.ptflops import PTFLOPS, PTFLOPS_ATEN
from archcalc.analyses.conventions.thop import THOP
from archcalc.analyses.conventions.torchinfo import TORCHINFO
from archcalc.graph import Graph
from archcalc.record import Record

__all__ = ["CONVENTIONS", "Convention", "Counted", "counted", "named"]

CONVENTIONS = (PAPER, FVCORE, FLOP_COUNTER, TORCHINFO, THOP, PTFLOPS, PTFLOPS_ATEN, KERAS)


OURS = stored()


class Counted(Record):
    """A network as one tool counts it: ``rows`` and ``stored`` for each node in order, and their sums.

    ``rows`` and ``total`` are the tool's number under its own name (``convention.calls``), None where it has none;
    parameters are our own where it prints none.
    """

    convention: Convention
    rows: tuple[Dim | None, ...]
    stored: tuple[Stored, ...]
    total: Dim | None
    params: Dim
    trainable: Dim


def named(name: str) -> Convention:
    """The convention of this name. Raises ValueError, with the nearest one."""
    for convention in CONVENTIONS:
        if convention.name == name.casefold():
            return convention
    from archcalc.diagnostics import nearest

    known = [convention.name for convention in CONVENTIONS]
    raise ValueError(f"no convention '{name}'; {nearest(name, known) or 'known: ' + ', '.join(known)}")


def counted(graph: Graph, name: str, *, batch: int = 1) -> Counted:
    """The network as the convention ``name`` counts it, for ``batch`` images. Raises ValueError for an unknown name."""
    convention = named(name)
    seen: dict[tuple[int, bool], tuple[Dim | None, Stored]] = {}
    rows: list[Dim | None] = []
    held: list[Stored] = []
    for node, alike in zip(graph.nodes, graph.alike, strict=True):
        key = (alike, node.shares is None)
        if key not in seen:
            shapes = graph.input_shapes(node)
            count = None if convention.count is None else batch * convention.count(node.layer, *shapes) if shapes else 0
            stores = (convention.stores or OURS)(node.layer, *shapes, owns=key[1]) if shapes else Stored()
            seen[key] = count, stores
        rows.append(seen[key][0])
        held.append(seen[key][1])
    return Counted(
        convention,
        tuple(rows),
        tuple(held),
        None if convention.count is None else _sum(rows),
        _sum([each.params for each in held]),
        _sum([each.trainable for each in held]),
    )


def _sum(numbers: list[Dim | None] | list[Dim]) -> Dim:
    total: Dim = 0
    for number in numbers:
        total = total + (0 if number is None else number)
    return total
