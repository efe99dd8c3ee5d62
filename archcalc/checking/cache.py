"""What was found in files that have not changed since: kept in a folder that may be deleted at any time."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from archcalc.analyses.check import Expectation
from archcalc.analyses.checked import CheckedFile, CheckedNetwork
from archcalc.claims import TIMED
from archcalc.diagnostics import Diagnostic
from archcalc.source import LARGEST, Source, Span
from archcalc.version import __version__

FOLDER = ".archcalc_cache"
_FILE = "check.json"
_LAYOUT = 1


class Cache:
    """Results by file. One counts while the file, all that it uses, what was asked and archcalc itself are the same.

    What cannot be read or written is as if it were not there. Without a folder it lasts as long as the process.
    """

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self.entries: dict[str, Any] = {}
        self.changed = False
        if folder is None:
            return
        with suppress(OSError, ValueError):
            kept = json.loads((folder / _FILE).read_bytes())
            if isinstance(kept, dict) and kept.get("archcalc") == _own() and isinstance(kept.get("files"), dict):
                self.entries = kept["files"]

    def find(self, spec: str, path: str, asked: str) -> CheckedFile | None:
        """What was found in a file, if nothing that it hangs on has changed; ``asked`` is a digest of what is asked."""
        entry = self.entries.get(spec)
        try:
            if entry is None or entry["asked"] != asked or entry["found"] is None:
                return None
            data = {each: _read(each) for each in entry["texts"]}
            if path not in data or any(_digest(data[each]) != known for each, known in entry["texts"].items()):
                return None
            return _checked(entry["found"], data)
        except (AttributeError, IndexError, KeyError, TypeError, ValueError):
            return None  # not as this version writes it

    def keep(self, spec: str, path: str, asked: str, found: CheckedFile, texts: Mapping[str, bytes]) -> None:
        """Keeps what was found in a file while these texts are as they are: its own, and each that it uses by path.

        What is predicted hangs on a calibration too: of such a file only those texts are.
        """
        timed = any(claim.quantity in TIMED for claim in found.expectations)
        known = {each: _digest(data) for each, data in texts.items()}
        self.entries[spec] = {"asked": asked, "texts": known, "found": None if timed else _plain(found)}
        self.changed = True

    def known(self, spec: str) -> list[str]:
        """The files that what is kept of a spec hangs on."""
        return list(self.entries[spec]["texts"]) if spec in self.entries else []

    def save(self) -> None:
        """Writes what is new, in one step; entries of files that are gone are left out."""
        if not self.changed or self.folder is None:
            return
        files = {spec: entry for spec, entry in self.entries.items() if all(map(os.path.exists, entry["texts"]))}
        with suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            _write(self.folder / ".gitignore", "*\n")
            _write(self.folder / _FILE, json.dumps({"archcalc": _own(), "files": files}, default=str))
        self.changed = False


def texts_of(path: str) -> dict[str, bytes]:
    """The bytes of a file and of every file that it uses, however deep; of one that is not there, none."""
    from archcalc.notation.using import used_paths

    found: dict[str, bytes] = {}
    waiting = [path]
    while waiting:
        each = waiting.pop()
        if each not in found:
            found[each] = _read(each)
            waiting += used_paths(Source(each, found[each].decode("utf-8", "replace")))
    return found


def _read(path: str) -> bytes:
    """A file's bytes, as many as anybody reads."""
    with suppress(OSError, ValueError), open(path, "rb") as file:
        return file.read(LARGEST + 1)
    return b""


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()


@cache
def _own() -> str:
    """Which archcalc this is: its version and, of a checkout that is worked on, when it last changed."""
    root = Path(__file__).parent.parent
    newest = max(os.stat(os.path.join(folder, name)).st_mtime_ns for folder, name in _modules(root))
    return f"{__version__} {newest} {_LAYOUT}"


def _modules(root: Path) -> Iterator[tuple[str, str]]:
    for folder, _, names in os.walk(root):
        for name in names:
            if name.endswith((".py", ".json", ".lark", ".txt")):
                yield folder, name


def _write(path: Path, text: str) -> None:
    """The whole text or what was there before, though others write too."""
    made = path.with_name(f"{path.name}.{os.getpid()}")
    made.write_text(text, encoding="utf-8")
    os.replace(made, path)


# -- to and from JSON -------------------------------------------------------------------------------------------------


def _plain(found: CheckedFile) -> dict[str, Any]:
    return {
        "file": found.file,
        "quieted": found.quieted,
        "networks": [
            {name: getattr(each, name) for name in each.fields} | {"expectations": list(map(_claim, each.expectations))}
            for each in found.networks
        ],
        "diagnostics": list(map(_said, found.diagnostics)),
    }


def _claim(claim: Expectation) -> dict[str, Any]:
    fields = {name: getattr(claim, name) for name in claim.fields}
    return fields | {"under": dict(claim.under)}


def _said(each: Diagnostic) -> dict[str, Any]:
    spans = [None if span is None else (span.source.name, span.start, span.end) for span in (each.span, *each.also)]
    return {
        "code": each.code,
        "message": each.message,
        "severity": each.severity,
        "notes": each.notes,
        "help": each.help,
        "spans": spans,
    }


def _checked(plain: Mapping[str, Any], data: Mapping[str, bytes]) -> CheckedFile:
    sources: dict[str, Source] = {}

    def source(name: str) -> Source:
        if name not in sources:
            from archcalc.files import decode

            sources[name] = decode(name, data[name])
        return sources[name]

    def said(each: Mapping[str, Any]) -> Diagnostic:
        spans = [span and Span(source(span[0]), span[1], span[2]) for span in each["spans"]]
        notes = tuple(each["notes"])
        return Diagnostic(
            each["code"], each["message"], spans[0], each["severity"], notes, each["help"], tuple(spans[1:])
        )

    return CheckedFile(
        file=plain["file"],
        quieted=plain["quieted"],
        networks=tuple(
            CheckedNetwork(**{**each, "expectations": tuple(Expectation(**claim) for claim in each["expectations"])})
            for each in plain["networks"]
        ),
        diagnostics=tuple(map(said, plain["diagnostics"])),
    )
