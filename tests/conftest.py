"""Settings for all tests, and a shell in which archcalc is installed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# how long an example takes says more about the machine than about the code
settings.register_profile("archcalc", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("archcalc")

_ROOT = Path(__file__).parents[1]
#: Columns of what the pages show.
_WIDTH = "100"


@pytest.fixture
def shell(tmp_path):
    """Runs a command where ``archcalc`` is on the path and ``specs`` is at hand; its output, both streams in one."""
    (tmp_path / "bin").mkdir()
    tool = tmp_path / "bin" / "archcalc"
    tool.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m archcalc "$@"\n', encoding="utf-8")
    tool.chmod(0o755)
    here = tmp_path / "here"
    here.mkdir()
    (here / "specs").symlink_to(_ROOT / "specs")
    path = f"{tool.parent}{os.pathsep}{os.environ['PATH']}"
    changes = {"PATH": path, "COLUMNS": _WIDTH, "PYTHONPATH": str(_ROOT), "PYTHONIOENCODING": "utf-8", "NO_COLOR": "1"}

    def run(command):
        done = subprocess.run(
            ["bash", "-c", command], cwd=here, env={**os.environ, **changes}, timeout=60, encoding="utf-8",
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        return done.stdout

    return run


@pytest.fixture(autouse=True)
def _as_wide_as_it_is(monkeypatch):
    """Nothing that ran before, or runs the tests, says how wide a terminal is."""
    monkeypatch.delenv("COLUMNS", raising=False)


@pytest.fixture(autouse=True)
def _with_no_history(monkeypatch, tmp_path_factory):
    """What was measured on the machine that runs the tests decides nothing in them."""
    monkeypatch.setenv("ARCHCALC_DB", str(tmp_path_factory.getbasetemp() / "nobody" / "history.sqlite"))
