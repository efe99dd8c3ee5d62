"""``archcalc compare`` as a person or a program sees it."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from archcalc.cli import app
from archcalc.report.style import columns

ROOT = Path(__file__).parents[2]
SCHEMA = Draft202012Validator(json.loads((ROOT / "docs/schema/compare-1.json").read_text(encoding="utf-8")))
RESNET = str(ROOT / "specs/resnet.arch")
VGG = str(ROOT / "specs/vgg.arch")
FAMILY = [f"{RESNET}:resnet-18", f"{RESNET}:resnet-34", f"{RESNET}:resnet-50"]


def run(*arguments, code=0, env=None, stdin=None):
    result = CliRunner().invoke(app, ["compare", *arguments], catch_exceptions=False, env=env, input=stdin)
    assert result.exit_code == code, result.output
    return result


def told(*arguments):
    found = json.loads(run(*arguments, "--format", "json").stdout)
    SCHEMA.validate(found)
    return found


@pytest.mark.parametrize("width", [40, 60, 80, 100, 200])
@pytest.mark.parametrize(
    "specs", [FAMILY[:2], FAMILY, [f"{VGG}:D", *FAMILY, str(ROOT / "specs/densenet.arch:densenet121")], [RESNET, VGG]]
)
def test_nothing_wraps_and_nothing_is_lost(specs, width):
    text = run(*specs, env={"COLUMNS": str(width)}).stdout
    assert max(map(columns, text.splitlines())) <= width
    for said in ("params", "MACs", "training peak bytes", "field", "depth", "34"):
        assert said in text


OPEN = """network one
input HxWx3
conv 3x3, 16, stride 2; relu; conv 3x3, 32, stride 2; max pool 2x2
network two
input HxWx3
conv 5x5, 16, stride 2; relu; conv 5x5, 32, stride 3; max pool 3x3
"""


@pytest.mark.parametrize("format_", ["text", "json", "markdown", "csv"])
@pytest.mark.parametrize("width", [40, 80, 200])
def test_open_sizes_are_closed_forms_and_may_be_cut(width, format_, tmp_path):
    path = tmp_path / "open.arch"
    path.write_text(OPEN, encoding="utf-8")
    text = run(str(path), "--format", format_, env={"COLUMNS": str(width)}).stdout
    assert "432·" in text or "432\\u00b7" in text
    if format_ == "text":
        assert max(map(columns, text.splitlines())) <= width


def test_columns_line_up():
    """Each rule is as long as the widest of its column: a figure under another's rule would show."""
    lines = run(*FAMILY, env={"COLUMNS": "200"}).stdout.splitlines()
    start = next(place for place, line in enumerate(lines) if line.startswith("──"))
    ends = [match.end() for match in re.finditer("─+", lines[start])]
    row = next(line for line in lines[start:] if line.startswith("params"))
    assert [match.end() for match in re.finditer(r"11,689,512\*|21,797,672 |25,557,032 |1\.86x|2\.19x", row)] == ends[
        1:
    ]


def test_exact_figures_where_there_is_room_and_short_ones_where_not():
    wide, narrow = (run(*FAMILY, env={"COLUMNS": width}).stdout for width in ("120", "80"))
    assert "25,557,032   2.19x" in wide and "25.6 M   2.19x" in narrow
    assert "x: so many times resnet-18's; *: the least, where less is better" in wide


FOUR = [f"{VGG}:D", f"{RESNET}:resnet-50", *(str(ROOT / f"specs/{name}.arch") for name in ("googlenet", "alexnet"))]


def test_ratios_that_have_no_room_are_told():
    narrow = run(*FOUR, env={"COLUMNS": "80"}).stdout
    assert not re.search(r"\dx\b(?!\d)", re.sub(r"\d+x\d+(x\d+)?", "", narrow)) and "x: so many" not in narrow
    needed = re.search(r"(\d+) columns have room for the ratios to vgg:D", narrow)[1]
    wide = run(*FOUR, env={"COLUMNS": needed}).stdout
    assert "x: so many times vgg:D's" in wide and "have room" not in wide and "0.18x" in wide
    less = run(*FOUR, env={"COLUMNS": str(int(needed) - 1)}).stdout
    assert f"{needed} columns have room" in less


def test_one_network_that_is_left_of_several():
    text = run(f"{VGG}:D", "nowhere.arch", code=2).stdout
    assert text.startswith("1 network, input 224x224x3") and "\nnothing to compare it with\n" in text
    assert not re.search(r"\dx\s*$|\*", text, re.M)


def test_a_text_without_colours_or_signs_beyond_ascii():
    text = run(*FAMILY, env={"PYTHONIOENCODING": "ascii", "COLUMNS": "100"}).stdout
    assert "\x1b" not in text


def test_json_has_every_figure():
    found = told(*FAMILY)
    assert [each["name"] for each in found["networks"]] == ["resnet-18", "resnet-34", "resnet-50"]
    params = next(line for line in found["totals"] if line["quantity"] == "params")
    assert params["values"] == [11_689_512, 21_797_672, 25_557_032] and params["marked"] == [0]
    assert params["ratios"][2] == pytest.approx(25_557_032 / 11_689_512)
    assert found["stages"][1]["names"] == ["conv2_x"] * 3
    assert told(*FAMILY, "--depth", "0")["stages"] == []


def test_csv_is_a_table_for_programs():
    rows = [*csv.DictReader(io.StringIO(run(*FAMILY, "--format", "csv").stdout))]
    whole = {row["network"]: row for row in rows if not row["stage"]}
    assert whole["resnet-50"]["params"] == "25557032" and whole["resnet-50"]["out"] == ""
    parts = [row for row in rows if row["network"] == "resnet-50" and row["stage"]]
    assert sum(int(row["params"]) for row in parts) == 25_557_032
    assert {row["stage"]: row["out"] for row in parts}["conv5_x"] == "7x7x2048"


def test_markdown_has_tables():
    from markdown_it import MarkdownIt

    text = run(*FAMILY, "--format", "markdown").stdout
    drawn = MarkdownIt().enable("table").render(text)
    assert drawn.count("<table>") == 4 and "<strong>11,689,512</strong>" in drawn and "25,557,032 (2.19×)" in drawn


def test_quantities_are_chosen_by_the_names_that_expect_knows():
    found = told(*FAMILY, "--columns", "mult-adds,training memory,receptive field")
    assert [line["quantity"] for line in found["totals"]] == ["macs", "training memory", "field"]


WIDE = "network wide\nparam k = 2\ninput 32x32x3\nconv 3x3, 16*k, pad 1\nglobal average pool; fc 10\n"


def test_one_spec_under_several_values(tmp_path):
    path = tmp_path / "wide.arch"
    path.write_text(WIDE, encoding="utf-8")
    found = told(str(path), "--vary", "k=1,2,4", "--vary", "input=32x32x3,64x64x3", "--columns", "params,macs")
    assert [each["name"] for each in found["networks"]] == [
        f"k={k} input={side}x{side}x3" for k in (1, 2, 4) for side in (32, 64)
    ]
    # 16k filters of 27 weights and a bias, ten of 16k and a bias
    assert found["totals"][0]["values"] == [16 * k * 28 + 160 * k + 10 for k in (1, 2, 4) for _ in range(2)]
    assert [each["input"] for each in found["networks"]][:2] == [[3, 32, 32], [3, 64, 64]]
    assert [each["settings"] for each in found["networks"]][::2] == [{"k": 1}, {"k": 2}, {"k": 4}]


def test_a_picture_in_the_terminal_and_in_a_file(tmp_path):
    text = run(RESNET, VGG, "--plot", "params,mult-adds", env={"COLUMNS": "90"}).stdout
    assert text.startswith("MACs") and "resnet-152" in text and max(map(columns, text.splitlines())) <= 90
    path = tmp_path / "net.svg"
    assert run(RESNET, VGG, "--plot", "params,training peak", "-o", str(path)).stdout == ""
    root = ElementTree.parse(path).getroot()
    assert len(root.findall("{http://www.w3.org/2000/svg}circle")) == 11
    assert run(RESNET, "--plot", "params,macs", "-o", "-").stdout.startswith("<svg")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([f"{RESNET}:resnet-18"], "one network: name another"),
        ([RESNET, "--columns", "parms"], "did you mean 'params'?"),
        ([RESNET, "--columns", "largest batch"], "no quantity 'largest batch'"),
        ([RESNET, "--plot", "params"], "'params' is not two quantities"),
        ([RESNET, "--plot", "params,out"], "output of resnet-18 is no single number"),
        ([RESNET, "--plot", "params,macs", "-o", "net.png"], "'net.png' is not FILE.svg"),
        ([RESNET, "--plot", "params,macs", "-o", "nowhere/net.svg"], "cannot write nowhere/net.svg: no such file"),
        ([RESNET, "--plot", "params,macs", "--format", "json"], "a picture is no json"),
        ([RESNET, "-o", "net.svg"], "what is to be drawn?"),
        ([RESNET, "--vary", "width"], "'width' is not NAME=VALUES"),
        ([RESNET, "--vary", "width=8,16", "--set", "width=8"], "width is set and varied: leave one out"),
        ([RESNET, "--vary", "input=8x8x3", "--input", "8x8x3"], "input is given and varied: leave one out"),
        ([RESNET, "--vary", "width=1..900"], "900 values: archcalc sweep is for so many"),
        ([RESNET, "--vary", "input=8x8x3,huge"], "'huge' is not a shape"),
        ([RESNET, "--vary", "width=8,16"], "has no parameter 'width'"),
        (["nowhere.arch", RESNET], "nowhere.arch"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(arguments, said):
    result = run(*arguments, code=2, env={"COLUMNS": "300"})
    assert said in re.sub(r"\s+", " ", result.stderr) and "Traceback" not in result.output


def test_what_can_be_compared_is_although_a_file_is_not_there():
    result = run(*FAMILY, "nowhere.arch", code=2)
    assert "resnet-50" in result.stdout and "nowhere.arch" in result.stderr
