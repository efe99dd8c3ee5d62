"""The hook as a person has it: pre-commit in a repository of theirs, installed from ours."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
RIGHT = "input 8x8x3\nconv1: conv 3x3, 4   params: 112\n"
WRONG = "input 8x8x3\nconv1: conv 3x3, 4   params: 113\n"


class Repository:
    """A git repository in a folder."""

    def __init__(self, folder, environment):
        self.folder, self.environment = folder, environment
        folder.mkdir(exist_ok=True)
        self.run("git", "init", "-q", "-b", "main")

    def run(self, *command, status=0):
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, timeout=600, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        assert status is None or done.returncode == status, done.stdout
        return done

    def commit(self, status=0):
        self.run("git", "add", "-A")
        return self.run("git", "commit", "-q", "-m", "A change", status=status).stdout


@pytest.fixture
def environment(tmp_path):
    """No settings of this machine's git, a home of its own for pre-commit, and the tools of this Python."""
    who = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER") for what, value in (
        ("NAME", "A person"), ("EMAIL", "person@example.org"),
    )}  # fmt: skip
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "PYTHON"))}
    return {
        **inherited, **who, "GIT_CONFIG_GLOBAL": os.devnull, "PRE_COMMIT_HOME": str(tmp_path / "home"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "NO_COLOR": "1",
    }  # fmt: skip


@pytest.fixture
def ours(tmp_path, environment):
    """This repository as it is now, committed: what a person's configuration names."""
    folder = tmp_path / "ours"
    shutil.copytree(ROOT / "archcalc", folder / "archcalc", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml"):
        shutil.copy(ROOT / name, folder / name)
    made = Repository(folder, environment)
    made.commit()
    return made


def test_a_commit_with_a_wrong_figure_is_stopped(tmp_path, environment, ours):
    theirs = Repository(tmp_path / "theirs", environment)
    revision = ours.run("git", "rev-parse", "HEAD").stdout.strip()
    hooks = {"repos": [{"repo": str(ours.folder), "rev": revision, "hooks": [{"id": "archcalc"}]}]}
    (theirs.folder / ".pre-commit-config.yaml").write_text(json.dumps(hooks), encoding="utf-8")
    theirs.run(sys.executable, "-m", "pre_commit", "install")
    spec = theirs.folder / "nets" / "mine.arch"
    spec.parent.mkdir()

    spec.write_text(WRONG, encoding="utf-8")
    said = theirs.commit(status=1)
    assert "archcalc check" in said and "error[A203]: 113 params printed, 112 found" in said
    assert "nets/mine.arch:2:30" in said and "1 error: 1 network in 1 file" in said

    spec.write_text(RIGHT, encoding="utf-8")
    assert "Passed" in theirs.commit()
    # what has nothing to do with specs is not held up
    (theirs.folder / "notes.txt").write_text(WRONG, encoding="utf-8")
    assert "Skipped" in theirs.commit()


def test_the_hook_is_what_pre_commit_reads():
    made = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", "validate-manifest", str(ROOT / ".pre-commit-hooks.yaml")],
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert [hook["id"] for hook in made] == ["archcalc"]
