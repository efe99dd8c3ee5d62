"""Several files on several cores: nothing differs but the time, and nothing is left when it ends early."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from archcalc.cli.workers import LITTLE, Lost, hands, spread

GOOD = "network one\n[8x8x3] INPUT\n[6x6x4] CONV: 4 3x3 filters   params: 112\n"
FILES = {
    "good": GOOD,
    "wrong": "network two\ninput 8x8x3\nconv 3x3, 4\nexpect params = 111\n",
    "broken": "network three\ninput 8x8x3\nconv 3x3, 4, stirde 2\n",
    "doubtful": "network four\ninput 8x8x3\nconv 3x3, 4, stride 2\n",
    "both": f"{GOOD}\nnetwork five\ninput 8x8x3\nconv 3x3, 4, stride 2; relu\n",
    "large": "network six\ninput 64x64x3\n(conv 3x3, 4, pad 1; relu) x 200\n" + "# so that it goes first\n" * 50,
}
MANY = [
    "both.arch", "missing.arch", "doubtful.arch", "large.arch", "-", "both.arch", "broken.arch", "wrong.arch:two",
    "missing.arch", "none", "both.arch:five", "more", "-", "good.arch:oen",
]  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    for name, text in FILES.items():
        (tmp_path / f"{name}.arch").write_text(text, encoding="utf-8")
    (tmp_path / "none").mkdir()
    (tmp_path / "more").mkdir()
    for name in ("b", "a", "c"):
        (tmp_path / "more" / f"{name}.arch").write_text(GOOD.replace("one", name), encoding="utf-8")
    return tmp_path


def environment(**changes):
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "COLUMNS": "100", **changes}


def run(folder, *arguments, code=None, **options):
    command = [sys.executable, *(["-m", "archcalc"] if code is None else ["-c", code])]
    return subprocess.run(
        [*command, "report", *arguments], cwd=folder, env=environment(), capture_output=True, text=True, timeout=60,
        **options,
    )  # fmt: skip


@pytest.mark.parametrize(
    "options",
    [
        ["text"],
        ["json"],
        ["csv"],
        ["markdown"],
        ["text", "--strict"],
        ["text", "--depth", "1"],
        ["csv", "--as", "torch"],
    ],
    ids=" ".join,
)
def test_nothing_differs_but_the_time(folder, options):
    one, many = (
        run(folder, *MANY, "--format", *options, "--jobs", jobs, input=GOOD.replace("one", "given"))
        for jobs in ("1", "3")
    )
    assert (many.returncode, many.stdout, many.stderr) == (one.returncode, one.stdout, one.stderr)
    assert one.returncode == 2 and "given" in one.stdout and "six" in one.stdout


def test_both_streams_in_one_place_keep_their_order(folder):
    one, many = (
        subprocess.run(
            [sys.executable, "-m", "archcalc", "report", "both.arch", "broken.arch", "large.arch", "--jobs", jobs],
            cwd=folder, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60,
        ).stdout
        for jobs in ("1", "2")
    )  # fmt: skip
    assert many == one and one.index("five") < one.index("stirde") < one.index("six")


def test_a_diagnostic_is_drawn_once_however_often_its_file_is_named(folder):
    for jobs in ("1", "2"):
        said = run(folder, "doubtful.arch", "doubtful.arch:four", "doubtful.arch", "--jobs", jobs).stderr
        assert said.count("warning[A306]") == 1


DYING = """
import os, signal, archcalc.cli, archcalc.cli.specs as specs
examined = specs.examined
def dies(files, *arguments, **named):
    if files == ["large.arch"]:
        os.kill(os.getpid(), signal.SIGKILL)
    return examined(files, *arguments, **named)
specs.examined = dies
archcalc.cli.main()
"""


def test_a_worker_that_is_killed_costs_its_file_and_says_so(folder):
    done = run(folder, "good.arch", "large.arch", "doubtful.arch", "--jobs", "2", "--format", "json", code=DYING)
    found = json.loads(done.stdout)
    assert [report["status"] for report in found] == ["ok", "unreadable", "ok"] and done.returncode == 2
    (said,) = [said for said in done.stderr.split("\n\n") if said.startswith("error")]
    assert "cannot read large.arch" in said and "SIGKILL" in said and "--jobs 1" in said


def children(process):
    tasks = Path(f"/proc/{process}/task").glob("*/children")
    return sorted(child for task in tasks for child in task.read_text().split())


def interruptible():
    """In a new process: takes an interrupt, though whoever runs the tests ignores it, as a shell's background does."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextmanager
def leaving_no_child():
    before = children(os.getpid())
    yield
    assert children(os.getpid()) == before


@pytest.mark.skipif(not os.path.exists(f"/proc/{os.getpid()}/task"), reason="asks /proc for processes")
@pytest.mark.parametrize("everyone", [True, False])
def test_an_interrupt_ends_all_silently(tmp_path, everyone):
    for name in "abcd":
        (tmp_path / f"{name}.arch").write_text("input 8x8x3\n" + "(conv 3x3, 4, pad 1; relu) x 30000\n")
    process = subprocess.Popen(
        [sys.executable, "-m", "archcalc", "report", ".", "--jobs", "2"], cwd=tmp_path, env=environment(),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        preexec_fn=interruptible,
    )  # fmt: skip
    until = time.monotonic() + 30
    while len(children(process.pid)) < 2 and time.monotonic() < until:
        time.sleep(0.02)
    workers = children(process.pid)
    assert len(workers) == 2
    (os.killpg if everyone else os.kill)(process.pid, signal.SIGINT)
    assert process.communicate(timeout=30) == ("", None) and process.returncode == 130
    assert not any(os.path.exists(f"/proc/{worker}") for worker in workers)


def test_a_reader_that_stops_reading_ends_all_silently(folder):
    (folder / "large.arch").write_text("input 8x8x3\n" + "(conv 3x3, 4, pad 1; relu) x 3000\n", encoding="utf-8")
    command = (
        f'"{sys.executable}" -m archcalc report large.arch both.arch --jobs 2 | head -n 1; echo ${{PIPESTATUS[0]}}'
    )
    done = subprocess.run(["bash", "-c", command], cwd=folder, env=environment(), capture_output=True, timeout=60)
    assert done.stdout.splitlines()[-1] == b"141" and done.stderr == b""


# the mapping alone, its items numbers


def mapped(work, weights, jobs):
    taken = []
    with leaving_no_child():
        spread(work, range(len(weights)), weights, jobs, taken.append)
    return taken


@pytest.fixture
def log(tmp_path):
    """A file that processes append words to, and what is in it."""
    path = tmp_path / "log"

    def write(word):
        with open(path, "a", encoding="ascii") as file:
            file.write(f"{word}\n")

    return write, lambda: path.read_text(encoding="ascii").split()


def test_the_heaviest_is_begun_first_and_results_keep_their_order(log):
    write, read = log

    def work(item):
        write(item)
        return item * 10

    assert mapped(work, [3, 9, None, 9, 1], 1) == [0, 10, 20, 30, 40]
    begun = [int(word) for word in read()]
    assert [item for item in begun if item != 2] == [1, 3, 0, 4]


def test_two_are_at_work_at_once(log):
    write, read = log

    def meets(item):
        write(item)
        until = time.monotonic() + 30
        while len(read()) < 2 and time.monotonic() < until:
            time.sleep(0.01)
        return len(read()), os.getpid()

    (one, first), (other, second) = mapped(meets, [1, 1], 2)
    assert (one, other) == (2, 2) and len({first, second, os.getpid()}) == 3


def test_what_has_no_weight_is_done_here():
    places = mapped(lambda item: os.getpid(), [1, None, 1, None], 2)
    assert [place == os.getpid() for place in places] == [False, True, False, True]


def test_a_large_result_comes_whole():
    assert mapped(lambda item: bytes([item]) * 3_000_000, [1] * 4, 2) == [
        bytes([item]) * 3_000_000 for item in range(4)
    ]


def test_what_is_raised_is_raised_here_after_what_came_before():
    def work(item):
        return item // (2 - item)

    taken = []
    with leaving_no_child(), pytest.raises(ZeroDivisionError):
        spread(work, range(4), [1] * 4, 2, taken.append)
    assert taken == [0, 1]


@pytest.mark.parametrize("jobs", [1, 2, 5])
def test_those_that_die_cost_their_own_items(jobs):
    def work(item):
        if item % 3 == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        if item % 3 == 1:
            os._exit(7)
        return item

    assert mapped(work, [1] * 7, jobs) == [
        Lost(how) if isinstance(how, str) else how
        for how in ("SIGKILL", "exit status 7", 2, "SIGKILL", "exit status 7", 5, "SIGKILL")
    ]


def test_without_processes_to_be_had_all_is_done_here(monkeypatch):
    def none():
        raise BlockingIOError

    monkeypatch.setattr(os, "fork", none)
    assert mapped(lambda item: os.getpid(), [1, 1], 2) == [os.getpid()] * 2


def test_as_many_as_are_worth_it(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {0, 1, 2, 3}, raising=False)
    much = LITTLE
    assert hands([much, much, 9]) == 3 and hands([much] * 9) == 4
    assert hands([100, 100]) == hands([much * 9]) == hands([much * 9, None]) == 1
    assert hands([100, 100], 2) == 2 and hands([much] * 9, 1) == 1 and hands([1] * 3, 8) == 3
    monkeypatch.delattr(os, "fork")
    assert hands([much] * 9, 4) == 1
