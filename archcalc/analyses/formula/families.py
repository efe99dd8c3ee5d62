"""Closed forms in a parameter that decides which layers there are, as a depth: polynomials through several values.

Layers that repeat add the same each time, so that counts are polynomials in the number of repeats. One is found by
finite differences, in whatever else is open, and held against values that had no part in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise, takewhile
from math import factorial

from archcalc.algebra import Dim, exact_div, substitute, symbol
from archcalc.analyses.formula import Family, Forms, Formula, Value
from archcalc.analyses.formula.numbers import Numbers

#: Values that a polynomial is made of, and others that it must give.
_POINTS, _FURTHER = 5, 2
#: How far apart values of a parameter that are all depths may lie, and how far below its own value one is looked for.
_WIDEST, _BELOW = 48, 12
#: So many of the smallest are looked at where those are further away.
_SMALLEST = 3
_NONE = "no polynomial of low degree fits"


class NoFamily(ValueError):
    """No values near a parameter's own give a network; its text says so."""


def family(parameter: str, own: int, at: Callable[[int], Formula | None]) -> Formula:
    """The closed forms in a parameter of which ``at`` gives the formula of one value, None where there is no network.

    A quantity that no polynomial of low degree fits has none. Raises NoFamily.
    """
    base = at(own)
    step = next((n for n in range(1, _WIDEST + 1) if at(own + n) and at(own + 2 * n)), None)
    if base is None or step is None:
        raise NoFamily(f"no other values of '{parameter}' near {own} give networks: no formula can be fitted")
    first, rest = divmod(own, step)
    name = parameter if (step, rest) == (1, 0) else _free("n", {*base.symbols, *base.settings})
    found = [at(own + step * turn) for turn in range(_POINTS + _FURTHER)]
    points = [each for each in found if each is not None]
    if len(points) < len(found):
        raise NoFamily(f"'{parameter}' gives networks at {own} and not at {own + step * found.index(None)}")
    turn = symbol(name) - first
    values = {quantity: _fitted([p.whole.values.get(quantity) for p in points], turn) for quantity in base.whole.values}
    output = tuple(_through(list(dims), turn) for dims in zip(*(p.whole.output for p in points), strict=True))
    whole = base.whole.but(
        output=tuple(size for size in output if size is not None),
        values={quantity: value for quantity, value in values.items() if value is not None},
        notes={**base.whole.notes, **_unfitted(values, points, turn)},
    )
    if None in output:
        raise NoFamily(f"the output's shape is no polynomial in '{parameter}'")
    if any(point.conditions != base.conditions for point in points):
        raise NoFamily(f"what must hold of the other symbols changes with '{parameter}': no one formula holds")
    below = _agreeing(whole, name, own, step, at)
    checked = (*below, *(own + step * turn for turn in range(_POINTS + _FURTHER)))
    return base.but(
        symbols={**base.symbols, name: first},
        settings={key: value for key, value in base.settings.items() if key != parameter},
        whole=whole,
        conditions=base.conditions.but(ranges={**base.conditions.ranges, name: Numbers((below or [own])[0] // step)}),
        family=Family(parameter, name, step, rest, checked),
    )


def _free(name: str, taken: set[str]) -> str:
    return name if name not in taken else _free(f"{name}_", taken)


def _fitted(values: Sequence[Value | None], turn: Dim) -> Value | None:
    """The value at any turn; None where no polynomial gives these."""
    if any(isinstance(value, Fraction) for value in values):
        return values[0] if len(set(values)) == 1 else None
    if isinstance(values[0], tuple):
        pairs = [value for value in values if isinstance(value, tuple)]
        each = (
            [_fitted(list(parts), turn) for parts in zip(*pairs, strict=True)] if len(pairs) == len(values) else [None]
        )
        parts = [part for part in each if part is not None and not isinstance(part, tuple)]
        return tuple(parts) if len(parts) == len(each) else None
    dims = [value for value in values if value is not None and not isinstance(value, tuple | Fraction)]
    return _through(dims, turn) if len(dims) == len(values) else None


def _unfitted(values: Mapping[str, Value | None], points: Sequence[Formula], turn: Dim) -> dict[str, str]:
    """Why some quantities have no form: none at all fits, or none while the other symbols are open."""
    own = {name: number for name, number in points[0].symbols.items() if number is not None}
    open_ = " and ".join(points[0].symbols)
    verb = "is" if len(points[0].symbols) == 1 else "are"
    given = " ".join(f"--set {name}={number}" for name, number in own.items())
    while_open = f"no polynomial of low degree fits while {open_} {verb} open; one does with {given}"
    found = {}
    for quantity in (name for name, value in values.items() if value is None):
        settled = [_settled(point.whole.values.get(quantity), own) for point in points]
        found[quantity] = while_open if own and _fitted(settled, turn) is not None else _NONE
    return found


def _settled(value: Value | None, own: Mapping[str, int]) -> Value | None:
    """A value with symbols at these numbers."""
    if value is None or isinstance(value, Fraction):
        return value
    if isinstance(value, tuple):
        return tuple(part if isinstance(part, Fraction) else substitute(part, own) for part in value)
    return substitute(value, own)


def _through(values: list[Dim], turn: Dim) -> Dim | None:
    """The polynomial in ``turn`` that has these values at 0, 1, 2, ...: Newton's forward differences."""
    leading, row = [], values
    while any(value != 0 for value in row):
        leading.append(row[0])
        if len(leading) > _POINTS:
            return None
        row = [after - before for before, after in pairwise(row)]
    below = factorial(max(len(leading) - 1, 0))
    total: Dim = 0
    for order, difference in enumerate(leading):
        term = difference * (below // factorial(order))
        for place in range(order):
            term = term * (turn - place)
        total = total + term
    return exact_div(total, below)


def _agreeing(whole: Forms, name: str, own: int, step: int, at: Callable[[int], Formula | None]) -> list[int]:
    """Smaller values of the parameter at which the network is what the forms say, in rising order: those next below
    its own, and from the smallest on if these agree too."""

    def agrees(value: int) -> bool:
        other = at(value) if value >= step else None
        return other is not None and all(
            _settled(form, {name: value // step}) == other.whole.values.get(key) for key, form in whole.values.items()
        )

    near = [*takewhile(agrees, (own - step * turns for turns in range(1, _BELOW + 1)))]
    found = near[::-1]
    smallest = own % step + step
    if found and len(near) == _BELOW and found[0] > smallest:
        first = [*range(smallest, found[0], step)][:_SMALLEST]
        found = [*first, *found] if all(map(agrees, first)) else found
    return found
