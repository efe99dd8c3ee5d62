"""``archcalc convolutionize`` as a person or a program sees it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

import archcalc
from archcalc.analyses.grid import convolution
from archcalc.cli import app
from archcalc.report.grid import text
from archcalc.report.text import Paper

ROOT = Path(__file__).parents[2]
SCHEMA = Draft202012Validator(json.loads((ROOT / "docs/schema/convolutionize-1.json").read_text(encoding="utf-8")))
VGG = str(ROOT / "specs/vgg.arch:D")


def run(*arguments, code=0, env=None, stdin=None):
    result = CliRunner().invoke(app, ["convolutionize", *arguments], catch_exceptions=False, env=env, input=stdin)
    assert result.exit_code == code, result.output
    return result


def told(*arguments, **more):
    found = json.loads(run(*arguments, "--format", "json", **more).stdout)
    SCHEMA.validate(found)
    return found


def test_the_lecture():
    made = run(VGG, "--input", "384x384x3", env={"COLUMNS": "80"}).stdout.splitlines()
    assert made[1] == "3 fc layers are convolutions: 138,357,544 params and 15.5 G MACs, as before"
    assert made[5:8] == [
        "fc1    fc 4096  7x7x512   conv 7x7, 4096  102,764,544",
        "fc2    fc 4096  1x1x4096  conv 1x1, 4096   16,781,312",
        "fc3    fc 1000  1x1x4096  conv 1x1, 1000    4,097,000",
    ]
    assert made[-1].split()[:4] == ["384x384x3", "6x6", "32", "404"]


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_nothing_wraps(width):
    spec = str(ROOT / "specs/lenet5.arch:lenet5")
    made = run(spec, "--input", "64x64x1", code=2, env={"COLUMNS": str(width)}).stdout
    assert max(map(len, made.splitlines())) <= width


def test_colour_changes_no_letter():
    found = convolution(archcalc.load(VGG).graph, [(3, 384, 384)])
    plain, coloured = (text(found, paper=Paper(80, colour=colour)) for colour in (False, True))
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain != coloured


def test_an_encoding_of_few_characters():
    assert text(convolution(archcalc.load(VGG).graph), paper=Paper(80, ascii_only=True)).isascii()


def test_json_and_its_schema():
    found = told(VGG, "--input", "384x384x3", "--input", "100x100x3", code=2)
    assert (found["network"], found["same"], found["params"]) == ("D", True, 138_357_544)
    assert [grid["positions"] for grid in found["grids"]] == [[1, 1], [6, 6], None]
    assert found["grids"][2]["wrong"] == "fc1: a window of 7 does not fit height 3"
    assert len(told(str(ROOT / "specs/vgg.arch"))) == 6


def test_open_sizes_are_closed_forms():
    found = told("-", stdin="input HxWx3\nconv 3x3, 8, stride 2; relu\nglobal average pool; fc 10\n")
    assert found["grids"][0]["input"] == [3, "H", "W"]


def test_the_spec_reads_back(tmp_path):
    place = tmp_path / "vgg.arch"
    made = run(VGG, "--spec", "-o", str(place)).stdout
    assert place.read_text(encoding="utf-8") == made
    network = archcalc.load(place)
    assert network.report().totals.params == 138_357_544
    assert [node.layer.kernel for node in network.graph.nodes if node.name.startswith("fc")] == [(7, 7), (1, 1), (1, 1)]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((str(ROOT / "specs/nin.arch:nin-cifar10"),), "nin-cifar10 has no fully connected layer"),
        ((str(ROOT / "specs/no.arch"),), "cannot read"),
        ((VGG, "--input", "384"), "takes an image; here it gets a vector of 384"),
        ((VGG, "--input", "a"), "'a' is not a shape"),
        ((VGG, "-o", "/nowhere/at/all.arch"), "cannot write /nowhere/at/all.arch"),
        ((VGG, "--input", "128x128x3"), "fc1: a window of 7 does not fit height 4"),
        ((VGG, "--input", "384x384x1"), "its weights are for an input of 224x224x3"),
    ],
)
def test_what_cannot_be_done_is_told(arguments, said):
    assert said in run(*arguments, code=2, env={"COLUMNS": "200"}).output
