"""Lock files: written, compared, kept whole."""

from __future__ import annotations

import json
import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archcalc.checking import lock
from archcalc.checking.locked import Extent, locked

LOCK = "archcalc.lock"
NET = "network net\ninput 8x8x3\nconv1: conv 3x3, 4, pad 1\nrelu\nfc: fc 10\n"
TWO = "network a\ninput 8x8x3\nfc 10\n\nnetwork b\ninput 8x8x3\nfc 20\n"


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write("net.arch", NET)
    return tmp_path


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def text(path=LOCK):
    with open(path, encoding="utf-8") as file:
        return file.read()


def said(*files, **options):
    """What a lock has to say: (code, severity, the text underlined, message)."""
    found = locked(files, LOCK, **options)
    return [
        (each.code, each.severity, each.span and each.span.text, each.message)
        for diagnostics in found.diagnostics.values()
        for each in diagnostics
    ]


def test_the_first_run_writes_it_and_the_second_agrees():
    assert locked(["net.arch"], LOCK).written == 1
    first = text()
    assert said("net.arch") == [] and locked(["net.arch"], LOCK).written is None
    assert text() == first


def test_it_is_json_of_a_network_and_a_layer_a_line():
    write("two.arch", TWO)
    locked(["two.arch", "net.arch"], LOCK)
    lines = text().splitlines()
    names = [json.loads(line.rstrip(","))["name"] for line in lines if line.startswith("  ")]
    assert names == ["input", "conv1", "relu", "fc", "input", "fc", "input", "fc"]
    found = json.loads(text())
    assert found["archcalc lock"] == 1
    assert [(each["file"], each["network"]) for each in found["networks"]] == [
        ("net.arch", "net"), ("two.arch", "a"), ("two.arch", "b"),
    ]  # fmt: skip
    assert found["networks"][0]["totals"]["params"] == 4 * 28 + 256 * 10 + 10
    assert found["networks"][0]["layers"][1]["macs"] == 64 * 4 * 27


def test_it_is_the_same_whatever_the_order():
    write("two.arch", TWO)
    locked(["two.arch", "net.arch"], LOCK)
    first = text()
    os.unlink(LOCK)
    locked(["net.arch", "two.arch"], LOCK)
    assert text() == first


def test_a_figure_that_changed_is_told_where_it_stands():
    locked(["net.arch"], LOCK)
    before = text()
    write("net.arch", NET.replace("3x3, 4, pad 1", "5x5, 4, pad 2"))
    head, cause = said("net.arch")
    assert head[:3] == ("A207", "error", "network net") and LOCK in head[3]
    assert cause[:3] == ("A207", "error", "conv 5x5, 4, pad 2")
    assert "conv1 " in cause[3] and "kernel 3x3 → 5x5" in cause[3]
    notes = locked(["net.arch"], LOCK).diagnostics["net.arch"][0].notes
    # 4 filters of 75 weights and not of 27
    assert notes[0] == "params 2,682 → 2,874 (+7.2 %)"
    assert text() == before


def test_lines_names_and_claims_are_no_figures():
    locked(["net.arch"], LOCK)
    write("net.arch", "# a word\n" + NET.replace("fc:", "last:").replace("relu", "expect params > 3\nact: relu"))
    assert said("net.arch") == []


def test_a_layer_that_is_gone_and_one_that_is_new():
    locked(["net.arch"], LOCK)
    write("net.arch", NET.replace("relu\n", "sigmoid\nbatch norm\n"))
    first, *causes = locked(["net.arch"], LOCK).diagnostics["net.arch"]
    assert "removed: relu" in first.notes
    assert [(each.span.text, each.message.rpartition(": ")[2]) for each in causes] == [
        ("sigmoid", "added"), ("batch norm", "added"),
    ]  # fmt: skip


def test_a_repeat_is_told_once_a_line():
    block = "network net\nblock unit(c):\n    conv 3x3, c, pad 1\n    relu\ninput 8x8x4\nbody: unit({}) x 6\n"
    write("net.arch", block.format(4))
    locked(["net.arch"], LOCK)
    write("net.arch", block.format(8))
    _, *causes = said("net.arch")
    assert len(causes) == 1 and "channels 4 → 8" in causes[0][3] and "and 5 more" in causes[0][3]


def test_the_input_is_told_at_the_head():
    locked(["net.arch"], LOCK)
    write("net.arch", NET.replace("8x8x3", "16x16x3"))
    ((_, _, place, message),) = said("net.arch")
    assert place == "network net" and "input 8x8x3 → 16x16x3" in message


def test_figures_that_archcalc_counts_otherwise_are_told_at_their_layers():
    locked(["net.arch"], LOCK)
    write(LOCK, text().replace('"macs": 6912', '"macs": 6911'))
    _, cause = said("net.arch")
    assert cause[2] == "conv 3x3, 4, pad 1"


def test_networks_that_are_new_or_gone():
    write("two.arch", TWO)
    locked(["two.arch"], LOCK)
    write("two.arch", TWO.replace("network b", "network c"))
    assert [each[:3] for each in said("two.arch")] == [("A602", "warning", "network c"), ("A207", "error", None)]
    assert [each[:3] for each in said("two.arch:a")] == []
    os.unlink("two.arch")
    ((code, severity, _, message),) = said("net.arch")[1:]
    assert (code, severity) == ("A207", "error") and "two.arch" in message
    assert len(said("net.arch", extent=Extent(folders=(), whole=False))) == 1
    assert locked(["net.arch"], LOCK, update=True).written == 1
    assert said("net.arch") == []


def test_an_update_keeps_what_it_was_not_asked_about():
    write("two.arch", TWO)
    locked(["two.arch", "net.arch"], LOCK)
    write("net.arch", NET.replace("fc 10", "fc 11"))
    assert locked(["net.arch"], LOCK, update=True).written == 3
    assert said("net.arch", "two.arch") == []


def test_only_a_whole_project_begins_one_or_replaces_a_broken_one():
    for options in ({"begin": False}, {"extent": Extent(folders=(), whole=False)}):
        ((code, severity, _, message),) = said("net.arch", **options)
        assert (code, severity) == ("A602", "error") and "there is no lock file archcalc.lock" in message
        assert not os.path.exists(LOCK)
    write(LOCK, "<<<<<<< ours\n")
    assert said("net.arch", update=True, extent=Extent(folders=(), whole=False))[0][0] == "A602"
    assert text() == "<<<<<<< ours\n"


def test_a_text_at_fault_keeps_its_figures():
    locked(["net.arch"], LOCK)
    before = text()
    write("net.arch", NET.replace("pad", "pda"))
    assert said("net.arch") == [] and said("net.arch", "vanished.arch") == []
    locked(["net.arch"], LOCK, update=True)
    assert text() == before


def test_paths_are_from_the_lock(here, monkeypatch):
    (here / "below").mkdir()
    locked(["net.arch"], LOCK)
    monkeypatch.chdir(here / "below")
    found = locked(["../net.arch"], "../archcalc.lock")
    assert list(found.diagnostics.items()) == [("../net.arch", ())]


def test_what_is_open_or_misaligned_is_compared_as_text():
    write("net.arch", "network net\ninput HxWx3\nparam k = 4\nconv 3x3, k, pad 1\n")
    locked(["net.arch"], LOCK)
    assert said("net.arch") == []
    write("net.arch", "network net\ninput HxWx3\nparam k = 5\nconv 3x3, k, pad 1\n")
    assert [each[0] for each in said("net.arch")] == ["A207", "A207"]


BROKEN = [
    ("", "no lock file"),
    ("{", "no lock file"),
    ("[1, 2]", "no lock file"),
    ('{"a": 1}', "no lock file"),
    ("[" * 100_000, "no lock file"),
    ('{"archcalc lock": 2, "networks": []}', "schema 2"),
    ('{"archcalc lock": "x", "networks": []}', "schema x"),
    ('{"archcalc lock": 1}', "broken"),
    ('{"archcalc lock": 1, "networks": [3]}', "broken"),
    ('{"archcalc lock": 1, "networks": [{"layers": []}]}', "broken"),
    ('{"archcalc lock": 1,\n<<<<<<< HEAD\n', "a merge"),
]


@pytest.mark.parametrize(("content", "why"), BROKEN, ids=[content[:24] for content, _ in BROKEN])
def test_a_broken_one_is_told_and_left_alone(content, why):
    write(LOCK, content)
    ((code, severity, _, message),) = said("net.arch")
    assert (code, severity) == ("A602", "error") and why in message
    assert text() == content
    assert locked(["net.arch"], LOCK, update=True).written == 1
    assert said("net.arch") == []


def test_one_that_cannot_be_read_or_written(here):
    os.mkdir(LOCK)
    ((code, _, _, message),) = said("net.arch", update=True)
    assert code == "A602" and "archcalc.lock" in message
    (found,) = locked(["net.arch"], "nowhere/archcalc.lock").diagnostics.values()
    assert [each.code for each in found] == ["A602"] and "cannot write nowhere/archcalc.lock" in found[0].message
    with open("bytes.lock", "wb") as file:
        file.write(b"\xff\xfe\x00")
    assert "not text" in locked(["net.arch"], "bytes.lock").diagnostics["bytes.lock"][0].message


def test_an_interrupted_write_loses_nothing(here, monkeypatch):
    locked(["net.arch"], LOCK)
    before = text()
    write("net.arch", NET.replace("fc 10", "fc 11"))

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(lock.os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        locked(["net.arch"], LOCK, update=True)
    assert text() == before and sorted(os.listdir(here)) == ["archcalc.lock", "net.arch"]


def test_it_keeps_its_mode_and_its_link(here):
    locked(["net.arch"], "real.lock")
    os.chmod("real.lock", 0o600)
    os.symlink("real.lock", LOCK)
    write("net.arch", NET.replace("fc 10", "fc 11"))
    locked(["net.arch"], LOCK, update=True)
    assert os.path.islink(LOCK) and os.stat("real.lock").st_mode & 0o777 == 0o600
    assert said("net.arch") == []


@given(st.data())
@settings(suppress_health_check=list(HealthCheck), max_examples=150, deadline=None)
def test_a_spoiled_one_is_told_and_raises_nothing(data):
    if not os.path.exists("good.lock"):
        locked(["net.arch"], "good.lock")
    good = text("good.lock")
    start = data.draw(st.integers(0, len(good) - 1))
    stop = data.draw(st.integers(start, min(start + 40, len(good))))
    put = data.draw(st.sampled_from(["", "null", "[]", "{}", "-1", '"x"', "1.5", "true", "[[]]"]))
    write(LOCK, good[:start] + put + good[stop:])
    found = locked(["net.arch"], LOCK)
    assert {each.code for said in found.diagnostics.values() for each in said} <= {"A207", "A602"}


VALUES = st.sampled_from([None, True, -1, 1.5, "x", [], {}, [None], ["a", 2], {"a": None}])


@given(st.data())
@settings(suppress_health_check=list(HealthCheck), max_examples=150, deadline=None)
def test_a_value_of_another_kind_is_told_and_raises_nothing(data):
    if not os.path.exists("good.lock"):
        locked(["net.arch"], "good.lock")
    made = json.loads(text("good.lock"))
    place = data.draw(
        st.sampled_from([made["networks"][0], made["networks"][0]["totals"], *made["networks"][0]["layers"]])
    )
    place[data.draw(st.sampled_from(sorted(place)))] = data.draw(VALUES)
    write(LOCK, json.dumps(made))
    found = locked(["net.arch"], LOCK)
    assert {each.code for said in found.diagnostics.values() for each in said} <= {"A207", "A602"}
