"""The tokens of a line so far, and what the next one may ask of them."""

from __future__ import annotations

import re

from archcalc.notation.tokens import Token, token
from archcalc.notation.vocabulary import WINDOWLESS


class TokenList:
    """``known`` are the text's parameters (``kxk`` splits if k is one), and its blocks, marked by a NUL."""

    def __init__(self, text: str, known: frozenset[str]) -> None:
        self.text = text
        self.known = known
        self.tokens: list[Token] = []
        self.position = 0
        self.windowed = False  # whether the layer being read has a window
        self.groups: list[str] = []

    def emit(self, kind: str, value: object, start: int, end: int) -> None:
        self.tokens.append(token(kind, value, start, end))

    def last(self) -> str:
        return self.tokens[-1].type if self.tokens else "SEP"

    def at_item_start(self) -> bool:
        return self.last() in (
            "SEP",
            "BAR",
            "REPEAT",
            "COLON",
            "LPAR",
            "LSQB",
            "MERGE",
            "AUX",
            "OTHERWISE",
            "BRANCHES",
            "COMMA",
        )

    def tight(self, position: int) -> bool:
        """Whether the token before touches this position."""
        return bool(self.tokens) and self.tokens[-1].end_pos == position

    def separate(self, start: int, end: int) -> None:
        if self.tokens and self.last() not in ("SEP", "LPAR", "LSQB", "BAR", "COLON", "MERGE"):
            self.emit("SEP", ";", start, end)
        self.windowed = False

    def _dims(self, text: str, start: int) -> tuple[tuple[str, int], ...]:
        """``3x3`` as its pieces with their offsets."""
        dims = []
        for match in re.finditer(r"\([^()]*\)|[^\sxX()]+", text):
            dims.append((match[0], start + match.start()))
        return tuple(dims)

    def _size(self, dims: tuple[tuple[str, int], ...], start: int, end: int) -> None:
        self.windowed = True
        self.emit("SIZE", dims, start, end)

    def _wants_window(self) -> bool:
        """Whether the phrase so far has no window and is not of a kind that takes none."""
        if self.windowed:
            return False
        words: list[str] = []
        for previous in reversed(self.tokens):
            if previous.type in ("SEP", "BAR", "LPAR", "LSQB", "COLON", "CLOSE", "RPAR", "RSQB", "CALL"):
                break
            if previous.type == "WORD":
                words.append(str(previous).lower())
        return not any(word in WINDOWLESS for word in words)
