"""``archcalc kernels`` as a person or a program sees it."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

import archcalc
from archcalc.analyses.kernels import kernels
from archcalc.cli import app
from archcalc.report.kernels import text
from archcalc.report.text import Paper

ROOT = Path(__file__).parents[2]
SCHEMA = Draft202012Validator(json.loads((ROOT / "docs/schema/kernels-1.json").read_text(encoding="utf-8")))
ASKED = ("--field", "7", "--channels", "64", "--size", "56x56")


def run(*arguments, code=0, env=None):
    result = CliRunner().invoke(app, ["kernels", *arguments], catch_exceptions=False, env=env)
    assert result.exit_code == code, result.output
    return result


@pytest.mark.parametrize("width", [40, 60, 80, 100, 200])
@pytest.mark.parametrize("field", ["1", "7", "8", "101"])
def test_nothing_wraps(field, width):
    made = run("--field", field, "--channels", "3:96", "--size", "224", env={"COLUMNS": str(width)}).stdout
    assert max(map(len, made.splitlines())) <= width
    assert "ratios to" in made


def test_eighty_columns_have_all_that_is_asked_first():
    made = run("--field", "5", "--channels", "64", "--size", "56x56", env={"COLUMNS": "80"}).stdout
    assert made.splitlines()[3:8] == [
        "see 5x5, keep the size; ratios to 5x5",
        "no.   way                    params   ratio         MACs  act. mem  depth  field",
        "────  ────────────────────  ───────  ──────  ───────────  ────────  ─────  ─────",
        "  1   5x5                   102,400       1  321,126,400   784 KiB      1      5",
        "  2   3x3, 3x3               73,728   18/25  231,211,008  1.53 MiB      2      5",
    ]


def test_colour_changes_no_letter():
    found = kernels(7, (64, 64), (56, 56))
    plain, coloured = (text(found, paper=Paper(80, colour=colour)) for colour in (False, True))
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain != coloured


def test_ways_that_pass_over_inputs_say_so_where_no_column_does():
    found = kernels(7, (64, 64), (56, 56))
    assert "  no. 6 reads 9 of the 49 inputs of its field\n" in text(found, paper=Paper(80))
    assert "no. 6 reads" not in text(found, paper=Paper(140)) and " reads\n" in text(found, paper=Paper(140))
    assert "  1 more read a part of it" in text(kernels(15, (4, 4), (9, 9)), paper=Paper(60))


def test_an_encoding_of_few_characters():
    found = kernels(7, (64, 64), (56, 56))
    assert text(found, paper=Paper(80, ascii_only=True)).isascii()


def test_json_has_every_way_and_its_schema():
    found = json.loads(run(*ASKED, "--format", "json", "--bn", "--bias").stdout)
    SCHEMA.validate(found)
    assert (found["channels"], found["size"], found["bn"], found["bias"]) == ([64, 64], [56, 56], True, True)
    assert [group["group"] for group in found["groups"]] == ["field", "halving", "size"]
    stack = next(way for way in found["groups"][0]["ways"] if way["name"] == "3x (3x3)")
    assert stack["layers"] == ["conv", "bn", "relu"] * 3
    assert (stack["field"], stack["depth"], stack["params"]) == ([7, 7], 3, 27 * 4096 + 3 * 3 * 64)


def test_csv_is_as_json():
    ways = [way for group in json.loads(run(*ASKED, "--format", "json").stdout)["groups"] for way in group["ways"]]
    rows = [*csv.DictReader(io.StringIO(run(*ASKED, "--format", "csv").stdout))]
    assert [(row["name"], int(row["params"]), row["params_ratio"], int(row["macs"])) for row in rows] == [
        (way["name"], way["params"], way["params_ratio"], way["macs"]) for way in ways
    ]


def test_markdown_has_a_table_for_each_group():
    made = run(*ASKED, "--format", "markdown").stdout
    assert made.count("### ") == made.count("| no. | way |") == 3
    assert "27/49 = 0.551" in made


def test_sorted_and_limited():
    group = json.loads(run(*ASKED, "--format", "json", "--sort", "macs", "--limit", "3").stdout)["groups"][0]
    assert [way["number"] for way in group["ways"]] == [8, 11, 9]
    assert group["notes"] == ["8 more: without --limit all are shown"]
    assert group["one"] == "7x7"
    deepest = json.loads(run(*ASKED, "--format", "json", "--sort", "depth").stdout)["groups"][0]["ways"]
    assert [way["depth"] for way in deepest] == sorted((way["depth"] for way in deepest), reverse=True)


def test_a_way_is_shown_as_a_spec():
    made = run(*ASKED, "--show", "7").stdout
    assert "conv2: conv 3x3, 64, pad 2, dilation 2, no bias" in made
    assert archcalc.parse(made).report().totals.params == 18 * 4096


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"--channels": "64:"}, "'64:' is not channels: 64, or in:out as 3:64"),
        ({"--channels": "0"}, "'0' is not channels"),
        ({"--size": "56x56x3"}, "'56x56x3' is not a size: height x width, as 56x56"),
        ({"--size": "0x5"}, "is not a size"),
        ({"--size": "9" * 5000}, "9...' is too large: at most 999,999,999"),
        ({"--channels": "9" * 5000}, "9...' is too large: at most 999,999,999"),
        ({"--channels": "3:1000000000"}, "'3:1000000000' is too large: at most 999,999,999"),
        ({"--size": "1000000000"}, "'1000000000' is too large: at most 999,999,999"),
        ({"--show": "1", "--format": "json"}, "a spec is no json: leave one out"),
        ({"--field": "0"}, "0 is not in the range"),
        ({"--field": "1000"}, "1000 is not in the range"),
        ({"--show": "99"}, "there is no way 99: they are 1 to 22"),
    ],
)
def test_a_wrong_command_line_is_told(changed, said):
    options = dict(zip(ASKED[::2], ASKED[1::2], strict=True)) | changed
    result = run(*(part for pair in options.items() for part in pair), code=2, env={"COLUMNS": "200"})
    assert said in result.output
