"""``archcalc paths`` as a person or a program sees it."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from math import comb
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from archcalc.cli import app
from archcalc.report.paths import number, share
from archcalc.report.style import columns

ROOT = Path(__file__).parents[2]
SCHEMA = Draft202012Validator(json.loads((ROOT / "docs/schema/paths-1.json").read_text(encoding="utf-8")))
RESNET = str(ROOT / "specs/resnet-cifar.arch:resnet-110")
VGG = str(ROOT / "specs/vgg.arch:D")
WIDE = {"COLUMNS": "100"}


def run(*arguments, code=0, env=None):
    result = CliRunner().invoke(app, ["paths", *arguments], catch_exceptions=False, env=env or WIDE)
    assert result.exit_code == code, result.output
    return result


def told(*arguments):
    found = json.loads(run(*arguments, "--format", "json").stdout)
    SCHEMA.validate(found)
    return found


@pytest.mark.parametrize("width", [40, 60, 80, 200])
@pytest.mark.parametrize(
    "spec", [RESNET, VGG, *(str(ROOT / f"specs/{name}") for name in ("preact-resnet.arch:preact-1001", "polynet.arch"))]
)
def test_nothing_wraps(spec, width):
    drop = "stage1.1" if "resnet" in spec else "stage A.1" if "polynet" in spec else "conv1"
    for arguments in ([spec], [spec, "--drop", drop]):
        text = run(*arguments, env={"COLUMNS": str(width)}).stdout
        assert max(map(columns, text.splitlines())) <= width and "paths" in text


def test_what_the_paper_says_of_resnet_110():
    text = run(RESNET).stdout
    assert "18,014,398,509,481,984 = 2^54" in text and "0 to 54, mean 27, standard deviation 3.67, modules" in text
    assert re.search(r"98\.0 % +have 19 to 35", text)


def test_a_histogram_has_all_paths_and_bars_in_proportion():
    rows = re.findall(r"^ *(\d+)(?:–(\d+))? +([\d,]+) +([\d.]+) % +([█▉▊▋▌▍▎▏]+)$", run(RESNET).stdout, re.M)
    assert sum(int(count.replace(",", "")) for *_, count, _, _ in rows) == 2**54
    for least, most, count, per_cent, bar in rows:
        exact = sum(comb(54, length) for length in range(int(least), int(most or least) + 1))
        assert int(count.replace(",", "")) == exact
        assert float(per_cent) == pytest.approx(100 * exact / 2**54, rel=0.3)
        assert len(bar) == pytest.approx(40 * exact / comb(54, 27), abs=1)


def test_a_module_dropped_halves_the_paths():
    text = run(RESNET, "--drop", "stage2.7").stdout
    assert re.search(r"^without stage2\.7 +50\.0 % of the paths are left$", text, re.M)
    assert "9,007,199,254,740,992 = 2^53" in text and "mean 26.50" in text
    found = told(RESNET, "--drop", "stage2.7", "--drop", "stage1")
    assert found["dropped"]["without"] == ["stage2.7", "stage1"] and int(found["dropped"]["paths"]) == 2**35
    assert "0 % of the paths are left" in run(VGG, "--drop", "conv3").stdout


def test_json_has_exact_numbers():
    found = told(RESNET, "--between", "10..12")
    assert {each["length"]: int(each["paths"]) for each in found["counts"]} == {n: comb(54, n) for n in range(55)}
    assert found["ranges"][-1] == {
        "least": 10, "most": 12, "share": pytest.approx(sum(comb(54, n) for n in (10, 11, 12)) / 2**54)
    }  # fmt: skip
    assert found["mean"] == 27 and found["variance"] == 13.5 and found["dropped"] is None
    assert [each["network"] for each in told(RESNET, VGG)] == ["resnet-110", "D"]
    gone = told(VGG, "--drop", "conv3")["dropped"]
    assert gone["paths"] == "0" and gone["mean"] is None and gone["counts"] == []


def test_lengths_are_in_layers_where_there_are_no_modules_or_they_are_asked_for():
    assert told(VGG)["counts"] == [{"length": 16, "paths": "1"}] and told(VGG)["unit"] == "layers"
    assert told(VGG, "--unit", "modules")["counts"] == [{"length": 0, "paths": "1"}]
    assert told(RESNET, "--unit", "layers")["longest"] == 110
    dense = str(ROOT / "specs/densenet.arch:densenet121")
    assert told(dense, "--choose", "concat")["paths"] == str(2**58)
    assert "58 concat: of each the branch of the most paths, then the longest" in run(dense).stdout


def test_markdown_is_a_list_and_a_table():
    from markdown_it import MarkdownIt

    drawn = MarkdownIt().enable("table").render(run(RESNET, "--format", "markdown").stdout)
    assert drawn.count("<table>") == 1 and "98.0 %: have 19 to 35" in drawn and drawn.count("<tr>") > 20


def test_an_encoding_of_few_characters():
    from archcalc import load
    from archcalc.analyses.paths import ensemble
    from archcalc.report.paths import Told, text
    from archcalc.report.text import Paper

    graph = load(RESNET).graph
    assert text(Told(graph, ensemble(graph)), Paper(80, ascii_only=True)).isascii()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([RESNET, "--drop", "stage9.1"], "has no module or layer 'stage9.1'; did you mean"),
        ([RESNET, "--between", "35..19"], "'35..19' is not a range of lengths, as in 19..35"),
        ([RESNET, "--between", "many"], "'many' is not a range of lengths"),
        ([RESNET, "--choose", "concatenate"], "'concatenate' is no merge"),
        (["nowhere.arch"], "nowhere.arch"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(arguments, said):
    result = run(*arguments, code=2, env={"COLUMNS": "300"})
    assert said in re.sub(r"\s+", " ", result.stderr) and "Traceback" not in result.output


@pytest.mark.parametrize(
    ("part", "said"),
    [
        (Fraction(0), "0 %"), (Fraction(1), "100 %"), (Fraction(1, 2), "50.0 %"), (Fraction(1, 3), "33.3 %"),
        (Fraction(1, 1000), "0.10 %"), (Fraction(99_999, 100_000), "99.999 %"), (Fraction(1, 10**9), "< 0.000001 %"),
        (1 - Fraction(1, 10**9), "> 99.999999 %"), (Fraction(45, 10**6), "0.005 %"), (Fraction(995, 1000), "99.50 %"),
    ],
)  # fmt: skip
def test_shares_are_told_from_none_and_all(part, said):
    assert share(part) == said


def test_numbers_beyond_reading_are_rounded():
    assert number(2**54) == "18,014,398,509,481,984 = 2^54" and number(6**3) == "216 = 6^3" and number(1) == "1"
    assert number(10**30 - 1) == "1.00 x 10^30" and number(2**333, brief=True) == "1.75 x 10^100"
    assert number(12) == "12" and number(0) == "0" and number(2) == "2"
