"""What options of ``archcalc profile`` are refused before PyTorch is imported, and what ends a command early."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from archcalc.analyses.latency.measured import Setting
from archcalc.cli.profiling import most_threads, seconds_of, settings


def refused(read, *arguments):
    with pytest.raises(typer.BadParameter) as fault:
        read(*arguments)
    return fault.value.message


@pytest.mark.parametrize("threads", ["100000", "20000", "1,1048576"])
def test_threads_that_no_machine_can_make_are_refused(threads):
    said = refused(settings, Setting(), "1", "fp32", threads, [])
    assert re.search(rf"'{threads.split(',')[-1]}' is not a number from 1 to {most_threads():,}, or several", said)
    assert most_threads() >= 64 and most_threads() >= 16 * os.cpu_count()
    (made,) = settings(Setting(), "1", "fp32", str(most_threads()), [])
    assert made.threads == most_threads()


@pytest.mark.parametrize("text", ["1,,2", ",1", "1, ,2"])
def test_an_empty_place_of_a_list_is_told_with_the_list(text):
    said = refused(settings, Setting(), text, "fp32", "", [])
    assert said.startswith(f"'{text}' has an empty place, not a number from 1 to 1,048,576")


def test_a_time_without_a_unit_is_of_few_seconds():
    assert (seconds_of("60"), seconds_of("500ms"), seconds_of("500s"), seconds_of("10ms")) == (60, 0.5, 500, 0.01)
    assert refused(seconds_of, "500") == "'500' has no unit: 500ms or 500s"


def test_an_interrupt_while_the_command_line_is_imported_is_no_traceback(tmp_path):
    """The first import that the command line asks for never ends."""
    folder = tmp_path / "typer"
    folder.mkdir()
    (folder / "__init__.py").write_text(
        "import time\nprint('ready', flush=True)\nwhile True: time.sleep(0.01)\n", encoding="utf-8"
    )
    path = os.pathsep.join([str(tmp_path), str(Path(__file__).parents[2])])
    command = [sys.executable, "-m", "archcalc", "profile"]
    with subprocess.Popen(
        command, env=os.environ | {"PYTHONPATH": path}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as started:
        assert started.stdout is not None and started.stdout.readline() == "ready\n"
        started.send_signal(signal.SIGINT)
        assert started.communicate(timeout=60) == ("", "") and started.returncode == 130
