"""``archcalc conventions`` and ``report --as`` as a person or a script runs them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from archcalc.cli import app

TWO = "network one\ninput 8x8x3\nconv 3x3, 4\nexpect params = 1\n\nnetwork two\ninput 8x8x3\nconv 3x3, 4; bn\n"


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    (tmp_path / "two.arch").write_text(TWO, encoding="utf-8")

    def invoke(*arguments, **options):
        return CliRunner().invoke(app, list(arguments), catch_exceptions=False, **options)

    return invoke


def test_without_a_spec_a_small_network_is_counted(run):
    result = run("conventions")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("example, one image of 32x32x3\n") and "a multiply-add of" in result.stdout


def test_every_network_of_a_file_is_counted_and_the_rules_said_once(run):
    result = run("conventions", "two.arch")
    assert result.exit_code == 0 and "one, one image" in result.stdout and "two, one image" in result.stdout
    assert result.stdout.count("counted for") == 1
    found = json.loads(run("conventions", "two.arch", "--format", "json").stdout)
    assert [each["network"] for each in found] == ["one", "two"]
    assert json.loads(run("conventions", "two.arch:two", "--format", "json").stdout)["network"] == "two"
    assert run("conventions", "two.arch", "--format", "markdown").stdout.count("### ") == 2


def test_other_settings_and_side_heads(run, tmp_path):
    (tmp_path / "wide.arch").write_text("param k = 1\ninput 8x8x3\nconv 3x3, 4*k", encoding="utf-8")
    made = run("conventions", "wide.arch", "--set", "k=2", "--input", "3x5x1", "--format", "json").stdout
    found = json.loads(made)
    assert (found["input"], found["conventions"][0]["count"]) == ([1, 3, 5], 8 * 9 * 3)
    googlenet = str(Path(__file__).parents[2] / "specs" / "googlenet.arch")
    plain, whole = (
        json.loads(run("conventions", googlenet, *more, "--format", "json").stdout)["conventions"][0]["params"]
        for more in ((), ("--aux",))
    )
    assert whole > plain


def test_standard_input_is_a_spec(run):
    assert run("conventions", "-", input=TWO).exit_code == 0


@pytest.mark.parametrize("format_", ["text", "json", "markdown"])
@pytest.mark.parametrize("spec", ["missing.arch", "two.arch:three"])
def test_what_gives_no_network_is_said_and_ends_in_2(run, spec, format_):
    result = run("conventions", spec, "--format", format_)
    assert result.exit_code == 2 and re.match(r"error\[A\d+\]: ", result.stderr)
    assert result.stdout == ("[]\n" if format_ == "json" else "")


def test_an_unknown_tool_is_a_bad_command_line(run):
    result = run("report", "two.arch", "--as", "torchinfi")
    assert result.exit_code == 2 and result.stdout == ""
    assert "no convention 'torchinfi'; did you mean 'torchinfo'?" in re.sub(r"[│\s]+", " ", result.stderr)


def test_a_report_counts_as_a_tool_does(run):
    counts = {}
    for name in ("paper", "torch", "Thop"):
        result = run("report", "two.arch:two", "--as", name, "--format", "json")
        found = json.loads(result.stdout)
        assert result.exit_code == 0 and found["as"] == name.lower()
        counts[found["as"]] = found["totals"]["macs"]
    assert counts == {"paper": 3888, "torch": 7776, "thop": 3888 + 4 * 144}


def test_a_wrong_figure_is_still_wrong(run):
    assert run("report", "two.arch:one", "--as", "fvcore").exit_code == 1
