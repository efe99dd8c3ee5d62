"""Whatever two texts hold, comparing them ends, and what is drawn fits."""

from __future__ import annotations

import json

from fuzz_texts import generated, mutated
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archcalc.checking.pairs import Wanted, compared, side
from archcalc.report.difference.json import document
from archcalc.report.difference.markdown import markdown
from archcalc.report.difference.text import text
from archcalc.report.style import columns
from archcalc.report.text import Paper
from archcalc.source import Source

TEXTS = st.one_of(generated, mutated())


@given(TEXTS, TEXTS)
@settings(max_examples=40, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
def test_any_two_texts_are_compared(old, new):
    if len(old) + len(new) > 6000:
        old, new = old[:3000], new[:3000]
    found = compared(side(Source("old", old), None, Wanted()), side(Source("new", new), None, Wanted()), Wanted())
    assert {each["state"] for each in json.loads(document(found))["networks"]} <= {
        "same", "changed", "added", "removed",
    }  # fmt: skip
    markdown([found])
    for width in (20, 80):
        drawn = text([found], Paper(width))
        assert all(columns(line) <= width for line in drawn.splitlines())
        assert all(sign.isprintable() for sign in drawn.replace("\n", ""))
