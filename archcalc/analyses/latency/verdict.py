"""How one time stands to another, in the words of every comparison."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal, TypeVar

Verdict = Literal["slower", "faster", "near", "open", "doubtful"]
Number = TypeVar("Number", Fraction, float)

#: Two quiet runs of one network may be so far apart: a process finds its memory and its cores as they happen to be.
REPEAT = Fraction(3, 100)


def verdict(ratio: Number, low: Number | None, high: Number | None) -> Verdict:
    """Of B that takes ``ratio`` times as long as A, between ``low`` and ``high`` with 95 % confidence, None of too few
    samples.

    ``slower`` or ``faster``; ``near`` where it is less than between two runs of the same; ``open`` where the samples do
    not tell. Where they are noisy who compares says ``doubtful`` instead.
    """
    if low is None or high is None or low <= 1 <= high:
        return "open"
    if abs(ratio - 1) <= REPEAT:
        return "near"
    return "slower" if ratio > 1 else "faster"
