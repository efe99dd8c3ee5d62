"""``archcalc check`` as a person, a script and a file system meet it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from typer.testing import CliRunner

from archcalc.cli import app
from archcalc.files import read_source

ROOT = Path(__file__).parents[2]
GOOD = "network one\ninput 8x8x3\nconv1: conv 3x3, 4; relu   -> 6x6x4\nexpect params = 112\n"
WRONG = "network two\ninput 8x8x3\nconv1: conv 3x3, 4, stride 2   params: 113\n"
BROKEN = "network three\ninput 8x8x3\nconv 3x3, 4, stirde 2\n"


def schema(name):
    return json.loads((ROOT / "docs" / "schema" / name).read_text(encoding="utf-8"))


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs the command in a folder with one spec of each kind."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    for name, text in (("good", GOOD), ("wrong", WRONG), ("broken", BROKEN)):
        (tmp_path / f"{name}.arch").write_text(text, encoding="utf-8")

    def invoke(*arguments, **options):
        return CliRunner().invoke(app, ["check", *arguments], catch_exceptions=False, **options)

    return invoke


def codes(result):
    return re.findall(r"(?:error|warning)\[(A\d+)\]", result.stdout)


def last(result):
    return result.stdout.splitlines()[-1]


def test_a_good_spec_takes_a_line(run):
    result = run("good.arch")
    assert (result.exit_code, result.stdout, result.stderr) == (
        0, "All well: 1 network in 1 file, all 2 figures right\n", "",
    )  # fmt: skip


def test_a_wrong_figure_is_drawn_and_counted(run):
    result = run("wrong.arch")
    assert (result.exit_code, codes(result)) == (1, ["A306", "A203"])
    assert "113 params printed, 112 found" in result.stdout
    assert last(result) == "1 error and 1 warning: 1 network in 1 file, 0 of 1 figure right"


def test_a_text_that_gives_no_network_wins(run):
    result = run(".")
    assert (result.exit_code, codes(result)) == (2, ["A105", "A306", "A203"])
    assert last(result) == "2 errors and 1 warning: 2 networks in 3 files, 2 of 3 figures right"


def test_this_folder_is_checked_where_nothing_is_named(run):
    assert run().stdout == run(".").stdout


def test_strict_makes_errors_of_warnings(run, tmp_path):
    (tmp_path / "doubtful.arch").write_text("input 8x8x3\nconv 3x3, 4, stride 2\n", encoding="utf-8")
    assert run("doubtful.arch").exit_code == 0
    result = run("doubtful.arch", "--strict")
    assert result.exit_code == 1
    assert "error[A306]" in result.stdout


def test_one_network_of_a_file(run, tmp_path):
    (tmp_path / "both.arch").write_text(GOOD + WRONG, encoding="utf-8")
    assert run("both.arch:one").exit_code == 0
    assert run("both.arch:two").exit_code == 1
    result = run("both.arch:tow")
    assert (result.exit_code, codes(result)) == (2, ["A408"])


def test_standard_input(run):
    result = run("-", input=WRONG)
    assert (result.exit_code, codes(result)) == (1, ["A306", "A203"])
    assert "<stdin>:3" in result.stdout


@pytest.mark.parametrize("cache", ["--cache", "--no-cache"])
def test_json_is_as_published(run, cache):
    registry = Registry().with_resource("report-1.json", Resource.from_contents(schema("report-1.json")))
    for arguments in ([], ["good.arch"], ["nothing.arch"]):
        found = json.loads(run(*arguments, "--format", "json", cache).stdout)
        Draft202012Validator(schema("check-1.json"), registry=registry).validate(found)
        assert found == json.loads(run(*arguments, "--format", "json", cache).stdout)
    whole = json.loads(run("--format", "json").stdout)
    assert [(file["file"], file["status"]) for file in whole["files"]] == [
        ("broken.arch", "unreadable"), ("good.arch", "ok"), ("wrong.arch", "failed"),
    ]  # fmt: skip
    assert whole["summary"] == {
        "files": 3, "networks": 2, "claims": 3, "held": 2, "errata": 0, "undecided": 0, "errors": 2, "warnings": 1,
        "quieted": 0,
    }  # fmt: skip


def test_two_files_that_use_a_wrong_third_tell_of_it_once(run, tmp_path):
    (tmp_path / "blocks.txt").write_text("block unit(c): conv 3x3, c, stirde 2\n", encoding="utf-8")
    for name in ("a", "b"):
        (tmp_path / f"{name}.arch").write_text('use "blocks.txt"\ninput 8x8x3\nunit(4)\n', encoding="utf-8")
    result = run("a.arch", "b.arch")
    assert (result.exit_code, codes(result)) == (2, ["A105"])
    assert last(result).startswith("1 error: ")


def test_standard_input_may_be_closed(tmp_path):
    command = f"{sys.executable} -m archcalc check - <&-"
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, codes(done), done.stderr) == (2, ["A101"], "")


def test_a_file_of_blocks_is_well_without_a_network(run, tmp_path):
    (tmp_path / "blocks.arch").write_text("block unit(c): conv 3x3, c\n", encoding="utf-8")
    assert run("blocks.arch").stdout == "All well: no network in 1 file\n"


def test_errata_are_counted_and_told_where_they_are_none(run, tmp_path):
    text = 'input 8x8x3\nconv 3x3, 4\nexpect params = 113 (sic: 112)\nerratum "it prints {}" params = 112\n'
    (tmp_path / "errata.arch").write_text(text.format(111), encoding="utf-8")
    assert last(run("errata.arch")) == "All well: 1 network in 1 file, all 2 figures right, 2 errata confirmed"
    (tmp_path / "errata.arch").write_text(text.format(112), encoding="utf-8")
    result = run("errata.arch")
    assert (result.exit_code, codes(result)) == (1, ["A205"])


# -- errors in the wild ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "text", "code", "words"),
    [
        (2, "[224x224x3] INPUT\n[55x55x96] CONV1: 96 11x11 filters at stride 4, pad 0\n", "A201", "a 227x227 input"),
        (2, "[13x13x256] INPUT\n[6x6x256] POOL3: max pool 3x3, stride 1, pad 1\n", "A201", "gives 13x13x256"),
        (2, "[27x27x96] INPUT\n[27x27x256] CONV2: 256 5x5 filters, pad 2  params: 6,400\n", "A203", "614,656 found"),
        (3, "[13x13x8] INPUT\nCONV3: 8 3x3 filters, pad 1\nCONV3: 8 3x3 filters, pad 1\n", "A506", "line 2"),
        (2, "[55x55x96] INPUT\n[55x55x64] CONV2: 32 3x3 filters, pad 1\n", "A201", "gives 55x55x32"),
    ],
    ids=["224 for 227", "pool3", "6,400", "three times conv3", "channels"],
)  # fmt: skip
def test_what_goes_wrong_in_the_wild_is_named_on_its_line(run, tmp_path, line, text, code, words):
    (tmp_path / "wild.arch").write_text(text, encoding="utf-8")
    result = run("wild.arch", "--strict")
    assert result.exit_code == 1
    (picture,) = [each for each in result.stdout.split("\n\n") if each.startswith(f"error[{code}]")]
    assert f"wild.arch:{line}:" in picture and words in picture


# -- files that a machine may hold -------------------------------------------------------------------------------------


def enormous(path):
    with path.open("wb") as file:
        file.truncate(1 << 33)


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (lambda path: path.write_bytes(b"\x89PNG\r\n\x1a\n\xff\xd8"), "is not a text file"),
        (lambda path: path.write_bytes(b"input\x00 8x8x3"), "NUL bytes"),
        (lambda path: path.symlink_to("nowhere"), "no such file"),
        (lambda path: path.symlink_to(path.name), "too many levels of symbolic links"),
        (lambda path: path.mkdir(), "no .arch file in"),
        (enormous, "more than 8 MiB"),
        (lambda path: path.write_bytes(b""), "the file is empty"),
        (lambda path: os.mkfifo(path), "it is a pipe"),
        (lambda path: path.write_text("input 8x8x3\nconv 3x3, " + 6000 * "9"), "no figure is so long"),
        (lambda path: path.write_text("input 8x8x3\ndropout 0." + 6000 * "9"), "no figure is so long"),
        (lambda path: path.write_text(f"input 8x8x3\nexpect params = {6000 * '9'}"), "no figure is so long"),
    ],
    ids=["png", "nul", "nowhere", "round", "folder", "enormous", "empty", "pipe", "channels", "dropout", "expected"],
)
def test_a_bad_file_is_one_diagnostic_and_the_others_are_checked(run, tmp_path, made, words):
    made(tmp_path / "bad.arch")
    result = run("bad.arch", "good.arch", "wrong.arch")
    assert result.exit_code == 2
    assert words in result.stdout and "Traceback" not in result.output
    assert codes(result)[-2:] == ["A306", "A203"]
    there = (tmp_path / "bad.arch").exists() and not (tmp_path / "bad.arch").is_dir()
    assert f"2 networks in {2 + there} files" in last(result)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_may_not_be_read_is_told(run, tmp_path):
    (tmp_path / "good.arch").chmod(0)
    result = run("good.arch", "wrong.arch")
    assert result.exit_code == 2
    assert "permission denied" in result.stdout and "A203" in result.stdout


def test_what_the_cache_holds_of_a_file_that_is_gone_is_not_told(run, tmp_path):
    run(".")
    (tmp_path / "wrong.arch").unlink()
    assert codes(run("wrong.arch", "good.arch")) == ["A101"]


def test_a_repaired_file_is_checked_anew(run, tmp_path):
    assert run("wrong.arch").exit_code == 1
    (tmp_path / "wrong.arch").write_text(WRONG.replace("113", "112"), encoding="utf-8")
    assert run("wrong.arch").exit_code == 0


def test_without_a_cache_nothing_is_kept(run, tmp_path):
    run("--no-cache")
    assert not (tmp_path / ".archcalc_cache").exists()
    run()
    assert (tmp_path / ".archcalc_cache" / "check.json").exists()


# -- a project ---------------------------------------------------------------------------------------------------------

PROJECT = """\
paths = ["nets"]
exclude = ["drafts"]
strict = true
cache = "kept"
[per-file-ignores]
"old.arch" = ["A306"]
[budgets]
"*.arch" = ["params <= 111"]
"""


@pytest.fixture
def project(run, tmp_path):
    (tmp_path / "archcalc.toml").write_text(PROJECT, encoding="utf-8")
    for name in ("nets/new.arch", "nets/old.arch", "nets/drafts/bad.arch"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("input 8x8x3\nconv 3x3, 4, stride 2\n", encoding="utf-8")
    return tmp_path


def test_a_project_says_what_is_checked_and_how(run, project):
    result = run()
    assert result.exit_code == 1
    assert codes(result) == ["A206", "A306", "A206"]
    assert last(result) == "3 errors: 2 networks in 2 files, 0 of 2 figures right, 1 ignored"
    assert "params <= 111" in result.stdout and "archcalc.toml" in result.stdout
    assert (project / "kept" / "check.json").exists()
    assert run().stdout == result.stdout


def test_a_changed_budget_is_held_anew(run, project):
    run()
    config = project / "archcalc.toml"
    config.write_text(PROJECT.replace("111", "112"), encoding="utf-8")
    assert codes(run()) == ["A306"]


def test_a_project_has_a_lock(run, tmp_path):
    (tmp_path / "archcalc.toml").write_text('lock = "specs.lock"\n', encoding="utf-8")
    missing = run("good.arch")
    assert (missing.exit_code, codes(missing)) == (2, ["A602"]) and "--update-lock" in missing.stdout
    assert run("--lock", "specs.lock", "good.arch").exit_code == 2 and not (tmp_path / "specs.lock").exists()
    assert run("good.arch", "--update-lock").stderr == "specs.lock: written, 1 network\n"
    changed = GOOD.replace("conv 3x3, 4", "conv 3x3, 5").replace("6x6x4", "6x6x5").replace("112", "140")
    (tmp_path / "good.arch").write_text(changed, encoding="utf-8")
    found = run("good.arch")
    assert found.exit_code == 1 and set(codes(found)) == {"A207"}
    (tmp_path / "good.arch").write_text("# archcalc: ignore-file A207\n" + changed, encoding="utf-8")
    quiet = run("good.arch")
    assert (quiet.exit_code, codes(quiet)) == (0, [])
    assert run("good.arch", "--update-lock").exit_code == 0
    assert run("good.arch", "--no-cache", "--strict").exit_code == 0


def test_what_a_project_allows_is_asked_of_changes_alone(run, tmp_path):
    (tmp_path / "archcalc.toml").write_text('fail-on = ["params > +1%"]\n', encoding="utf-8")
    assert run("good.arch").exit_code == 0
    assert run("good.arch", "--fail-on", "any").exit_code == 2


def test_a_revision_that_is_not_there_is_told_in_every_format(run):
    for format_ in ("text", "json", "junit", "sarif", "github", "markdown"):
        result = run("good.arch", "--against", "nosuch", "--format", format_)
        assert (result.exit_code, result.stderr) == (2, ""), format_
        assert "A602" in result.stdout and "git repository" in result.stdout, format_


def test_what_a_symbol_leaves_open_is_counted(run, tmp_path):
    text = "input HxWx3\nconv 3x3, 4\nexpect params = 112\nexpect macs <= 1M\nexpect memory <= 1M\n"
    (tmp_path / "open.arch").write_text(text, encoding="utf-8")
    result = run("open.arch")
    assert last(result) == "All well: 1 network in 1 file, 1 figure right, 2 undecided"
    assert json.loads(run("open.arch", "--format", "json").stdout)["summary"]["undecided"] == 2


@pytest.mark.parametrize("file", ["archcalc.toml", "pyproject.toml"])
def test_a_broken_configuration_is_one_of_the_things_told(run, tmp_path, file):
    (tmp_path / file).write_text("[tool.archcalc\nstrict = true\n", encoding="utf-8")
    result = run("good.arch", "wrong.arch")
    assert (result.exit_code, codes(result)) == (2, ["A601", "A306", "A203"])
    assert f"{file}:1:" in result.stdout
    assert not (tmp_path / ".archcalc_cache").exists()


def test_a_run_reads_the_configuration_once(run, tmp_path, monkeypatch):
    from archcalc.checking import project

    read = []
    monkeypatch.setattr(project, "read_source", lambda path: read.append(path) or read_source(path))
    (tmp_path / "archcalc.toml").write_text("strict = true\n", encoding="utf-8")
    assert run("good.arch").exit_code == 0
    assert [os.path.basename(path) for path in read] == ["archcalc.toml"]


def test_what_a_configuration_names_in_vain_is_told_of_the_whole_project(run, tmp_path):
    (tmp_path / "archcalc.toml").write_text('[budgets]\n"god.arch" = ["params <= 1M"]\n', encoding="utf-8")
    result = run()
    assert codes(result)[-1] == "A601" and "warning[A601]: 'god.arch' means none of the files" in result.stdout
    assert "in 3 files" in last(result)
    assert codes(run("good.arch")) == []
    (tmp_path / "archcalc.toml").write_text('paths = ["godo.arch"]\n', encoding="utf-8")
    result = run()
    assert (result.exit_code, codes(result)) == (2, ["A601"]) and "archcalc.toml:1:10" in result.stdout
    assert last(result) == "1 error: no network in no file"
    (tmp_path / "archcalc.toml").write_text('paths = ["."]\nexclude = ["*.arch"]\n', encoding="utf-8")
    assert "no .arch file in . but what the configuration's 'exclude' leaves out" in run().stdout


def test_a_budget_of_a_network_that_no_file_has_is_told_of_the_whole_project(run, tmp_path):
    text = '[budgets]\n"good.arch" = ["params of god <= 1M", "params of good <= 1M"]\n"gone.arch" = []\n'
    (tmp_path / "archcalc.toml").write_text(text, encoding="utf-8")
    (tmp_path / "good.arch").write_text("network good\ninput 4\nfc 4\n", encoding="utf-8")
    for _ in range(2):  # the second is from the cache
        told = run().stdout
        assert "warning[A601]: no network 'god' in the files" in told and "did you mean 'good'?" in told
        assert told.index("archcalc.toml:2:") < told.index("archcalc.toml:3:")
    assert codes(run("good.arch")) == []
    assert "error[A601]: no network 'god' in the files" in run("--strict").stdout


def test_a_link_that_leads_back_is_doubtful(run, tmp_path):
    (tmp_path / "one").mkdir()
    (tmp_path / "good.arch").rename(tmp_path / "one" / "good.arch")
    (tmp_path / "one" / "back").symlink_to(".")
    assert (run("one").exit_code, codes(run("one"))) == (0, ["A101"])
    result = run("one", "--strict")
    assert result.exit_code == 1 and "error[A101]" in result.stdout
    assert last(result) == "1 error: 1 network in 1 file, all 2 figures right"


def test_a_doubt_about_the_project_is_wrong_where_one_is_strict(run, tmp_path):
    text = 'strict = true\npaths = ["good.arch"]\n[per-file-ignores]\n"god.arch" = ["A501"]\n'
    (tmp_path / "archcalc.toml").write_text(text, encoding="utf-8")
    result = run()
    assert result.exit_code == 1 and "error[A601]" in result.stdout


# -- the command line --------------------------------------------------------------------------------------------------


def test_a_code_is_explained(run):
    result = run("--explain", "a203")
    assert result.exit_code == 0 and "A203" in result.stdout
    wrong = run("--explain", "A20")
    assert wrong.exit_code in (0, 2)
    assert run("--explain", "B999").exit_code == 2


@pytest.mark.parametrize("arguments", [["--watch", "--format", "json"], ["--watch", "-"], ["--format", "yaml"]])
def test_what_does_not_go_together_is_refused(run, arguments):
    result = run("good.arch", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")


def test_pages_of_several_processes_are_those_of_one(run):
    assert run("--jobs", "2", "--no-cache").stdout == run("--jobs", "1", "--no-cache").stdout


def test_a_saved_file_is_checked_again_until_an_interrupt(tmp_path):
    pytest.importorskip("watchfiles")
    spec = tmp_path / "net.arch"
    spec.write_text(GOOD, encoding="utf-8")
    command = [sys.executable, "-u", "-m", "archcalc", "check", str(tmp_path), "--watch"]
    running = subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)}, preexec_fn=_interruptible,
    )  # fmt: skip

    def until(words):
        lines = []
        while not lines or words not in lines[-1]:
            lines.append(running.stdout.readline())
            assert lines[-1], running.stderr.read()
        return "".join(lines)

    try:
        until("All well")
        spec.write_text(WRONG, encoding="utf-8")
        assert "113 params printed" in until("1 error")
        other = tmp_path / "new.arch"
        other.write_text(BROKEN, encoding="utf-8")
        until("2 errors")
        other.unlink()
        until("1 error and")
        time.sleep(0.1)
        made = tmp_path / "net.arch.new"
        made.write_text(GOOD, encoding="utf-8")
        made.replace(spec)  # as editors save
        until("All well")
        time.sleep(0.3)  # the status is taken down after the last line
    finally:
        running.send_signal(2)
        _, err = running.communicate(timeout=20)
    assert (running.returncode, err) == (0, "")


def _interruptible():
    import signal

    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_our_own_specs_are_well(monkeypatch, tmp_path):
    """The library's own test, as its users would have it."""
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, ["check", "--strict", str(ROOT / "specs")], catch_exceptions=False)
    assert result.exit_code == 0, result.stdout
    assert result.stdout.startswith("All well: ")
