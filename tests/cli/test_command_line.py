"""``archcalc report`` and ``archcalc layers`` as a person or a script runs them."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
from typer.testing import CliRunner

import archcalc
from archcalc.cli import app

GOOD = "network one\n[8x8x3] INPUT\n[6x6x4] CONV: 4 3x3 filters   params: 112\n"
WRONG = "network two\ninput 8x8x3\nconv 3x3, 4\nexpect params = 111\n"
BROKEN = "network three\ninput 8x8x3\nconv 3x3, 4, stirde 2\n"
DOUBTFUL = "network four\ninput 8x8x3\nconv 3x3, 4, stride 2\n"


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs the command line in a folder with one spec of each kind."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    for name, text in (("good", GOOD), ("wrong", WRONG), ("broken", BROKEN), ("doubtful", DOUBTFUL)):
        (tmp_path / f"{name}.arch").write_text(text, encoding="utf-8")
    (tmp_path / "two.arch").write_text(f"{GOOD}\n{WRONG.replace('111', '112')}", encoding="utf-8")
    (tmp_path / "empty").mkdir()

    def invoke(*arguments, **options):
        return CliRunner().invoke(app, list(arguments), catch_exceptions=False, **options)

    return invoke


def test_version(run):
    assert run("--version").stdout == f"archcalc {archcalc.__version__}\n"


def test_a_report_goes_to_standard_output_and_nothing_to_standard_error(run):
    result = run("report", "good.arch")
    assert (result.exit_code, result.stderr) == (0, "")
    assert re.search(r"^CONV +conv 3x3, 4 +6x6x4 +112 ", result.stdout, re.M)


@pytest.mark.parametrize(
    ("specs", "status"),
    [
        (["good.arch"], 0), (["wrong.arch"], 1), (["broken.arch"], 2), (["doubtful.arch"], 0),
        (["good.arch", "wrong.arch"], 1),
        (["broken.arch", "wrong.arch", "good.arch"], 2), (["missing.arch", "good.arch"], 2), (["empty"], 2), (["."], 2),
        (["two.arch"], 0), (["two.arch:two"], 0), (["two.arch:tow"], 2), (["doubtful.arch", "--strict"], 1), ([], 2),
        (["good.arch", "--set", "nothing=3"], 2), (["good.arch", "--input", "2x2x3"], 2),
    ],
)  # fmt: skip
def test_exit_status(run, specs, status):
    assert run("report", *specs).exit_code == status


def test_a_wrong_figure_is_printed_and_drawn(run):
    result = run("report", "wrong.arch")
    assert "1 of 1 printed figure is wrong" in result.stdout and "the layers give 112" in result.stdout
    assert re.match(r"error\[A204\]: .*\n  --> wrong.arch:4:", result.stderr)


def test_faults_of_all_specs_are_drawn_and_the_others_still_reported(run):
    result = run("report", "broken.arch", "missing.arch", "good.arch")
    assert "stirde" in result.stderr and "cannot read missing.arch: no such file" in result.stderr
    assert "CONV" in result.stdout


def test_a_directory_means_its_specs_in_order(run):
    found = json.loads(run("report", ".", "--format", "json").stdout)
    assert [report["file"] for report in found] == [
        "broken.arch", "doubtful.arch", "good.arch", "two.arch", "two.arch", "wrong.arch",
    ]  # fmt: skip


def test_a_network_is_chosen_by_name_whatever_its_capitals(run):
    found = json.loads(run("report", "two.arch:TWO", "--format", "json").stdout)
    assert found["network"] == "two"


def test_an_unknown_network_is_told_with_its_neighbour(run):
    assert "did you mean 'two'?" in run("report", "two.arch:tow").stderr


def test_standard_input(run):
    result = run("report", "-", input=GOOD)
    assert result.exit_code == 0 and "<stdin>" in result.stdout
    assert json.loads(run("report", "--format", "json", "--", "-:one", input=GOOD).stdout)["file"] == "<stdin>"


@pytest.mark.parametrize("data", [b"\x7fELF\x00\x01", b"input 8x8\xff\xfe", b"a\x00b"])
def test_what_is_not_text_is_said_to_be_none(run, tmp_path, data):
    (tmp_path / "binary.arch").write_bytes(data)
    result = run("report", "binary.arch")
    assert result.exit_code == 2 and "error[A102]: binary.arch is not a text file" in result.stderr


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_text_of_other_systems_reads_alike(run, tmp_path, encoding, end):
    (tmp_path / "other.arch").write_bytes(GOOD.replace("\n", end).encode(encoding))
    assert run("report", "other.arch").stdout == run("report", "good.arch").stdout.replace("good.arch", "other.arch")


def test_json_of_a_failed_spec_is_json(run):
    found = json.loads(run("report", "broken.arch", "--format", "json").stdout)
    assert found["status"] == "unreadable" and found["diagnostics"][0]["line"] == 3 and "totals" not in found


def test_csv_and_markdown(run):
    rows = list(
        csv.DictReader(io.StringIO(run("report", "good.arch", "--format", "csv", "--columns", "name,params").stdout))
    )
    assert rows[-1] == {"name": "CONV", "params": "112"}
    assert "| CONV | conv 3x3, 4 | 6x6x4 | 112 |" in run("report", "good.arch", "--format", "markdown").stdout


def test_several_networks_of_one_file_are_one_document(run):
    assert [found["network"] for found in json.loads(run("report", "two.arch", "--format", "json").stdout)] == [
        "one", "two",
    ]  # fmt: skip
    rows = csv.DictReader(io.StringIO(run("report", "two.arch", "--format", "csv").stdout))
    assert {row["network"] for row in rows} == {"one", "two"}
    assert "network" not in run("report", "good.arch", "--format", "csv").stdout


def test_parameters_and_inputs_from_the_command_line(run, tmp_path):
    (tmp_path / "wide.arch").write_text("param k = 1\ninput 8x8x3\nconv 3x3, 4*k, pad half\n", encoding="utf-8")
    result = run("report", "wide.arch", "--set", "k=10", "--input", "16x12x3", "--format", "json", "--batch", "2")
    found = json.loads(result.stdout)
    assert found["settings"] == {"k": 10} and found["input"] == [3, 16, 12] and found["batch"] == 2
    assert found["output"] == [40, 16, 12] and found["totals"]["params"] == 40 * 28


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--set", "k", "NAME=NUMBER"), ("--set", "k=x", "NAME=NUMBER"), ("--set", "=3", "NAME=NUMBER"),
        ("--set", "k=1/0", "NAME=NUMBER"), ("--input", "3x", "is not a shape"), ("--input", "0x3x3", "is not a shape"),
        ("--input", "1x2x3x4", "is not a shape"), ("--input", "axbxc", "is not a shape"),
        ("--columns", "parms", "did you mean 'params'"),
        ("--batch", "0", "range"), ("--depth", "0", "range"), ("--dtype", "fp64", "fp32"), ("--format", "xml", "json"),
    ],
)  # fmt: skip
def test_a_bad_option_is_a_bad_command_line(run, option, value, said):
    result = run("report", "good.arch", option, value)
    assert result.exit_code == 2 and result.stdout == ""
    assert said in re.sub(r"[│\s]+", " ", result.stderr)


@pytest.mark.parametrize("value", ["16x16x3", "16×16×3", " 16 x 16 x 3 "])
def test_shapes_as_people_write_them(run, value):
    assert json.loads(run("report", "good.arch", "--input", value, "--format", "json").stdout)["input"] == [3, 16, 16]


def test_depth_folds(run, tmp_path):
    (tmp_path / "nested.arch").write_text(
        "input 8x8x3\nstage:\n    conv 3x3, 4\n    relu\nfc: fc 2\n", encoding="utf-8"
    )
    found = json.loads(run("report", "nested.arch", "--depth", "1", "--format", "json").stdout)
    assert [row["name"] for row in found["layers"]] == ["input", "stage", "fc"]


def test_layers_lists_spellings_and_suggests(run):
    assert "depthwise" in run("layers").stdout
    assert "softmax" not in run("layers", "conv").stdout
    wrong = run("layers", "depthwize")
    assert wrong.exit_code == 2 and "did you mean 'depthwise'" in re.sub(r"[│\s]+", " ", wrong.stderr)


@pytest.mark.parametrize("command", [
    ("memory",), ("explain",), ("roofline", "--device", "v100-sxm2-32gb"), ("predict", "--device", "v100-sxm2-32gb"),
])  # fmt: skip
def test_a_size_that_is_open_is_told_alike_and_ends_no_run(run, tmp_path, command):
    (tmp_path / "open.arch").write_text("network open\ninput HxWx3\nconv 3x3, 4\n", encoding="utf-8")
    name, *more = command
    result = run(name, "open.arch", *more)
    assert (result.exit_code, result.stderr) == (
        2,
        "error: open.arch: open: a size that hangs on H and W has no value: give it one with --set or --input\n",
    )
    assert run(name, "open.arch", "--input", "8x8x3", *more).exit_code == 0


def test_a_report_heeds_what_its_text_asks_not_to_be_told_of(run, tmp_path):
    codes = {"doubtful": "A306", "wrong": "A204", "broken": "A105"}
    for name, text in (("doubtful", DOUBTFUL), ("wrong", WRONG), ("broken", BROKEN)):
        told = run("report", f"{name}.arch").stderr
        assert re.findall(r"\[(A\d+)\]", told) == [codes[name]]
        (tmp_path / f"{name}.arch").write_text(f"{text[:-1]}  # archcalc: ignore {codes[name]}\n", encoding="utf-8")
    for name in ("doubtful", "wrong"):
        for more in ((), ("--strict",)):
            result = run("report", f"{name}.arch", *more)
            assert (result.exit_code, result.stderr) == (0, "")
            assert result.stdout.endswith("\n\n1 diagnostic ignored, as the text asks\n")
        document = json.loads(run("report", f"{name}.arch", "--format", "json").stdout)
        keys = ("status", "diagnostics", "expectations", "quieted")
        assert [document[key] for key in keys] == ["ok", [], [], 1]
    result = run("report", "broken.arch")
    assert (result.exit_code, re.findall(r"error\[(A\d+)\]", result.stderr)) == (2, ["A105"])


def test_of_several_faults_only_what_is_ignored_is_left_out(run, tmp_path):
    lines = "expect params = 111  # archcalc: ignore A204\nexpect params = 110\nexpect params = 112\n"
    (tmp_path / "both.arch").write_text(f"input 8x8x3\nconv 3x3, 4\n{lines}", encoding="utf-8")
    result = run("report", "both.arch")
    assert (result.exit_code, result.stderr.count("error[")) == (1, 1)
    assert "1 of 2 printed figures is wrong" in result.stdout and "1 diagnostic ignored" in result.stdout
