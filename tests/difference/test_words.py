"""Per cents and signed numbers as people read them."""

from __future__ import annotations

from fractions import Fraction

import pytest

from archcalc.report.difference.words import percentage, signed


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (Fraction(743, 10), "+74.3 %"), (Fraction(-743, 10), "-74.3 %"), (Fraction(1), "+1.0 %"),
        (Fraction(99, 100), "+0.99 %"), (Fraction(1, 4), "+0.25 %"), (Fraction(-1, 400), "-0.003 %"),
        (Fraction(17, 10_000), "+0.002 %"), (Fraction(1, 10**6), "+0.000001 %"), (Fraction(1, 10**9), "+0.000000... %"),
        (Fraction(125, 100), "+1.3 %"), (Fraction(-125, 100), "-1.3 %"), (Fraction(123456), "+123,456.0 %"),
        (Fraction(9996, 10_000), "+1.00 %"), (Fraction(0), "0.00 %"),
    ],
)  # fmt: skip
def test_per_cent(share, text):
    assert percentage(share) == text


@pytest.mark.parametrize(
    ("by", "text"),
    [(0, "0"), (1234, "+1,234"), (-1234, "-1,234"), (0.125, "+0.13"), (-0.125, "-0.13"), (Fraction(-3, 2), "-3/2")],
)
def test_signed(by, text):
    assert signed(by) == text
