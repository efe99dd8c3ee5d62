"""What only a real process shows: what is imported, where output goes, and how it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

SPEC = "network one\ninput 8x8x3\nconv1: conv 3x3, 4; relu\nfc: fc 10\n"
HEAVY = ("torch", "numpy", "sympy", "fvcore", "pandas", "importlib.metadata")


@pytest.fixture
def spec(tmp_path):
    path = tmp_path / "one.arch"
    path.write_text(SPEC, encoding="utf-8")
    return str(path)


def environment(**changes):
    return {**os.environ, "PYTHONIOENCODING": "", "COLUMNS": "100", **changes}


def run(*arguments, **options):
    command = [sys.executable, "-m", "archcalc", *arguments]
    return subprocess.run(command, capture_output=True, timeout=60, env=environment(), **options)


def imported_by(*arguments):
    """The modules that a command leaves imported."""
    code = (
        "import sys, archcalc.cli\n"
        f"sys.argv = {['archcalc', *arguments]!r}\n"
        "try: archcalc.cli.main()\n"
        "except SystemExit: pass\n"
        "sys.stderr.write('\\n'.join(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True, env=environment()
    )
    return set(done.stderr.split("\n"))


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["report", "--help"]])
def test_help_imports_nothing_that_calculates(arguments):
    modules = imported_by(*arguments)
    assert "archcalc.cli" in modules
    assert not modules & {*HEAVY, "lark", "archcalc.notation", "archcalc.layers", "archcalc.analyses"}


@pytest.mark.parametrize("form", ["text", "json", "csv", "markdown"])
def test_a_report_imports_no_more_than_it_needs(spec, form):
    modules = imported_by("report", spec, "--format", form)
    assert "archcalc.notation" in modules
    assert not modules & {*HEAVY, "rich"}
    assert ("archcalc.report.json" in modules) == (form == "json")
    assert not modules & {"archcalc.cli.workers", "multiprocessing", "pickle"}


def test_importing_the_package_is_cheap():
    code = "import sys, archcalc; print([name for name in sys.modules if name.startswith('archcalc')])"
    done = subprocess.run([sys.executable, "-c", code], check=True, timeout=60, capture_output=True, text=True)
    assert done.stdout == "['archcalc.version', 'archcalc']\n"


def test_a_reader_that_stops_reading_is_no_fault(tmp_path):
    big = tmp_path / "big.arch"
    big.write_text("input 8x8x3\n" + "(conv 3x3, 4, pad 1; relu) x 3000\n", encoding="utf-8")
    command = f'"{sys.executable}" -m archcalc report "{big}" | head -n 1'
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=60, env=environment())
    assert done.stdout.startswith("big") and done.stderr == ""


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_reader_that_stops_reading_is_told_from_a_wrong_figure(tmp_path, form):
    big = tmp_path / "big.arch"
    one = "input 8x8x3\n" + "(conv 3x3, 4, pad 1; relu) x 3000\n"
    big.write_text(f"network one\n{one}network two\n{one}", encoding="utf-8")
    command = f'"{sys.executable}" -m archcalc report "{big}" --format {form} | head -n 1; echo ${{PIPESTATUS[0]}}'
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60, env=environment())
    assert done.stdout.splitlines()[-1] == "141" and done.stderr == ""


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="has no full disk at hand")
def test_a_full_disk_is_said_in_a_line(spec):
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "archcalc", "report", spec]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, env=environment())
    assert (done.returncode, done.stderr.count("\n")) == (2, 1) and "no space left" in done.stderr


@pytest.mark.parametrize("closed", [">&-", "2>&-"])
def test_a_closed_stream_is_no_traceback(spec, closed):
    command = f'"{sys.executable}" -m archcalc report "{spec}" {closed}'
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=60, env=environment())
    assert done.returncode == 0 and "Traceback" not in done.stderr


def test_an_interrupt_is_no_traceback():
    process = subprocess.Popen(
        [sys.executable, "-m", "archcalc", "report", "-"], stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        # whoever runs the tests may ignore interrupts, as a shell's background does
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    time.sleep(1.0)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode not in (0, 1, 2) and "Traceback" not in said


def test_an_unreadable_file_is_said(tmp_path, spec):
    if os.geteuid() == 0:
        pytest.skip("nothing is unreadable to root")
    os.chmod(spec, 0)
    done = run("report", spec, text=True)
    assert done.returncode == 2 and "permission denied" in done.stderr


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_a_narrow_encoding_gets_what_it_can_show(tmp_path, encoding):
    path = tmp_path / "odd.arch"
    path.write_text(SPEC.replace("one", "n\u00e9t\u7573"), encoding="utf-8")
    command = [sys.executable, "-m", "archcalc", "report", str(path)]
    done = subprocess.run(command, capture_output=True, timeout=60, env=environment(PYTHONIOENCODING=encoding))
    assert (done.returncode, done.stderr) == (0, b"")
    made = done.stdout.decode(encoding)
    assert "conv1" in made and ("\u2500" in made) == (encoding == "utf-8")


def test_output_to_a_file_has_no_colour_and_no_bars(spec):
    made = run("report", spec).stdout.decode()
    assert "\x1b" not in made and "\u2588" not in made


@pytest.mark.parametrize(("changes", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)])
def test_a_terminal_gets_colour_and_bars(spec, changes, coloured):
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    env = environment(**{"TERM": "xterm", "PYTHONIOENCODING": "utf-8"} | changes)
    if not changes:
        env.pop("NO_COLOR", None)
    subprocess.run([sys.executable, "-m", "archcalc", "report", spec], stdout=theirs, timeout=60, env=env, check=True)
    os.close(theirs)
    made = b""
    while chunk := _read(ours):
        made += chunk
    assert ("\x1b[" in made.decode()) == coloured
    assert "\u2588" in made.decode()


def _read(descriptor):
    try:
        return os.read(descriptor, 65536)
    except OSError:
        return b""


@pytest.mark.parametrize("name", ["nul\0byte.arch", "x" * 5000, "\udcff.arch"])
def test_a_name_that_no_file_can_have_is_no_traceback(name):
    from typer.testing import CliRunner

    from archcalc.cli import app

    assert CliRunner().invoke(app, ["report", name], catch_exceptions=False).exit_code == 2
