"""Patterns of paths as a configuration has them."""

from __future__ import annotations

import os
import re
from functools import lru_cache

_PIECE = re.compile(r"\*+|\?|\[!?\]?[^\]]*\]|.")
_WITHIN = {"*": "[^/]*", "?": "[^/]"}


class BadPattern(ValueError):
    """A text is no pattern."""


def matches(pattern: str, path: str, folder: str) -> bool:
    """Whether a pattern, which counts from ``folder``, means a path, or a folder that it lies in.

    ``*`` and ``?`` stand for anything but a ``/``, ``[ab]`` for one of its characters, ``**`` for any folders; a
    pattern without a ``/`` means a name at any depth. Raises BadPattern.
    """
    return compiled(pattern).fullmatch(_from(path, folder, os.getcwd())) is not None


@lru_cache(maxsize=64)
def _from(path: str, folder: str, here: str) -> str:
    """A path as it is called from a folder; both are called so ``here``."""
    whole = (os.path.normpath(os.path.join(here, each)) for each in (path, folder))
    return os.path.relpath(*whole).replace(os.sep, "/")


@lru_cache(maxsize=256)
def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern as a regular expression of a whole path. Raises BadPattern."""
    pieces = [piece for piece in pattern.split("/") if piece not in ("", ".")]
    if not pieces:
        raise BadPattern(f"'{pattern}' is no pattern of paths")
    if "/" not in pattern.rstrip("/"):
        pieces.insert(0, "**")
    whole = "".join("(?:[^/]+/)*" if piece == "**" else f"{_within(piece)}/" for piece in pieces)
    try:
        return re.compile(f"{whole.removesuffix('/')}(?:/.*)?" if pieces[-1] != "**" else f"{whole}[^/]+", re.DOTALL)
    except re.error as error:
        raise BadPattern(f"'{pattern}' is no pattern of paths: {error.msg}") from None


def _within(piece: str) -> str:
    """One name of a pattern."""
    made = []
    for token in _PIECE.findall(piece):
        if token == "[":
            raise BadPattern(f"'{piece}' is no pattern of paths: '[' without a ']', a '[' itself is '[[]'")
        if token[0] == "[" and len(token) > 2:
            inner = re.sub(r"([\\\[^])", r"\\\1", token[1:-1])
            made.append(f"[^/{inner[1:]}]" if inner[0] == "!" else f"[{inner}]")
        else:
            made.append(_WITHIN.get(token[0], re.escape(token)))
    return "".join(made)
