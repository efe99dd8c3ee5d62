"""What a report calls its counts where they are another tool's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archcalc.record import Record
from archcalc.report.numbers import short

if TYPE_CHECKING:
    from archcalc.analyses.summary import Totals


class Words(Record):
    """What multiply-adds and params are called and what they mean.

    ``macs`` is the word for the number, ``column`` what stands over a column or before a sum, ``unit`` and ``params``
    what is in them. ``whose``: the tool that counts so; None where the counts are our own.
    """

    macs: str = "MACs"
    column: str = "MACs"
    unit: str = ""
    params: str = ""
    whose: str | None = None
    each: int = 1

    def sentence(self, totals: Totals) -> str:
        """Whose counts they are, and the figure that the tool prints under its own name."""
        if not self.each:
            return f"counted as {self.whose}: {short(totals.params)} params; it counts no operations, MACs are our own"
        return f"counted as {self.whose}: {short(totals.macs)} {self.macs}, a multiply-add is {self.each}"


def words_of(convention: str | None) -> Words:
    """The words for a report's convention."""
    if convention is None:
        return Words()
    from archcalc.analyses.conventions import named

    found = named(convention)
    whose = f"{found.release} {'does' if found.version else 'do'}"
    if found.count is None:
        return Words(params=found.stores_meaning, whose=whose, each=0)
    unit = f"called {found.calls}: {found.unit}"
    return Words(found.calls, f"as {found.name}", unit, found.stores_meaning, whose, found.per_mac)
