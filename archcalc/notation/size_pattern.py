"""What a size looks like, for the lexer and the reader of lines."""

from __future__ import annotations

import re

_PIECE, _INNER = r"(?:[\w²]++|\([^()\[\]]*+\))", r"\([^()\[\]]*+\)"
_SIDE = rf"\s++[xX]\s*+{_PIECE}|(?<=\))[xX]\s*+{_PIECE}|(?<=[xX])\s*+{_INNER}|(?<=[xX])\s++(?![xX])[\w²]++"
#: A size, tight or spaced: 3x3, 3 x 3, 3x(2*k). Its x's are word characters too: each step takes all it can and never
#: gives back: a wrong reading takes no longer than a right one. It is an atomic group, since Python 3.11.0 to 3.11.4
#: lose matches of a possessive one (gh-106052).
MORE_SIDES = rf"(?>(?:{_SIDE})*)"
SIZE = _PIECE + MORE_SIDES


def sides(size: str) -> list[str]:
    """The pieces of what ``SIZE`` found, an empty one where an x stands at an end."""
    return re.split(r"\s*[xX]\s*", size.strip())
