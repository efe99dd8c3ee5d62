"""Spec files as they were at a git revision, read with everything that they use."""

from __future__ import annotations

import os
import posixpath
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import replace

from archcalc.diagnostics import Diagnostic, nearest
from archcalc.files import ArchcalcError, decode
from archcalc.source import Source

#: Set for a hook of git, where they are relative to another folder.
_OF_HOOKS = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX")
_LOCK = "without git, a lock file does: archcalc check --lock archcalc.lock"

#: How folders are compared, which are no side of a difference.
FOLDERS = "archcalc check --against REVISION FOLDER says what changed in each of its files"


class Revision:
    """A commit of a repository; ``name`` is what the person calls it, ``root`` the folder of the working tree."""

    def __init__(self, name: str, root: str, commit: str) -> None:
        self.name, self.root, self.commit = name, root, commit
        self._known: dict[str, bytes | None] = {}

    def place(self, path: str) -> str | None:
        """A file of the working tree as git calls it; None outside of it."""
        folder, file = os.path.split(os.path.abspath(path))
        inside = os.path.relpath(os.path.join(os.path.realpath(folder), file), self.root)
        return None if inside.startswith(os.pardir) else inside.replace(os.sep, "/")

    def fetch(self, paths: Iterable[str]) -> None:
        """Reads several files in one go."""
        unknown = [path for path in dict.fromkeys(paths) if path not in self._known]
        asked = [path for path in unknown if "\n" not in path]
        self._known.update(dict.fromkeys(unknown))
        if asked:
            lines = "".join(f"{self.commit}:{path}\n" for path in asked)
            told = _git(self.root, "cat-file", "--batch", given=os.fsencode(lines)).stdout
            self._known.update(zip(asked, _contents(told), strict=False))

    def content(self, path: str) -> bytes | None:
        """A file's bytes by its path from the root; None if there is none at this revision."""
        self.fetch([path])
        return self._known[path]

    def source(self, path: str) -> Source:
        """A file's text, what it uses read from this revision too. Raises ArchcalcError."""
        data = self.content(path)
        if data is None:
            if any(each.startswith(f"{path}/" if path != "." else "") for each in self.files()):
                raise _none(f"{path} is a folder in {self.name}: a side is one file", FOLDERS)
            raise _none(f"{path} is not in {self.name}", self._near(path))
        return self._beside(path, decode(f"{self.name}:{path}", data))

    def files(self) -> list[str]:
        """Every file's path."""
        told = _git(self.root, "ls-tree", "-r", "-z", "--name-only", self.commit).stdout
        return os.fsdecode(told).split("\0")[:-1]

    def renamed(self) -> dict[str, str]:
        """Files of the working tree that had another path: the new one, and the old."""
        told = _git(self.root, "diff", "--find-renames", "--diff-filter=R", "--name-status", "-z", self.commit, "--")
        parts = os.fsdecode(told.stdout).split("\0")[:-1]
        return dict(zip(parts[2::3], parts[1::3], strict=False))

    def _near(self, path: str) -> str:
        files = self.files()
        same = [each for each in files if posixpath.basename(each) == posixpath.basename(path)]
        found = f"did you mean '{same[0]}'?" if same else nearest(path, [e for e in files if e.endswith(".arch")])
        return found or f"git ls-tree -r --name-only {self.name} lists its files"

    def _beside(self, path: str, source: Source) -> Source:
        """The text, the files that it uses being those of this revision."""

        def used(name: str) -> tuple[str, Source | str]:
            whole = posixpath.normpath(posixpath.join(posixpath.dirname(path), name))
            if whole.startswith(("..", "/")):
                return whole, "it lies outside of the repository"
            data = self.content(whole)
            shown = f"{self.name}:{whole}"
            if data is None:
                return shown, f"it is not in {self.name}"
            try:
                return shown, self._beside(whole, decode(shown, data))
            except ArchcalcError as error:
                return shown, error.diagnostics[0].message

        return replace(source, beside=used)


def opened(name: str, near: str = "") -> Revision:
    """A revision of the repository that a file or folder lies in, of the current folder by default.

    Raises ArchcalcError, with the repair, where there is no git, no repository or no such revision.
    """
    folder = os.path.abspath(near or os.curdir)
    while not os.path.isdir(folder):
        folder = os.path.dirname(folder)
    found = _git(folder, "rev-parse", "--show-toplevel")
    if found.returncode:
        raise _none(f"{near or 'the current folder'} is in no git repository{_unusual(found.stderr)}", _LOCK)
    root = os.path.realpath(os.fsdecode(found.stdout).rstrip("\n"))
    known = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    if known.returncode:
        raise _none(f"there is no revision '{name}' in {root}", _near_revision(root, name))
    return Revision(name, root, known.stdout.decode().strip())


def named(spec: str) -> tuple[Revision, str]:
    """``main:specs/vgg.arch``, as git writes it, as a revision and a path from the repository's root.

    A path that is not there from the root is taken from the current folder, an absolute one as it is. Raises
    ArchcalcError.
    """
    name, _, path = spec.partition(":")
    revision = opened(name, path if os.path.isabs(path) else "")
    here = revision.place(path)
    if not os.path.isabs(path) and not path.startswith((".", "..")):
        plain = posixpath.normpath(path)
        if here is None or revision.content(plain) is not None or revision.content(here) is None:
            return revision, plain
    if here is None:
        raise _none(f"{path} lies outside of the repository {revision.root}", None)
    return revision, here


def _contents(told: bytes) -> Iterator[bytes | None]:
    """The files that ``git cat-file --batch`` tells, None for what is missing or no file."""
    start = 0
    while start < len(told):
        end = told.index(b"\n", start)
        head = told[start:end].rsplit(b" ", 2)
        start = end + 1
        if head[-1] == b"missing" or len(head) < 3 or not head[-1].isdigit():
            yield None
            continue
        size = int(head[-1])
        yield told[start : start + size] if head[1] == b"blob" else None
        start += size + 1


def _near_revision(root: str, name: str) -> str | None:
    """What may have been meant, or why it is not there."""
    refs = _git(root, "for-each-ref", "--format=%(refname:short)").stdout.decode(errors="replace").split()
    remote = next((ref for ref in refs if ref.endswith(f"/{name}")), None)
    if remote:
        return f"did you mean '{remote}'?"
    if _git(root, "rev-parse", "--is-shallow-repository").stdout.strip() == b"true":
        return "this clone is shallow: 'git fetch --unshallow' gets the rest (fetch-depth: 0 in actions/checkout)"
    return nearest(name, refs) or (None if refs else "there is no commit yet")


def _unusual(error: bytes) -> str:
    """What git says where it is not that there is no repository."""
    first = error.decode(errors="replace").strip().partition("\n")[0].removeprefix("fatal: ")
    return "" if not first or first.startswith("not a git repository") else f": {first}"


def _git(folder: str, *arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Runs git in a folder. Raises ArchcalcError where there is none."""
    environment = {name: value for name, value in os.environ.items() if name not in _OF_HOOKS} | {"LC_ALL": "C"}
    try:
        return subprocess.run(
            ["git", "-C", folder, *arguments], input=given, capture_output=True, env=environment, check=False
        )
    except OSError as error:
        why = "it is not installed" if isinstance(error, FileNotFoundError) else (error.strerror or "").lower()
        raise _none(f"git cannot be run: {why}", _LOCK) from None


def _none(message: str, repair: str | None) -> ArchcalcError:
    return ArchcalcError([Diagnostic("A602", message, help=repair)])
