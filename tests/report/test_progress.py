"""The line that says how far a run is: only on a terminal, only now and then, and gone at the end."""

from __future__ import annotations

import io

import pytest

from archcalc.report.progress import Progress


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self):
        return True


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def shown(out):
    """The line that a person sees at the end."""
    return out.getvalue().rpartition("\x1b[2K")[2]


def test_nothing_goes_to_a_file():
    out = io.StringIO()
    progress = Progress(out)
    progress.tell("warming up", 0.5)
    progress.wipe()
    assert out.getvalue() == ""


def test_a_share_has_a_bar_and_the_time_that_is_left(clock):
    out = Terminal()
    progress = Progress(out, clock=clock)
    clock.now += 10
    progress.tell("resnet-50, sampling", 0.25)
    assert shown(out) == f" 25 % {'█' * 6:24} resnet-50, sampling, 30 s left"
    clock.now += 590
    progress.tell("resnet-50, sampling", 0.5)
    assert shown(out).endswith("10 min left")


def test_a_share_is_told_five_times_a_second_at_most(clock):
    out = Terminal()
    progress = Progress(out, clock=clock)
    for step in range(1, 101):
        progress.tell("sampling", step / 100)
        clock.now += 0.02
    assert out.getvalue().count("\r") == 10


def test_words_are_told_at_once_and_the_same_ones_once(clock):
    out = Terminal()
    progress = Progress(out, clock=clock)
    for words in ("macs", "field", "field"):
        progress.tell(words)
    assert out.getvalue() == "\r\x1b[2Kmacs\r\x1b[2Kfield"


def test_a_short_run_says_nothing(clock):
    out = Terminal()
    progress = Progress(out, patience=1.0, clock=clock)
    clock.now += 0.9
    progress.tell("sampling", 0.5)
    progress.wipe()
    assert out.getvalue() == ""
    clock.now += 0.2
    progress.tell("sampling", 0.5)
    assert "50 %" in shown(out)
    progress.wipe()
    assert shown(out) == ""


def test_time_that_is_left_is_that_of_this_run(clock):
    out = Terminal()
    progress = Progress(out, clock=clock)
    clock.now += 1000
    progress.begin()
    clock.now += 3
    progress.tell("the second", 0.5)
    assert shown(out).endswith("the second, 3 s left")


@pytest.mark.parametrize("columns", [20, 40, 80])
def test_it_stays_on_its_line(columns, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(columns))
    out = Terminal()
    Progress(out).tell("a network of a very long name that nobody would give\x1b[2J to one " * 3, 0.5)
    assert len(shown(out)) == columns - 1 and "\x1b[2J" not in out.getvalue()


def test_a_terminal_that_knows_few_characters(clock):
    out = Terminal()
    out.encoding = "ascii"
    progress = Progress(out, clock=clock)
    clock.now += 1
    progress.tell("sampling", 0.5)
    assert shown(out).isascii()
