"""What docs/ci.md gives to copy is what the tools that read it accept."""

from __future__ import annotations

import io
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import typer.main
from check_jsonschema.builtin_schemas import get_builtin_schema
from jsonschema import Draft7Validator
from ruamel.yaml import YAML

from archcalc.cli import app

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
ACTION = YAML(typ="safe").load(ROOT / "action.yml")


def blocks(kind):
    return re.findall(rf"^```{kind}\n(.*?)^```$", PAGE, re.M | re.S)


def kind_of(block):
    """Which tool a file is of, by its keys."""
    return "pre-commit" if "repos" in block else "workflow" if "jobs" in block else "gitlab"


FILES = [YAML(typ="safe").load(io.StringIO(text)) for text in blocks("yaml")]
WORKFLOWS = [block for block in FILES if kind_of(block) == "workflow"]
STEPS = [step for flow in WORKFLOWS for job in flow["jobs"].values() for step in job["steps"]]


def test_there_is_one_for_each_tool():
    assert {kind_of(block) for block in FILES} == {"pre-commit", "workflow", "gitlab"}


@pytest.mark.parametrize(("kind", "schema"), [("workflow", "github-workflows"), ("gitlab", "gitlab-ci")])
def test_files_are_what_the_platforms_read(kind, schema):
    validator = Draft7Validator(get_builtin_schema(f"vendor.{schema}"))
    for block in FILES:
        if kind_of(block) == kind:
            assert [each.message for each in validator.iter_errors(block)] == []


def test_hooks_are_what_pre_commit_reads(tmp_path):
    hooks = {each["id"] for each in YAML(typ="safe").load(ROOT / ".pre-commit-hooks.yaml")}
    for text in blocks("yaml"):
        block = YAML(typ="safe").load(io.StringIO(text))
        if kind_of(block) == "pre-commit":
            assert {each["id"] for repo in block["repos"] for each in repo["hooks"]} <= hooks
            (tmp_path / "config.yaml").write_text(text, encoding="utf-8")
            command = [sys.executable, "-m", "pre_commit", "validate-config", str(tmp_path / "config.yaml")]
            done = subprocess.run(command, capture_output=True, text=True)
            assert done.returncode == 0, done.stdout + done.stderr


def test_the_action_has_the_inputs_that_are_given_and_told():
    given = [step.get("with", {}) for step in STEPS if step.get("uses", "").startswith("OWNER/archcalc@")]
    assert given and all(set(each) <= set(ACTION["inputs"]) for each in given)
    assert [name for name in ACTION["inputs"] if f"`{name}`" not in PAGE] == []


def test_commands_have_options_that_there_are():
    check = typer.main.get_command(app).commands["check"]
    known = {option for each in check.params for option in each.opts}
    gitlab = [line for block in FILES if kind_of(block) == "gitlab" for job in block.values() for line in job["script"]]
    lines = [line for step in STEPS for line in step.get("run", "").splitlines()] + gitlab
    commands = [shlex.split(line.strip()) for line in lines if line.strip().startswith("archcalc ")]
    hooks = [hook for block in FILES for repo in block.get("repos", []) for hook in repo["hooks"]]
    commands += [["archcalc", "check", *hook.get("args", [])] for hook in hooks]
    assert len(commands) >= 5
    for command in commands:
        assert command[1] == "check"
        assert {word for word in command if word.startswith("--")} <= known
    formats = next(each for each in check.params if "--format" in each.opts).type.choices
    told = re.findall(r"^\| `(\w+)` \|", PAGE, re.M)
    assert sorted(told) == sorted(str(getattr(each, "value", each)) for each in formats)


def test_the_project_file_names_settings_that_there_are():
    (block,) = blocks("toml")
    from archcalc.testing.plugin import PATHS

    assert PATHS in tomllib.loads(block)["tool"]["pytest"]["ini_options"]


def test_the_tests_pass(pytester):
    (code,) = blocks("python")
    (pytester.path / "specs").symlink_to(ROOT / "specs")
    pytester.makepyfile(test_of_the_page=code)
    from importlib.metadata import entry_points

    installed = any(each.name == "archcalc" for each in entry_points(group="pytest11"))
    pytester.runpytest_inprocess(
        *([] if installed else ["-p", "archcalc.testing.plugin"]), "-p", "no:cacheprovider", "test_of_the_page.py"
    ).assert_outcomes(passed=2)
