"""Reports under ``--as``: whose counts they are is said in every format, and what they are not stays ours."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from samples import BLOCKS, report
from test_formats import read

import archcalc
from archcalc.algebra import evaluate
from archcalc.analyses.conventions import CONVENTIONS, counted, named
from archcalc.report import conventions as shown
from archcalc.report import csv as csv_report
from archcalc.report import markdown
from archcalc.report.fold import folded
from archcalc.report.html import fragment
from archcalc.report.text import Paper, text

NAMES = [convention.name for convention in CONVENTIONS]
NORMED = "network normed\ninput 8x8x3\nconv 3x3, 4, pad 1; bn; relu\nglobal average pool; fc 10\nexpect macs = {}\n"


@pytest.mark.parametrize("name", NAMES)
def test_json_has_the_tools_counts_and_rows_sum_to_them(name):
    found = read(report(BLOCKS, convention=name))
    ours = counted(archcalc.parse(BLOCKS).graph, name)
    assert found["as"] == name
    for key, total in (("params", ours.params), ("trainable", ours.trainable), ("macs", ours.total)):
        if total is not None:
            assert sum(row[key] for row in found["layers"]) == found["totals"][key] == total


def test_figures_are_held_against_our_own_counts():
    right = 4 * 27 * 64 + 40
    held = report(NORMED.format(right), convention="fvcore")
    assert held.status == "ok" and held.totals.macs == right + 2 * 4 * 64 + 4 * 64
    assert report(NORMED.format(held.totals.macs), convention="fvcore").status == "failed"


def test_what_the_tool_does_not_print_stays_ours():
    plain = report(BLOCKS)
    assert report(BLOCKS, convention="keras").totals.macs == plain.totals.macs
    assert report(BLOCKS, convention="torch").totals.params == plain.totals.params
    assert report(BLOCKS, convention="thop").totals.flops == plain.totals.flops


def test_images_at_once_count_each():
    one, three = (report(BLOCKS, convention="ptflops", batch=batch).totals for batch in (1, 3))
    assert (3 * one.macs, one.params) == (three.macs, three.params)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width", [40, 80, 200])
def test_text_says_whose_counts_they_are(name, width):
    lines = text(report(BLOCKS, convention=name), paper=Paper(width)).splitlines()
    assert max(map(len, lines)) <= width
    said = " ".join(lines)
    assert f"counted as {named(name).release}"[: width - 3] in said
    if width > 40:
        assert ("as " + name in said) == (name != "keras")


def test_tables_for_programs_and_readmes_say_it_too():
    ours = report(BLOCKS, convention="torch")
    rows = [*csv.DictReader(io.StringIO(csv_report.dumps([ours, report()])))]
    assert rows[0]["as"] == "torch" and rows[-1]["as"] == ""
    made = markdown.dumps([ours])
    assert "Counted as torch 2.13.0" in made and "| as torch |" in made and "MACs" not in made


def test_a_notebook_says_it_too():
    made = fragment(report(BLOCKS, convention="torch"))
    assert "FLOPs (" in made and ">as torch</th>" in made and "MACs" not in made


def test_folded_groups_sum_the_tools_counts():
    whole = report(BLOCKS, convention="ptflops")
    assert sum(row.macs for row in folded(whole, 1).layers) == whole.totals.macs


def test_an_unknown_tool_is_told_with_its_neighbour():
    with pytest.raises(ValueError, match="no convention 'pytorch'"):
        report(BLOCKS, convention="pytorch")
    with pytest.raises(ValueError, match="did you mean 'fvcore'"):
        named("fvcor")
    assert named("THOP").name == "thop"


def test_open_sizes_count_in_closed_form():
    open_ = archcalc.parse("input HxWx3\nconv 3x3, 4, pad 1; bn; relu\nmax pool 2x2\nglobal average pool; fc 10")
    closed = archcalc.parse("input 12x10x3\nconv 3x3, 4, pad 1; bn; relu\nmax pool 2x2\nglobal average pool; fc 10")
    for name in NAMES:
        formula, number = (counted(network.graph, name).total for network in (open_, closed))
        if number is not None:
            assert evaluate(formula, {"H": 12, "W": 10}) == number
    assert "·W" in shown.text([open_.graph], paper=Paper(None))


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_the_comparison_fits(width):
    made = shown.text([archcalc.parse(BLOCKS).graph], paper=Paper(width))
    assert max(map(len, made.splitlines())) <= width


def test_the_comparison_as_json_and_markdown():
    graph, open_ = archcalc.parse(BLOCKS).graph, archcalc.parse("input HxWx3\nconv 3x3, 4").graph
    found = json.loads(shown.dumps([graph], many=False))
    schema = json.loads((Path(__file__).parents[2] / "docs/schema/conventions-1.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(found)
    Draft202012Validator(schema).validate(json.loads(shown.dumps([graph, open_], many=True)))
    ways = {way["name"]: way for way in found["conventions"]}
    assert [*ways] == NAMES
    assert ways["torch"]["count"] == 2 * ways["paper"]["count"] and ways["torch"]["params"] is None
    assert ways["keras"]["count"] is None and ways["keras"]["rules"]["number"] == {}
    assert ways["thop"]["rules"]["number"]["softmax of 10"] == "29/10"
    made = shown.markdown(graph)
    assert f"| paper | {ways['paper']['count']:,} |" in made
    assert {line.count("|") for line in made.splitlines() if line.startswith("|")} == {7, 9}
