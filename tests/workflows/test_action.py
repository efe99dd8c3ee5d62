"""The action: its file as GitHub reads it, and its steps run by bash as a runner runs them."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml
from check_jsonschema.builtin_schemas import get_builtin_schema
from jsonschema import Draft7Validator

ROOT = Path(__file__).parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS = ACTION["runs"]["steps"]
RIGHT = "input 8x8x3\nconv1: conv 3x3, 4   params: 112\n"
WRONG = "input 8x8x3\nconv1: conv 3x3, 4   params: 113\n"


def test_it_is_what_github_reads():
    schema = get_builtin_schema("vendor.github-actions")
    assert [each.message for each in Draft7Validator(schema).iter_errors(ACTION)] == []


def test_no_input_becomes_part_of_a_script():
    scripts = [step["run"] for step in STEPS if "run" in step]
    assert scripts and not any("${{" in script for script in scripts)
    assert all(step["if"] == "${{ inputs.python-version != '' }}" for step in STEPS if "uses" in step)


def test_every_input_is_used():
    whole = yaml.safe_dump(STEPS)
    assert [name for name in ACTION["inputs"] if not re.search(rf"inputs\.{name}\b(?!-)", whole)] == []
    assert all("description" in each and "default" in each for each in ACTION["inputs"].values())


class Runner:
    """Runs the steps of the action that are scripts: inputs as they are given, or their defaults."""

    def __init__(self, temp):
        self.temp = temp

    def step(self, name, folder, **inputs):
        step = next(each for each in STEPS if each.get("name") == name)
        assert step["shell"] == "bash"
        given = {key: str(each["default"]) for key, each in ACTION["inputs"].items()}
        given.update({key.replace("_", "-"): value for key, value in inputs.items()})

        def value(text):
            text = re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda match: given[match[1]], text)
            return text.replace("${{ github.action_path }}", str(ROOT))

        script = self.temp / "step.sh"
        script.write_text(step["run"], encoding="utf-8")
        summary = self.temp / "summary.md"
        summary.write_text("", encoding="utf-8")
        inherited = {key: each for key, each in os.environ.items() if not key.startswith(("PYTHON", "GITHUB_"))}
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],  # as a runner calls it
            cwd=folder / value(step.get("working-directory", ".")), text=True, timeout=600,
            capture_output=True,
            env={
                **inherited, "CI": "true", "GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": str(folder),
                "RUNNER_TEMP": str(self.temp), "GITHUB_STEP_SUMMARY": str(summary),
                **{key: value(each) for key, each in step["env"].items()},
            },
        )  # fmt: skip
        done.summary = summary.read_text(encoding="utf-8")
        return done


@pytest.fixture(scope="module")
def runner(tmp_path_factory):
    """A runner on which the action's first step has installed archcalc."""
    made = Runner(tmp_path_factory.mktemp("runner"))
    done = made.step("Install archcalc", made.temp)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("archcalc ")
    return made


@pytest.fixture
def checkout(tmp_path):
    for name, text in {"right.arch": RIGHT, "nets/wrong one.arch": WRONG}.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def test_a_wrong_figure_fails_with_an_annotation_and_a_summary(runner, checkout):
    done = runner.step("Check", checkout)
    assert done.returncode == 1, done.stderr
    annotation, verdict = done.stdout.splitlines()
    assert annotation == (
        "::error file=nets/wrong one.arch,line=2,col=30,endLine=2,endColumn=33,title=A203%3A a printed figure is wrong"
        "::113 params printed, 112 found"
    )
    assert verdict.startswith("1 error: 2 networks in 2 files")
    assert done.summary.startswith("### archcalc: 1 error: 2 networks in 2 files")


def test_right_figures_pass(runner, checkout):
    done = runner.step("Check", checkout, paths="right.arch\n\n", strict="true")
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(r"All well: 1 network in 1 file, .*\n", done.stdout)
    assert done.summary == f"### archcalc: {done.stdout}"


def test_a_project_says_what_is_checked(runner, checkout):
    (checkout / "archcalc.toml").write_text('paths = ["right.arch"]\n', encoding="utf-8")
    done = runner.step("Check", checkout)
    assert done.returncode == 0 and done.stdout.startswith("All well: 1 network in 1 file")


def test_paths_are_from_the_checkout_wherever_it_checks(runner, checkout):
    done = runner.step("Check", checkout, working_directory="nets", paths="wrong one.arch", summary="false")
    assert done.stdout.startswith("::error file=nets/wrong one.arch,")
    assert done.summary == ""


def test_a_report_goes_to_a_file(runner, checkout):
    done = runner.step("Check", checkout, format="junit", output="found.xml")
    assert (done.returncode, done.stdout) == (1, "")
    assert ElementTree.parse(checkout / "found.xml").getroot().get("failures") == "1"


def test_no_input_is_run(runner, checkout):
    trap = '"; touch trapped; $(touch trapped) `touch trapped`'
    done = runner.step("Check", checkout, paths=trap, args=trap, lock="", strict=trap, format="github")
    assert done.returncode == 2
    assert not (checkout / "trapped").exists() and "Traceback" not in done.stderr


def test_what_cannot_be_checked_is_a_status_of_its_own(runner, checkout):
    done = runner.step("Check", checkout, paths="none.arch")
    assert done.returncode == 2 and "cannot read none.arch" in done.stdout


def test_changes_since_a_revision_fail_where_they_are_not_allowed(runner, checkout):
    def git(*words):
        who = ["-c", "user.name=A person", "-c", "user.email=person@example.org"]
        subprocess.run(["git", *who, *words], cwd=checkout, check=True, capture_output=True, text=True)

    git("init", "-q", "-b", "main")
    git("add", "right.arch")
    git("commit", "-q", "-m", "A spec")
    wider = RIGHT.replace("3x3, 4", "3x3, 8").replace("112", "224")
    (checkout / "right.arch").write_text(wider, encoding="utf-8")
    asked = {"paths": "right.arch", "against": "main"}
    assert runner.step("Check", checkout, **asked).returncode == 0
    done = runner.step("Check", checkout, **asked, fail_on="macs > +500%\n\nparams > +1%\n")
    assert (done.returncode, done.stdout.count("::error")) == (1, 1)
    assert done.stdout.startswith("::error file=right.arch,line=1,") and "params > +1%25" in done.stdout
    assert "params" in done.summary


def test_a_lock_is_held_and_never_begun(runner, checkout):
    asked = {"paths": "right.arch", "lock": "archcalc.lock"}
    done = runner.step("Check", checkout, **asked)
    assert done.returncode == 2 and "title=A602%3A" in done.stdout and not (checkout / "archcalc.lock").exists()
    assert runner.step("Check", checkout, **asked, args="--update-lock").returncode == 0
    assert (checkout / "archcalc.lock").exists()
    wider = RIGHT.replace("3x3, 4", "3x3, 8").replace("112", "224")
    (checkout / "right.arch").write_text(wider, encoding="utf-8")
    done = runner.step("Check", checkout, **asked)
    assert done.returncode == 1 and "title=A207%3A" in done.stdout
