"""A network as the ensemble of its paths (Veit, Wilber, Belongie 2016): how many there are, and of which lengths.

A path chooses one branch at each merge that adds: expanded, the output of a residual network is a sum with a term for
each path. Paths are counted by length with a polynomial a node, its coefficient of x^n the number of paths of length n
from an input to there: 2^333 of them take no longer than ten.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Literal

from archcalc.analyses.paths.modules import Module, modules
from archcalc.graph import Graph
from archcalc.record import Configuration

Unit = Literal["modules", "layers"]
#: Merges at which a path chooses, if nobody says: a mean is a sum, scaled.
ADDING = ("sum", "mean")
#: Numbers of paths by length: the least length, and a number for each from there on.
Paths = tuple[int, tuple[int, ...]]
_NONE: Paths = (0, ())
#: Choices that are counted: numbers of a thousand digits by the thousand, a thousand times.
MOST = 5_000
#: Bits of a number that Python writes in decimal unasked.
_LONGEST = 13_000


class Ensemble(Configuration):
    """The paths of a network.

    ``counts``: for each length from 0 on, how many paths have it; lengths are in residual modules entered, or in weight
    layers passed. ``choices``: merges at which a path chooses, by kind; ``passed``: the other merges, where it follows
    the branch of the most paths. ``dropped``: what was taken out.
    """

    unit: Unit
    counts: tuple[int, ...]
    modules: tuple[Module, ...]
    choices: Mapping[str, int]
    passed: Mapping[str, int]
    dropped: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        return sum(self.counts)

    @property
    def lengths(self) -> tuple[int, int] | None:
        """The shortest and the longest; None where no path is left."""
        found = [length for length, count in enumerate(self.counts) if count]
        return (found[0], found[-1]) if found else None

    @property
    def mean(self) -> Fraction | None:
        return self._moment(Fraction(0), 1)

    @property
    def variance(self) -> Fraction | None:
        mean = self.mean
        return None if mean is None else self._moment(mean, 2)

    def _moment(self, around: Fraction, power: int) -> Fraction | None:
        if not self.total:
            return None
        terms = (count * (length - around) ** power for length, count in enumerate(self.counts) if count)
        return Fraction(sum(terms)) / self.total

    def between(self, least: int, most: int) -> int:
        """How many paths have one of these lengths, both ends included."""
        return sum(self.counts[max(least, 0) : max(most + 1, 0)])

    def central(self, share: Fraction) -> tuple[int, int] | None:
        """The narrowest range of lengths that at least this share of the paths has; of several that with the most."""
        if not self.total:
            return None
        sums = [0]
        for count in self.counts:
            sums.append(sums[-1] + count)
        for width in range(1, len(sums)):
            most, least = max((sums[place + width] - sums[place], -place) for place in range(len(sums) - width))
            if most >= share * self.total:
                return -least, -least + width - 1
        raise AssertionError("all lengths hold all paths")


class TooLong(ValueError):
    """There are more lengths than can be counted."""


class UnknownPlace(ValueError):
    """Something is to be dropped that the network does not have."""


def ensemble(
    graph: Graph, *, unit: Unit = "modules", choose: Sequence[str] = ADDING, drop: Sequence[str] = ()
) -> Ensemble:
    """The paths from the inputs to the output, side heads left out.

    ``choose``: kinds of merges where a path takes one branch. ``drop``: names; of a module, or of a group with modules,
    only the shortcuts stay, and of other layers nothing. Raises UnknownPlace, and TooLong.
    """
    graph = graph.without_aux()
    needed = _needed(graph)
    found = modules(graph, frozenset(choose), needed)
    gone, cut = _dropped(graph, found, drop)
    merges = [node for index, node in enumerate(graph.nodes) if index in needed and len(node.inputs) > 1]
    choices = Counter(node.layer.kind for node in merges if node.layer.kind in choose)
    if choices.total() > MOST:
        raise TooLong(f"{choices.total():,} choices of a branch: paths of at most {MOST:,} are counted")
    shift, counts = _counted(graph, needed, {each.node: each for each in found}, frozenset(choose), unit, gone, cut)
    if sum(counts).bit_length() > _LONGEST:
        raise TooLong("more than 10^4,000 paths: so long a number is not told")
    return Ensemble(
        unit=unit,
        counts=(0,) * shift + counts if counts else (),
        modules=found,
        choices=choices,
        passed=Counter(node.layer.kind for node in merges if node.layer.kind not in choose),
        dropped=tuple(drop),
    )


def _needed(graph: Graph) -> frozenset[int]:
    """The nodes that the output depends on."""
    needed = {graph.output}
    for index in range(graph.output, -1, -1):
        if index in needed:
            needed.update(graph.nodes[index].inputs)
    return frozenset(needed)


def _dropped(graph: Graph, found: Sequence[Module], names: Sequence[str]) -> tuple[set[int], set[int]]:
    """The nodes that are gone, and the modules of which only shortcuts are left. Raises UnknownPlace."""
    gone: set[int] = set()
    cut: set[int] = set()
    for name in names:
        place = graph.place(name)
        if place is None:
            from archcalc.diagnostics import nearest

            known = dict.fromkeys([*(each.name for each in found), *(node.name for node in graph.nodes)])
            hint = nearest(name, [*known]) or f"modules are {_listed([each.name for each in found])}"
            raise UnknownPlace(f"{graph.name} has no module or layer '{name}'; {hint}")
        inside = range(place.first, place.stop)
        held = {each.node for each in found if each.node in inside}
        cut |= held
        gone |= set() if held else set(inside)
    return gone, cut


def _listed(names: Sequence[str]) -> str:
    return ", ".join([*names[:3], *(["...", names[-1]] if len(names) > 4 else names[3:])]) or "none"


def _counted(
    graph: Graph,
    needed: frozenset[int],
    of: Mapping[int, Module],
    choose: frozenset[str],
    unit: Unit,
    gone: set[int],
    cut: set[int],
) -> Paths:
    """The paths to the output."""
    paths: dict[int, Paths] = {}
    order = sorted(needed)
    last = {source: index for index in order for source in graph.nodes[index].inputs}
    for index in order:
        node = graph.nodes[index]
        if index in gone:
            paths[index] = _NONE
            continue
        if not node.inputs:
            paths[index] = (0, (1,))
            continue
        module = of.get(index)
        branches = []
        for place, source in enumerate(node.inputs):
            enters = module is not None and place not in module.skips
            if enters and index in cut:
                continue
            branches.append(_longer(paths[source], int(enters and unit == "modules")))
        if node.layer.kind in choose or len(branches) <= 1:
            found = _all(branches)
        else:
            found = max(branches, key=lambda each: (sum(each[1]), each[0] + len(each[1])))
        paths[index] = _longer(found, int(unit == "layers" and node.layer.weight_layer))
        for source in node.inputs:
            if last[source] == index:
                paths.pop(source, None)  # they are long, and nothing reads them any more
    return paths[graph.output]


def _longer(paths: Paths, by: int) -> Paths:
    return (paths[0] + by, paths[1]) if paths[1] else paths


def _all(branches: Sequence[Paths]) -> Paths:
    """The paths of any branch."""
    branches = [each for each in branches if each[1]]
    if len(branches) < 2:
        return branches[0] if branches else _NONE
    first = min(shift for shift, _ in branches)
    counts = [0] * (max(shift + len(counts) for shift, counts in branches) - first)
    for shift, own in branches:
        for length, count in enumerate(own, shift - first):
            counts[length] += count
    return first, tuple(counts)
