"""What a spec may use: nothing outside of its project is read, nor shown."""

from __future__ import annotations

import os

import pytest

from archcalc.checking.file import check_file
from archcalc.checking.files import specs_in

BLOCKS = "block unit(c): conv 3x3, c\n"
NET = 'use "{}"\ninput 8x8x3\nunit(4)\n'
SECRET = "root:x:0:0\n"


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with a project in it, that is the current one."""
    (tmp_path / "project" / "specs").mkdir(parents=True)
    (tmp_path / "secret").write_text(SECRET, encoding="utf-8")
    (tmp_path / "blocks.arch").write_text(BLOCKS, encoding="utf-8")
    (tmp_path / "project" / "blocks.txt").write_text(BLOCKS, encoding="utf-8")
    monkeypatch.chdir(tmp_path / "project")
    return tmp_path


def said(path="specs/net.arch"):
    return [each.message for each in check_file(path).diagnostics]


def write(used, path="specs/net.arch"):
    with open(path, "w", encoding="utf-8") as file:
        file.write(NET.format(used))


@pytest.mark.parametrize("mark", [".git", "archcalc.toml", "pyproject.toml", None])
def test_the_project_is_used_and_nothing_else(here, mark, monkeypatch):
    if mark:
        (here / "project" / mark).touch()
        monkeypatch.chdir(here / "project" / "specs")
    path = "net.arch" if mark else "specs/net.arch"
    write("../blocks.txt", path)
    assert said(path) == []
    for outside in ("../../secret", "../../blocks.arch", "/etc/passwd", f"{here}/secret", "../../nothing", "../link"):
        write(outside, path)
        if outside == "../link":
            os.symlink(here / "secret", here / "project" / "link")
        (message,) = [each for each in said(path) if outside in each]
        assert message == f"cannot read '{outside}': it lies outside of the project"
        assert not any("root:x" in each for each in said(path))


def test_what_is_used_is_fenced_too(here):
    (here / "project" / "more.txt").write_text('use "../secret"\n' + BLOCKS, encoding="utf-8")
    write("../more.txt")
    assert any("outside of the project" in each for each in said())


def test_a_spec_elsewhere_uses_its_neighbours(here):
    write("blocks.arch", here / "net.arch")
    assert said(str(here / "net.arch")) == []


def test_a_link_shows_no_other_file(here):
    os.symlink(here / "secret", "specs/net.arch")
    os.symlink(here / "blocks.arch", "specs/blocks.arch")
    found, (wrong,) = specs_in(["specs"])
    assert found == ["specs/blocks.arch"] and wrong.file == "specs/net.arch" and wrong.status == "unreadable"
