"""What each variable is: a parameter of the text, a side of its input, the batch or the dtype."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from archcalc.analyses.sweep.figures import SIDES, input_sides
from archcalc.analyses.sweep.structure import ROLES, Build, Role
from archcalc.analyses.sweep.variables import Value, Variable
from archcalc.diagnostics import nearest
from archcalc.graph import Graph
from archcalc.layers import IMAGE


class Unsweepable(ValueError):
    """A variable is none of the network's, or is given values that it cannot have."""


def roles_of(build: Build, variables: Sequence[Variable]) -> dict[str, Role]:
    """The role of each; a parameter goes before all others of its name. Raises Unsweepable."""
    names = [each.name for each in variables]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise Unsweepable(f"{twice[0]} is varied twice: give all its values at once, as {twice[0]}=1..4,8")
    return {each.name: _role(build, each) for each in variables}


def _role(build: Build, variable: Variable) -> Role:
    name = variable.name
    if _is_parameter(build, name, variable.values[0]):
        if any(isinstance(value, str) for value in variable.values):
            raise Unsweepable(f"{name} is a parameter of the network, and '{variable.values[0]}' no number")
        return "param"
    role = next((role for role in ROLES if role == name), None)
    if role is None:
        own = build({}, None)
        known = [*(own.settings if isinstance(own, Graph) else ()), *ROLES]
        repair = nearest(name, known) or f"it has {', '.join(known)}"
        raise Unsweepable(f"the network has no parameter '{name}': {repair}")
    if role == "batch" and (not variable.whole or variable.least < 1):
        raise Unsweepable("a batch is a whole number of at least 1")
    if role in SIDES:
        _image(build, variable)
    return role


def _is_parameter(build: Build, name: str, value: Value) -> bool:
    if isinstance(value, str):
        value = 1
    made = build({name: value}, None)
    return isinstance(made, Graph) or not any(each.code == "A409" and f"'{name}'" in each.message for each in made)


def _image(build: Build, variable: Variable) -> None:
    own = build({}, None)
    if isinstance(own, Graph) and len(input_sides(own)) != IMAGE:
        raise Unsweepable(f"the network's input is no image: it has no {variable.name}")
    if any(isinstance(value, Fraction) for value in (variable.values if not variable.whole else ())):
        raise Unsweepable(f"{variable.name} is a side of the input: whole numbers")
