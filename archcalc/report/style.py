"""Colour for a terminal, and what a terminal can show."""

from __future__ import annotations

import os
import shutil
import unicodedata
from functools import lru_cache
from typing import IO

_CODES = {
    "bold": "1", "dim": "2", "error": "1;31", "warning": "1;33", "note": "1;36", "help": "1;32", "frame": "34",
    "params": "36", "macs": "33", "good": "32",
}  # fmt: skip


def paint(text: str, style: str | None, colour: bool) -> str:
    """``text`` in a style of ours, or as it is."""
    return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if colour and style and text else text


def coloured(stream: IO[str]) -> bool:
    """Whether to colour what goes to ``stream``: a terminal that is not dumb, and no NO_COLOR (no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def terminal_width(stream: IO[str]) -> int | None:
    """Columns that a person sees; None where the text goes to a file or a pipe. COLUMNS overrides."""
    if os.environ.get("COLUMNS", "").isdigit() or stream.isatty():
        return max(shutil.get_terminal_size((80, 24)).columns, 20)
    return None


def plain_only(stream: IO[str]) -> bool:
    """Whether the stream's encoding lacks block characters."""
    try:
        "▏█…×–└".encode(getattr(stream, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return True
    return False


def wrapped(text: str, width: int | None, indent: str = "  ") -> str:
    """The text in lines of at most ``width`` columns, parted at blanks; None: in one. A longer word stays whole."""
    if width is None or columns(text) <= width:
        return text
    lines = [""]
    for word in text.split(" "):
        grown = f"{lines[-1]} {word}" if lines[-1].strip() else lines[-1] + word
        if columns(grown) <= width or not lines[-1].strip():
            lines[-1] = grown
        else:
            lines.append(indent + word)
    return "\n".join(lines)


@lru_cache(maxsize=4096)
def _columns(character: str) -> int:
    if unicodedata.east_asian_width(character) in "WF":
        return 2
    return 0 if unicodedata.category(character) in ("Mn", "Me", "Cf") else 1


def columns(text: str) -> int:
    """Terminal columns that a text takes: wide characters two, combining marks none."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def visible(text: str) -> str:
    """The text with its control characters made visible, so that no spec can steer a terminal."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else _picture(character) for character in text)


def _picture(character: str) -> str:
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    return "␡" if code == 0x7F else f"<U+{code:04X}>"
