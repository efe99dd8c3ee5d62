"""Sweeps of networks whose kernels are swapped: each row is the swapped network's own report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

import archcalc
from archcalc.analyses.quantities import Measure
from archcalc.cli import app
from archcalc.rewriting import swap, swap_of
from archcalc.sweeping import sweep

ROOT = Path(__file__).parents[2]
SCHEMA = Draft202012Validator(json.loads((ROOT / "docs/schema/sweep-1.json").read_text(encoding="utf-8")))
TEXT = """
param width = 16
param k = 5
input 40x40x3
stem: conv kxk, width, stride 2, pad half, no bias; bn; relu
body: conv 5x5, 2*width, pad 2; relu
dw: depthwise 5x5, pad 2; relu
global average pool; fc 10
"""
COLUMNS = ("params", "macs", "saved bytes", "inference peak bytes", "field")


def rows(tmp_path, rule, vary, text=TEXT):
    path = tmp_path / "net.arch"
    path.write_text(text, encoding="utf-8")
    found = sweep(path, vary, columns=COLUMNS, rewrites=[lambda graph: swap(graph, swap_of(rule))])
    for block in found.rows():
        for place in range(block.size):
            values = {
                name: column[place] if hasattr(column, "__len__") else column for name, column in block.columns.items()
            }
            yield {name: int(value) for name, value in values.items()}


@pytest.mark.parametrize(
    ("rule", "vary"),
    [
        ("5x5 -> 3x3, 3x3", {"width": [8, 12, 30], "H": [33, 40, 64]}),
        ("5x5 -> dw 5x5, 1x1", {"width": [1, 2, 16]}),
        ("dw 5x5 -> dw 3x3, dw 3x3", {"width": range(1, 6), "H": [32, 57]}),
        # the stem is a 5x5 at one of these, and is only then swapped
        ("5x5 -> 3x3, 3x3", {"k": [3, 5, 7], "width": [4, 8]}),
        ("5x5/2 -> 3x3, 3x3", {"k": [5], "H": [40, 41]}),
    ],
)
def test_each_point_is_the_network_before_or_after(tmp_path, rule, vary):
    found = [*rows(tmp_path, rule, vary)]
    assert {row["swap"] for row in found} == {0, 1}
    for row in found:
        settings = {name: row[name] for name in ("width", "k") if name in row}
        side = row.get("H", 40)
        graph = archcalc.parse(TEXT, settings=settings, input_shape=(3, side, side)).graph
        measure = Measure(swap(graph, swap_of(rule)) if row["swap"] else graph)
        for name in COLUMNS:
            assert row[name] == measure.answer(name, measure.whole).value, (row, name)


def test_points_without_such_kernels_are_no_networks(tmp_path):
    path = tmp_path / "net.arch"
    path.write_text(TEXT, encoding="utf-8")
    found = sweep(
        path, {"k": [5, 7]}, columns=COLUMNS, rewrites=[lambda graph: swap(graph, swap_of("7x7 -> 5x5, 3x3"))]
    )
    assert sum(block.size for block in found.rows()) == 3
    ((why, count),) = found.tally.invalid.items()
    assert count == 1 and why.startswith(
        "A401: net has nothing to swap by 7x7 -> 5x5, 3x3: it has 1 5x5/2, 1 5x5, 1 dw 5x5"
    )


def test_on_the_command_line(tmp_path):
    path = tmp_path / "net.arch"
    path.write_text(TEXT, encoding="utf-8")

    def run(*more):
        return CliRunner().invoke(
            app, ["sweep", str(path), "--vary", "width=8,16", *more], catch_exceptions=False, env={"COLUMNS": "120"}
        )

    made = run("--swap", "5x5 -> 3x3, 3x3", "--swap-at", "body")
    assert made.exit_code == 0 and "swap 1: 5x5->3x3,3x3" in made.output
    params = archcalc.parse(TEXT).report().totals.params - 25 * 16 * 32 + 9 * 16 * 32 + 9 * 32 * 32 + 32
    assert f"{params:,}" in made.output
    nothing = run("--swap", "9x9 -> 3x3", "--where", "swap = 1")
    assert nothing.exit_code == 1 and "nothing to swap by 9x9 -> 3x3" in nothing.output
    several = json.loads(run("--swap", "5x5 -> 3x3, 3x3", "--swap", "5x5 -> dw 5x5, 1x1", "--format", "json").output)
    SCHEMA.validate(several)
    assert several["swaps"] == ["5x5->3x3,3x3", "5x5->dw 5x5,1x1"]
    assert [[row["swap"], row["width"]] for row in several["rows"]] == [
        [swap, width] for swap in (0, 1, 2) for width in (8, 16)
    ]
    assert run("--swap", "9x9 3x3").exit_code == run("--swap-at", "body").exit_code == 2
