"""``archcalc sweep`` of latency, as a person or a program sees it."""

import csv
import io
import json
from pathlib import Path

import pytest
from calibrated import RULES, kept
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

import archcalc
from archcalc.analyses.latency.predict import predict
from archcalc.cli import app
from archcalc.report.style import columns
from archcalc.sweeping import sweep

ROOT = Path(__file__).parents[2]
SCHEMA = Draft202012Validator(json.loads((ROOT / "docs/schema/sweep-1.json").read_text(encoding="utf-8")))
RESNET = str(ROOT / "specs/resnet-width.arch")
VARY = ("--vary", "width=16..64:16", "--vary", "depth=18,50")


@pytest.fixture
def db(tmp_path):
    return kept(tmp_path / "some.sqlite")


def run(*arguments, code=0, env=None):
    result = CliRunner().invoke(app, ["sweep", *arguments], catch_exceptions=False, env=env)
    assert result.exit_code == code, result.output
    return result


def test_rows_are_predictions_in_nanoseconds(db):
    asked = (RESNET, *VARY, "--columns", "latency,latency high", "--db", str(db))
    found = json.loads(run(*asked, "--format", "json").stdout)
    SCHEMA.validate(found)
    assert len(found["rows"]) == 8
    for row in found["rows"]:
        graph = archcalc.load(RESNET, settings={"width": row["width"], "depth": row["depth"]}).graph
        made = predict(graph, RULES["fp32"])
        assert (row["latency_ns"], row["latency_high_ns"]) == (made.time, made.high)
    (told,) = found["calibrations"]
    assert (told["device"], told["machine"], told["dtype"], told["threads"]) == ("cpu", "a processor", "fp32", 2)
    assert found["unknown"] == ["bn", "global avg pool", "softmax"]
    rows = list(csv.DictReader(io.StringIO(run(*asked, "--format", "csv").stdout)))
    assert [{key: int(value) for key, value in row.items()} for row in rows] == found["rows"]


def test_where_no_latency_is_told_there_is_no_calibration(db):
    found = json.loads(run(RESNET, *VARY, "--columns", "params", "--db", str(db), "--format", "json").stdout)
    SCHEMA.validate(found)
    assert (found["calibrations"], found["unknown"]) == ([], [])


@pytest.mark.parametrize("width", [60, 80, 200])
def test_a_person_is_told_times_with_units_and_what_they_are_from(width, db):
    best = ("--where", "latency <= 250ms", "--minimize", "latency", "--maximize", "params", "--plot", "latency,params")
    made = run(RESNET, *VARY, *best, env={"COLUMNS": str(width), "ARCHCALC_DB": str(db)})
    lines = made.stdout.splitlines()
    assert max(map(columns, lines)) <= width
    assert "latency in fp32, 2 threads, on cpu, a processor" in lines
    assert any(line.strip().startswith("calibrated on 2 networks") for line in lines)
    assert any(" 109 ms" in line for line in lines)  # what was asked for has room before all else
    assert any(line.rstrip().endswith("latency, ms") for line in lines)
    unknown = "not calibrated: bn, global avg pool, softmax, taken for an average of all others"
    assert unknown in " ".join(made.stdout.split())


def test_a_parameter_of_that_name_is_a_number(tmp_path):
    path = tmp_path / "some.arch"
    path.write_text("param latency = 2\ninput 8x8x3\nconv 3x3, latency\n", encoding="utf-8")
    vary = (str(path), "--vary", "latency=7,8", "--columns", "params", "--where", "latency > 7")
    lines = run(*vary, "--plot", "latency,params").stdout.splitlines()
    assert any(line.split() == ["8", "224"] for line in lines)
    assert not any(" ns" in line or "latency, ms" in line for line in lines)
    assert json.loads(run(*vary, "--format", "json").stdout)["rows"] == [{"latency": 8, "params": 224}]


def test_a_picture_in_a_file_has_milliseconds(db, tmp_path):
    path = tmp_path / "front.svg"
    run(RESNET, *VARY, "--minimize", "latency", "--maximize", "params", "-o", str(path), "--db", str(db))
    assert "latency, ms" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("options", "message"),
    [(["--device", "cuda"], "no calibration of cuda in fp32: archcalc calibrate --device cuda makes one"),
     (["--device", "rtx 4090"], "no calibration of GeForce RTX 4090 in fp32: archcalc calibrate --device cuda there "
      "makes one; a sweep has no lower bounds"),
     (["--dtype", "fp16"], "no calibration of cpu in fp16: archcalc calibrate --dtype fp16 makes one")],
)  # fmt: skip
def test_what_cannot_be_predicted_is_said_in_a_line(options, message, db):
    result = run(RESNET, *VARY, "--minimize", "latency", "--db", str(db), *options, code=2)
    assert (result.stdout, result.stderr) == ("", f"error: {message}\n")


def test_python_sweeps_latency_too(db):
    made = sweep(RESNET, {"width": range(16, 65, 16)}, columns=["latency"], minimize=["latency"], db=db)
    (rows,) = made.rows()
    graph = archcalc.load(RESNET, settings={"width": 16}).graph
    assert (rows.columns["width"].tolist(), rows.columns["latency"].tolist()) == (
        [16], [predict(graph, RULES["fp32"]).time]
    )  # fmt: skip
