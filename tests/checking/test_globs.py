"""Patterns of paths, held against what the standard library's own glob finds in a folder."""

from __future__ import annotations

import glob
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archcalc.checking.globs import BadPattern, compiled, matches

FILES = [
    "a.arch", "b.arch", "ab.toml", "a/a.arch", "a/b/a.arch", "a/b/b/ab.arch", "b/a/[a].arch", "b/a.arch/a",
    "b/b.d/b.arch",
]  # fmt: skip
PIECES = st.sampled_from(
    ["*", "**", "a", "b", "?", "a*", "*.arch", "[ab]", "[!a]", "[!a]*", "?.arch", "[[]*", "a.arch"]
)


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    root = tmp_path_factory.mktemp("tree")
    for name in FILES:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("")
    return root


@given(pieces=st.lists(PIECES, min_size=2, max_size=4).filter(lambda pieces: pieces[-1] != "**"))
def test_a_pattern_means_what_glob_finds_and_all_below(tree, pieces):
    pattern = "/".join(pieces)
    found = {Path(each) for each in glob.glob(pattern, root_dir=tree, recursive=True, include_hidden=True)}
    wanted = {name for name in FILES if found & {Path(name), *Path(name).parents}}
    assert {name for name in FILES if matches(pattern, str(tree / name), str(tree))} == wanted


@given(piece=PIECES.filter(lambda piece: piece != "**"))
def test_a_name_is_met_at_any_depth(tree, piece):
    found = {Path(each) for each in glob.glob(f"**/{piece}", root_dir=tree, recursive=True)}
    wanted = {name for name in FILES if found & {Path(name), *Path(name).parents}}
    assert {name for name in FILES if matches(piece, str(tree / name), str(tree))} == wanted
    assert {name for name in FILES if matches(f"{piece}/", str(tree / name), str(tree))} == wanted


@pytest.mark.parametrize(("pattern", "path", "met"), [
    ("**", "a/b.arch", True), ("a/**", "a/b.arch", True), ("a/**", "a", False), ("./a", "a/x", True),
    ("specs/*.arch", "specs/x.arch", True), ("specs/*.arch", "old/specs/x.arch", False),
    ("specs/*.arch", "specs/old/x.arch", False), ("specs/**/*.arch", "specs/x.arch", True),
    ("**/old/**/*.arch", "old/x.arch", True), ("*.ARCH", "x.arch", False), ("/specs", "specs/x.arch", True),
    ("../up.arch", "../up.arch", True), ("x+(y).arch", "x+(y).arch", True), ("[^a]", "^", True), ("[]]", "]", True),
])  # fmt: skip
def test_patterns(pattern, path, met, tmp_path):
    assert matches(pattern, str(tmp_path / path), str(tmp_path)) is met


def test_patterns_count_from_the_folder_wherever_one_stands(tmp_path, monkeypatch):
    (tmp_path / "specs").mkdir()
    monkeypatch.chdir(tmp_path / "specs")
    assert matches("specs/*.arch", "x.arch", "..")
    assert matches("specs/*.arch", os.path.join(str(tmp_path), "specs", "x.arch"), "..")
    assert not matches("specs/*.arch", "../x.arch", "..")


@pytest.mark.parametrize("pattern", ["", "/", ".", "[b-a]"])
def test_what_is_no_pattern(pattern):
    with pytest.raises(BadPattern):
        compiled(pattern)
