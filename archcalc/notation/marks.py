"""Punctuation of a line: brackets, bars, and the signs that mean a stride, a product or a repeat."""

from __future__ import annotations

import re

from archcalc.notation.naming import same_name
from archcalc.notation.token_list import TokenList
from archcalc.notation.tokens import FUNCTIONS, Unreadable, closing, expression_tokens
from archcalc.notation.vocabulary import is_vocabulary, kind_words

_CLAIM = re.compile(
    r"\(\s*(~?\s*[\d.,]+(?: \d{3})*(?:[eE]\d+)?\s*(?:[KMGT]i?)?)\s*"
    r"(params|parameters|weights|biases|macs|ops|flops|neurons|connections)\s*\)",
    re.I,
)
#: What a layer says in parentheses and means: (3x3, stride 2), (no bias). Other words in them are remarks.
_ATTRIBUTES = re.compile(
    r"\b(?:strides?|pad(?:ding)?|groups?|dilation|no\s+bias|filters|heads)\b|\b[sp]\s*=\s*\d", re.I
)
_LONE_SIZE = re.compile(r"\s*\d+\s*x\s*\d+\s*", re.I)
_SLIDING_WORDS = frozenset({"conv", "conv2d", "convolution", "pool", "maxpool", "avgpool", "pooling", "depthwise"})
_ARITHMETIC = re.compile(r"[\w\s*+\-/%().]+\Z")


class Marks(TokenList):
    """Reads one mark at a time."""

    text: str
    position: int
    groups: list[str]

    def _dslash(self, match: re.Match[str]) -> None:
        self.emit("BARE", "//", *match.span())

    def _mark(self, match: re.Match[str]) -> None:
        character, start, end = match[0], *match.span()
        if character == ",":
            self.emit("COMMA", ",", start, end)
        elif character == ";":
            self.separate(start, end)
        elif character == "|":
            self._bar(start, end)
        elif character == "(":
            self._parenthesis(start)
        elif character == ")":
            self._closed("RPAR", start)
        elif character == "[":
            self._opened_bracket(start)
        elif character == "]":
            self._closed("RSQB", start)
        elif character == "*":
            self._star(start, end)
        elif character == "/":
            self._slash(start, end)
        elif character == "+":
            self._plus(start, end)
        elif character in "=:" and self.last() in ("WORD", "NAME"):
            pass  # stride = 2, stride: 2
        elif character == "-" and self.tight(start) and self.last() == "SIZE":
            pass  # 3x3-64
        elif character in ".":
            pass  # a sentence's end
        else:
            self._odd(match)

    def _bar(self, start: int, end: int) -> None:
        if self.last() == "SEP" and self.tokens:
            self.tokens.pop()
        self.windowed = False
        self.emit("BAR", "|", start, end)
        copies = re.compile(r"\s*([^|:;\[\]]*?)\s+(branches|copies)\s*:", re.I).match(self.text, end)
        if copies:
            self.tokens.extend(expression_tokens(self.text, copies.start(1), copies.end(1)))
            self.emit("BRANCHES", copies[2], *copies.span(2))
            self.position = copies.end()

    def _closed(self, kind: str, start: int) -> None:
        if kind == "RPAR" and self.groups and self.groups[-1] == "ATTRIBUTES":
            self.groups.pop()
            return
        if not self.groups or self.groups[-1] != kind:
            character = self.text[start]
            raise Unreadable(
                f"this {character} closes nothing",
                (start, start + 1),
                f"take it away, or open it with {'(' if character == ')' else '['}",
            )
        self.groups.pop()
        if self.last() == "SEP":
            self.tokens.pop()
        self.windowed = False
        self.emit(kind, self.text[start], start, start + 1)

    def _opened_bracket(self, start: int) -> None:
        end = closing(self.text, start)
        if self.last() == "WORD" and self.tokens[-1].lower() == "connect":
            self.emit("LISTED", tuple(self.text[start + 1 : end].split()), start, end + 1)
            self.position = end + 1
            return
        self.groups.append("RSQB")
        self.windowed = False
        self.emit("LSQB", "[", start, start + 1)

    def _parenthesis(self, start: int) -> None:
        end = closing(self.text, start)
        inner = self.text[start + 1 : end]
        claim = _CLAIM.match(self.text, start)
        before = self.tokens[-1] if self.tokens else None
        if claim and self.tokens:
            self.separate(start, start)
            self.emit("CLAIM", (claim[1], claim[2]), *claim.span())
            self.emit("SEP", ";", claim.end(), claim.end())
            self.position = claim.end()
        elif self.tight(start) and self._applied(str(before), inner):
            first = self.tokens.pop().start_pos
            self.emit("OPEN", "", first, first)
            self.tokens.extend(expression_tokens(self.text, first, end + 1))
            self.emit("CLOSE", "", end + 1, end + 1)
            self.position = end + 1
        elif (
            before is not None
            and before.type in ("WORD", "NAME")
            and self.tight(start)
            and (f"\0{same_name(str(before))}" in self.known or not is_vocabulary(str(before)))
        ):
            self.tokens.pop()
            self.emit("CALL", str(before), before.start_pos, start + 1)
            self.tokens.extend(expression_tokens(self.text, start + 1, end, arguments=True))
            self.emit("CLOSE", ")", end, end + 1)
            self.position = end + 1
        elif self._is_number(inner):
            self._parenthesised_number(start, end)
        elif self.at_item_start():
            self.groups.append("RPAR")
            self.windowed = False
            self.emit("LPAR", "(", start, start + 1)
        elif _ATTRIBUTES.search(inner) or (_LONE_SIZE.fullmatch(inner) and self._wants_window() and self._slides()):
            self.groups.append("ATTRIBUTES")  # Conv (64 filters, 3x3, stride 1)
            if self.last() != "COMMA":
                self.emit("COMMA", ",", start, start + 1)
        else:
            self.position = end + 1  # a remark

    def _slides(self) -> bool:
        """Whether the word before belongs to a layer with a window."""
        words = [str(made) for made in self.tokens if made.type == "WORD"]
        return bool(words) and not _SLIDING_WORDS.isdisjoint(kind_words(words[-1]))

    def _is_number(self, inner: str) -> bool:
        """Whether what stands in parentheses is arithmetic over numbers and parameters."""
        if not inner.strip() or not _ARITHMETIC.match(inner) or re.search(r"\w\s+\w", inner):
            return False
        words = re.findall(r"[A-Za-z_]\w*", inner)
        return all(word in self.known or word in FUNCTIONS for word in words)

    def _parenthesised_number(self, start: int, end: int) -> None:
        tight_size = re.compile(r"x(\w+|\([^()]*\))").match(self.text, end + 1)
        before = self.tokens[-1] if self.tokens else None
        if tight_size:
            self._size(
                ((self.text[start : end + 1], start), (tight_size[1], tight_size.start(1))), start, tight_size.end()
            )
            self.position = tight_size.end()
            return
        if before is not None and before.type == "WORD" and self.tight(start) and re.fullmatch(r"\d+x", str(before)):
            self.tokens.pop()
            first = before.start_pos
            self._size(((str(before)[:-1], first), (self.text[start : end + 1], start)), first, end + 1)
            self.position = end + 1
            return
        self.emit("OPEN", "(", start, start + 1)
        self.tokens.extend(expression_tokens(self.text, start + 1, end))
        self.emit("CLOSE", ")", end, end + 1)
        self.position = end + 1

    def _applied(self, word: str, inner: str) -> bool:
        """Whether a word applies a function to numbers: ``floor(c/2)``, ``max(8, c)``."""
        return word.lower() in FUNCTIONS and self._is_number(inner.replace(",", "+"))

    def _star(self, start: int, end: int) -> None:
        """``4*c`` is a product; ``3*3`` the window of a layer still without one; ``(a; b)*3`` repeats."""
        number = re.compile(r"\s*(\d+)(?!\w)").match(self.text, end)
        before = self.tokens[-1] if self.tokens else None
        if (before is not None and before.type in ("RPAR", "RSQB")) or (
            before is not None and before.type == "CLOSE" and not number
        ):
            self.emit("TIMES", "*", start, end)
        elif number and before is not None and before.type == "NUMBER" and self._wants_window():
            self.tokens.pop()
            first = before.start_pos
            self._size(((str(before), first), (number[1], number.start(1))), first, number.end())
            self.position = number.end()
        else:
            self.emit("BARE", "*", start, end)

    def _slash(self, start: int, end: int) -> None:
        following = re.compile(r"\s*[sS]?(\d+|\(|[A-Za-z_]\w*)").match(self.text, end)
        if following is None:
            raise Unreadable("'/' wants a stride after it", (start, end), "/2", "A108")
        self.position = following.start(1)
        self.emit("SLASH", "/", start, end)

    def _plus(self, start: int, end: int) -> None:
        following = re.compile(r"\s*([A-Za-z]\w*)").match(self.text, end)
        if following is None:
            raise Unreadable("'+' stands between layers; a sum of numbers stands in ( )", (start, end), "(a + b)")
        self.separate(start, end)

    def _odd(self, match: re.Match[str]) -> None:
        text = match[0]
        if text == "@":
            raise Unreadable(
                "'@' has two readings: maps of that size, or filters with that window", match.span(),
                "write '-> 28x28x6' for 6 maps of 28x28, or 'conv 5x5, 6' for 6 filters of 5x5", "A106",
            )  # fmt: skip
        help = "a difference stands in ( ): (a - b)" if text == "-" else None
        raise Unreadable(f"{text!r} has no meaning here", match.span(), help)
