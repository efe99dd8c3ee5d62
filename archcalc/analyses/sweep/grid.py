"""Points of a grid in blocks: whole trailing axes, a slice of one, single values of those before.

In a block each variable is an array along its own axis, so that what depends on few variables is worked out on few
numbers and spread last. A sample has no axes: each variable is as long as the block.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from random import Random
from typing import TYPE_CHECKING

from archcalc.analyses.sweep.variables import Value, Variable
from archcalc.record import Record

if TYPE_CHECKING:
    from archcalc.algebra.bounded import Array

#: Points of a block: its arrays stay in a core's cache.
BLOCK = 1 << 16


class Block(Record):
    """Values of variables, arrays that broadcast to ``shape``."""

    values: Mapping[str, Array]
    shape: tuple[int, ...]

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    def flat(self) -> dict[str, Array]:
        """A value a point of each variable, in the grid's order."""
        return {name: spread(array, self.shape) for name, array in self.values.items()}

    def only(self, kept: Array) -> Block:
        """The points that a flat mask keeps, or those at some places."""
        values = {name: array[kept] for name, array in self.flat().items()}
        return Block(values, (int(kept.sum()) if kept.dtype.kind == "b" else len(kept),))


def spread(array: Array, shape: tuple[int, ...]) -> Array:
    """An array along some axes, as a flat one over all."""
    import numpy as np

    return np.broadcast_to(array, shape).reshape(-1)


class Grid(Record):
    """All combinations, the last variable's values going fastest."""

    variables: tuple[Variable, ...]

    @property
    def size(self) -> int:
        return math.prod(len(variable.values) for variable in self.variables)

    def fixed(self, name: str) -> Iterator[tuple[Value, Grid]]:
        """The grids of the other variables, for each value of one."""
        chosen = next(each for each in self.variables if each.name == name)
        rest = Grid(tuple(each for each in self.variables if each is not chosen))
        for value in chosen.values:
            yield value, rest

    def blocks(self, most: int = BLOCK) -> Iterator[Block]:
        sizes = [len(variable.values) for variable in self.variables]
        cut = len(sizes)  # the first axis that a block has whole
        while cut and math.prod(sizes[cut - 1 :]) <= most:
            cut -= 1
        whole = math.prod(sizes[cut:])
        if not cut:
            yield self._block([range(size) for size in sizes])
            return
        step = max(most // whole, 1)
        rest = [range(size) for size in sizes[cut:]]
        for before in _places(sizes[: cut - 1]):
            for first in range(0, sizes[cut - 1], step):
                sliced = range(first, min(first + step, sizes[cut - 1]))
                yield self._block([*(range(place, place + 1) for place in before), sliced, *rest])

    def _block(self, places: Sequence[range]) -> Block:
        count = len(places)
        values = {
            variable.name: array_of(variable, place).reshape([-1 if axis == own else 1 for axis in range(count)])
            for own, (variable, place) in enumerate(zip(self.variables, places, strict=True))
        }
        return Block(values, tuple(map(len, places)))


def _places(sizes: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Every place of some axes; unlike ``itertools.product``, without a list of each axis."""
    for flat in range(math.prod(sizes)):
        place = []
        for size in reversed(sizes):
            flat, one = divmod(flat, size)
            place.append(one)
        yield tuple(reversed(place))


def array_of(variable: Variable, places: range) -> Array:
    """Some of a variable's values."""
    import numpy as np

    values = variable.values[places.start : places.stop]
    if isinstance(values, range):
        if min(values[0], values[-1]) >= -(2**63) and max(values[0], values[-1]) < 2**63:
            return np.arange(values.start, values.stop, values.step, dtype=np.int64)
        return np.array(list(values), dtype=object)
    found = np.array(values, dtype=object)
    whole = all(isinstance(value, int) and -(2**63) <= value < 2**63 for value in values)
    return found.astype(np.int64) if whole else found


class Sample(Record):
    """Some points of a grid: for each variable its place in every point, all in the grid's order."""

    variables: tuple[Variable, ...]
    places: tuple[tuple[int, ...], ...]
    size: int

    def fixed(self, name: str) -> Iterator[tuple[Value, Sample]]:
        """The points with each value of one variable."""
        own = next(place for place, each in enumerate(self.variables) if each.name == name)
        rest = [place for place in range(len(self.variables)) if place != own]
        groups: dict[int, list[int]] = {}
        for point, place in enumerate(self.places[own]):
            groups.setdefault(place, []).append(point)
        for place, points in sorted(groups.items()):
            kept = tuple(tuple(self.places[other][point] for point in points) for other in rest)
            others = tuple(self.variables[other] for other in rest)
            yield self.variables[own].values[place], Sample(others, kept, len(points))

    def blocks(self, most: int = BLOCK) -> Iterator[Block]:
        for first in range(0, self.size, most):
            stop = min(first + most, self.size)
            values = {
                variable.name: _taken(variable, places[first:stop])
                for variable, places in zip(self.variables, self.places, strict=True)
            }
            yield Block(values, (stop - first,))


def _taken(variable: Variable, places: Sequence[int]) -> Array:
    picked = tuple(variable.values[place] for place in places)
    return array_of(Variable(variable.name, picked), range(len(picked)))


def _different(random: Random, size: int, count: int) -> Collection[int]:
    if size < 2**62:
        return random.sample(range(size), count)
    chosen: set[int] = set()  # of so many that few are met twice
    while len(chosen) < count:
        chosen.add(random.randrange(size))
    return chosen


def sampled(variables: tuple[Variable, ...], count: int, seed: int) -> Sample | Grid:
    """``count`` different points of the grid, each as likely as any other; all of it where there are no more."""
    grid = Grid(variables)
    if count >= grid.size:
        return grid
    chosen = sorted(_different(Random(seed), grid.size, count))
    columns: list[list[int]] = [[] for _ in variables]
    for flat in chosen:
        for own in range(len(variables) - 1, -1, -1):
            flat, place = divmod(flat, len(variables[own].values))
            columns[own].append(place)
    return Sample(variables, tuple(map(tuple, columns)), count)
