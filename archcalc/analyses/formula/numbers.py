"""Sets of whole numbers that one unknown may be: an interval, some remainders, some numbers left out."""

from __future__ import annotations

from itertools import product as pairs
from math import lcm

from archcalc.analyses.formula.affine import LONGEST
from archcalc.record import Record


class Numbers(Record):
    """From ``least`` to ``most`` (None: without end) those whose remainder modulo ``modulus`` is one of ``remainders``,
    but for those ``without``."""

    least: int
    most: int | None = None
    modulus: int = 1
    remainders: tuple[int, ...] = (0,)
    without: tuple[int, ...] = ()

    def __contains__(self, number: object) -> bool:
        return (
            isinstance(number, int)
            and number >= self.least
            and (self.most is None or number <= self.most)
            and number % self.modulus in self.remainders
            and number not in self.without
        )

    def tidy(self) -> Numbers:
        """The same set in one way: as few remainders as say it, bounds that are in it, nothing left out in vain."""
        modulus, remainders = _fewest(self.modulus, self.remainders)
        if not remainders:
            return self.but(most=self.least - 1, modulus=1, remainders=(0,), without=())
        least, most, out = self.least, self.most, set(self.without)

        def meant(number: int) -> bool:
            return number % modulus in remainders and number not in out

        while not meant(least) and (most is None or least <= most):
            least += 1
        while most is not None and most >= least and not meant(most):
            most -= 1
        inside = range(least, (max(out, default=least) if most is None else most) + 1)
        without = tuple(n for n in sorted(out) if n in inside and n % modulus in remainders)
        return Numbers(least, most, modulus, remainders, without)

    @property
    def empty(self) -> bool:
        """Whether there is none; of a tidy one."""
        return self.most is not None and self.most < self.least

    def meet(self, other: Numbers) -> Numbers | None:
        """Those in both, tidy; None where the remainders are too many to be told."""
        modulus = lcm(self.modulus, other.modulus)
        if modulus > LONGEST:
            return None
        ends = [end for end in (self.most, other.most) if end is not None]
        mine, theirs = (
            {r + k for r, k in pairs(each.remainders, range(0, modulus, each.modulus))} for each in (self, other)
        )
        return Numbers(
            max(self.least, other.least),
            min(ends, default=None),
            modulus,
            tuple(sorted(mine & theirs)),
            (*self.without, *other.without),
        ).tidy()

    def first(self, count: int) -> list[int]:
        """The smallest ``count`` of them, or all."""
        found: list[int] = []
        number = self.least
        while len(found) < count and (self.most is None or number <= self.most) and self.remainders:
            if number in self:
                found.append(number)
            number += 1
        return found

    def runs(self, count: int) -> list[tuple[int, int | None]]:
        """The first ``count`` unbroken runs of them, or all: from and to, None without end."""
        found: list[tuple[int, int | None]] = []
        number, last = self.least, max(self.without, default=self.least)
        while len(found) < count and (self.most is None or number <= self.most) and self.remainders:
            if number in self:
                start = number
                while number + 1 in self and (self.modulus > 1 or number <= last):
                    number += 1
                endless = self.modulus == 1 and number > last
                found.append((start, self.most if endless else number))
                if endless:
                    break
            number += 1
        return found


def _fewest(modulus: int, remainders: tuple[int, ...]) -> tuple[int, tuple[int, ...]]:
    """The smallest modulus that says the same."""
    for smaller in range(1, modulus):
        if modulus % smaller == 0:
            fewer = {r % smaller for r in remainders}
            if len(fewer) * (modulus // smaller) == len(set(remainders)):
                return smaller, tuple(sorted(fewer))
    return modulus, tuple(sorted(set(remainders)))
