"""The printed column of times: read as a person reads it, it adds up, and no number is far from what was measured."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from measurements import flat, measured

from archcalc.report.profile.rows import Line, lines, shares, times

NANOSECONDS = {"µs": Decimal(1000), "ms": Decimal(1_000_000), "%": None}


def read(text):
    return Decimal(text.replace(",", ""))


def rows(values):
    return [Line(name="", kind="", nanoseconds=each, macs=None, flops=None, bound="") for each in values]


@given(st.lists(st.integers(0, 10**11), max_size=40), st.integers(1, 10**11))
def test_what_is_printed_adds_up_and_is_true(values, whole):
    told = times(rows(values), whole)
    unit = NANOSECONDS[told.unit]
    step = Decimal(100) if told.unit == "µs" else Decimal(1000)
    assert sum(map(read, told.rows)) == read(told.layers)
    assert read(told.layers) + read(told.other) == read(told.whole)
    assert all(abs(read(text) * unit - value) < step for text, value in zip(told.rows, values, strict=True))
    assert abs(read(told.layers) * unit - sum(values)) * 2 <= step
    assert abs(read(told.whole) * unit - whole) * 2 <= step


@given(st.lists(st.integers(0, 10**9), max_size=40), st.integers(1, 10**11))
def test_shares_add_up_to_the_whole(values, whole):
    told = shares(rows(values), whole)
    assert sum(map(read, told.rows)) == read(told.layers)
    assert read(told.layers) + read(told.other) == read(told.whole) == 100
    for text, value in zip(told.rows, values, strict=True):
        assert abs(float(read(text)) - 100 * value / whole) < 0.1001


def test_a_long_run_is_told_in_milliseconds():
    assert times(rows([60_000_400, 39_999_500]), 99_999_949).whole == "99,999.9"
    told = times(rows([60_000_400, 39_999_500]), 100_000_000)
    assert (told.unit, told.rows, told.layers) == ("ms", ("60.000", "40.000"), "100.000")
    assert told.other == "0.000"


def test_what_layers_take_beyond_the_whole_is_below_zero():
    assert times(rows([5000, 6000]), 10_000).other == "-1.0"


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_a_folded_table_has_all_time_and_work(depth):
    profile = measured("specs/densenet.arch:densenet121")
    folded = lines(profile, depth)
    assert len(folded) < len(profile.layers) == sum(each.layers for each in folded)
    assert sum(each.nanoseconds for each in folded) == profile.whole.median - profile.other
    assert sum(each.macs for each in folded) == profile.macs
    assert len({each.name for each in folded}) == len(folded)


def test_a_modules_own_code_is_folded_into_it():
    """By hand: of a network with two blocks in a list, whose rows are modules, not layers."""
    layer = measured().layers[0].but(line=None, time=flat(7))
    places = {
        "(its own code)": "", "stem": "", "blocks (its own code)": "", "blocks.0 (its own code)": "blocks",
        "blocks.0.conv": "blocks.0", "blocks.0.bn": "blocks.0", "blocks.1.conv": "blocks.1", "head": "",
    }  # fmt: skip
    profile = measured(layers=tuple(layer.but(name=name, block=block) for name, block in places.items()))
    assert [(row.name, row.kind, row.nanoseconds) for row in lines(profile, 1)] == [
        ("(its own code)", "input", 7), ("stem", "input", 7), ("blocks", "5 modules", 35), ("head", "input", 7),
    ]  # fmt: skip
    assert [(row.name, row.layers) for row in lines(profile, 2)] == [
        ("(its own code)", 1), ("stem", 1), ("blocks", 1), ("blocks.0", 3), ("blocks.1.conv", 1), ("head", 1),
    ]  # fmt: skip
    assert [row.name for row in lines(profile, None)] == [*places]


def test_a_group_is_bound_by_what_most_of_its_time_is():
    profile = measured()
    first = lines(profile, 1)[1]
    inside = [each for each in profile.layers if each.block == "conv1"]
    spent = {bound: sum(each.time.median for each in inside if each.bound == bound) for bound in ("compute", "memory")}
    assert (first.name, first.kind) == ("conv1", "3 layers")
    assert first.bound == max(spent, key=spent.get)


def test_a_group_with_a_layer_that_has_no_count_has_none():
    profile = measured()
    layers = tuple(each.but(macs=None, flops=None) if each.name == "conv1.bn" else each for each in profile.layers)
    folded = {each.name: each for each in lines(profile.but(layers=layers), 1)}
    assert folded["conv1"].macs is None and folded["conv2_x"].macs is not None
