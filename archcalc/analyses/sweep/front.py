"""The best of many points, kept as they come: the Pareto front, or the first few."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from archcalc.record import Record

if TYPE_CHECKING:
    from archcalc.algebra.bounded import Array

#: Points of the front that a block is held against first: most points fall at once.
_STRONG = 24


class Objective(Record):
    """A quantity or variable, and which way is better."""

    sense: Literal["minimize", "maximize"]
    name: str

    def cost(self, column: Any, size: int) -> Array:
        """A column as something to be small."""
        import numpy as np

        array = np.broadcast_to(np.asarray(column), (size,))
        if self.sense == "minimize":
            return array
        if array.dtype.kind == "i" and size and int(array.min()) == -(2**63):
            array = array.astype(object)
        return -array


class Best:
    """Points that are kept: ``wanted`` says which of a block are worth their whole row, ``add`` takes these rows."""

    def __init__(self, objectives: Sequence[Objective]) -> None:
        self.objectives = tuple(objectives)
        self.costs: list[Array] = []
        self.rows: dict[str, Array] = {}

    @property
    def size(self) -> int:
        return len(self.costs[0]) if self.costs else 0

    def costs_of(self, columns: Mapping[str, Any], size: int) -> list[Array]:
        return [each.cost(columns[each.name], size) for each in self.objectives]

    def wanted(self, costs: Sequence[Array]) -> Array:
        """Places of a block's points that are among the best so far, in order."""
        raise NotImplementedError

    def add(self, costs: Sequence[Array], rows: Mapping[str, Array]) -> None:
        """Takes points that are wanted; lets go what they beat."""
        import numpy as np

        if self.costs:
            costs = [np.concatenate(pair) for pair in zip(self.costs, costs, strict=True)]
            rows = {name: np.concatenate((self.rows[name], rows[name])) for name in rows}
        kept = self._kept(costs)
        self.costs = [cost[kept] for cost in costs]
        self.rows = {name: row[kept] for name, row in rows.items()}

    def _kept(self, costs: Sequence[Array]) -> Array:
        raise NotImplementedError


class First(Best):
    """The ``count`` best by the first objective, by the next where that is equal; then in the order of the grid."""

    def __init__(self, objectives: Sequence[Objective], count: int) -> None:
        super().__init__(objectives)
        self.count = count

    def wanted(self, costs: Sequence[Array]) -> Array:
        import numpy as np

        places = np.arange(len(costs[0]))
        if self.size == self.count:
            places = places[costs[0] <= self.costs[0][-1]]
        return np.sort(places[self._kept([cost[places] for cost in costs])])

    def _kept(self, costs: Sequence[Array]) -> Array:
        import numpy as np

        return np.lexsort(tuple(reversed(costs)))[: self.count]


class Front(Best):
    """Points that no other beats: as good in all objectives, and better in one. Of equal points the first is kept."""

    def wanted(self, costs: Sequence[Array]) -> Array:
        import numpy as np

        places = np.arange(len(costs[0]))
        if self.size:
            picks = np.unique(np.linspace(0, self.size - 1, min(_STRONG, self.size)).astype(int))
            for pick in picks:
                reached = _reached(costs, places, [cost[pick] for cost in self.costs])
                places = places[~reached]
        if self.size > len(costs) and len(costs) == 2:
            places = places[~self._under_stairs([cost[places] for cost in costs])]
        return np.sort(places[self._kept([cost[places] for cost in costs])])

    def _under_stairs(self, costs: Sequence[Array]) -> Array:
        """Whether each point is reached by the front, which is sorted by its first objective."""
        import numpy as np

        before = np.searchsorted(self.costs[0], costs[0], side="right") - 1
        return (before >= 0) & (self.costs[1][np.maximum(before, 0)] <= costs[1])

    def _kept(self, costs: Sequence[Array]) -> Array:
        """In the order of the objectives; whoever is next there is beaten by nobody behind."""
        import numpy as np

        order = np.lexsort(tuple(reversed(costs)))
        if len(costs) == 1:
            return order[:1]
        if len(costs) == 2:
            second = costs[1][order]
            lowest = np.minimum.accumulate(second)
            return order[np.append(True, second[1:] < lowest[:-1])] if len(order) else order
        kept = []
        while len(order):
            kept.append(order[0])
            order = order[1:]
            order = order[~_reached(costs, order, [cost[kept[-1]] for cost in costs])]
        return np.array(kept, dtype=np.intp)


def _reached(costs: Sequence[Array], places: Array, by: Sequence[Any]) -> Array:
    """Which of these points are in no objective better than one."""
    import numpy as np

    found = np.ones(len(places), dtype=bool)
    for cost, best in zip(costs, by, strict=True):
        found &= (cost[places] >= best).astype(bool)
    return found
