"""One value that differs."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from archcalc.algebra import Expr
from archcalc.record import Configuration


class Change(Configuration):
    """A value by its name, before and after; None where there was none."""

    name: str
    old: Any
    new: Any

    @property
    def difference(self) -> Any:
        """New less old: a number, or a closed form; None of what cannot be subtracted."""
        if any(isinstance(value, bool) or not isinstance(value, int | float | Expr) for value in (self.old, self.new)):
            return None
        return self.new - self.old

    @property
    def per_cent(self) -> Fraction | None:
        """The difference in hundredths of the old value; None where that is 0 or no number."""
        by = self.difference
        if not isinstance(self.old, int | float) or not isinstance(by, int | float) or not self.old:
            return None
        return 100 * Fraction(by) / abs(Fraction(self.old))


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Change, ...]:
    """The values that differ, in the order of the old ones."""
    names = dict.fromkeys((*old, *new))
    pairs = ((name, old.get(name), new.get(name)) for name in names)
    return tuple(Change(name=name, old=before, new=after) for name, before, after in pairs if before != after)
