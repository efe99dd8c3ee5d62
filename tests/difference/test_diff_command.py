"""``archcalc diff`` as a person or a script runs it."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from archcalc.cli import app
from archcalc.report.style import columns

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "docs" / "schema" / "diff-1.json").read_text(encoding="utf-8"))

OLD = """\
network net "a small one"
param k = 4
input 8x8x3
conv1: conv 3x3, k, pad 1
relu
pool: max pool 2x2
fc: fc 10
expect params = 762
expect depth = 2
"""
NEW = OLD.replace("conv 3x3, k, pad 1", "conv 5x5, k, pad 2\nbatch norm").replace("fc 10", "fc 12")
TWO = "network a\ninput 8x8x3\nfc 10\n\nnetwork b\ninput 8x8x3\nfc 20\n"


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs the command line in a folder with some specs."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    broken = OLD.replace("pad 1", "pda 1").replace("fc 10", "fc ten")
    for name, text in (("old", OLD), ("new", NEW), ("two", TWO), ("broken", broken)):
        (tmp_path / f"{name}.arch").write_text(text, encoding="utf-8")
    (tmp_path / "three.arch").write_text(TWO.replace("network b", "network c").replace("fc 10", "fc 11"))

    def invoke(*arguments, **options):
        return CliRunner().invoke(app, ["diff", *arguments], catch_exceptions=False, **options)

    return invoke


def read(result):
    found = json.loads(result.stdout)
    Draft202012Validator.check_schema(SCHEMA)
    Draft202012Validator(SCHEMA).validate(found)
    return found


def test_text_tells_totals_layers_and_claims(run):
    result = run("old.arch", "new.arch")
    assert (result.exit_code, result.stderr) == (0, "")
    out = result.stdout
    assert out.startswith("old.arch:net → new.arch:net\n")
    # 4 of 27 weights, 4 biases and 650 become 4 of 75, 4, 8 of the norm and 780
    assert re.search(r"^params +762 +1,092 +\+330 +\+43\.3 %$", out, re.M)
    assert re.search(r"^~  conv1 +kernel 3x3 → 5x5; pad 1 → 2 +\+192 +\+12,288$", out, re.M)
    assert re.search(r"^\+  bn +added +\+8$", out, re.M)
    assert re.search(r"^~  fc +units 10 → 12 +\+130 +\+128$", out, re.M)
    assert "  params = 762, no longer holds: 762 → 1,092\n" in out and "depth" not in out.partition("claims")[2]


@pytest.mark.parametrize("width", [20, 40, 80, 100, 200])
@pytest.mark.parametrize("names", [("old.arch", "new.arch"), ("two.arch", "three.arch")])
def test_no_line_is_wider_than_the_terminal(run, monkeypatch, width, names):
    monkeypatch.setenv("COLUMNS", str(width))
    lines = run(*names, "--fail-on", "params > +1%").stdout.splitlines()
    assert max(map(columns, lines)) <= width


def test_a_file_does_not_differ_from_itself(run):
    result = run("old.arch", "old.arch", "--fail-on", "any")
    assert (result.exit_code, result.stdout) == (0, "old.arch:net → old.arch:net\nno difference\n")
    assert run("two.arch", "two.arch").stdout == "2 networks are the same\n"


def test_json_is_valid_and_exact(run):
    found = read(run("old.arch", "new.arch", "--format", "json"))
    (network,) = found["networks"]
    assert network["totals"][0]["name"] == "params"
    assert {key: network["totals"][0][key] for key in ("old", "new", "difference")} == {
        "old": 762, "new": 1092, "difference": 330,
    }  # fmt: skip
    assert [(each["state"], each["name"]) for each in network["layers"] if each["state"] != "affected"] == [
        ("changed", "conv1"), ("added", "bn"), ("changed", "fc"),
    ]  # fmt: skip
    assert [each["state"] for each in network["claims"]] == ["changed"]
    every = read(run("old.arch", "new.arch", "--format", "json", "--all"))["networks"][0]["layers"]
    assert [each["name"] for each in every] == ["input", "conv1", "bn", "relu", "pool", "fc"]


def test_networks_are_paired_by_name(run):
    found = read(run("two.arch", "three.arch", "--format", "json"))
    assert [(each["network"], each["state"]) for each in found["networks"]] == [
        ("a", "changed"), ("c", "added"), ("b", "removed"),
    ]  # fmt: skip
    one = read(run("two.arch:b", "three.arch:c", "--format", "json"))
    assert [(each["old"], each["new"], each["state"]) for each in one["networks"]] == [("b", "c", "same")]


def test_markdown_is_a_comment_on_a_pull_request(run):
    result = run("old.arch", "new.arch", "--format", "markdown", "--fail-on", "params > +1%")
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines[0] == "### old.arch:net → new.arch:net" and lines[2].startswith("❌ **params +43.3 %")
    assert "- not allowed: params \\> +1%: 762 → 1,092 (+330, +43.3 %)" in lines
    tables = [line for line in lines if line.startswith("|")]
    assert {line.replace("\\|", "").count("|") for line in tables} == {6, 7}
    assert lines.count("</details>") == 2
    for index, line in enumerate(lines):
        if line.startswith("<details>"):
            assert lines[index + 1] == ""  # else GitHub reads no Markdown inside


@pytest.mark.parametrize(
    ("conditions", "status"),
    [
        (["params > +43%"], 1), (["params > +44%"], 0), (["params > +330"], 0), (["params >= +330"], 1),
        (["shape"], 1), (["depth"], 0), (["any"], 1), (["macs < -1%", "shape"], 1), (["macs < -1%", "depth"], 0),
    ],
)  # fmt: skip
def test_conditions_decide_the_exit_status(run, conditions, status):
    result = run("old.arch", "new.arch", *(word for each in conditions for word in ("--fail-on", each)))
    assert result.exit_code == status
    assert ("not allowed:" in result.stdout) == bool(status)


def test_a_wrong_condition_is_told_before_anything_is_read(run):
    result = run("old.arch", "new.arch", "--fail-on", "parms > +1%")
    assert result.exit_code == 2 and result.stdout == "" and "params" in result.stderr


def test_what_cannot_be_read_is_drawn_all_of_it(run):
    result = run("broken.arch", "new.arch")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.count("error[") == 2 and "broken.arch:4" in result.stderr and "broken.arch:7" in result.stderr
    assert read(run("broken.arch", "new.arch", "--format", "json"))["status"] == "unreadable"
    result = run("vanished.arch", "nowhere")
    assert result.exit_code == 2 and result.stderr.count("A101") == 2
    assert run("-", "-").exit_code == 2 and run("old.arch:other", "new.arch").exit_code == 2
    assert run(".", "new.arch").exit_code == 2


def test_standard_input_is_a_side(run):
    result = run("old.arch", "-", input=NEW)
    assert result.exit_code == 0 and result.stdout.startswith("old.arch:net → <stdin>:net\n")


def test_options_are_those_of_a_report(run):
    def total(name, *options):
        found = read(run("old.arch", "new.arch", "--format", "json", *options))["networks"][0]["totals"]
        return next(each for each in found if each["name"] == name)

    assert total("macs", "--batch", "3")["old"] == 3 * total("macs")["old"]
    assert total("weights_bytes", "--dtype", "fp16")["old"] * 2 == total("weights_bytes")["old"]
    # 8 filters of 27 weights and a bias, and 128 inputs of the classifier
    assert total("params", "--set", "k=8")["old"] == 8 * 28 + 128 * 10 + 10
    assert total("neurons", "--input", "16x16x3")["old"] == 16 * 16 * 4 + 10


def test_a_revision_is_a_side(run, tmp_path):
    def git(*words):
        who = ["-c", "user.name=A", "-c", "user.email=a@b.c", "-c", "init.defaultBranch=main"]
        subprocess.run(["git", *who, *words], cwd=tmp_path, check=True, capture_output=True)

    assert "A602" in run("main:old.arch", "new.arch").stderr
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "one")
    (tmp_path / "old.arch").write_text(NEW, encoding="utf-8")
    result = run("main:old.arch", "old.arch")
    assert result.stdout.startswith("main:old.arch:net → old.arch:net\n") and "+43.3 %" in result.stdout
    assert "no difference" in run("HEAD:new.arch", "old.arch").stdout
    assert "fc 10" not in run("HEAD:two.arch:a", "two.arch:a").stdout
    result = run("mian:old.arch", "old.arch")
    assert result.exit_code == 2 and "did you mean 'main'?" in result.stderr


def test_long_runs_are_a_row_and_all_is_everything(run, tmp_path):
    block = "network net\nblock unit():\n    conv 3x3, 4, pad 1\n    relu\ninput 8x8x4\nbody: unit x {}\nfc 10\n"
    for name, turns in (("few", 3), ("many", 40)):
        (tmp_path / f"{name}.arch").write_text(block.format(turns), encoding="utf-8")
    folded = run("few.arch", "many.arch").stdout
    assert re.search(r"^\+  body\.4\S* … body\.40\S* +74 layers added +\+5,476", folded, re.M)
    assert len(re.findall(r"^[+] ", run("few.arch", "many.arch", "--all").stdout, re.M)) == 74 + 1  # and the legend


def test_control_characters_do_not_reach_the_terminal(run, tmp_path):
    (tmp_path / "evil.arch").write_text('network n\ninput 8x8x3\n"\x1b[2J": conv 3x3, 4\nfc 10\n', encoding="utf-8")
    assert "\x1b" not in run("old.arch", "evil.arch").stdout + run("old.arch", "evil.arch").stderr


def test_a_ratio_that_falls_a_little_is_told_with_its_sign(run):
    """Intensity is the one total that is no whole number."""
    lines = run("new.arch", "old.arch").stdout.splitlines() + run("old.arch", "new.arch").stdout.splitlines()
    found = [line.split()[3] for line in lines if line.startswith("intensity")]
    assert len(found) == 2 and found[0][0] + found[1][0] in ("+-", "-+") and found[0][1:] == found[1][1:]


def test_sizes_that_are_open_are_told_as_formulas(run, tmp_path):
    for name, filters in (("some", 4), ("more", 6)):
        (tmp_path / f"{name}.arch").write_text(f"input HxWx3\nconv 3x3, {filters}, pad 1\n", encoding="utf-8")
    text = run("some.arch", "more.arch").stdout
    # 27 multiply-adds for each of two more filters at each place
    assert re.search(r"^MACs +108·H·W +162·H·W +54·H·W$", text, re.M)
    totals = read(run("some.arch", "more.arch", "--format", "json"))["networks"][0]["totals"]
    macs = next(each for each in totals if each["name"] == "macs")
    assert isinstance(macs["difference"], str) and macs["per_cent"] is None
    assert "| +56 |" in run("some.arch", "more.arch", "--format", "markdown").stdout


def test_blocks_for_others_to_use_are_no_network(run, tmp_path):
    (tmp_path / "blocks.arch").write_text("block unit():\n    relu\n", encoding="utf-8")
    result = run("blocks.arch", "new.arch")
    assert result.exit_code == 2 and "A103" in result.stderr and result.stdout == ""


def test_a_folder_is_no_side(run, tmp_path):
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs" / "net.arch").write_text(OLD, encoding="utf-8")
    who = ["git", "-c", "user.name=A", "-c", "user.email=a@b.c"]
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "one"]):
        subprocess.run([*who, *words], cwd=tmp_path, check=True, capture_output=True)
    for folder in ("specs", "HEAD:specs", "HEAD:."):
        result = run(folder, "old.arch")
        assert result.exit_code == 2 and "a side is one file" in result.stderr and "--against" in result.stderr, folder


def test_what_both_sides_say_is_told_once(run):
    result = run("old.arch", "old.arch", "--set", "nosuch=1")
    assert (result.exit_code, result.stderr.count("A409")) == (2, 1)
