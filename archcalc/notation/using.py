"""The texts that ``use`` lines name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from archcalc.source import LARGEST, Source

_USE = re.compile(r"^\s*use\s+\"([^\"]+)\"", re.MULTILINE)


def used(source: Source) -> list[str]:
    """The paths that a text uses, as it writes them."""
    return list(dict.fromkeys(_USE.findall(source.text)))


def used_texts(source: Source) -> Iterator[tuple[str, str, Source | str]]:
    """Each path that a text uses, as it is written; the file that it means; that file's text, or why there is none."""
    for path in used(source):
        yield path, *(source.beside(path) if source.beside is not None else beside(source.name, path))


def beside(name: str, path: str) -> tuple[str, Source | str]:
    """The file on disk that a text of this name means by a path; its text, or why there is none."""
    whole = Path(name).parent / path
    return key(str(whole)), _text(whole)


def used_paths(source: Source) -> list[str]:
    """The files that a text uses, as it names their texts."""
    return [str(Path(source.name).parent / path) for path in used(source)]


def key(name: str) -> str:
    """One name for one file, however it is reached."""
    try:
        return str(Path(name).resolve())
    except (OSError, ValueError, RuntimeError):
        return name


def _text(path: Path) -> Source | str:
    try:
        if path.exists() and not path.is_file():
            return "it is no file"
        if path.stat().st_size > LARGEST:
            return f"more than {LARGEST >> 20} MiB are no spec"
        return Source(str(path), path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError:
        return "it is not text in UTF-8"
    except OSError as error:
        return (error.strerror or str(error)).lower()
    except ValueError:
        return "this is no path"
