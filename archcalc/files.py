"""Texts from files, and the error that says why there is none."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable

from archcalc.diagnostics import Diagnostic
from archcalc.source import LARGEST, Source


class ArchcalcError(ValueError):
    """A text, file or name gives no network: ``diagnostics`` say why, and ``str`` draws them."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__(self.diagnostics)

    def __str__(self) -> str:
        from archcalc.report.diagnostics import draw_all

        return draw_all(self.diagnostics).rstrip("\n")


def split(spec: str) -> tuple[str, str | None]:
    """``vgg.arch:D`` as a path and a network's name; a path that exists as it stands has no name."""
    path, colon, name = spec.rpartition(":")
    chosen = colon and name and (path.endswith(".arch") or path == "-" or os.path.isfile(path))
    return (path, name) if chosen and not os.path.exists(spec) else (spec, None)


def read_source(path: str) -> Source:
    """A file's text. Raises ArchcalcError where it is missing, unreadable or not text."""
    try:
        if _waits(path):
            why = f"cannot read {path}: it is a pipe, and waits for whoever writes to it"
            raise ArchcalcError([Diagnostic("A101", why, help=f"archcalc ... - <{path}")])
        with open(path, "rb") as file:
            data = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ArchcalcError([Diagnostic("A101", f"cannot read {path}: {reason[0].lower()}{reason[1:]}")]) from None
    return decode(path, data)


def _waits(path: str) -> bool:
    """Whether a path is a named pipe; one that a shell has opened for ``<(command)`` has its writer."""
    return stat.S_ISFIFO(os.stat(path).st_mode) and not os.path.realpath(path).startswith(("/proc/", "/dev/fd/"))


def decode(name: str, data: bytes) -> Source:
    """Bytes as text: UTF-8 or, where their first bytes say so, UTF-16.

    Raises ArchcalcError where they are neither, or more than ``LARGEST``.
    """
    if len(data) > LARGEST:
        raise ArchcalcError([Diagnostic("A101", f"cannot read {name}: more than {LARGEST >> 20} MiB are no spec")])
    utf16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = data.decode("utf-16" if utf16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise ArchcalcError([_not_text(name, f"byte {error.start} is not UTF-8")]) from None
    if "\0" in text:
        raise ArchcalcError([_not_text(name, "it holds NUL bytes")])
    return Source(name, text.replace("\r\n", "\n").replace("\r", "\n"))


def _not_text(name: str, why: str) -> Diagnostic:
    return Diagnostic("A102", f"{name} is not a text file: {why}", help="a spec is plain text in UTF-8")
