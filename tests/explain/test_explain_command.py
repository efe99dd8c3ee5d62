"""``archcalc explain`` as a person or a program sees it."""

from __future__ import annotations

import json
import re
import shlex
from fractions import Fraction
from pathlib import Path

import pytest
from explain.worked import comes_to, put_in
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from archcalc.cli import app

ROOT = Path(__file__).parents[2]
SCHEMA = Draft202012Validator(json.loads((ROOT / "docs/schema/explain-1.json").read_text(encoding="utf-8")))
LECTURE = str(ROOT / "specs/lecture.arch")
VGG = str(ROOT / "specs/vgg.arch:D")


def run(*arguments, code=0, env=None, text=None):
    made = CliRunner().invoke(app, ["explain", *arguments], catch_exceptions=False, env=env, input=text)
    assert made.exit_code == code, made.output
    return made


def lines(*arguments, **more):
    """What is printed, a run of blanks as one."""
    return [" ".join(line.split()) for line in run(*arguments, **more).stdout.splitlines()]


def told(*arguments):
    found = json.loads(run(*arguments, "--format", "json").stdout)
    SCHEMA.validate(found)
    return found


@pytest.mark.parametrize(("network", "said"), [
    ("7x7-stride-1", [
        "height and width (7 - 3)/1 + 1 = 5 ⌊(W - F + 2P)/S⌋ + 1",
        "border all 7 rows and columns are read",
    ]),
    ("7x7-stride-2", ["height and width (7 - 3)/2 + 1 = 3 ⌊(W - F + 2P)/S⌋ + 1"]),
    ("7x7-stride-3", [
        "height and width (7 - 3)/3 + 1 ≈ 2.33 (W - F + 2P)/S + 1",
        "height and width ⌊(7 - 3)/3⌋ + 1 = 2 ⌊(W - F + 2P)/S⌋ + 1",
        "border never read: the last of 7 rows and columns",
    ]),
    ("7x7-stride-2-pad-1", [
        "height and width (7 - 3 + 2*1)/2 + 1 = 4 ⌊(W - F + 2P)/S⌋ + 1",
        "outputs that reach past the edge, down and across: the first and the last of 4",
    ]),
    ("conv-10-5x5", [
        "32x32x3 → 32x32x10, line 32",
        "each filter 5*5*3 + 1 = 76 F*F*C + 1",
        "all 76*10 = 760 (F*F*C + 1)*K",
        "padding that keeps the size (5 - 1)/2 = 2 (F - 1)/2",
    ]),
    ("one-1x1", ["56x56x64 → 56x56x32, line 41", "each output number is a 64-dimensional dot product"]),
])  # fmt: skip
def test_the_claims_of_the_lecture(network, said):
    shown = lines(f"{LECTURE}:{network}", env={"COLUMNS": "80"})
    assert [line for line in said if line not in shown] == []


@pytest.mark.parametrize(("kernel", "pad"), [(3, 1), (5, 2), (7, 3)])
def test_the_padding_that_keeps_the_size(kernel, pad):
    spec = f"input 32x32x3\nconv {kernel}x{kernel}, 10, pad {pad}\n"
    assert f"padding that keeps the size ({kernel} - 1)/2 = {pad} (F - 1)/2" in lines("-", text=spec)
    assert not any("keeps" in line for line in lines("-", text=spec.replace(f"pad {pad}", f"pad {pad + 1}")))


@pytest.mark.parametrize(("spec", "said"), [
    ("input 224x224x3\nconv 7x7, 64, stride 2, pad 3\n", "rounded down; only padding is left over"),
    ("input 7x7x1\nconv 3x3, 1, stride 3\n", "does not fit: rounded down"),
    ("input 9x9x1\nconv 5x5, 1, stride 7, pad 1\n", "does not fit: rounded down"),  # 1 of padding, 5 rows
    ("input 224x8x1\nconv 7x3, 1, stride 2x3, pad 3x0\n", "does not fit: rounded down"),  # two columns alone
    ("input 112x112x4\nmax pool 3x3, stride 2, ceil\n", "rounded up; all is read to the end"),
])  # fmt: skip
def test_what_is_left_over_is_padding_or_what_nobody_reads(spec, said):
    shown = lines("-", text=spec)
    assert said in shown
    nobody = any("never read" in line for line in shown)
    assert nobody == said.startswith("does not fit")  # the border goes through every window


def test_a_layer_by_any_name_that_the_text_knows():
    assert lines(VGG, "conv13")[2] == "conv13: conv 3x3, 512, pad 1"
    assert lines(VGG, "CONV13")[2] == "conv13: conv 3x3, 512, pad 1"
    found = told(str(ROOT / "specs/resnet.arch:resnet-50"), "conv2_x.1")
    assert found["at"] == "conv2_x.1" and found["total"]["equations"][0]["value"] == 75_008
    assert found["layers"][0]["name"] == "conv2_x.1.conv1"


def test_what_is_told_beneath_a_network_can_be_run():
    told_so = " ".join(run(LECTURE + ":mlp").stdout.split())
    command = shlex.split(told_so[told_so.rindex("archcalc explain") :])
    assert any(line.startswith("fc1.fc: fc 128") for line in lines(*command[2:]))


def test_a_side_head_is_explained_where_it_is_named():
    spec = str(ROOT / "specs/googlenet.arch:googlenet")
    plain, aux = told(spec), told(spec, "--aux")
    names = [
        layer["name"] for layer in aux["layers"] if layer["name"] not in {each["name"] for each in plain["layers"]}
    ]
    assert names and told(spec, names[0])["layers"][0]["name"] == names[0]


def test_a_misspelt_layer():
    result = run(VGG, "convv13", code=2)
    assert result.stdout == ""
    assert result.stderr == f"error: {VGG.removesuffix(':D')}: no layer named 'convv13' in D: did you mean 'conv13'?\n"
    assert "it has input, conv1, relu1, conv2," in run(VGG, "zzzz", code=2).stderr
    alexnet = str(ROOT / "specs/alexnet.arch")
    assert "did you mean 'CONV5'?" in run(alexnet, "CONV9", code=2).stderr  # as the text writes it


@pytest.mark.parametrize("spec", ["alexnet.arch", "resnet.arch:resnet-50", "googlenet.arch", "vgg.arch:D"])
def test_a_name_that_is_offered_is_accepted(spec):
    spec = str(ROOT / "specs" / spec)
    said = run(spec, "zzzz", code=2).stderr.strip().partition(" it has ")[2]
    names = [name for name in said.split(", ") if not name.startswith("...")]
    assert len(names) >= 9
    assert all(lines(spec, name) for name in names)


def test_open_sizes_and_files_that_are_not_there():
    text = "input HxWx3\nconv 3x3, 4\n"
    assert "--input" in run("-", code=2, text=text).stderr
    assert lines("-", "--input", "9x9x3", text=text)[3] == "9x9x3 → 7x7x4, line 2"
    assert "A101" in run("nowhere.arch", code=2).stderr


def test_parameters_and_bytes():
    wide = told(str(ROOT / "specs/wide-resnet.arch:wrn-28-10"), "--set", "k=1", "--dtype", "fp16")
    assert wide["settings"]["k"] == "1" and wide["dtype"] == "fp16"
    assert all(layer["letters"].get("b", 2) == 2 for layer in wide["layers"])
    notes = [part["notes"] for part in told(VGG, "conv1", "--dtype", "int8")["layers"][0]["parts"]]
    assert ["int8 is not trained"] in notes


def test_json_says_what_the_text_says():
    found = told(VGG)
    equations = [
        (each, layer["letters"]) for layer in found["layers"] for part in layer["parts"] for each in part["equations"]
    ]
    worked = [(each, letters) for each, letters in equations if each["worked"] is not None]
    assert len(worked) > 150
    for each, letters in worked:
        assert comes_to(each["worked"]) == Fraction(each["value"])
        if each["formula"] is not None:
            assert comes_to(put_in(each["formula"], letters)) == Fraction(each["value"])
    assert [each["value"] for each in found["total"]["equations"]][:2] == [138_357_544, 15_470_264_320]


def test_several_networks_are_an_array():
    found = json.loads(run(LECTURE, "--format", "json").stdout)
    SCHEMA.validate(found)
    assert [each["network"] for each in found][:2] == ["7x7-stride-1", "7x7-stride-2"]


def test_markdown_has_formulas_for_latex():
    text = run(f"{LECTURE}:7x7-stride-3", "--format", "markdown").stdout
    assert r"| ⌊(7 - 3)/3⌋ + 1 = **2** | $\lfloor (W - F + 2P)/S \rfloor + 1$ |" in text
    assert text.count("$") % 2 == 0 and "$W = 7$ input width" in text
    table = run(VGG, "--format", "markdown").stdout
    assert len({line.count("|") for line in table.splitlines() if line.startswith("| conv")}) == 1


def test_an_encoding_without_brackets_keeps_its_columns():
    text = run(f"{LECTURE}:7x7-stride-3", env={"COLUMNS": "80", "PYTHONIOENCODING": "ascii"}).stdout
    assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize("width", [60, 80, 200])
@pytest.mark.parametrize(
    "spec", [VGG, str(ROOT / "specs/googlenet.arch:googlenet"), str(ROOT / "tests/cases/vit.arch")]
)
def test_nothing_wraps(spec, width):
    text = run(spec, env={"COLUMNS": str(width)}).stdout
    assert max(map(len, text.splitlines())) <= width
    assert not re.search(r"[\x1b]", text)


def test_a_hostile_input_takes_no_time():
    made = lines("-", "--input", "100000000x3x3", text="input 9x9x3\nconv1: conv 3x3, 4\n")
    assert "height (100000000 - 3)/1 + 1 = 99,999,998 ⌊(H - F + 2P)/S⌋ + 1" in made
    past = [line for line in made if line.startswith("border")]
    assert past == ["border not worked out: a side above 65,536, or windows too large"]
    wide = "input 60000x9x1\nconv1: conv 30000x3, 1\n"
    assert past[0] in lines("-", text=wide)
    assert "border all 6,000 rows are read" in lines("-", text=wide.replace("0000", "000"))
