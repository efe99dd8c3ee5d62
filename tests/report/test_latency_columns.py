"""Predicted times beside a report's other figures: in every format, and nowhere unless asked for."""

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

from archcalc import parse
from archcalc.cli import app
from archcalc.history import VARIABLE

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "schema" / "report-1.json").read_text(encoding="utf-8"))
#: Two convolutions, a relu and a fully connected layer: 1 + 0.1 + 1 + 2 ms, and a quarter of that between them.
NET = "network net\ninput 8x8x3\nstem: conv 3x3, 4, pad 1; relu\nbody: conv 3x3, 4, pad 1\nfc 10\n"
LAYERS, WHOLE = [0, 1_000_000, 100_000, 1_000_000, 2_000_000], 5_125_000


@pytest.fixture
def db(tmp_path, monkeypatch):
    path = keep(tmp_path / "h.sqlite", calibration(whole=1.25))
    monkeypatch.setenv(VARIABLE, str(path))
    return path


def run(*arguments, net=NET):
    return CliRunner().invoke(app, ["report", "-", *arguments], input=net)


def lines(text):
    return [re.split(r"\s{2,}", line.strip()) for line in text.splitlines()]


def test_a_column_has_each_time_with_its_band_and_the_total_what_lies_between(db):
    shown = run("--columns", "name,latency").stdout
    rows = {row[0]: row[1:] for row in lines(shown)}
    assert rows["stem.conv"] == ["1.000 ms (0.500 to 2.000)"]
    assert rows["stem.relu"] == ["0.100 ms (0.050 to 0.200)"]
    assert rows["total"][0].startswith("5.125 ms (")
    summary = next(line for line in shown.splitlines() if line.startswith("latency  "))
    assert "5.125 ms" in summary and "nine of ten" in summary
    assert "latency on cpu, calibrated 2026-03-01; nine of ten lie in the band" in shown


@pytest.mark.parametrize("format_", ["text", "markdown"])
def test_what_was_not_calibrated_is_named(db, format_):
    shown = run("--device", "cpu", "--format", format_, net=NET.replace("fc 10", "fc 10; gelu")).stdout
    assert "ot calibrated, taken for any other: gelu" in shown
    assert "taken for any other" not in run("--device", "cpu", "--format", format_).stdout


def test_columns_of_times_are_aligned(db):
    shown = run("--columns", "name,latency", net=NET.replace("fc 10", "fc 10; gelu; gelu")).stdout
    cells = [line for line in shown.splitlines() if " ms (" in line]
    assert len({line.index(" ms (") for line in cells}) == len({line.index(" to ") for line in cells}) == 1


def test_json_has_nanoseconds_and_says_by_which_calibration(db):
    found = json.loads(run("--device", "cpu", "--format", "json").stdout)
    Draft202012Validator(SCHEMA).validate(found)
    for name, part in (("report", found), ("totals", found["totals"]), ("layer", found["layers"][0])):
        assert set(part) <= set(SCHEMA["$defs"][name]["properties"])
    assert [layer["latency_ns"] for layer in found["layers"]] == LAYERS
    assert [layer["routine"] for layer in found["layers"]] == ["no work", "conv", "relu in place", "conv", "fc"]
    assert (found["layers"][1]["latency_low_ns"], found["layers"][1]["latency_high_ns"]) == (500_000, 2_000_000)
    totals, device = found["totals"], found["device"]
    assert totals["latency_low_ns"] < totals["latency_ns"] == WHOLE < totals["latency_high_ns"]
    assert device["other_ns"] + sum(LAYERS) == WHOLE
    assert (device["name"], device["machine"], device["calibrated"][:10]) == ("cpu", "a processor", "2026-03-01")


def test_without_being_asked_a_report_knows_no_times(db):
    found = json.loads(run("--format", "json").stdout)
    assert "device" not in found and not [key for key in found["totals"] if "latency" in key]
    assert not [key for layer in found["layers"] for key in layer if "latency" in key or key == "routine"]
    assert "latency" not in run().stdout


def test_groups_take_what_their_layers_take_together(db):
    found = json.loads(run("--device", "cpu", "--depth", "1", "--format", "json").stdout)
    stem = next(layer for layer in found["layers"] if layer["name"] == "stem")
    assert (stem["latency_ns"], stem["routine"]) == (1_100_000, "conv")
    # rules err apart: the convolution by up to 1 ms, the relu by up to 0.1 ms
    assert stem["latency_high_ns"] == 1_100_000 + round((1_000_000**2 + 100_000**2) ** 0.5)


def test_csv_has_the_time_and_both_ends_as_numbers(db):
    rows = [*csv.DictReader(io.StringIO(run("--columns", "name,latency", "--format", "csv").stdout))]
    assert list(rows[0]) == ["name", "latency_ns", "latency_low_ns", "latency_high_ns"]
    assert [int(row["latency_ns"]) for row in rows] == LAYERS


def test_markdown_tells_the_time_below_the_table(db):
    shown = run("--columns", "name,latency", "--format", "markdown").stdout
    assert "| stem.conv | 1.000 ms (0.500 to 2.000) |" in shown and "Latency **5.125 ms**" in shown


def test_times_are_of_the_batch_and_the_dtype_that_is_asked_for(db, tmp_path):
    keep(db, calibration(dtype="bf16", conv=7_000_000))
    layers = json.loads(run("--device", "cpu", "--dtype", "bf16", "--format", "json").stdout)["layers"]
    assert layers[1]["latency_ns"] == 7_000_000
    by_bytes = keep(tmp_path / "bytes.sqlite", calibration(each_byte=1.0))
    one, eight = (
        json.loads(run("--device", "cpu", "--db", str(by_bytes), "--batch", batch, "--format", "json").stdout)["layers"]
        for batch in ("1", "8")
    )
    # a relu reads and writes 8 x 8 x 4 numbers an image, and overwrites its input: their bytes are nanoseconds
    assert eight[2]["latency_ns"] - one[2]["latency_ns"] == 7 * (one[2]["latency_ns"] - 100_000) > 0


def test_a_gpu_without_a_calibration_has_a_bound_of_the_whole(db):
    net = "input 224x224x64\nconv 3x3, 64, pad 1\n"
    shown = run("--columns", "name,latency", "--device", "RTX 4090", net=net)
    rows = {row[0]: row[1:] for row in lines(shown.stdout)}
    assert shown.exit_code == 0 and rows["conv"] == [] and rows["total"][0].startswith("≥ ")
    assert "latency on GeForce RTX 4090, not calibrated: no program is faster" in shown.stdout
    found = json.loads(run("--device", "RTX 4090", "--format", "json", net=net).stdout)
    Draft202012Validator(SCHEMA).validate(found)
    # 1,849,688,064 MACs at 82.6e12 a second in tf32 take 22.4 µs, and fast algorithms do with fewer
    assert 0 < found["totals"]["latency_bound_ns"] < 22_400 and "latency_ns" not in found["layers"][1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--columns", "name,latency", "--device", "cuda"], "archcalc calibrate --device cuda makes one"),
        (["--columns", "latency_ns", "--dtype", "fp16"], "archcalc calibrate --dtype fp16 makes one"),
        (["--device", "cpu", "--dtype", "int8"], "layers are run in fp32, tf32, bf16, fp16"),
        (["--device", "RTX 9999"], "no device 'RTX 9999'"),
        (["--device", "a100"], "several devices"),
    ],
)
def test_what_cannot_be_predicted_is_said_in_a_line(db, arguments, said):
    shown = run(*arguments)
    words = " ".join(re.sub(r"[│╭╮╰╯─]", " ", shown.stderr).split())
    assert (shown.exit_code, shown.stdout) == (2, "") and said in words and "Traceback" not in words


def test_a_calibration_of_another_layout_is_passed_over(db):
    from archcalc.history import History

    History(db).add("calibration", {"setting": {"device": "cpu"}, "started": "2030-01-01T00:00:00+00:00"})
    assert json.loads(run("--device", "cpu", "--format", "json").stdout)["totals"]["latency_ns"] == WHOLE


def test_an_open_size_has_no_time(db):
    shown = run("--columns", "name,latency", net="input HxWx3\nconv 3x3, 4, pad 1\n")
    assert shown.exit_code == 0 and " ms" not in shown.stdout


def test_from_python_a_device_is_named(db):
    report = parse(NET).report(device="cpu")
    assert report.totals.latency_ns == WHOLE
    assert parse(NET).report().but(settings={}).layers[1].more() == {}
    with pytest.raises(ValueError, match="no device"):
        parse(NET).report(device="RTX 9999")
