"""``archcalc sweep`` as a person or a program sees it."""

from __future__ import annotations

import csv
import importlib.util
import json
import sys
from pathlib import Path
from xml.etree import ElementTree

import pyarrow.parquet as pq
import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

import archcalc
from archcalc.cli import app, swept
from archcalc.report.style import columns

ROOT = Path(__file__).parents[2]
SCHEMA = Draft202012Validator(json.loads((ROOT / "docs/schema/sweep-1.json").read_text(encoding="utf-8")))
RESNET = str(ROOT / "specs/resnet-width.arch")
GRID = ("--vary", "width=16..64:16", "--vary", "depth=18,50", "--vary", "H=64..128:32")
BEST = ("--minimize", "macs", "--maximize", "field")


def run(*arguments, code=0, env=None, stdin=None):
    result = CliRunner().invoke(app, ["sweep", *arguments], catch_exceptions=False, env=env, input=stdin)
    assert result.exit_code == code, result.output
    return result


def told(*arguments):
    found = json.loads(run(*arguments, "--format", "json").stdout)
    SCHEMA.validate(found)
    return found


def test_rows_are_reports():
    found = told(RESNET, *GRID)
    assert (found["grid"], found["networks"], found["told"], found["tied"]) == (24, 24, 24, "W")
    for row in found["rows"][::5]:
        settings = {"width": row["width"], "depth": row["depth"]}
        totals = archcalc.load(RESNET, settings=settings, input_shape=(3, row["H"], row["H"])).report().totals
        for name in ("params", "macs", "weights_bytes", "activations_bytes", "inference_peak_bytes"):
            assert row[name] == getattr(totals, name)


def test_every_format_has_the_same_rows(tmp_path):
    rows = told(RESNET, *GRID, "--where", "params < 20M")["rows"]
    for name in ("out.csv", "out.json", "out.parquet"):
        text = run(RESNET, *GRID, "--where", "params < 20M", "-o", str(tmp_path / name)).stdout
        assert f"{len(rows):,} told" in text
    assert json.loads((tmp_path / "out.json").read_text())["rows"] == rows
    SCHEMA.validate(json.loads((tmp_path / "out.json").read_text()))
    assert pq.read_table(tmp_path / "out.parquet").to_pylist() == rows
    with open(tmp_path / "out.csv", encoding="utf-8") as file:
        assert [{key: int(value) for key, value in row.items()} for row in csv.DictReader(file)] == rows
    assert run(RESNET, *GRID, "--where", "params < 20M", "--format", "csv").stdout == (tmp_path / "out.csv").read_text()


def test_fractions_nothing_and_what_exceeds_64_bits(tmp_path):
    spec = tmp_path / "a.arch"
    spec.write_text("param a = 1/2\ninput 8x8x3\nconv 3x3, (64*a)\nglobal average pool\n")
    path = tmp_path / "out.parquet"
    arguments = (str(spec), "--vary", "a=0.25,1/2", "--vary", "dtype=fp32,int8", "--columns", "saved,intensity")
    run(*arguments, "-o", str(path))
    rows = pq.read_table(path).to_pylist()
    assert [row["a"] for row in rows] == ["1/4", "1/4", "1/2", "1/2"]
    assert [row["saved_bytes"] is None for row in rows] == [False, True, False, True]
    assert told(*arguments)["rows"] == rows
    spec.write_text("param c = 1\ninput 8x8x3\nconv 3x3, c\nconv 3x3, c\n")
    huge = (str(spec), "--vary", "c=1e15", "--columns", "params")
    assert told(*huge)["rows"] == [{"c": 10**15, "params": 9 * 10**30 + 29 * 10**15}]
    error = run(*huge, "-o", str(path), code=2).stderr
    assert error == "error: params exceeds the 64 bits of a Parquet column: write .csv or .json\n"
    assert not path.exists()


@pytest.mark.parametrize("width", [40, 60, 80, 100, 200])
def test_nothing_wraps(width):
    for more in ((), BEST, (*BEST, "--plot", "macs,params"), ("--where", "params < 3M and field >= 200")):
        text = run(RESNET, *GRID, *more, env={"COLUMNS": str(width)}).stdout
        assert max(map(columns, text.splitlines())) <= width


def test_what_has_no_room_is_named():
    text = run(RESNET, *GRID, env={"COLUMNS": "40"}).stdout
    assert "no room for" in text
    assert "11,689,512" in run(RESNET, *GRID, env={"COLUMNS": "100"}).stdout


def test_the_front_and_the_first():
    rows = told(RESNET, *GRID)["rows"]
    costs = [(row["macs"], -row["field"]) for row in rows]
    best = [
        row
        for row, (macs, field) in zip(rows, costs, strict=True)
        if not any(a <= macs and b <= field and (a, b) != (macs, field) for a, b in costs)
    ]
    assert told(RESNET, *GRID, *BEST)["rows"] == sorted(best, key=lambda row: row["macs"])
    first = told(RESNET, *GRID, "--maximize", "params", "--top", "3")["rows"]
    assert first == sorted(rows, key=lambda row: -row["params"])[:3]
    assert told(RESNET, *GRID, "--top", "5")["rows"] == rows[:5]


def test_a_picture(tmp_path):
    path = tmp_path / "out.svg"
    run(RESNET, *GRID, *BEST, "-o", str(path))
    root = ElementTree.parse(path).getroot()
    assert "macs" in "".join(root.itertext()) and "width=16" in "".join(root.itertext())
    assert "●" in run(RESNET, *GRID, "--plot", "macs,params").stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--vary", "widht=1..4"), "did you mean 'width'?"),
        (("--vary", "width=4..1"), "4 is more than 1"),
        (("--vary", "width=1..4:0"), "the step of width=1..4:0 is 0"),
        (("--vary", "width=1", "--vary", "width=2"), "width is varied twice"),
        (("--vary", "width=1", "--set", "width=2"), "width is set and varied"),
        ((), "what is to be varied?"),
        (("--vary", "width=1", "--minimize", "mcas"), "did you mean 'macs'?"),
        (("--vary", "width=1", "--columns", "oot"), "is no quantity of a sweep"),
        (("--vary", "width=1", "-o", "out.txt"), "'out.txt' is no .csv, .json, .parquet or .svg"),
        (("--vary", "width=1", "-o", "/nowhere/out.csv"), "cannot write /nowhere/out.csv"),
        (("--vary", "width=1", "-o", "out.svg"), "what is to be drawn?"),
        (("--vary", "width=1", "--plot", "macs"), "is not two quantities"),
        (("--vary", "width=1", "--plot", "macs,params", "--format", "json"), "a picture is no json: leave one out"),
        (("--vary", "width=1", "--plot", "macs,params", "--format", "csv"), "a picture is no csv: leave one out"),
        (("--vary", "width=1", "--top", "0"), "0 is not in the range x>=1"),
        (("--vary", "width=1", "--sample", "0"), "0 is not in the range x>=1"),
        (("--vary", "H=32", "--input", "32x32x3"), "H is given and varied: leave --input out"),
        (("--vary", "batch=1,8", "--batch", "4"), "--batch: batch is given and varied: leave one out"),
        (("--vary", "batch=1,8", "--batch", "1"), "--batch: batch is given and varied: leave one out"),
        (("--vary", "dtype=fp16,int8", "--dtype", "fp16"), "--dtype: dtype is given and varied: leave one out"),
        (("--vary", "width=1", "--minimize", "macs", "--maximize", "macs"), "'macs' cannot be best both ways"),
        (("--vary", "width=1", "--where", "parms < 3"), "did you mean 'params'?"),
    ],
)
def test_a_wrong_command_says_what_was_expected(arguments, said):
    error = " ".join(run(RESNET, *arguments, code=2, env={"COLUMNS": "400"}).stderr.replace("│", " ").split())
    assert said in error


def test_a_parameter_may_be_called_as_an_option():
    text = "param batch = 3\ninput 8x8x3\nconv 3x3, batch\n"
    rows = run("-", "--vary", "batch=1,2", "--batch", "4", "--format", "csv", "--columns", "params", stdin=text).stdout
    assert rows.splitlines()[1:] == ["1,28", "2,56"]


def test_a_spec_that_is_none():
    assert "cannot read" in run("nowhere.arch", "--vary", "w=1", code=2).stderr
    vgg = str(ROOT / "specs/vgg.arch")
    assert "choose one, as in" in run(vgg, "--vary", "H=32", code=2).stderr
    assert run("-", "--vary", "H=3", "--format", "csv", stdin="input 8x8x3\nconv 3x3, 4\n").stdout.count("\n") == 2


def test_no_point_at_all_is_a_failure_that_says_why():
    error = run("-", "--vary", "H=1..4", code=1, stdin="input 8x8x3\nconv 7x7, 4\n").stderr
    assert error.splitlines() == [
        "error: none of 4 points is a network",
        "  4 points are no network: A301: a window of 7 does not fit height H (conv, line 2)",
    ]
    error = run(RESNET, *GRID, "--where", "params < 100K and params > 2M", code=1).stderr
    assert error.splitlines() == [
        "error: no point is left of 24 networks",
        "  'params < 100K' rules out 24 of 24 networks",
        "  'params > 2M' rules out 6 of 24 networks",
    ]


def test_a_variable_that_has_the_name_of_a_column_is_told_once():
    rows = told(RESNET, "--vary", "depth=18,34", "--columns", "params,depth", "--where", "depth > 1")["rows"]
    assert [list(row) for row in rows] == [["depth", "params"]] * 2
    assert [row["depth"] for row in rows] == [18, 34]
    lines = run(RESNET, "--vary", "depth=18,34", "--columns", "params,depth", "--format", "csv").stdout.splitlines()
    assert lines == ["depth,params", *(f"{row['depth']},{row['params']}" for row in rows)]


def test_where_a_point_fails_is_told_on_a_narrow_terminal_too():
    alexnet = str(ROOT / "specs/alexnet.arch")
    for sizes, code in (("H=10,227", 0), ("H=10", 1)):
        result = run(alexnet, "--vary", sizes, code=code, env={"COLUMNS": "60"})
        assert max(map(columns, result.output.splitlines())) <= 60
        assert "(CONV1.conv, line 10)" in " ".join(result.output.split())


def test_a_variable_may_be_asked_for_as_a_column():
    rows = told(RESNET, "--vary", "width=16,32", "--columns", "width,params,H")["rows"]
    assert [list(row) for row in rows] == [["width", "params", "H"]] * 2


def test_the_first_few_say_how_many_points_were_looked_at():
    arguments = (RESNET, "--vary", "depth=18,34", "--vary", "width=16..32:4", "--where", "width > 16", "--top", "2")
    lines = run(*arguments).stdout.splitlines()
    assert lines[-2:] == ["5 of 10 points looked at, 5 networks, 2 told", "'width > 16' rules out 1 of 5 networks"]
    lines = run(RESNET, "--vary", "width=16..32:4", "--top", "2").stdout.splitlines()
    assert lines[-1] == "5 points, 5 networks, 2 told"


def test_a_picture_that_is_asked_for_is_drawn_beside_a_file(tmp_path):
    arguments = (RESNET, "--vary", "width=16,32", "-o", str(tmp_path / "out.csv"))
    assert "●" in run(*arguments, "--plot", "macs,params").stdout
    assert "●" not in run(*arguments).stdout


def test_why_nothing_is_left_is_said_once():
    result = run(RESNET, "--vary", "width=16", "--where", "params < 3", code=1)
    assert result.stderr.startswith("error: no point is left of 1 network\n")
    assert result.output.count("rules out 1 of 1 network") == 1


def test_without_numpy_it_says_what_to_install(monkeypatch):
    found = importlib.util.find_spec
    command = sys.modules["archcalc.cli.sweep"]  # a function has its name
    monkeypatch.setattr(command, "find_spec", lambda name: None if name == "numpy" else found(name))
    error = run(RESNET, *GRID, code=2).stderr
    assert error == "error: archcalc sweep needs numpy: pip install 'archcalc[sweep]'\n"
    monkeypatch.undo()
    monkeypatch.setattr(swept, "find_spec", lambda name: None)
    error = run(RESNET, *GRID, "-o", "out.parquet", code=2).stderr
    assert error == "error: a .parquet file needs pyarrow: pip install 'archcalc[parquet]'\n"
