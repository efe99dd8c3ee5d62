"""Every figure of a network over a grid of its parameters and sizes: exact, in bounded memory.

A structure is traced once, with what does not change it as open symbols; the closed forms are evaluated as arrays,
block by block. numpy is needed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from archcalc.analyses.sweep.condition import holds
from archcalc.analyses.sweep.expression import conditions
from archcalc.analyses.sweep.figures import SWEPT as SWEPT
from archcalc.analyses.sweep.figures import TELLABLE, dtypes
from archcalc.analyses.sweep.figures import Asked as Asked
from archcalc.analyses.sweep.front import Best, First, Front
from archcalc.analyses.sweep.front import Objective as Objective
from archcalc.analyses.sweep.grid import Grid, Sample, sampled
from archcalc.analyses.sweep.latency import LATENCY
from archcalc.analyses.sweep.points import Many, One, networks
from archcalc.analyses.sweep.roles import roles_of
from archcalc.analyses.sweep.structure import Build, Role, Space
from archcalc.analyses.sweep.tree import Condition, names_in
from archcalc.analyses.sweep.variables import Variable
from archcalc.record import Configuration, Record

if TYPE_CHECKING:
    from archcalc.algebra.bounded import Array

#: What is told of a point unless something else is asked for.
USUAL = ("params", "macs", "weights bytes", "activations bytes", "inference peak bytes", "field")


class Rows(Record):
    """Points that are told: of each variable and quantity a number for all, or an array with one for each."""

    columns: Mapping[str, Any]
    size: int


class Request(Configuration):
    """What is swept, and what of it is told.

    ``where``: conditions as text; ``objectives``: the best of the points are told, those that no other beats or, with
    ``top``, the first ``top`` by them in order. ``sample``: so many points, drawn with ``seed``; 0: all of them.
    """

    variables: tuple[Variable, ...]
    asked: Asked = Asked()
    where: tuple[str, ...] = ()
    objectives: tuple[Objective, ...] = ()
    top: int = 0
    sample: int = 0
    seed: int = 0
    quantities: tuple[str, ...] = USUAL


class Tally:
    """What became of the points: of those looked at, how many are ``networks``, and how many of these are told.

    ``invalid``: why the others are none, and how many; ``failed``: how many networks each condition rules out, another
    one perhaps too; ``undefined``: how many lack an objective; ``singly``: how many have been worked out one by one.
    """

    def __init__(self, conditions: Sequence[str]) -> None:
        self.points = self.networks = self.told = self.undefined = self.singly = 0
        self.invalid: Counter[str] = Counter()
        self.failed = dict.fromkeys(conditions, 0)


class Sweep:
    """One sweep. Raises Fault where a condition cannot be read, Unsweepable where the network has no such variable;
    Untimed where latency is asked for that cannot be predicted."""

    def __init__(self, build: Build, request: Request) -> None:
        names = [each.name for each in request.variables]
        self.request = request
        words = {each.name: dtypes() for each in request.variables if isinstance(each.values[0], str)}
        self.conditions: dict[str, Condition] = dict(
            pair for text in request.where for pair in conditions(text, names, TELLABLE, words)
        )
        roles = roles_of(build, request.variables)
        wanted = [*(name for tree in self.conditions.values() for name in names_in(tree))]
        wanted += [each.name for each in request.objectives]
        #: what decides whether a point is told, and what is told of it
        self.deciding = tuple(dict.fromkeys(name for name in wanted if name not in names))
        self.told = tuple(dict.fromkeys(name for name in (*request.quantities, *self.deciding) if name not in names))
        self.columns = (*names, *self.told)
        self.space = Space(build, request.variables, roles, self._timed(roles))
        self.grid = Grid(request.variables)
        self.tally = Tally(list(self.conditions))

    def _timed(self, roles: Mapping[str, Role]) -> Asked:
        """What is asked, with what predicts latency where that is to be told."""
        asked, variables = self.request.asked, self.request.variables
        if LATENCY.keys().isdisjoint(self.told):
            return asked
        varied = [str(value) for each in variables if roles[each.name] == "dtype" for value in each.values]
        return asked.timed(varied or [asked.dtype])

    @property
    def size(self) -> int:
        """Points that are looked at."""
        return min(self.request.sample or self.grid.size, self.grid.size)

    def rows(self, watch: Callable[[int], None] = lambda points: None) -> Iterator[Rows]:
        """What is told, as it is found; the best of all at the end. ``watch`` hears how many points are done."""
        request = self.request
        best: Best | None = None
        if request.objectives:
            best = First(request.objectives, request.top) if request.top else Front(request.objectives)
        for points in networks(self.space, self._points(), self.told, self.tally, watch):
            yield from self._kept(points, best)
            if best is None and self.tally.told == request.top > 0:
                return
        if best is not None and best.size:
            self.tally.told = best.size
            yield Rows({name: best.rows[name] for name in self.columns}, best.size)

    def _points(self) -> Grid | Sample:
        request = self.request
        return sampled(request.variables, request.sample, request.seed) if request.sample else self.grid

    def _kept(self, points: Many | One, best: Best | None) -> Iterator[Rows]:
        """Of points that are networks, those to be told now; the best are kept."""
        deciding = points.columns(self.deciding)
        mask = self._passing(deciding, points.size)
        if mask is not None:
            points, deciding = points.only(mask), _picked(deciding, mask)
        if best is None:
            room = self.request.top - self.tally.told
            if 0 < room < points.size:  # the first so many are asked for
                points, deciding = points.only(first := _first(room)), _picked(deciding, first)
            if points.size:
                rest = points.columns([name for name in self.told if name not in deciding])
                self.tally.told += points.size
                yield self._row(deciding | rest, points.size)
        elif any(deciding[each.name] is None for each in best.objectives):
            self.tally.undefined += points.size
        elif points.size:
            costs = best.costs_of(deciding, points.size)
            wanted = best.wanted(costs)
            if len(wanted):
                chosen = points.only(wanted)
                found = chosen.columns([*chosen.names, *self.told])
                best.add([cost[wanted] for cost in costs], _filled(found, self.columns, len(wanted)))

    def _row(self, columns: Mapping[str, Any], size: int) -> Rows:
        return Rows({name: columns[name] for name in self.columns}, size)

    def _passing(self, columns: Mapping[str, Any], size: int) -> Array | None:
        """The points at which all conditions hold; None where that is everywhere."""
        import numpy as np

        passing = None
        for text, tree in self.conditions.items():
            held = holds(tree, columns)
            failed = (0 if held else size) if isinstance(held, bool) else size - int(np.count_nonzero(held))
            if failed:
                self.tally.failed[text] += failed
                mask = np.broadcast_to(np.asarray(held, dtype=bool), (size,))
                passing = mask if passing is None else passing & mask
        return passing


def _first(count: int) -> Array:
    import numpy as np

    return np.arange(count)


def _picked(columns: Mapping[str, Any], mask: Array) -> dict[str, Any]:
    return {name: each[mask] if hasattr(each, "dtype") else each for name, each in columns.items()}


def _filled(columns: Mapping[str, Any], names: Sequence[str], size: int) -> dict[str, Array]:
    """Each column with a value a point, so that points of several stretches can stand in one."""
    import numpy as np

    found = {}
    for name in names:
        column = columns[name]
        if not hasattr(column, "dtype"):
            whole = isinstance(column, int) and -(2**63) <= column < 2**63
            column = np.full(size, column, dtype=np.int64 if whole else object)
        found[name] = column
    return found
