"""Changes that are not allowed, held against what differs."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from archcalc.algebra import Expr
from archcalc.analyses.conditions import Under
from archcalc.analyses.quantities import Measure
from archcalc.analyses.summary import Report, Totals
from archcalc.graph import Graph
from archcalc.record import Configuration

if TYPE_CHECKING:
    from archcalc.analyses.difference import Difference

#: Any difference at all: of a figure, a layer, a name, a claim, or a network that is new or gone.
ANY = "any"
#: The shape that the network gives.
OUT = "out"
_ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le, "=": operator.eq, "!=": operator.ne,
}  # fmt: skip


class Condition(Configuration):
    """A change that is not allowed: the difference of a quantity against ``value``, in per cent of the old one if
    ``relative``. ``order`` is None for a change of any size.

    ``quantity`` is a key of the totals, a name that ``expect`` knows, or ``any``.
    """

    text: str
    quantity: str
    order: str | None = None
    value: Fraction = Fraction(0)
    relative: bool = False
    in_bytes: bool = False

    def met(self, old: Any, new: Any) -> bool:
        """Whether these two values are such a change.

        Equal values are a change of 0, from 0 to another any number of per cent. A value that is missing on one side,
        or that an open symbol hides, is not allowed: nobody can say that it has not grown.
        """
        if old == new:
            return self.order is not None and _ORDERS[self.order](0, self.value)
        if self.order is None:
            return True
        by = _less(new, old)
        if by is None or (self.relative and not _is_number(old)):
            return True
        # multiplied out: nothing is divided by an old value of 0
        return _ORDERS[self.order](by, self.value * abs(old) / 100 if self.relative else self.value)


class Broken(Configuration):
    """A condition that a change meets, and the two values of its quantity; both None where it is ``any``."""

    condition: Condition
    old: Any = None
    new: Any = None


def broken(
    conditions: Iterable[Condition], found: Difference, graphs: tuple[Graph | None, Graph | None] = (None, None)
) -> tuple[Broken, ...]:
    """The conditions that a difference meets; ``graphs`` of both sides are asked for what is no total."""
    made = []
    for each in conditions:
        if each.quantity == ANY:
            if found.state != "same":
                made.append(Broken(condition=each))
        elif found.old is not None and found.new is not None:
            old, new = _measured(each, found.old, graphs[0]), _measured(each, found.new, graphs[1])
            if each.met(old, new):
                made.append(Broken(condition=each, old=old, new=new))
    return tuple(made)


def _measured(asked: Condition, report: Report, graph: Graph | None) -> Any:
    """A quantity of a whole network, under the conditions of its report."""
    totals, quantity = report.totals, asked.quantity
    if quantity == OUT:
        return report.output
    if totals is None:
        return None
    if quantity == "intensity" and isinstance(totals.flops, int) and isinstance(totals.moved_bytes, int):
        return Fraction(totals.flops, totals.moved_bytes) if totals.moved_bytes else None
    if quantity in Totals.fields:
        return getattr(totals, quantity)
    if graph is None:
        return None
    under = Under(batch=report.batch, dtype=report.dtype, optimizer=report.optimizer, on=report.on)
    measure = Measure(graph, under).main
    return measure.answer(quantity, measure.whole, asked.in_bytes).value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | Fraction)


def _less(new: Any, old: Any) -> int | Fraction | None:
    """New less old where that is a number, closed forms that differ by one included."""
    if not all(_is_number(value) or isinstance(value, Expr) for value in (new, old)):
        return None
    by = new - old
    return by if _is_number(by) else None
