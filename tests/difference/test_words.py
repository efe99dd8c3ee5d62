"""Per cents and signed numbers as people read them."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest

from archcalc.checking.pairs import Wanted, compared, side
from archcalc.report.difference.markdown import markdown
from archcalc.report.difference.words import percentage, signed
from archcalc.source import Source


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


def test_markdown_links_no_person_and_no_issue_and_is_no_longer_than_a_comment():
    many = "".join("network net{n}\ninput 8x8x3\nfc {u}\n".replace("{n}", str(n)) for n in range(400))
    old, new = (side(Source("@me#12.arch", many.replace("{u}", str(units))), None, Wanted()) for units in (10, 11))
    found = compared(old, new, Wanted())
    text = markdown([found])
    assert len(text) <= 65_536 < len(markdown([found], everything=True))
    kept = text.count("\n**params")
    assert text.splitlines()[-1].startswith(f"Left out, as there is no room: {400 - kept} of 400 sections")
    assert not re.search(r"@me|#12", text) and "@&#8203;me#&#8203;12.arch:net1 " in text
