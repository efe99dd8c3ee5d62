"""Ways to reach a field weighed by predicted times."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from latency.calibrations import calibration, keep
from typer.testing import CliRunner

from archcalc.cli import app
from archcalc.history import VARIABLE

SCHEMA = Draft202012Validator(
    json.loads((Path(__file__).parents[2] / "docs" / "schema" / "kernels-1.json").read_text(encoding="utf-8"))
)
#: Nothing but convolutions takes time, and each of them a millisecond, whatever its kernel.
EACH = {"conv": 1_000_000, "relu": 0, "relu in place": 0, "any other": 1_000_000}


@pytest.fixture(autouse=True)
def _db(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(keep(tmp_path / "h.sqlite", calibration(**EACH))))


def run(*arguments, width=None, code=0):
    asked = ["kernels", "--field", "5", "--channels", "64", "--size", "56x56", *arguments]
    found = CliRunner().invoke(app, asked, env={"COLUMNS": str(width)} if width else None)
    assert found.exit_code == code, found.output
    return found


def document(*arguments):
    found = json.loads(run(*arguments, "--format", "json").stdout)
    SCHEMA.validate(found)
    return found


def test_each_way_takes_its_layers():
    found = document("--device", "cpu")
    takes = {way["name"]: way["latency_ns"] for way in found["groups"][0]["ways"]}
    assert (takes["5x5"], takes["3x3, 3x3"], takes["2x (3x1, 1x3)"]) == (1_000_000, 2_000_000, 4_000_000)
    assert all(w["latency_low_ns"] < w["latency_ns"] < w["latency_high_ns"] for w in found["groups"][0]["ways"])
    assert found["device"]["calibrated"].startswith("2026-03-01")


def test_time_is_an_objective():
    """The best are those that none beats in anything without losing in another, time among it."""
    found = document("--device", "cpu")["groups"][0]
    assert found["objectives"]["latency_ns"] == "less"
    assert "latency_ns" not in document()["groups"][0]["objectives"]
    for group in document("--device", "cpu")["groups"]:
        for way in group["ways"] if group["objectives"] else ():
            no_worse = [
                other
                for other in group["ways"]
                if all(other[name] <= way[name] for name in ("params", "macs", "activations_bytes", "latency_ns"))
                and other["depth"] >= way["depth"]
                and (group["group"] == "field" or min(other["field"]) >= min(way["field"]))
                and other["number"] != way["number"]
            ]
            figures = ("params", "macs", "activations_bytes", "latency_ns", "depth", "field")
            beaten = [other for other in no_worse if any(other[name] != way[name] for name in figures)]
            assert way["best"] is not bool(beaten), way["name"]


def test_unless_asked_for_there_is_no_time():
    assert "latency" not in run().stdout and "latency_ns" not in json.dumps(document())


@pytest.mark.parametrize("width", [80, 120, 200, None])
def test_times_stand_in_a_column_and_with_room_their_bands(width):
    shown = run("--device", "cpu", width=width).stdout
    assert re.search(r"1\.000 ms", shown) and "latency on cpu, calibrated 2026-03-01" in shown
    assert bool(re.search(r" ms \([ .\d]+ to ", shown.split("one kernel, by size")[0])) is (width != 80)
    if width:
        assert max(map(len, shown.splitlines())) <= width and "…" not in shown


def test_ways_are_sorted_by_time():
    takes = [way["latency_ns"] for way in document("--sort", "latency")["groups"][0]["ways"]]
    assert takes == sorted(takes) and len(set(takes)) > 2


def test_csv_and_markdown_have_times():
    rows = [*csv.DictReader(io.StringIO(run("--device", "cpu", "--format", "csv").stdout))]
    assert rows[0]["latency_ns"] == "1000000" and int(rows[0]["latency_high_ns"]) > 1_000_000
    shown = run("--device", "cpu", "--format", "markdown").stdout
    assert "| latency |" in shown and "1.000 ms (" in shown and "no biases" in shown.splitlines()[0]
    assert "| latency |" not in run("--format", "markdown").stdout


def test_a_gpu_that_is_not_calibrated_has_bounds_that_weigh_nothing():
    found = document("--device", "RTX 4090", "--batch", "256")
    assert all(way["latency_bound_ns"] > 0 and "latency_ns" not in way for way in found["groups"][0]["ways"])
    assert "latency_ns" not in found["groups"][0]["objectives"] and found["device"]["calibrated"] is None
    assert "≥ " in run("--device", "RTX 4090", "--batch", "256").stdout


def test_a_calibration_is_chosen_by_its_threads(tmp_path):
    db = keep(tmp_path / "two.sqlite", calibration(**EACH), calibration(threads=1, **(EACH | {"conv": 7_000_000})))
    times = {
        count: document("--threads", count, "--db", str(db))["groups"][0]["ways"][0]["latency_ns"] for count in "12"
    }
    assert times == {"1": 7_000_000, "2": 1_000_000}


def test_a_noisy_calibration_and_what_it_lacks_are_told(tmp_path):
    rules = calibration(**EACH).but(noisy=True)
    rules = rules.but(routines=tuple(each for each in rules.routines if not each.name.startswith("relu")))
    db = keep(tmp_path / "noisy.sqlite", rules)
    for format_ in ("text", "markdown"):
        said = run("--device", "cpu", "--db", str(db), "--format", format_, width=200).stdout
        assert "latency on cpu, calibrated 2026-03-01, which was noisy" in said
        assert "not calibrated, taken for any other: " in said and "relu in place" in said


def test_without_a_calibration_one_line_says_what_makes_one():
    found = run("--device", "cuda", code=2)
    assert found.stderr == "error: no calibration of cuda in fp32: archcalc calibrate --device cuda makes one\n"
