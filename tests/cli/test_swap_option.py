"""``--swap``: a network beside itself with other kernels."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import archcalc
from archcalc.cli import app

ROOT = Path(__file__).parents[2]
ALEXNET = str(ROOT / "specs/alexnet.arch")
TWO = "5x5 -> 3x3, 3x3"


def run(*arguments, code=0, env=None):
    result = CliRunner().invoke(app, ["compare", *arguments], catch_exceptions=False, env=env)
    assert result.exit_code == code, result.output
    return result


def told(*arguments):
    return json.loads(run(*arguments, "--format", "json").stdout)


def test_before_and_after():
    """256 5x5 of 96 maps: 614,400 weights; two 3x3, the second of 256 maps: 9 * (96 + 256) * 256, and a bias more."""
    totals = {each["quantity"]: each["values"] for each in told(ALEXNET, "--swap", TWO)["totals"]}
    assert totals["params"] == [62_378_344, 62_378_344 - 614_400 + 9 * (96 + 256) * 256 + 256]
    assert totals["field"] == [195, 195]
    assert totals["depth"] == [8, 9]


def test_a_rule_each_is_a_network_more():
    found = told(ALEXNET, "--swap", TWO, "--swap", "3x3 -> dw 3x3, 1x1; 5x5 -> dw 5x5, 1x1")
    assert [each["name"] for each in found["networks"]] == [
        "alexnet", "alexnet 5x5->3x3,3x3", "alexnet 3x3->dw 3x3,1x1;5x5->dw 5x5,1x1",
    ]  # fmt: skip


def test_only_there():
    everywhere, there = (
        told(ALEXNET, "--swap", "3x3 -> 3x1, 1x3", *more)["totals"][0]["values"][1]
        for more in ([], ["--swap-at", "CONV3", "--swap-at", "CONV4"])
    )
    assert everywhere < there < 62_378_344


def test_the_spec_reads_back():
    text = run(ALEXNET, "--swap", TWO, "--spec").stdout
    network = archcalc.parse(text)
    assert network.report().totals.params == 62_378_344 - 614_400 + 9 * (96 + 256) * 256 + 256
    assert "CONV2.conv.1: conv 3x3, 256, pad 1" in text
    several = run(ALEXNET, "--swap", TWO, "--swap", "5x5 -> 5x1, 1x5", "--spec").stdout
    assert text.startswith("network alexnet-swapped")
    assert several.count("network alexnet-swapped") == 2 and archcalc.parse(several, name="alexnet-swapped-2")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--swap", "5x5 -> 3x"), "this is no kernel"),
        (("--swap", "11x11 -> 3x3"), "CONV1.conv cannot keep its shape"),
        (("--swap", "9x9 -> 3x3"), "alexnet has nothing to swap by 9x9 -> 3x3: it has 3 3x3, 1 11x11/4, 1 5x5"),
        (("--swap", TWO, "--swap-at", "CONV9"), "alexnet has no layer 'CONV9' to swap at"),
        (("--swap-at", "CONV2"), "what is to be swapped there?"),
        (("--spec",), "it prints swapped networks"),
    ],
)
def test_what_cannot_be_done_is_told(arguments, said):
    result = run(ALEXNET, *arguments, code=2, env={"COLUMNS": "200"})
    assert said in result.output and "Traceback" not in result.output and "total" not in result.output


def test_a_network_without_such_kernels_is_told_and_the_others_compared():
    result = run(str(ROOT / "specs/vgg.arch"), "--swap", "1x1 -> 3x3", "--depth", "0", code=2, env={"COLUMNS": "200"})
    assert result.output.count("has nothing to swap") == 5 and "C 1x1->3x3" in result.output
