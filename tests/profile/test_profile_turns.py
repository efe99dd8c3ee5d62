"""What is said of two that were measured by turns."""

from __future__ import annotations

import json

import pytest
from measurements import NOISE, measured

from archcalc.analyses.latency.ratio import ratio
from archcalc.report.profile import turns
from archcalc.report.text import Paper


def pair(**changes):
    return measured(), measured(**changes)


def said(share, both, pairs=40):
    noisy = any(each.noisy for each in both)
    found = ratio([100_000] * pairs, [round(100_000 * share)] * pairs, noisy=noisy)
    return found, turns.text(found, both, Paper())


@pytest.mark.parametrize(("share", "pairs", "words", "verdict"), [
    (0.9, 40, "B is faster: B takes 0.900 times as long as A, the median ratio of 40 pairs by turns", "faster"),
    (1.2, 40, "B is slower: B takes 1.200 times", "slower"),
    (0.985, 40, "between 0.985 and 0.985: no more than two runs of the same may differ by", "near"),
    (1, 40, "no difference seen: B takes 1.000 times", "open"),
    (0.5, 1, "too few pairs to tell: B takes 0.500 times as long as A, the median ratio of 1 pair by turns\n", "open"),
])  # fmt: skip
def test_the_verdict_is_in_words(share, pairs, words, verdict):
    found, text = said(share, pair(), pairs)
    assert words in text and json.loads(turns.document(found, []))["ratio"]["verdict"] == verdict


@pytest.mark.parametrize(("noise", "words"), [
    (((NOISE,), ()), "in doubt, as A is noisy: B takes 0.500"),
    (((), (NOISE,)), "in doubt, as B is noisy"),
    (((NOISE,), (NOISE,)), "in doubt, as A and B are noisy"),
])  # fmt: skip
def test_of_noisy_ones_nothing_is_claimed(noise, words):
    both = [measured(noise=each) for each in noise]
    found, text = said(0.5, both)
    assert words in text and "faster" not in text + turns.markdown(found, both)
    assert found.verdict == "doubtful"


def test_files_tell_apart_what_has_one_name():
    _, text = said(1, pair(file="copy.arch"))
    assert "2 threads, specs/resnet.arch\n" in text and "2 threads, copy.arch\n" in text
    _, text = said(1, pair(file="copy.arch", network="other"))
    assert ".arch" not in text
