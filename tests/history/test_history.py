"""The file that measurements are kept in: nothing is lost, whoever writes and whatever was there before."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from archcalc.history import History, Unusable, database

ROOT = Path(__file__).parents[2]
as_root = pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write anywhere")


def measurement(network="resnet-50", *, started="2026-03-01T10:00:00+00:00", device="cpu", name="Xeon", median=5):
    return {
        "schema": 1, "network": network, "digest": "d1", "setting": {"device": device, "batch": 1},
        "machine": {"name": name, "cores": 2}, "started": started, "whole": {"median_ns": median},
        "samples_ns": [median, median],
    }  # fmt: skip


@pytest.fixture
def path(tmp_path):
    return tmp_path / "history.sqlite"


def kept(path, **filters):
    return [row.id for row in History(path).rows(**filters)]


def plain(path, statement="SELECT * FROM measurements"):
    """What SQLite itself finds in the file."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(statement).fetchall()


def test_what_is_kept_comes_back_as_it_was(path):
    document = measurement(median=25_123_456) | {"file": "a\udcff.arch", "title": "été 图", "deep": [{"x": [1, None]}]}
    number = History(path).add("profile", document)
    row = History(path).find(number)
    assert row.document == document
    assert (row.kind, row.network, row.device, row.machine, row.digest, row.median_ns) == (
        "profile", "resnet-50", "cpu", "Xeon", "d1", 25_123_456,
    )  # fmt: skip
    assert row.at == "2026-03-01T10:00:00.000000+00:00"
    assert row.time == datetime(2026, 3, 1, 10, tzinfo=UTC)


def test_the_document_is_plain_json_for_whoever_opens_the_file(path):
    History(path).add("profile", measurement())
    [(_, kind, *_, median, text)] = plain(path)
    assert (kind, median, json.loads(text)) == ("profile", 5, measurement())


@pytest.mark.parametrize(
    "document", [{}, {"machine": None, "whole": 3, "setting": [], "started": "yesterday", "network": 7}]
)
def test_a_document_of_another_kind_needs_none_of_the_facts(path, document):
    before = datetime.now(UTC)
    row = History(path).find(History(path).add("calibration", document))
    assert (row.network, row.device, row.machine, row.digest, row.median_ns) == ("", "", "", "", None)
    assert before <= row.time <= datetime.now(UTC)
    assert row.document == document


def test_the_newest_comes_first_whatever_zone_it_was_written_in(path):
    history = History(path)
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    zones = [timezone(timedelta(hours=hours)) for hours in (9, -8, 0)]
    added = [
        history.add("profile", measurement(started=(noon + timedelta(minutes=minute)).astimezone(zone).isoformat()))
        for minute, zone in zip((2, 1, 3), zones, strict=True)
    ]
    assert kept(path) == [added[2], added[0], added[1]]
    assert kept(path, limit=1) == [added[2]]
    assert kept(path, since=noon + timedelta(minutes=2)) == [added[2], added[0]]
    assert history.latest("profile").id == added[2]
    assert history.count("profile", since=noon + timedelta(minutes=2)) == 2


def test_filters(path):
    history = History(path)
    one = history.add("profile", measurement("resnet-50"))
    two = history.add("profile", measurement("ResNet-18", device="cuda:1", name="NVIDIA H100 80GB"))
    three = history.add("calibration", measurement("", device="cuda", name="NVIDIA H100 80GB"))
    assert kept(path, kind="profile") == [two, one]
    assert kept(path, network="resnet-*") == [two, one]
    assert kept(path, network="resnet") == []
    assert kept(path, device="cuda") == [three, two]
    assert kept(path, device="cuda:1") == [two]
    assert kept(path, device="cud") == []
    assert kept(path, device="*h100*") == [three, two]
    assert kept(path, machine="NVIDIA H100 80GB", kind="calibration") == [three]
    assert kept(path, digest="other") == []
    assert history.latest("calibration", machine="Xeon") is None


def test_reading_makes_no_file(path):
    assert kept(path) == [] and History(path).find(1) is None and History(path).count() == 0
    assert History(path).latest("calibration") is None
    assert History(path).delete([1]) == (1,)
    assert not path.exists()


def test_deleted_numbers_are_never_used_again(path):
    history = History(path)
    numbers = [history.add("profile", measurement(median=median)) for median in range(3)]
    assert history.delete([numbers[2], 99]) == (99,)
    assert kept(path) == numbers[::-1]
    assert history.delete([numbers[2]]) == ()
    assert history.add("profile", measurement(median=7)) == numbers[2] + 1


def test_the_same_measurement_is_kept_once(path, tmp_path):
    one, two = measurement(median=1), measurement(median=2)
    history = History(path)
    assert history.merge([("profile", one, None), ("profile", two, None)]) == [1, 2]
    assert history.merge([("profile", two, None), ("profile", measurement(median=3), None)]) == [3]
    assert history.merge([("kernel", two, None)]) == [4]
    untold = {"calibrated": 1}, "2026-03-01T12:00:00+02:00"
    assert history.merge([("calibration", *untold)]) == [5] and history.merge([("calibration", *untold)]) == []
    assert history.find(5).at == "2026-03-01T10:00:00.000000+00:00"


def test_what_is_measured_is_kept_though_another_is_the_same(path):
    assert [History(path).add("profile", measurement()) for _ in range(2)] == [1, 2]


def test_a_reader_that_stops_in_the_middle_keeps_nobody_waiting(path, monkeypatch):
    monkeypatch.setattr(database, "_PATIENCE", 0.01)
    history = History(path)
    for median in range(3):
        history.add("profile", measurement(median=median))
    rows = history.rows()
    next(rows)
    history.add("profile", measurement(median=3))
    history.delete([1])
    assert [row.id for row in rows] == [2]  # 1 went before it was read, 4 came later


def test_processes_that_write_at_once_lose_nothing(path):
    """Also the first measurement ever: all of them try to make the table."""
    script = (
        "import sys; from archcalc.history import History\n"
        "for i in range(10): History(sys.argv[1]).add('profile', {'network': sys.argv[2], 'i': i})"
    )
    run = [sys.executable, "-c", script, str(path)]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    writers = [subprocess.Popen([*run, str(number)], env=env, stderr=subprocess.PIPE) for number in range(4)]
    assert [writer.communicate(timeout=120)[1] for writer in writers] == [b""] * 4
    found = sorted((row.network, row.document["i"]) for row in History(path).rows())
    assert found == [(str(network), i) for network in range(4) for i in range(10)]


def test_processes_that_find_damage_at_once_lose_nothing(path):
    spoiled_whole(path)
    test_processes_that_write_at_once_lose_nothing(path)
    assert [name for name in os.listdir(path.parent) if "corrupt" in name] == ["history.sqlite.corrupt-1"]


def test_the_file_that_another_process_began_is_put_back(path):
    """It had set the damaged one aside after this process looked for the last time."""
    spoiled_whole(path)
    seen = database._identity(path)
    path.rename(path.with_name("elsewhere"))
    assert database._set_aside(path, seen) is None and os.listdir(path.parent) == ["elsewhere"]
    History(path).add("profile", measurement())
    assert database._set_aside(path, seen) is None
    assert kept(path) == [1] and sorted(os.listdir(path.parent)) == ["elsewhere", "history.sqlite"]


# -- a file that is not as it should be --------------------------------------------------------------------------------


def fill(path):
    long = {"samples_ns": [*range(1000)]}
    History(path).merge(("profile", measurement(median=each) | long, None) for each in range(40))


def spoiled_whole(path):
    path.write_bytes(b"not a database at all, but some text " * 40)


def spoiled_short(path):
    path.write_bytes(b"x")


def spoiled_cut(path):
    fill(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def spoiled_inside(path):
    fill(path)
    data = bytearray(path.read_bytes())
    data[4096 * 2 : 4096 * 4] = b"\xff" * 8192
    path.write_bytes(data)


def spoiled_table(path):
    History(path).add("profile", measurement())
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("ALTER TABLE measurements RENAME COLUMN median_ns TO median")


def spoiled_away(path):
    History(path).add("profile", measurement())
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE measurements")


SPOILED = [spoiled_whole, spoiled_short, spoiled_cut, spoiled_inside, spoiled_table, spoiled_away]


@pytest.mark.parametrize("spoil", SPOILED)
def test_a_damaged_file_is_set_aside_whole(path, spoil):
    spoil(path)
    was = path.read_bytes()
    said = []
    assert History(path, said.append).add("profile", measurement()) == 1
    aside = path.with_name("history.sqlite.corrupt-1")
    assert aside.read_bytes() == was
    assert kept(path) == [1]
    [line] = said
    assert line.startswith(f"{path} is damaged (") and "set aside as history.sqlite.corrupt-1" in line
    assert "\n" not in line


def test_what_was_set_aside_is_not_overwritten_by_the_next(path):
    for text in (b"first " * 200, b"second " * 200):
        path.write_bytes(text)
        History(path).add("profile", measurement())
    assert [path.with_name(f"history.sqlite.corrupt-{number}").read_bytes()[:5] for number in (1, 2)] == [
        b"first", b"secon",
    ]  # fmt: skip


def test_its_journal_goes_with_it(path):
    """SQLite would roll the new file back to the old one's pages."""
    spoiled_short(path)
    journal = path.with_name("history.sqlite-journal")
    journal.write_bytes(b"pages")
    History(path).add("profile", measurement())
    assert not journal.exists()
    assert path.with_name("history.sqlite.corrupt-1-journal").read_bytes() == b"pages"


@pytest.mark.parametrize("spoil", SPOILED[:3] + SPOILED[4:])
def test_a_reader_says_so_and_moves_nothing(path, spoil):
    spoil(path)
    was = path.read_bytes()
    with pytest.raises(Unusable, match=r"is no history of archcalc: .*the next measurement sets it aside"):
        kept(path)
    assert path.read_bytes() == was and os.listdir(path.parent) == [path.name]


def test_a_page_that_is_damaged_is_told_when_it_is_read(path):
    spoiled_inside(path)
    with pytest.raises(Unusable, match="no history of archcalc"):
        [row.document for row in History(path).rows()]


def test_a_file_that_is_not_named_as_a_database_is_never_moved(tmp_path):
    spec = tmp_path / "net.arch"
    spec.write_text("input 8x8x3\nconv 3x3, 4\n" * 50, encoding="utf-8")
    with pytest.raises(Unusable, match=r"net\.arch is no history of archcalc: .*; name another file"):
        History(spec).add("profile", measurement())
    assert os.listdir(tmp_path) == ["net.arch"]


def test_another_programs_database_is_left_alone(path):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
    was = path.read_bytes()
    for work in (lambda: History(path).add("profile", measurement()), lambda: kept(path)):
        with pytest.raises(Unusable, match="is a database of another program; name another file"):
            work()
    assert path.read_bytes() == was and os.listdir(path.parent) == [path.name]


def test_a_newer_layout_is_not_damage(path):
    History(path).add("profile", measurement())
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 9")
    was = path.read_bytes()
    for work in (lambda: History(path).add("profile", measurement()), lambda: kept(path)):
        with pytest.raises(Unusable, match=r"written by a newer archcalc \(layout 9, .*update archcalc, .*--db"):
            work()
    assert path.read_bytes() == was and os.listdir(path.parent) == [path.name]


@pytest.mark.parametrize("first", ["read", "write"])
def test_an_older_layout_is_brought_up_to_date(path, monkeypatch, first):
    History(path).add("profile", measurement())
    more = ("ALTER TABLE measurements ADD COLUMN note TEXT NOT NULL DEFAULT 'none'",)
    monkeypatch.setattr(database, "LAYOUTS", (*database.LAYOUTS, more))
    if first == "read":
        assert kept(path) == [1]
    else:
        assert History(path).add("profile", measurement(median=6)) == 2
    assert plain(path, "PRAGMA user_version") == [(2,)]
    assert plain(path, "SELECT note FROM measurements WHERE id = 1") == [("none",)]
    assert History(path).find(1).document == measurement()


def test_a_change_of_layout_that_fails_leaves_the_old_one(path, monkeypatch):
    History(path).add("profile", measurement())
    broken = ("ALTER TABLE measurements ADD COLUMN note TEXT", "ALTER TABLE elsewhere ADD COLUMN note TEXT")
    with monkeypatch.context() as changed:
        changed.setattr(database, "LAYOUTS", (*database.LAYOUTS, broken))
        with pytest.raises(Unusable, match="no such table"):
            kept(path)
    assert kept(path) == [1] and plain(path, "PRAGMA user_version") == [(1,)]


def test_an_empty_file_becomes_one(path):
    path.touch()
    assert kept(path) == []
    assert History(path).add("profile", measurement()) == 1
    assert os.listdir(path.parent) == [path.name]


# -- a place where nothing can be written ------------------------------------------------------------------------------


@as_root
def test_a_folder_that_takes_nothing(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(Unusable, match=r"cannot be used: .*name another file with --db"):
        History(tmp_path / "history.sqlite").add("profile", measurement())


@as_root
def test_a_folder_that_may_not_be_entered(tmp_path):
    tmp_path.chmod(0o000)
    try:
        for work in (lambda: kept(tmp_path / "h.sqlite"), lambda: History(tmp_path / "h.sqlite").add("profile", {})):
            with pytest.raises(Unusable, match=r"cannot be used: permission denied; name another file with --db"):
                work()
    finally:
        tmp_path.chmod(0o700)


def test_a_folder_that_cannot_be_looked_into(tmp_path, monkeypatch):
    """As one without permission, for whoever has all."""

    def refuse(path, **more):
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as changed:
        changed.setattr(Path, "stat", refuse)
        changed.setattr(Path, "mkdir", lambda path, **more: None)
        for work in (lambda: kept(tmp_path / "h.sqlite"), lambda: History(tmp_path / "h.sqlite").add("profile", {})):
            with pytest.raises(Unusable, match=r"cannot be used: permission denied; name another file with --db"):
                work()


@as_root
def test_a_file_that_takes_nothing_can_be_read(path):
    History(path).add("profile", measurement())
    path.chmod(0o400)
    assert kept(path) == [1]
    with pytest.raises(Unusable, match="cannot be used: attempt to write a readonly database"):
        History(path).add("profile", measurement(median=6))


def test_a_place_that_is_no_file(tmp_path):
    (tmp_path / "file").touch()
    for place in (tmp_path, tmp_path / "file" / "history.sqlite"):
        with pytest.raises(Unusable, match=r"no file|file exists|not a directory") as caught:
            History(place).add("profile", measurement())
        assert "\n" not in str(caught.value)
        with pytest.raises(Unusable):
            kept(place)


def test_a_full_disk(path, monkeypatch):
    History(path).add("profile", measurement())
    limits = lambda connection: connection.execute("PRAGMA max_page_count = 6")  # noqa: E731
    settled = database._bring_up_to_date
    monkeypatch.setattr(
        database, "_bring_up_to_date", lambda connection, path: (settled(connection, path), limits(connection))
    )
    with pytest.raises(Unusable, match=r"cannot be used: database or disk is full"):
        History(path).add("profile", measurement() | {"samples_ns": list(range(10_000))})
    assert kept(path) == [1]


def test_another_process_that_does_not_end(path, monkeypatch):
    monkeypatch.setattr(database, "_PATIENCE", 0.05)
    History(path).add("profile", measurement())
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        with pytest.raises(Unusable, match="another process has held it for"):
            History(path).add("profile", measurement(median=6))
    assert History(path).add("profile", measurement(median=6)) == 2


# -- where it is ----------------------------------------------------------------------------------------------------


def test_the_place_is_told_by_argument_then_variable_then_platform(tmp_path, monkeypatch):
    monkeypatch.setenv("ARCHCALC_DB", str(tmp_path / "told.sqlite"))
    assert History(tmp_path / "mine.sqlite").path == tmp_path / "mine.sqlite"
    assert History().path == tmp_path / "told.sqlite"
    monkeypatch.setenv("ARCHCALC_DB", "~/h.sqlite")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert History().path == tmp_path / "h.sqlite"
    monkeypatch.setenv("ARCHCALC_DB", "")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    if sys.platform == "linux":
        assert History().path == tmp_path / "data" / "archcalc" / "history.sqlite"
    assert History().path.name == "history.sqlite"


def test_a_name_with_signs_of_its_own(tmp_path):
    path = tmp_path / "a folder?" / "50% #1.sqlite"
    History(path).add("profile", measurement())
    assert path.is_file() and kept(path) == [1]
