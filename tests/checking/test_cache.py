"""What is kept of a check: it is the same as what was found, and counts only while nothing has changed."""

from __future__ import annotations

import json

import pytest

from archcalc.checking import cache as module
from archcalc.checking.cache import Cache, texts_of
from archcalc.checking.file import check_file
from archcalc.report.check.json import render
from archcalc.report.diagnostics import draw_all

SPEC = 'use "blocks.arch"\nnetwork one\ninput HxWx3\nunit(4) (113 params)\nconv 3x3, 4; bn\nexpect out = 5x5x4\n'
BLOCKS = "block unit(c): conv 3x3, c\n"


@pytest.fixture
def spec(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "one.arch").write_text(SPEC, encoding="utf-8")
    (tmp_path / "blocks.arch").write_text(BLOCKS, encoding="utf-8")
    return "one.arch"


@pytest.fixture
def filled(spec, tmp_path):
    cache = Cache(tmp_path / "kept")
    cache.keep(spec, spec, "asked", check_file(spec), texts_of(spec))
    cache.save()
    return tmp_path / "kept"


def found(folder, asked="asked"):
    return Cache(folder).find("one.arch", "one.arch", asked)


def test_what_is_kept_is_what_was_found(spec, filled):
    kept, fresh = found(filled), check_file(spec)
    assert draw_all(kept.diagnostics) == draw_all(fresh.diagnostics) != ""
    assert render([kept]) == render([fresh])


@pytest.mark.parametrize("name", ["one.arch", "blocks.arch"])
def test_a_changed_text_is_read_again(filled, tmp_path, name):
    path = tmp_path / name
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert found(filled) is None


def test_a_text_that_is_gone_is_read_again(filled, tmp_path):
    (tmp_path / "blocks.arch").unlink()
    assert found(filled) is None


def test_another_question_is_another_answer(filled):
    assert found(filled, "asked more strictly") is None


def test_another_version_begins_anew(filled, monkeypatch):
    monkeypatch.setattr(module, "_own", lambda: "0.0.0")
    assert found(filled) is None


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"archcalc": 1}', "\x00", '{"files": {"one.arch": {}}}'], ids=repr
)
def test_a_broken_cache_is_none(filled, text):
    (filled / "check.json").write_text(text, encoding="utf-8")
    assert found(filled) is None


@pytest.mark.parametrize("broken", [{}, [], None, {"asked": "asked", "texts": {}, "found": {}}, {"asked": "asked"}])
def test_a_broken_entry_is_none(filled, broken):
    whole = json.loads((filled / "check.json").read_text(encoding="utf-8"))
    whole["files"]["one.arch"] = broken
    (filled / "check.json").write_text(json.dumps(whole), encoding="utf-8")
    assert found(filled) is None


def test_it_keeps_itself_out_of_git_and_leaves_no_scraps(filled):
    assert (filled / ".gitignore").read_text(encoding="utf-8") == "*\n"
    assert sorted(path.name for path in filled.iterdir()) == [".gitignore", "check.json"]


def test_entries_of_files_that_are_gone_are_left_out(filled, spec, tmp_path):
    cache = Cache(filled)
    (tmp_path / "two.arch").write_text("input 8x8x3\nrelu\n", encoding="utf-8")
    cache.keep("two.arch", "two.arch", "asked", check_file("two.arch"), texts_of("two.arch"))
    (tmp_path / spec).unlink()
    cache.save()
    assert list(json.loads((filled / "check.json").read_text(encoding="utf-8"))["files"]) == ["two.arch"]


def test_a_folder_that_cannot_be_written_is_no_fault(spec, tmp_path):
    (tmp_path / "kept").write_text("a file in the way", encoding="utf-8")
    cache = Cache(tmp_path / "kept")
    cache.keep(spec, spec, "asked", check_file(spec), texts_of(spec))
    cache.save()
    assert cache.find(spec, spec, "asked") is not None
    assert (tmp_path / "kept").read_text(encoding="utf-8") == "a file in the way"
