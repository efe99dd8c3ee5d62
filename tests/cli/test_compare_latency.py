"""Networks side by side by predicted times, of which nobody is called faster whom the error may put behind."""

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

from archcalc.analyses.comparison import Line
from archcalc.analyses.latency.band import Latency
from archcalc.cli import app
from archcalc.history import VARIABLE

SCHEMA = Draft202012Validator(
    json.loads((Path(__file__).parents[2] / "docs" / "schema" / "compare-1.json").read_text(encoding="utf-8"))
)
#: 1 ms a convolution, 2 ms a fully connected layer
NETS = """network one
input 8x8x3
stem: conv 3x3, 4, pad 1
fc 10
network five
input 8x8x3
stem: conv 3x3, 4, pad 1; conv 3x3, 4, pad 1; conv 3x3, 4, pad 1; conv 3x3, 4, pad 1; conv 3x3, 4, pad 1
fc 10
"""


@pytest.fixture
def nets(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(keep(tmp_path / "h.sqlite", calibration())))
    path = tmp_path / "nets.arch"
    path.write_text(NETS, encoding="utf-8")
    return str(path)


def run(*arguments, code=0):
    found = CliRunner().invoke(app, ["compare", *arguments])
    assert found.exit_code == code, found.output
    return found


def test_a_device_adds_latency_to_totals_and_stages(nets):
    shown = run(nets, "--device", "cpu").stdout
    line = next(line for line in shown.splitlines() if line.startswith("latency "))
    assert re.search(r"3\.000 ms \(.*\)\* +7\.000 ms \(.*\) +2\.33x$", line)
    assert "stage: latency" in shown and "latency on cpu, calibrated 2026-03-01" in shown
    assert "where bands overlap, none is the least" in shown
    assert "latency" not in run(nets).stdout


def test_json_has_nanoseconds_both_ends_and_the_calibration(nets):
    found = json.loads(run(nets, "--columns", "params,latency", "--format", "json").stdout)
    SCHEMA.validate(found)
    line = found["totals"][1]
    assert (line["quantity"], line["values"], line["marked"]) == ("latency", [3_000_000, 7_000_000], [0])
    assert line["low"][0] < 3_000_000 < line["high"][0] < line["low"][1] and line["bound"] == [None, None]
    assert found["device"]["calibrated"].startswith("2026-03-01")
    stem = found["stages"][0]["quantities"][1]
    # one rule errs alike in all five convolutions: between half and twice of 5 ms
    assert (stem["values"], stem["low"][1], stem["high"][1]) == ([1_000_000, 5_000_000], 2_500_000, 10_000_000)


def test_csv_has_nanoseconds(nets):
    rows = [*csv.DictReader(io.StringIO(run(nets, "--columns", "latency", "--format", "csv").stdout))]
    assert [row["latency"] for row in rows if not row["stage"]] == ["3000000", "7000000"]


def test_an_axis_of_a_picture_may_be_time(nets):
    shown = run(nets, "--plot", "params,latency").stdout
    assert "latency, ms" in shown and "five ●" in shown


@pytest.mark.parametrize(
    ("bands", "fastest"),
    [
        ([(10, 9, 11), (20, 18, 22)], (0,)),
        ([(10, 9, 11), (12, 11, 13)], ()),  # they touch
        ([(20, 18, 22), (10, 9, 11), (30, 28, 31)], (1,)),
        ([(20, 18, 22), (10, 9, 18), (30, 28, 31)], ()),
        ([(10, 9, 11), None], ()),
        ([(10, 9, 11)], ()),
    ],
)
def test_who_is_faster_is_said_only_where_bands_lie_apart(bands, fastest):
    values = tuple(None if band is None else Latency(*band) for band in bands)
    assert Line(quantity="latency", values=values).marked == fastest


def test_ratios_are_of_predictions_alone():
    line = Line(quantity="latency", values=(Latency(10, 9, 11), Latency(25, 24, 26), Latency(bound=3), None))
    assert line.ratios == (1, 2.5, None, None)
    bounds = Line(quantity="latency", values=(Latency(bound=3), Latency(bound=5)))
    assert (bounds.marked, bounds.ratios) == ((), (None, None))


def test_a_gpu_that_is_not_calibrated_has_bounds_of_whole_networks(nets):
    arguments = ["--device", "RTX 4090", "--batch", "4096"]
    shown = run(nets, *arguments).stdout
    line = next(line for line in shown.splitlines() if line.startswith("latency "))
    assert line.count("≥ ") == 2 and "x" not in line and "stage: latency" not in shown
    assert "latency on GeForce RTX 4090, not calibrated" in shown
    found = json.loads(run(nets, *arguments, "--format", "json").stdout)
    SCHEMA.validate(found)
    assert found["totals"][-1]["values"] == [None, None] and all(found["totals"][-1]["bound"])
    assert "is not predicted" in run(nets, *arguments, "--plot", "params,latency", code=2).stderr


def test_a_noisy_calibration_and_what_it_lacks_are_told(nets, tmp_path):
    rules = calibration().but(noisy=True)
    db = keep(
        tmp_path / "noisy.sqlite", rules.but(routines=tuple(each for each in rules.routines if each.name != "fc"))
    )
    for format_ in ("text", "markdown"):
        said = run(nets, "--device", "cpu", "--db", str(db), "--format", format_).stdout
        assert "latency on cpu, calibrated 2026-03-01, which was noisy" in said
        assert "ot calibrated, taken for any other: fc" in said
        assert "calibrated, taken" not in run(nets, "--device", "cpu", "--format", format_).stdout


def test_without_a_calibration_one_line_says_what_makes_one(nets, tmp_path):
    (tmp_path / "none.sqlite").touch()
    found = run(nets, "--columns", "latency", "--db", str(tmp_path / "none.sqlite"), code=2)
    assert found.stderr == "error: no calibration of cpu in fp32: archcalc calibrate makes one\n"
