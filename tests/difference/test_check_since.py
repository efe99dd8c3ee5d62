"""``archcalc check --against`` and ``--lock``: what is told with the check, in every format, and the exit status."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from archcalc.cli import app

SCHEMAS = Path(__file__).parents[2] / "docs" / "schema"
NET = "network net\ninput 8x8x3\nconv1: conv 3x3, 4, pad 1\nfc: fc 10\n"
CHANGED = NET.replace("fc 10", "fc 11")


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs a check in a repository of one commit, of three networks."""
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    (tmp_path / "more").mkdir()
    for path, name in (("net.arch", "net"), ("more/a.arch", "a"), ("more/b.arch", "b")):
        (tmp_path / path).write_text(NET.replace("network net", f"network {name}"), encoding="utf-8")
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "one"]):
        who = ["-c", "user.name=A", "-c", "user.email=a@b.c", "-c", "init.defaultBranch=main"]
        subprocess.run(["git", *who, *words], cwd=tmp_path, check=True, capture_output=True)

    def invoke(*arguments):
        return CliRunner().invoke(app, ["check", "--no-cache", *arguments], catch_exceptions=False)

    return invoke


def test_nothing_changed(run):
    result = run("--against", "main", "--fail-on", "any")
    assert result.exit_code == 0 and "no network differs\n" in result.stdout


def test_changes_are_told_and_allowed(run, tmp_path):
    (tmp_path / "net.arch").write_text(CHANGED, encoding="utf-8")
    (tmp_path / "more/b.arch").unlink()
    result = run("--against", "main", ".")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "main:net.arch:net → net.arch:net: params +9.6 %, MACs +2.7 %, training peak",
        "  bytes +8.6 %, output 10 → 11; layers: 1 changed",
        "main:more/b.arch:b: removed: 2,682 params, 9,472 MACs",
        "layer by layer: archcalc diff main:net.arch net.arch",
        "",
        "All well: 2 networks in 2 files",
    ]


@pytest.mark.parametrize("format_", ["text", "json", "junit", "sarif", "github", "markdown"])
def test_what_is_not_allowed_is_told_in_every_format(run, tmp_path, format_):
    (tmp_path / "net.arch").write_text(CHANGED, encoding="utf-8")
    result = run("--against", "main", "--fail-on", "params > +10%", "--format", format_, ".")
    assert result.exit_code == 0 and "not allowed" not in result.stdout
    result = run("--against", "main", "--fail-on", "params > +9%", "--format", format_, ".")
    assert result.exit_code == 1 and "net: not allowed: params " in result.stdout
    assert "A207" in result.stdout and "net.arch" in result.stdout


def test_json_and_markdown_hold_the_differences(run, tmp_path):
    (tmp_path / "net.arch").write_text(CHANGED, encoding="utf-8")
    found = json.loads(run("--against", "main", "--format", "json", "net.arch").stdout)
    schema = json.loads((SCHEMAS / "diff-1.json").read_text(encoding="utf-8"))
    (since,) = found["against"]
    Draft202012Validator({"$ref": "#/$defs/files", "$defs": schema["$defs"]}).validate(since)
    assert [each["name"] for each in since["networks"][0]["layers"]] == ["fc"]
    Draft202012Validator(json.loads((SCHEMAS / "check-1.json").read_text(encoding="utf-8"))).validate(found)
    text = run("--against", "main", "--format", "markdown", "net.arch").stdout
    assert "\n### main:net.arch:net → net.arch:net\n" in text and "\n| params | 2,682 | 2,939 | +257 | +9.6 % |" in text


def test_what_cannot_be_asked(run):
    result = run("--against", "mian")
    assert result.exit_code == 2 and "A602" in result.stdout and "did you mean 'main'?" in result.stdout
    assert "--against" in run("--fail-on", "any").stderr and run("--fail-on", "any").exit_code == 2
    assert run("--against", "main", "--fail-on", "parms > +1").exit_code == 2
    assert "--lock" in run("--update-lock").stderr and run("--update-lock").exit_code == 2


def test_a_lock_is_written_held_and_updated(run, tmp_path):
    result = run("--lock", "archcalc.lock")
    assert result.exit_code == 0 and result.stderr == "archcalc.lock: written, 3 networks\n"
    assert run("--lock", "archcalc.lock").stdout == "All well: 3 networks in 3 files\n"
    (tmp_path / "net.arch").write_text(CHANGED, encoding="utf-8")
    result = run("--lock", "archcalc.lock")
    assert result.exit_code == 1 and result.stdout.count("error[A207]") == 2
    assert run("--lock", "archcalc.lock", "more").exit_code == 0
    assert run("--lock", "archcalc.lock", "--update-lock").exit_code == 0
    assert run("--lock", "archcalc.lock").exit_code == 0


def test_a_network_that_is_new_to_a_lock_is_doubtful(run, tmp_path):
    run("--lock", "archcalc.lock", "more")
    assert run("--lock", "archcalc.lock", "net.arch").exit_code == 0
    result = run("--lock", "archcalc.lock")
    assert result.exit_code == 0 and "warning[A602]" in result.stdout
    assert run("--lock", "archcalc.lock", "--strict").exit_code == 1


def test_a_file_that_is_gone_is_wrong_and_a_broken_lock_is_no_check(run, tmp_path):
    run("--lock", "archcalc.lock")
    (tmp_path / "net.arch").unlink()
    result = run("--lock", "archcalc.lock")
    assert result.exit_code == 1 and "net.arch is in archcalc.lock, and is no more" in result.stdout
    (tmp_path / "archcalc.lock").write_text("nothing", encoding="utf-8")
    result = run("--lock", "archcalc.lock")
    assert result.exit_code == 2 and "A602" in result.stdout
    assert (tmp_path / "archcalc.lock").read_text(encoding="utf-8") == "nothing"


def test_a_lock_is_begun_by_hand_alone(run, tmp_path, monkeypatch):
    (tmp_path / "archcalc.toml").write_text('lock = "specs.lock"\n', encoding="utf-8")
    assert "A602" in run().stdout and run().exit_code == 2
    (tmp_path / "archcalc.toml").unlink()
    monkeypatch.setenv("CI", "true")
    result = run("--lock", "specs.lock")
    assert result.exit_code == 2 and "--update-lock" in result.stdout
    assert not (tmp_path / "specs.lock").exists()
    monkeypatch.delenv("CI")
    assert run("--lock", "specs.lock", ".").exit_code == 0


def test_a_part_is_updated_and_the_rest_kept(run, tmp_path):
    run("--lock", "archcalc.lock")
    before = json.loads((tmp_path / "archcalc.lock").read_text(encoding="utf-8"))["networks"]
    (tmp_path / "net.arch").write_text(CHANGED, encoding="utf-8")
    (tmp_path / "more/b.arch").unlink()
    assert run("--lock", "archcalc.lock", "more/a.arch").exit_code == 0  # nothing of files that it was not asked of
    result = run("--lock", "archcalc.lock", "--update-lock", "net.arch")
    assert result.stderr == (
        "archcalc.lock: written, 2 networks, 1 of them left as in the old one; 1 no more there, left out\n"
    )
    after = json.loads((tmp_path / "archcalc.lock").read_text(encoding="utf-8"))["networks"]
    assert [each["file"] for each in after] == ["more/a.arch", "net.arch"] and after[0] == before[0]


def test_the_repair_of_an_old_fault_passes(run, tmp_path):
    (tmp_path / "net.arch").write_text(NET.replace("fc: fc", "foo: foo"), encoding="utf-8")
    who = ["-c", "user.name=A", "-c", "user.email=a@b.c"]
    subprocess.run(["git", *who, "commit", "-qam", "two"], cwd=tmp_path, check=True, capture_output=True)
    (tmp_path / "net.arch").write_text(NET, encoding="utf-8")
    result = run("--strict", "--against", "main", "--fail-on", "params > +1%")
    assert result.exit_code == 0
    assert "note[A602]: main:net.arch cannot be compared with: line 4, A105 unknown " in result.stdout


def test_gates_of_the_project_and_the_command_line_add_up(run, tmp_path):
    (tmp_path / "archcalc.toml").write_text('fail-on = ["params > +1%"]\n', encoding="utf-8")
    (tmp_path / "net.arch").write_text(CHANGED, encoding="utf-8")
    result = run("--against", "main", "--fail-on", "shape")
    assert result.exit_code == 1 and "params > +1%" in result.stdout and "shape: 10 → 11" in result.stdout


def test_what_differs_is_named(run, tmp_path):
    (tmp_path / "net.arch").write_text(CHANGED, encoding="utf-8")
    (tmp_path / "more/b.arch").unlink()
    result = run("--against", "main", "--fail-on", "any", ".")
    told = " ".join(result.stdout.split())
    assert "net: not allowed: any: output 10 → 11, fc units 10 → 11, params 2,682 → 2,939 and " in told
    assert "network b is gone (was in main:more/b.arch, line 1): 'any' is not allowed" in told
    (tmp_path / "net.arch").write_text(NET.replace("network net", "network a") + NET, encoding="utf-8")
    assert "a: not allowed: any: the network is new" in run("--against", "main", "--fail-on", "any", "net.arch").stdout
