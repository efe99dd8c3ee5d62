"""Tokens of a line: settles every reading that hangs on context, so that the grammar can be plain.

Which x is a product, a size or a repeat; which parenthesis holds a group, an argument, a number or a remark; which comma
begins another layer is left to ``phrases``, which knows what a layer already has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lark import Token

from archcalc.diagnostics import nearest
from archcalc.notation.vocabulary import WINDOWLESS, is_vocabulary, kind_words

MERGES = {"sum": "sum", "add": "sum", "concat": "concat", "mean": "mean", "max": "max", "product": "product", "affine warp": "warp"}

_PIECE = re.compile(
    r"(?P<blank>[ \t]+)|(?P<arrow>->|=>)|(?P<shape>\[\s*(?:\w+|\([^()\[\]]*\))(?:\s*x\s*(?:\w+|\([^()\[\]]*\)))*\s*\])"
    r"|(?P<merge>(?:(?P<flat>flat)\s+)?(?P<kind>sum|add|concat|mean|max|product|affine\s+warp(?:\s+(?P<size>\w+\s*x\s*\w+))?)\s*:)"
    r"|(?P<aux>aux\s*:)|(?P<when>when\b)|(?P<otherwise>otherwise\s*:)|(?P<repeat>repeat\b(?!\s*:))"
    r"|(?P<from>from\s+(?P<origin>\w[\w.\-/]*(?:\s+\d+\w*)?))"
    r"|(?P<chunk>\d+\.\d+%?|\.\d+|\d{1,3}(?:,\d{3})+(?!\d)(?=\s*[a-z-])|[A-Za-z_][\w'²]*(?:[-.][A-Za-z0-9_²]+)*|\d\w*(?:-[A-Za-z0-9]+)*%?)"
    r"|(?P<dslash>//)|(?P<mark>[,;:()\[\]|+*/=<>@~!?&{}^%#\"'.\-\\])|(?P<odd>.)",
    re.IGNORECASE,
)
_EXPRESSION = re.compile(
    r"(?P<blank>\s+)|(?P<number>\d+\.\d+|\.\d+|\d+(?![\w.])|\d+)|(?P<word>[A-Za-z_]\w*)|(?P<compare><=|>=|==|!=|<|>|=)|(?P<power>\*\*)"
    r"|(?P<operator>//|\*|/|%)|(?P<plus>\+)|(?P<minus>-)|(?P<open>\()|(?P<close>\))|(?P<comma>,)|(?P<colon>:)|(?P<odd>.)"
)
_FUNCTIONS = {"min", "max", "ceil", "floor"}
_CLAIM = re.compile(r"\(\s*(~?\s*[\d.,]+(?:[eE]\d+)?\s*(?:[KMGT]i?)?)\s*(params|parameters|weights|biases|macs|ops|flops|neurons|connections)\s*\)", re.I)
_ARITHMETIC = re.compile(r"[\w\s*+\-/%().]+\Z")
_ALIKE = re.compile(r"[\s_\-./]+")


def _same(name: str) -> str:
    return _ALIKE.sub(".", name.casefold())


_INTEGER = re.compile(r"\d+\Z")
_SPLIT = re.compile(r"[xX×]")


class Unreadable(Exception):
    """A place in a line that has no reading; ``help`` is a repair, ``code`` the diagnostic's."""

    def __init__(self, message: str, at: tuple[int, int], help: str | None = None, code: str = "A104") -> None:
        super().__init__(message)
        self.at = at
        self.help = help
        self.code = code


class Piece(Token):
    """A lark token that carries a value of any type."""

    payload: Any


def token(kind: str, value: Any, start: int, end: int) -> Piece:
    """A token with its value and its place."""
    made = Piece(kind, str(value), start, end_pos=end)
    made.payload = value
    return made


def closing(text: str, start: int) -> int:
    """Where the bracket at ``start`` closes; raises Unreadable if nowhere."""
    pairs = {"(": ")", "[": "]"}
    stack = []
    for position in range(start, len(text)):
        character = text[position]
        if character in pairs:
            stack.append(pairs[character])
        elif stack and character == stack[-1]:
            stack.pop()
            if not stack:
                return position
    raise Unreadable(f"this {text[start]} is never closed", (start, start + 1), f"add the missing {pairs[text[start]]}")


def expression_tokens(text: str, start: int, end: int, arguments: bool = False) -> Iterator[Token]:
    """Tokens of arithmetic in ``text[start:end]``; in a call's arguments ``k =`` is a keyword."""
    position, depth = start, 0
    while position < end:
        match = _EXPRESSION.match(text, position, end)
        assert match is not None
        kind, value, first, position = match.lastgroup or "odd", match[0], match.start(), match.end()
        if kind == "blank":
            continue
        if kind == "word":
            yield from _expression_word(text, value, first, position, end, arguments and depth == 0)
            if value.lower() in _FUNCTIONS and text[position:end].lstrip().startswith("("):
                depth += 1
                position = text.index("(", position) + 1
            elif arguments and depth == 0 and re.match(r"\s*=(?!=)", text[position:end]):
                position = text.index("=", position) + 1
        elif kind == "open":
            depth += 1
            yield token("OPEN", "(", first, position)
        elif kind == "close":
            depth -= 1
            yield token("CLOSE", ")", first, position)
        elif kind in ("odd", "colon"):
            raise Unreadable(f"{value!r} has no place in an expression", (first, position))
        else:
            yield token(kind.upper(), value, first, position)


def _expression_word(text: str, word: str, first: int, last: int, end: int, keyword: bool) -> Iterator[Token]:
    """A parameter, a function, a keyword argument, or and/or/not."""
    rest = text[last:end].lstrip()
    if word in ("and", "or", "not"):
        yield token(word.upper(), word, first, last)
    elif word.lower() in _FUNCTIONS and rest.startswith("("):
        yield token("FUNCTION", word.lower(), first, last)
    elif keyword and rest.startswith("=") and not rest.startswith("=="):
        yield token("KEYWORD", word, first, last)
    else:
        yield token("NAME", word, first, last)


class PhraseLexer:
    """Turns one line of layers into tokens; ``known`` are the text's parameters (``kxk`` splits if k is one)."""

    def __init__(self, text: str, known: frozenset[str]) -> None:
        self.text = text
        self.known = known
        self.tokens: list[Token] = []
        self.position = 0
        self.windowed = False  # whether the layer being read has a window
        self.groups: list[str] = []

    def run(self) -> list[Token]:
        """All tokens of the line. Raises Unreadable."""
        while self.position < len(self.text):
            match = _PIECE.match(self.text, self.position)
            assert match is not None
            self.position = match.end()
            kind = match.lastgroup or "odd"
            if match["merge"] is not None:
                kind = "merge"
            elif match["from"] is not None:
                kind = "from"
            if kind != "blank":
                getattr(self, f"_{kind}", self._odd)(match)
        return self.tokens

    # -- helpers ----------------------------------------------------------------------------------------------------------

    def emit(self, kind: str, value: object, start: int, end: int) -> None:
        self.tokens.append(token(kind, value, start, end))

    def last(self) -> str:
        return self.tokens[-1].type if self.tokens else "SEP"

    def at_item_start(self) -> bool:
        return self.last() in ("SEP", "BAR", "REPEAT", "COLON", "LPAR", "LSQB", "MERGE", "AUX", "OTHERWISE", "BRANCHES", "COMMA")

    def tight(self, position: int) -> bool:
        """Whether the token before touches this position."""
        return bool(self.tokens) and self.tokens[-1].end_pos == position

    def separate(self, start: int, end: int) -> None:
        if self.tokens and self.last() not in ("SEP", "LPAR", "LSQB", "BAR", "COLON", "MERGE"):
            self.emit("SEP", ";", start, end)
        self.windowed = False

    # -- pieces -----------------------------------------------------------------------------------------------------------

    def _arrow(self, match: re.Match[str]) -> None:
        self.separate(*match.span())
        size = re.compile(r"\s*((?:\d+|[A-Za-z])(?:\s*x\s*(?:\d+|[A-Za-z]))+|\d+)(?=\s*(?:$|;|->|\(|\||[a-z]+:))").match(self.text, match.end())
        if size:
            self._shown(size[1], size.start(1), size.end(1))
            self.position = size.end()

    def _shape(self, match: re.Match[str]) -> None:
        inner = match[0][1:-1]
        pieces = [piece.strip() for piece in re.split(r"\s*x\s*", inner.strip())]
        if len(pieces) == 1 and not pieces[0].isdigit() and pieces[0] not in self.known:
            self.position = match.start() + 1
            self._opened_bracket(match.start())
            return
        after_word = self.last() == "WORD" and self.tokens[-1].lower() == "connect"
        if after_word:
            self.emit("LISTED", tuple(inner.split()), *match.span())
            return
        self._shown(inner, match.start() + 1, match.end() - 1, outer=match.span())

    def _shown(self, inner: str, start: int, end: int, outer: tuple[int, int] | None = None) -> None:
        """A printed shape: an item of its own."""
        first, last = outer or (start, end)
        self.separate(first, first)
        self.emit("SHAPE", self._dims(inner, start), first, last)
        self.emit("SEP", ";", last, last)

    def _merge(self, match: re.Match[str]) -> None:
        if not self.at_item_start():
            self.separate(match.start(), match.start())
        kind = MERGES[" ".join(match["kind"].lower().split()[:2]) if match["kind"].lower().startswith("affine") else match["kind"].lower()]
        size = self._dims(match["size"], match.start("size")) if match["size"] else None
        self.emit("MERGE", (kind, bool(match["flat"]), size), *match.span())

    def _aux(self, match: re.Match[str]) -> None:
        self.emit("AUX", "aux", *match.span())

    def _otherwise(self, match: re.Match[str]) -> None:
        self.emit("OTHERWISE", "otherwise", *match.span())

    def _when(self, match: re.Match[str]) -> None:
        self._headed("WHEN", match)

    def _repeat(self, match: re.Match[str]) -> None:
        self._headed("REPEAT_WORD", match)

    def _headed(self, kind: str, match: re.Match[str]) -> None:
        """``when EXPR:`` and ``repeat EXPR:``."""
        colon = self.text.find(":", match.end())
        if colon < 0:
            raise Unreadable(f"'{match[0]}' needs a colon after its expression", match.span(), f"{match[0]} ...:")
        self.emit(kind, match[0], *match.span())
        self.tokens.extend(expression_tokens(self.text, match.end(), colon))
        self.emit("COLON", ":", colon, colon + 1)
        self.position = colon + 1

    def _from(self, match: re.Match[str]) -> None:
        if not self.at_item_start():
            self.separate(match.start(), match.start())
        self.emit("FROM", match["origin"], *match.span("origin"))
        self.emit("SEP", ";", match.end(), match.end())

    def _chunk(self, match: re.Match[str]) -> None:
        text, start, end = match[0], *match.span()
        if text[0].isdigit() and re.fullmatch(r"\d+(?:\.\d+)?%?|\.\d+|[\d,]+", text) or re.fullmatch(r"\.\d+", text):
            self._number(text, start, end)
        elif text.lower() == "x":
            self._x(start, end)
        elif re.fullmatch(r"\d+[xX]", text) and self.at_item_start():
            self.emit("REPEAT", int(text[:-1]), start, end)
        elif re.fullmatch(r"[xX]\d+", text) and not self.at_item_start():
            self.emit("TIMES", "x", start, start + 1)
            self.emit("NUMBER", int(text[1:]), start + 1, end)
        elif (dims := self._tight_size(text, start)) is not None:
            self._size(dims, start, end)
        elif text in self.known:
            self.emit("NAME", text, start, end)
        elif f"\0{_same(text)}" in self.known and self.text[end : end + 1] != "(" and self.last() != "WORD":
            self.emit("BLOCK", text, start, end)
        else:
            self._word(text, start, end)

    def _number(self, text: str, start: int, end: int) -> None:
        from fractions import Fraction

        plain = text.replace(",", "")
        if plain.endswith("%"):
            value: int | Fraction = Fraction(plain[:-1]) / 100
        else:
            value = int(plain) if plain.isdigit() and len(plain) < 30 else Fraction(plain)
        self.emit("NUMBER", value, start, end)

    def _word(self, text: str, start: int, end: int) -> None:
        words = kind_words(text)
        if words and any(part.isdigit() for part in words):
            self.windowed = True
        self.emit("WORD", text, start, end)

    def _dims(self, text: str, start: int) -> tuple[tuple[str, int], ...]:
        """``3x3`` as its pieces with their offsets."""
        dims = []
        for match in re.finditer(r"\([^()]*\)|[^\sx()]+", text):
            dims.append((match[0], start + match.start()))
        return tuple(dims)

    def _tight_size(self, text: str, start: int) -> tuple[tuple[str, int], ...] | None:
        """The pieces of a word that is a size: split at x, each an integer or a parameter."""
        if "x" not in text.lower() or is_vocabulary(text):
            return None
        pieces = _SPLIT.split(text.replace("²", "²"))
        if len(pieces) < 2 or not all(_INTEGER.match(p) or re.fullmatch(r"\d+²", p) or p in self.known for p in pieces):
            return None
        dims, offset = [], start
        for piece in pieces:
            side = piece.removesuffix("²")
            dims.extend([(side, offset)] * (2 if piece.endswith("²") else 1))
            offset += len(piece) + 1
        return tuple(dims)

    def _size(self, dims: tuple[tuple[str, int], ...], start: int, end: int) -> None:
        self.windowed = True
        self.emit("SIZE", dims, start, end)

    def _x(self, start: int, end: int) -> None:
        """A spaced x: the window of a layer still without one, or a repeat."""
        rest = re.compile(r"\s*(\d+|[A-Za-z_]\w*)((?:\s*x\s*(?:\d+|[A-Za-z_]\w*))*)").match(self.text, end)
        before = self.tokens[-1] if self.tokens else None
        if rest and before is not None and before.type in ("NUMBER", "NAME") and self._wants_window():
            pieces = [rest[1], *re.findall(r"\w+", rest[2].replace("x", " "))]
            if all(piece.isdigit() or piece in self.known for piece in pieces):
                self.tokens.pop()
                first = before.start_pos or 0
                dims = self._dims(self.text[first : rest.end()].replace("X", "x"), first)
                self._size(dims, first, rest.end())
                self.position = rest.end()
                return
        if before is not None and before.type == "NUMBER" and (len(self.tokens) == 1 or self.tokens[-2].type in ("SEP", "BAR", "LPAR", "COLON")):
            self.tokens.pop()
            self.emit("REPEAT", before.payload, before.start_pos or 0, end)  # type: ignore[attr-defined]
            return
        self.emit("TIMES", "x", start, end)

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
        if not self.groups or self.groups[-1] != kind:
            character = self.text[start]
            raise Unreadable(f"this {character} closes nothing", (start, start + 1), f"take it away, or open it with {'(' if character == ')' else '['}")
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
        if claim and not self.at_item_start():
            self.separate(start, start)
            self.emit("CLAIM", (claim[1], claim[2]), *claim.span())
            self.emit("SEP", ";", claim.end(), claim.end())
            self.position = claim.end()
        elif before is not None and before.type in ("WORD", "NAME") and self.tight(start) and (
            f"\0{_same(str(before))}" in self.known or not is_vocabulary(str(before))
        ):
            self.tokens.pop()
            self.emit("CALL", str(before), before.start_pos or 0, start + 1)
            self.tokens.extend(expression_tokens(self.text, start + 1, end, arguments=True))
            self.emit("CLOSE", ")", end, end + 1)
            self.position = end + 1
        elif self._is_number(inner):
            self._parenthesised_number(start, end)
        elif self.at_item_start():
            self.groups.append("RPAR")
            self.windowed = False
            self.emit("LPAR", "(", start, start + 1)
        else:
            self.position = end + 1  # a remark

    def _is_number(self, inner: str) -> bool:
        """Whether what stands in parentheses is arithmetic over numbers and parameters."""
        if not inner.strip() or not _ARITHMETIC.match(inner) or re.search(r"\w\s+\w", inner):
            return False
        words = re.findall(r"[A-Za-z_]\w*", inner)
        return all(word in self.known or word in _FUNCTIONS for word in words)

    def _parenthesised_number(self, start: int, end: int) -> None:
        tight_size = re.compile(r"x(\w+|\([^()]*\))").match(self.text, end + 1)
        before = self.tokens[-1] if self.tokens else None
        if tight_size:
            self._size(((self.text[start : end + 1], start), (tight_size[1], tight_size.start(1))), start, tight_size.end())
            self.position = tight_size.end()
            return
        if before is not None and before.type == "WORD" and self.tight(start) and re.fullmatch(r"\d+x", str(before)):
            self.tokens.pop()
            first = before.start_pos or 0
            self._size(((str(before)[:-1], first), (self.text[start : end + 1], start)), first, end + 1)
            self.position = end + 1
            return
        self.emit("OPEN", "(", start, start + 1)
        self.tokens.extend(expression_tokens(self.text, start + 1, end))
        self.emit("CLOSE", ")", end, end + 1)
        self.position = end + 1

    def _star(self, start: int, end: int) -> None:
        """``4*c`` is a product; ``3*3`` the window of a layer still without one; ``(a; b)*3`` repeats."""
        number = re.compile(r"\s*(\d+)(?!\w)").match(self.text, end)
        before = self.tokens[-1] if self.tokens else None
        if before is not None and before.type in ("RPAR", "RSQB") or (before is not None and before.type == "CLOSE" and not number):
            self.emit("TIMES", "*", start, end)
        elif number and before is not None and before.type == "NUMBER" and self._wants_window():
            self.tokens.pop()
            first = before.start_pos or 0
            self._size(((str(before), first), (number[1], number.start(1))), first, number.end())
            self.position = number.end()
        else:
            self.emit("BARE", "*", start, end)

    def _slash(self, start: int, end: int) -> None:
        following = re.compile(r"\s*[sS]?(\d+|\(|[A-Za-z_]\w*)").match(self.text, end)
        if following is None:
            raise Unreadable("'/' wants a stride after it", (start, end), "/2")
        self.position = following.start(1)
        self.emit("SLASH", "/", start, end)

    def _plus(self, start: int, end: int) -> None:
        following = re.compile(r"\s*([A-Za-z]\w*)").match(self.text, end)
        if following is None:
            raise Unreadable("'+' stands between layers; a sum of numbers stands in ( )", (start, end), "(a + b)")
        self.separate(start, end)

    def _odd(self, match: re.Match[str]) -> None:
        text = match[0]
        words = nearest(text, MERGES)
        raise Unreadable(f"{text!r} has no meaning here", match.span(), words)
