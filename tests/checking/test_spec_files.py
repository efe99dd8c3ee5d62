"""Which files paths mean, and what is said of a folder that cannot be read through."""

from __future__ import annotations

import os

import pytest

from archcalc.checking.files import specs_in


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """A folder with specs at three depths, and things that are none."""
    monkeypatch.chdir(tmp_path)
    for name in ("b.arch", "a.arch", "deep/er/c.arch", "deep/notes.txt", ".hidden/d.arch", "node_modules/e.arch"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("input 8x8x3\n", encoding="utf-8")
    return tmp_path


def test_a_folder_means_the_specs_below_it_in_order(tree):
    assert specs_in(["."]) == (["a.arch", "b.arch", os.path.join("deep", "er", "c.arch")], [])
    assert specs_in([str(tree)])[0] == [str(tree / name) for name in ("a.arch", "b.arch", "deep/er/c.arch")]


def test_each_file_is_meant_once(tree):
    assert specs_in(["b.arch", ".", "b.arch"])[0] == ["b.arch", "a.arch", "deep/er/c.arch"]


def test_a_file_that_is_named_is_taken_whatever_it_is_called(tree):
    named = ["deep/notes.txt", ".hidden/d.arch", "nowhere.arch", "a.arch:D", "-"]
    assert specs_in(named) == (named, [])


def test_what_is_excluded_is_left_out(tree):
    for name in ("deep", os.path.join("deep", "er"), os.path.join("deep", "er", "c.arch")):
        assert specs_in(["."], name.__eq__)[0] == ["a.arch", "b.arch"]
        assert specs_in(["deep/er/c.arch"], name.__eq__)[0] == ["deep/er/c.arch"]


def test_a_pattern_that_no_shell_has_read(tree):
    assert specs_in(["deep/**/*.arch"])[0] == ["deep/er/c.arch"]
    assert specs_in(["*.none"])[0] == ["*.none"]


def test_a_folder_without_specs_is_told(tree):
    (tree / "empty").mkdir()
    found, (wrong,) = specs_in(["empty"])
    assert (found, wrong.file, wrong.status) == ([], "empty", "unreadable")
    assert wrong.diagnostics[0].message == "no .arch file in empty"


def test_links_are_followed_once(tree):
    (tree / "deep" / "back").symlink_to(tree)
    (tree / "beside").symlink_to(tree / "deep" / "er")
    found, (wrong,) = specs_in(["."])
    assert found == ["a.arch", "b.arch", "beside/c.arch", "deep/er/c.arch"]
    assert "leads back" in wrong.diagnostics[0].message
    assert wrong.status == "ok"


def test_a_link_to_itself_is_a_file_that_cannot_be_read(tree):
    (tree / "round.arch").symlink_to("round.arch")
    (tree / "round").symlink_to("round")
    assert specs_in(["."]) == (["a.arch", "b.arch", "deep/er/c.arch", "round.arch"], [])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every folder")
def test_a_folder_that_may_not_be_read_is_told(tree):
    (tree / "deep").chmod(0)
    try:
        found, (wrong,) = specs_in(["."])
    finally:
        (tree / "deep").chmod(0o700)
    assert found == ["a.arch", "b.arch"]
    assert "permission denied" in wrong.diagnostics[0].message
