"""The spec files that paths mean: files as they are, folders with everything below them, patterns."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from glob import glob, has_magic

from archcalc.analyses.checked import CheckedFile
from archcalc.diagnostics import Diagnostic, Severity
from archcalc.files import split

SUFFIX = ".arch"
#: Folders in which nobody keeps specs of their own.
_FOREIGN = frozenset({"__pycache__", "node_modules", "site-packages", "venv"})


def specs_in(
    paths: Sequence[str], excluded: Callable[[str], bool] = lambda path: False
) -> tuple[list[str], list[CheckedFile]]:
    """The specs that paths mean, each once, in order, folders sorted by name; and the folders with which something is
    wrong.

    A file that is named is taken whatever its name, ``excluded`` or not; what is not there too, for the reader to say.
    """
    found: dict[str, None] = {}
    wrong: list[CheckedFile] = []

    for path in paths:
        for each in _globbed(path):
            if os.path.isdir(each):
                below = list(_below(each, excluded, wrong, {}))
                if not below and not any(told.file.startswith(each) for told in wrong):
                    wrong.append(_empty(each))
                found.update(dict.fromkeys(below))
            else:
                found[each] = None
    return list(found), wrong


def _empty(folder: str) -> CheckedFile:
    """That there is nothing in a folder, or that all of it is left out."""
    if any(True for _ in _below(folder, lambda path: False, [], {})):
        return _told(folder, f"no {SUFFIX} file in {folder} but what the configuration's 'exclude' leaves out")
    return _told(folder, f"no {SUFFIX} file in {folder}")


def _told(folder: str, message: str, severity: Severity = "error") -> CheckedFile:
    said = Diagnostic("A101", message, severity=severity)
    return CheckedFile(file=folder, diagnostics=(said,), spec=False)


def _globbed(path: str) -> list[str]:
    """What a pattern matches, where no shell has done it; the path itself where it is none, or matches nothing."""
    whole, _ = split(path)
    if path == "-" or os.path.lexists(whole) or not has_magic(path):
        return [path]
    return sorted(glob(path, recursive=True)) or [path]


def _below(
    folder: str, excluded: Callable[[str], bool], wrong: list[CheckedFile], above: dict[tuple[int, int], str]
) -> Iterator[str]:
    """The specs under a folder, links followed but for those that lead back to a folder that they stand in."""
    try:
        status = os.stat(folder)
        here = (status.st_dev, status.st_ino)
        if here in above:
            wrong.append(_told(folder, f"{folder} leads back to {above[here]}: left out", "warning"))
            return
        with os.scandir(folder) as entries:
            inside = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        wrong.append(_told(folder, f"cannot read {folder}: {(error.strerror or str(error)).lower()}"))
        return
    for entry in inside:
        path = os.path.normpath(os.path.join(folder, entry.name))
        if _is_folder(entry):
            if not entry.name.startswith(".") and entry.name not in _FOREIGN and not excluded(path):
                yield from _below(path, excluded, wrong, {**above, here: folder})
        elif entry.name.endswith(SUFFIX) and not excluded(path):
            if entry.is_symlink() and os.path.isfile(path) and not os.path.realpath(path).endswith(SUFFIX):
                # whoever sends a spec could have any other file of this machine shown
                wrong.append(_told(path, f"{path} is a link to what is no {SUFFIX} file"))
            else:
                yield path


def _is_folder(entry: os.DirEntry[str]) -> bool:
    """Whether it is a folder; a link that leads nowhere, or round in a circle, is a file that cannot be read."""
    try:
        return entry.is_dir()
    except OSError:
        return False
