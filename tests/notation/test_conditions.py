"""Conditions behind a quantity: in any order, spacing and capitals the same, each fault under its own part."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typed import faults, graph

from archcalc.notation.conditions import read_conditions
from archcalc.notation.expectations import read_claim
from archcalc.notation.text import Line
from archcalc.notation.tokens import Unreadable
from archcalc.source import Source

#: Every way to say a condition, and what it says; one of each group at most.
GROUPS = [
    {"batch 32": {"batch": 32}, "batch = 1,024": {"batch": 1024}, "batch=7": {"batch": 7}},
    {"fp32": {"dtype": "fp32"}, "bf16": {"dtype": "bf16"}, "int8": {"dtype": "int8"}},
    {"adam": {"optimizer": "adam"}, "momentum": {"optimizer": "momentum"}, "sgd": {"optimizer": "sgd"}},
    {"amp": {"amp": True}},
    {"aux": {"aux": True}},
    {"checkpoint 4": {"segments": 4}},
    {"threads 2": {"threads": 2}},
    {
        "on cpu": {"on": "cpu"}, "on cuda": {"on": "cuda"}, "cpu": {"on": "cpu"}, "cuda": {"on": "cuda"},
        "rtx 3090": {"on": "cuda", "device": "rtx-3090"},
        "on RTX 4090": {"on": "cuda", "device": "rtx-4090"}, "on a100-80gb": {"on": "cuda", "device": "a100-sxm4-80gb"},
    },
]  # fmt: skip


def claim(text):
    return read_claim(Line(Source("case", text), text, 0, 0))


@st.composite
def said(draw):
    """Some conditions as a person may type them, and what they say."""
    chosen = [draw(st.sampled_from(sorted(group))) for group in draw(st.permutations(GROUPS)) if draw(st.booleans())]
    meant = {key: value for text in chosen for group in GROUPS for key, value in group.get(text, {}).items()}
    blank, tight = st.sampled_from([" ", "  ", "\t"]), st.sampled_from(["", " ", "   "])
    typed = []
    for text in chosen:
        text = "".join(draw(blank) if letter == " " else letter for letter in text)
        text = draw(st.sampled_from([text, text.upper(), text.title()]))
        typed.append(f"{draw(tight)}{text}{draw(tight)}")
    return ",".join(typed), meant


@given(said())
def test_order_spacing_and_capitals_make_no_difference(typed):
    text, meant = typed
    if not text:
        return
    found, spots = read_conditions(text, 0)
    assert found == meant
    assert set(spots) == set(meant)
    for first, last in spots.values():  # each spot is a condition, or the device behind its "on"
        assert text[first:last] == text[first:last].strip() and text[:first].strip(" \t\n").endswith(
            ("", ",", "n", "N")
        )
    made = claim(f"expect training memory ({text}) <= 24GB")
    assert (made.under, made.quantity, made.expected.value) == (meant, "training memory", 24 * 10**9)


@given(st.text("batch,32 admonRTX490()=;.-#", max_size=30))
def test_anything_is_conditions_or_says_where_it_is_not(text):
    try:
        found, spots = read_conditions(text, 5)
    except Unreadable as error:
        assert 5 <= error.at[0] <= error.at[1] <= 5 + len(text)
        assert error.code in ("A105", "A107")
    else:
        assert set(found) == set(spots)


@pytest.mark.parametrize(("text", "wrong"), [
    ("expect training memory (batch 32, bacth 4) <= 24GB", "bacth 4"),
    ("expect training memory (batch 32, batch 4) <= 24GB", "batch 4"),
    ("expect training memory (batch 32 , batch x) <= 24GB", "batch x"),
    ("expect training memory (batch) <= 24GB", "batch"),
    ("expect training memory (batch 1.5) <= 24GB", "batch 1.5"),
    ("expect training memory (batch -2) <= 24GB", "batch -2"),
    ("expect training memory (batch 99999999999) <= 24GB", "batch 99999999999"),
    ("expect training memory (checkpoint 0) <= 24GB", "checkpoint 0"),
    ("expect training memory (on  RTX 40900) <= 24GB", "RTX 40900"),
    ("expect training memory on RTX 40900 <= 24GB", "RTX 40900"),
    ("expect training memory (adam) fits RTX 40900", "RTX 40900"),
    ("expect training memory (adam, on cpu) fits RTX 4090", "RTX 4090"),
    ("expect training memory (adam) fits  raspberry", "raspberry"),
    ("expect trainnig memory (adam) <= 24GB", "trainnig memory"),
    ("expect training memory (adam) <= much", "much"),
    ("expect training memory <= 24GB (batch 32, adam)", "(batch 32, adam)"),
    ("expect params <= 24M (see Table 1)", "24M (see Table 1)"),
    ("expect saved bytes at conv1 (batch 2) <= 24GB", "(batch 2)"),
    ("expect training memory (adam) of D (batch 2) <= 24GB", "(batch 2)"),
    ("expect training memory (adam) <= 24GB (sic: lots)", "lots"),
    ("expect training memory (adam) <= 24GB with k", " k"),
])  # fmt: skip
def test_each_fault_stands_under_its_part(text, wrong):
    with pytest.raises(Unreadable) as caught:
        claim(text)
    first, last = caught.value.at
    assert text[first:last].strip() == wrong.strip()


@pytest.mark.parametrize("text", [
    "expect training memory (batch 32, on RTX 4090) at conv1 of D <= 24 GB with k = 2",
    "expect training memory(batch 32) on RTX 4090  at conv1  of D<=24 GB with k=2",
    "EXPECT Training-Memory (on rtx-4090, Batch 32) at conv1 of D <= 24 GB with k = 2",
])  # fmt: skip
def test_all_parts_of_a_line(text):
    made = claim(text)
    assert (made.quantity, made.place, made.network, made.settings) == ("training memory", "conv1", "D", {"k": 2})
    assert made.under == {"batch": 32, "on": "cuda", "device": "rtx-4090"}
    assert (made.operator, made.expected.value, made.expected.unit) == ("<=", 24 * 10**9, "bytes")
    spots = {name: span.text for name, span in made.spots.items()}
    assert (spots["place"], spots["network"], made.span.text) == ("conv1", "D", "24 GB")
    assert spots["batch"].lower() == "batch 32" and re.fullmatch("(?i)(on )?rtx.4090", spots["device"])


def test_what_fits_a_device_is_at_most_its_memory_on_its_rules():
    made = claim("expect training memory (batch 32, adam) fits RTX 4090")
    assert made.under == {"batch": 32, "optimizer": "adam", "on": "cuda", "device": "rtx-4090"}
    assert (made.operator, made.expected.value, made.expected.text) == ("<=", 24 * 10**9, "RTX 4090's 24 GB")
    assert claim("expect training memory (on cuda) fits RTX 4090").under["device"] == "rtx-4090"
    assert claim("expect inference memory fits raspberry pi 4").under["on"] == "cpu"


def test_bytes_may_stand_tight_behind_a_number_of_them():
    assert claim("expect inference memory <= 512B").expected.value == 512
    assert claim("expect weights bytes <= 1,024B").expected.value == 1024
    assert claim("expect macs <= 5B").expected.value == 5 * 10**9


def test_an_erratum_may_have_conditions():
    text = 'erratum "Table 2 prints 2KB" inference memory (batch 2) = 3,136'
    made = graph(f"input 8x8x3\nconv 3x3, 4; relu\n{text}").claims[0]
    assert (made.under, made.erratum) == ({"batch": 2}, "Table 2 prints 2KB")


def test_a_network_that_is_not_there_is_told_under_its_name():
    text = "network A\ninput 8x8x3\nfc 2\nexpect inference memory (batch 2)  of   B <= 1GB\n"
    (said,) = faults(text)
    assert (said.code, said.span.text) == ("A408", "B")
