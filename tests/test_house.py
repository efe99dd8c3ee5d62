"""The house rules that a machine can hold: one direction of imports, style, types, files of a readable length."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LONGEST = 250


def run(*command):
    done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr


def test_imports_go_one_way():
    command = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run(
        [sys.executable, "-c", command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0 and "0 broken" in done.stdout, done.stdout + done.stderr


def test_style():
    run("ruff", "check", "--no-cache", "archcalc", "tests", "benchmarks")


def test_types():
    run("mypy", "--cache-dir", "/dev/null")


@pytest.mark.parametrize("path", sorted(ROOT.glob("archcalc/**/*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_is_read_in_one_go(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST


def test_test_modules_have_names_of_their_own():
    """pytest imports them by their bare names."""
    names = Counter(path.name for path in ROOT.glob("tests/**/test_*.py"))
    assert [name for name, count in names.items() if count > 1] == []


def test_no_pattern_has_a_possessive_group():
    """Python 3.11.0 to 3.11.4 lose matches of these (gh-106052); of single characters they are sound."""
    written = {path: path.read_text(encoding="utf-8") for path in ROOT.glob("archcalc/**/*.py")}
    lines = [line for text in written.values() for line in text.splitlines() if not line.lstrip().startswith("#")]
    assert [line for line in lines if re.search(r"\)[*+?]\+(?!\()", line) and re.search(r"r[bf]?[\"']", line)] == []
