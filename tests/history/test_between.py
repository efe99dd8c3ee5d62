"""Two measurements beside each other: what is known of made-up ones is told, and no difference where there is none."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from pathlib import Path
from random import Random
from statistics import median

import pytest
from jsonschema import Draft202012Validator
from measured import MACHINE, NOISE, measured

from archcalc.analyses.latency.between import between, independent
from archcalc.analyses.latency.measured import Phase, Setting
from archcalc.analyses.latency.timing import timing
from archcalc.history.rows import encoded, row_of
from archcalc.report.history.between import dumps, text
from archcalc.report.history.text import Entry
from archcalc.report.profile.json import document
from archcalc.report.style import columns
from archcalc.report.text import Paper

SCHEMA = Path(__file__).parents[2] / "docs/schema/history-compare-1.json"


def entry(profile, number):
    row = encoded("profile", document(profile))
    return Entry(row_of((number, *row.values())), profile)


def told(before, after, width=100, limit=10, **paper):
    sides = entry(before, 3), entry(after, 7)
    return text(between(before, after), sides, Paper(width, **paper), limit)


# -- the ratio ---------------------------------------------------------------------------------------------------------


def lognormal(random, middle, count, width):
    return [round(middle * random.lognormvariate(0, width)) for _ in range(count)]


@pytest.mark.parametrize(("counts", "width"), [((40, 40), 0.02), ((31, 300), 0.08), ((9, 12), 0.3)])
def test_the_interval_holds_the_truth(counts, width):
    """The median of a log-normal is its scale: the true ratio is 1.2."""
    held = 0
    for seed in range(200):
        random = Random(seed)
        before = lognormal(random, 10**7, counts[0], width)
        after = lognormal(random, 12 * 10**6, counts[1], width)
        found = independent(before, after)
        held += found.low <= Fraction(12, 10) <= found.high
        assert found.low <= found.ratio <= found.high
    assert held >= 190


def test_it_narrows_with_samples_and_widens_with_their_spread():
    def width(count, spread):
        random = Random(count)
        found = independent(*(lognormal(random, 10**7, count, spread) for _ in range(2)))
        return found.high - found.low

    assert width(2000, 0.05) < width(200, 0.05) / 2
    assert width(200, 0.05) < width(200, 0.2) / 2


def test_the_ratio_is_of_the_medians():
    before, after = [10, 20, 1000], [44, 50, 3]
    assert independent(before, after).ratio == Fraction(int(median(after)), int(median(before)))


@pytest.mark.parametrize(
    ("middle", "share", "count", "verdict"),
    [
        (100_000, 0.01, 99, "open"),
        (101_000, 0.001, 99, "near"),
        (99_000, 0.001, 99, "near"),
        (108_000, 0.01, 99, "slower"),
        (92_000, 0.01, 99, "faster"),
        (108_000, 0.9, 99, "open"),
        (200_000, 0.01, 5, "open"),
    ],
)
def test_verdicts(middle, share, count, verdict):
    before, after = measured(100_000, count=count, share=share), measured(middle, count=count, share=share)
    assert between(before, after).whole.verdict == verdict


def test_too_few_samples_bound_nothing():
    found = independent([10] * 6, [20] * 99)
    assert (found.ratio, found.low, found.high) == (2, None, None)
    assert "too few samples to tell: no. 7 takes 2.000 times as long" in told(
        measured(count=5), measured(50_000_000, count=5)
    )


# -- what differs ------------------------------------------------------------------------------------------------------


def test_what_differs_is_named_and_nothing_else():
    changed = {**MACHINE, "torch": "2.14.0", "flags": {"mkldnn": False}, "driver": "570"}
    after = measured(setting=Setting(threads=1), machine=changed, inputs=((3, 256, 256),), values={"k": 2})
    found = between(measured(), after)
    assert {(each.name, str(each.before), str(each.after)) for each in found.differences} == {
        ("inputs", "[[3, 224, 224]]", "[[3, 256, 256]]"), ("values.k", "None", "2"), ("setting.threads", "2", "1"),
        ("machine.torch", "2.13.0", "2.14.0"), ("machine.flags.mkldnn", "True", "False"),
        ("machine.driver", "None", "570"),
    }  # fmt: skip
    assert between(measured(), measured()).differences == ()


def test_layers_go_by_how_far_they_moved():
    before = measured(layers={"a": 500, "b": 900, "gone": 70, "same": 10})
    after = measured(layers={"a": 480, "b": 1000, "new": 30, "same": 10})
    parts = [(part.name, part.before, part.after) for part in between(before, after).parts]
    assert parts == [("b", 900, 1000), ("gone", 70, None), ("new", None, 30), ("a", 500, 480), ("same", 10, 10)]


def test_phases_stand_for_the_layers_of_a_training_step():
    def trained(*times):
        named = zip(("forward", "backward", "step"), times, strict=True)
        return measured(layers={"x": 1}).but(
            layers=(), phases=tuple(Phase(name, timing([time] * 9)) for name, time in named)
        )

    found = between(trained(30, 60, 9), trained(31, 75, 9))
    assert [(part.name, part.change) for part in found.parts] == [("backward", 15), ("forward", 1), ("step", 0)]


def test_without_layers_on_both_sides_nothing_moved():
    bare = measured().but(layers=())
    assert between(bare, measured()).parts == ()
    assert "moved most" not in told(bare, measured())


# -- as a person sees it -----------------------------------------------------------------------------------------------

SLOWER = measured(26_700_000, layers={"conv1": 16_000_000, "new": 900_040, "fc": 8_100_123})


def test_the_text():
    made = told(measured(), SLOWER.but(machine=MACHINE | {"torch": "2.14.0"}))
    assert made.partition("\n\n")[2].splitlines() == [
        "median 25.00 ms, then 26.70 ms",
        "no. 7 is slower: 1.068 times as long, 95 % sure to be 1.065 to 1.071",
        "",
        "what differs  no. 3   no. 7",
        "────────────  ──────  ──────",
        "torch         2.13.0  2.14.0",
        "",
        "moved most  no. 3, µs  no. 7, µs    change  ratio",
        "──────────  ─────────  ─────────  ────────  ─────",
        "conv1        15,000.0   16,000.0  +1,000.0   1.07",
        "new                        900.1    +900.1",
        "fc            7,500.0    8,100.1    +600.1   1.08",
        "──────────  ─────────  ─────────  ────────  ─────",
        "other         2,500.0    1,699.8    -800.2   0.68",
        "whole        25,000.0   26,700.0  +1,700.0   1.07",
    ]


@pytest.mark.parametrize(("noisy", "who"), [("0 1", "no. 3 and no. 7 are"), ("0", "no. 3 is"), ("1", "no. 7 is")])
def test_what_is_noisy_proves_nothing(noisy, who):
    pair = enumerate((measured(), SLOWER))
    sides = [side.but(noise=(NOISE, NOISE)) if str(place) in noisy else side for place, side in pair]
    assert between(*sides).verdict == "doubtful"
    made = told(*sides)
    assert f"in doubt, as {who} noisy: no. 7 takes 1.068 times as long\n" in made and "95 %" not in made
    assert made.count(" is noisy: the medians of two blocks lie 9 % apart; the medians") == len(noisy.split())
    assert "profile A B --compare" in made


@pytest.mark.parametrize("limit", [1, 2, 3])
@pytest.mark.parametrize("middles", [(25_000_000, 26_700_000), (99_999_999, 100_000_001), (3_000, 900_000)])
def test_columns_add_up_as_they_are_printed(limit, middles):
    parts = {f"layer {place}": 333 * place + 49 for place in range(9)}
    before, after = (measured(middle, layers={**parts, "big": middle // 3}) for middle in middles)
    lines = told(before, after, limit=limit).split("moved most")[1].splitlines()[2:]
    assert len(lines) == limit + 4
    rows = [line for line in lines if not line.startswith("─")]
    cells = [re.findall(r"[+-]?[\d,]+\.\d+", row)[:3] for row in rows]
    numbers = [[round(float(cell.replace(",", "")) * 1000) for cell in row] for row in cells]
    for column in zip(*numbers, strict=True):
        assert sum(column[:-1]) == column[-1]
    assert all(after - before == change for before, after, change in numbers)


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_no_line_is_wider_than_the_terminal(width):
    wide, wider = (MACHINE | {"name": name * 90} for name in ("X", "Y "))
    long = measured(layers={"a layer " * 20: 5}, noise=(NOISE,), network="net" * 40, machine=wide)
    made = told(long, long.but(machine=wider), width=width)
    assert max(map(columns, made.splitlines())) <= width


def test_colour_and_ascii_change_no_word():
    plain, coloured, bare = (told(measured(), SLOWER, **kind) for kind in ({}, {"colour": True}, {"ascii_only": True}))
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain != coloured
    assert bare.isascii() and bare == plain.replace("─", "-").replace("µ", "u")


def test_json_has_the_nanoseconds():
    before = measured()
    made = json.loads(dumps(between(before, SLOWER), (entry(before, 3), entry(SLOWER, 7))))
    assert (made["before"]["id"], made["after"]["id"], made["after"]["noisy"]) == (3, 7, False)
    assert [made[side]["median_ns"] for side in ("before", "after")] == [25_000_000, 26_700_000]
    assert made["verdict"] == "slower"
    assert made["low"] < made["ratio"] == 26.7 / 25 < made["high"]
    assert made["layers"][1] == {"name": "new", "kind": "conv", "before_ns": None, "after_ns": 900_040}


def test_json_is_as_its_schema_says():
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    few = measured(count=3, setting=Setting(threads=1), machine=MACHINE | {"caches": {"L2": "1024K"}, "driver": None})
    for sides in ((measured(), SLOWER), (SLOWER.but(noise=(NOISE,), interrupted=True), few)):
        made = json.loads(dumps(between(*sides), (entry(sides[0], 3), entry(sides[1], 7))))
        Draft202012Validator(schema).validate(made)
        assert set(made) == set(schema["required"])
