"""Points that are networks, many at once or one by one, and their columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from archcalc.analyses.sweep.condition import at
from archcalc.analyses.sweep.figures import Asked, figures
from archcalc.analyses.sweep.forms import POINTWISE, evaluated
from archcalc.analyses.sweep.grid import Block, Grid, Sample
from archcalc.analyses.sweep.rules import broken, doubtful, reason
from archcalc.analyses.sweep.structure import Space, Stretch
from archcalc.analyses.sweep.variables import Value
from archcalc.diagnostics import Diagnostic
from archcalc.graph import Graph

if TYPE_CHECKING:
    from collections import Counter

    from archcalc.algebra.bounded import Array


class Counted(Protocol):
    """Where it is counted what becomes of points."""

    points: int
    networks: int
    singly: int
    invalid: Counter[str]


class Many:
    """A block of points of one structure."""

    def __init__(self, stretch: Stretch, block: Block) -> None:
        self.stretch, self.block = stretch, block
        self.size = block.size
        self.names = (*stretch.chosen, *block.values)

    @cached_property
    def _variables(self) -> dict[str, Any]:
        return {**self.stretch.chosen, **self.block.flat()}

    def columns(self, names: Sequence[str]) -> dict[str, Any]:
        """The variables, and these quantities."""
        known: Any = self.stretch.forms
        return self._variables | evaluated({name: known[name] for name in names if name in known}, self.block)

    def only(self, kept: Array) -> Many:
        """Those of a mask, or at places."""
        return Many(self.stretch, self.block.only(kept))


class One:
    """A point that is worked out for itself."""

    size = 1

    def __init__(self, values: Mapping[str, Value], graph: Graph, asked: Asked, kept: bool = True) -> None:
        self.values, self.graph, self.asked = values, graph, asked
        self.names, self.size = tuple(values), int(kept)

    def columns(self, names: Sequence[str]) -> dict[str, Any]:
        wanted = [name for name in names if name not in self.values]
        return {**self.values, **figures(self.graph, wanted, self.asked)}

    def only(self, kept: Array) -> One:
        return One(self.values, self.graph, self.asked, len(kept) > 0 and (kept.dtype.kind != "b" or bool(kept[0])))


def networks(
    space: Space, points: Grid | Sample, quantities: Sequence[str], tally: Counted, watch: Callable[[int], None]
) -> Iterator[Many | One]:
    """The points that are networks, in the order of their structures and of the grid.

    Each is counted before it is given: whoever has enough may stop.
    """
    for stretch in space.stretches(points, quantities):
        if stretch.dead:
            tally.points += stretch.points.size
            tally.invalid[_why(stretch.dead, stretch.chosen)] += stretch.points.size
            watch(tally.points)
            continue
        for block in stretch.points.blocks():
            for found in _of_block(space, stretch, block, tally):
                tally.networks += found.size
                yield found
            watch(tally.points)


def _of_block(space: Space, stretch: Stretch, block: Block, tally: Counted) -> Iterator[Many | One]:
    import numpy as np

    if POINTWISE in stretch.forms.values():
        yield from _singly(space, stretch, block, tally)
        return
    try:
        doubt = doubtful(stretch.assumptions, block)
        valid = None if doubt is None else ~doubt
        dead: list[tuple[str, int]] = []
        for rule, mask in broken(stretch.rules, block):
            wrong = mask if valid is None else mask & valid
            dead.append((rule.why, int(np.count_nonzero(wrong))))
            valid = ~mask if valid is None else valid & ~mask
        many = Many(stretch, block if valid is None else block.only(valid))
        many.columns([])
    except (ZeroDivisionError, ValueError):  # a divisor that is none at some point
        yield from _singly(space, stretch, block, tally)
        return
    tally.points += block.size - (0 if doubt is None else int(np.count_nonzero(doubt)))
    for why, count in dead:
        if count:
            tally.invalid[why] += count
    if many.size:
        yield many
    if doubt is not None:
        yield from _singly(space, stretch, block.only(doubt), tally)


def _singly(space: Space, stretch: Stretch, block: Block, tally: Counted) -> Iterator[One]:
    columns = block.flat()
    for point in range(block.size):
        values = {**stretch.chosen, **at(columns, point)}
        tally.points += 1
        tally.singly += 1
        made, asked = space.network(values)
        if isinstance(made, Graph):
            yield One(values, made, asked)
        else:
            tally.invalid[_why(made, {})] += 1


def _why(wrong: Iterable[Diagnostic], chosen: Mapping[str, Value]) -> str:
    """The first fault, its line, and of which values that are structure."""
    first = next(iter(wrong))
    return reason(first.code, first.message, "", first, [f"{name} = {value}" for name, value in chosen.items()])
