"""What a spec may use: the files of its own project, so that a check shows no others to whoever sent the spec."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path

from archcalc.notation.using import beside, key
from archcalc.source import Source

#: What the folder of a project holds, the first of these that there is.
_MARKS = ((".git",), ("archcalc.toml", "pyproject.toml"))


def fenced(source: Source) -> Source:
    """The text, unable to use what lies outside of its project; that of a revision, which has a fence of its own, as it
    is."""
    if source.beside is not None:
        return source
    return replace(source, beside=partial(_within, _project(source.name), source.name))


def _within(root: str, name: str, path: str) -> tuple[str, Source | str]:
    """What a text means by a path, links followed; a text of it is fenced in turn."""
    whole = key(os.path.join(os.path.dirname(name), path))
    if not Path(whole).is_relative_to(root):
        return whole, "it lies outside of the project"
    found, text = beside(name, path)
    return found, text if isinstance(text, str) else replace(text, beside=partial(_within, root, text.name))


def _project(name: str) -> str:
    folder = os.path.dirname(os.path.abspath(name))
    return _root(folder, os.path.realpath(os.curdir))


@lru_cache(maxsize=64)
def _root(folder: str, here: str) -> str:
    """The project of a folder: the repository that it lies in, else the folder of the nearest configuration, else the
    current folder if it lies there, else itself."""
    for names in _MARKS:
        for above in upwards(folder):
            if any(os.path.exists(os.path.join(above, name)) for name in names):
                return os.path.realpath(above)
    real = os.path.realpath(folder)
    return here if Path(real).is_relative_to(here) else real


def upwards(folder: str) -> Iterator[str]:
    """A folder, and each that it lies in."""
    while True:
        yield folder
        above = os.path.dirname(folder)
        if above == folder:
            return
        folder = above
