"""A grid as stretches that share one structure: traced once with open symbols, evaluated as arrays.

Depth, repeats, choices, fractions and the dtype are structure. Nobody says which variable is: it is tried as an open
symbol, and where that gives no network, its values are gone through one by one.
"""

from __future__ import annotations

import keyword
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, Literal

from archcalc.algebra import Assumption, Dim, assuming, symbol
from archcalc.analyses.sweep.figures import SIDES, Asked, closed, input_sides
from archcalc.analyses.sweep.forms import Known
from archcalc.analyses.sweep.grid import Grid, Sample
from archcalc.analyses.sweep.rules import Placed, open_rules
from archcalc.analyses.sweep.variables import Value, Variable
from archcalc.diagnostics import Diagnostic
from archcalc.graph import Graph
from archcalc.layers import IMAGE, Shape
from archcalc.record import Record

#: A network under settings and an input shape (None: the text's own), or why there is none. It shares nothing with
#: those made before: what was noted then would not be noted again.
Build = Callable[[Mapping[str, Dim | Fraction], Shape | None], Graph | tuple[Diagnostic, ...]]
Role = Literal["param", "H", "W", "batch", "dtype"]
ROLES: tuple[Role, ...] = (*SIDES, "batch", "dtype")
_HANGS = frozenset({"A107", "A407"})
_UNDECIDED = Diagnostic("A407", "a choice hangs on an open symbol")


class Stretch(Record):
    """Points of one structure. ``chosen`` are the values of variables that are structure.

    ``forms`` are the figures asked for, ``rules`` say which points are networks, ``assumptions`` at which points the
    forms are not to be trusted. ``dead``: why no point is a network.
    """

    chosen: Mapping[str, Value]
    points: Grid | Sample
    forms: Mapping[str, Known | str]
    rules: tuple[Placed, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    dead: tuple[Diagnostic, ...] = ()


class Space:
    """What varies, and how a network is made of values of it."""

    def __init__(self, build: Build, variables: Sequence[Variable], roles: Mapping[str, Role], asked: Asked) -> None:
        self.build, self.roles, self.asked = build, roles, asked
        self.symbols = {
            each.name: symbol(each.name, each.least)
            for each in variables
            if each.whole and not keyword.iskeyword(each.name) and each.name not in ("max", "min")
        }
        self.structural = {each.name for each in variables if each.name not in self.symbols}
        sides = [name for name, role in roles.items() if role in SIDES]
        own = build({}, None)
        self.input = input_sides(own) if sides and isinstance(own, Graph) else None
        self.tied = self._tied()

    def _tied(self) -> str | None:
        """The side that follows the other, where the input is square and only one is varied."""
        sides = [role for role in self.roles.values() if role in SIDES]
        if len(sides) != 1 or self.input is None or len(self.input) != IMAGE or self.input[1] != self.input[2]:
            return None
        return "W" if sides == ["H"] else "H"

    def network(self, values: Mapping[str, Any]) -> tuple[Graph | tuple[Diagnostic, ...], Asked]:
        """The network of these values, open symbols among them, and what is asked of it."""
        by_role = {role: values[name] for name, role in self.roles.items() if name in values and role != "param"}
        settings = {name: value for name, value in values.items() if self.roles[name] == "param"}
        asked = self.asked.but(**{role: value for role, value in by_role.items() if role not in SIDES})
        try:
            return self.build(settings, self._shape(by_role)), asked
        except TypeError:  # an Expr refuses to be compared
            if all(isinstance(value, int | Fraction | str) for value in values.values()):
                raise
            return (_UNDECIDED,), asked

    def _shape(self, by_role: Mapping[Any, Any]) -> Shape | None:
        if self.input is None or not any(side in by_role for side in SIDES):
            return None
        height, width = by_role.get("H", self.input[1]), by_role.get("W", self.input[2])
        if self.tied == "W":
            width = height
        elif self.tied == "H":
            height = width
        return (self.input[0], height, width)

    def stretches(
        self, points: Grid | Sample, quantities: Sequence[str], chosen: Mapping[str, Value] | None = None
    ) -> Iterator[Stretch]:
        """Every point in one of them; those of one structure together."""
        chosen = chosen or {}
        names = [each.name for each in points.variables]
        split = next((name for name in names if name in self.structural), None)
        while split is None:
            stretch = self._traced(points, quantities, chosen)
            if stretch is not None:
                yield stretch
                return
            split = self._blamed(chosen, names)
            self.structural.add(split)
        for value, rest in points.fixed(split):
            yield from self.stretches(rest, quantities, {**chosen, split: value})

    def _traced(self, points: Grid | Sample, quantities: Sequence[str], chosen: Mapping[str, Value]) -> Stretch | None:
        """A stretch of all these points; None where they are not of one structure."""
        opened = {each.name: self.symbols[each.name] for each in points.variables}
        with assuming() as noted:
            made, asked = self.network({**chosen, **opened})
            if isinstance(made, Graph):
                forms = closed(made, quantities, asked)
                return Stretch(chosen, points, forms, open_rules(made), tuple(noted))
        if opened and self._hang(made, points, chosen):
            return None
        return Stretch(chosen, points, {}, dead=made)

    def _hang(self, wrong: tuple[Diagnostic, ...], points: Grid | Sample, chosen: Mapping[str, Value]) -> bool:
        """Whether faults of a trace may not be those of every point: a few points are asked."""
        if any(each.code in _HANGS for each in wrong):
            return True
        faults = {(each.code, each.order) for each in wrong}
        for pick in (0, -1):
            point = {each.name: each.values[pick] for each in points.variables}
            made, _ = self.network({**chosen, **point})
            if isinstance(made, Graph) or faults.isdisjoint((each.code, each.order) for each in made):
                return True
        return False

    def _blamed(self, chosen: Mapping[str, Value], names: Sequence[str]) -> str:
        """The variable that cannot be an open symbol: the network is traced without it, or not with it alone.

        A variable that is left out has the value that the text gives it.
        """
        for name in names:
            if self._traces(chosen, [other for other in names if other != name]):
                return name
        return next((name for name in names if not self._traces(chosen, [name])), names[-1])

    def _traces(self, chosen: Mapping[str, Value], names: Sequence[str]) -> bool:
        made, _ = self.network({**chosen, **{name: self.symbols[name] for name in names}})
        return isinstance(made, Graph)
