"""Tokens of a line: settles every reading that hangs on context, so that the grammar can be plain.

Which x is a product, a size or a repeat; which parenthesis holds a group, an argument, a number or a remark; which
comma begins another layer is left to ``phrases``, which knows what a layer already has.
"""

from __future__ import annotations

import re
from fractions import Fraction

from archcalc.notation.marks import Marks
from archcalc.notation.naming import same_name
from archcalc.notation.size_pattern import SIZE
from archcalc.notation.tokens import Token, Unreadable, expression_tokens
from archcalc.notation.vocabulary import MERGES, is_vocabulary, kind_words

_PIECE = re.compile(
    r"(?P<blank>[ \t]+)|(?P<arrow>->|=>)|(?P<shape>\[\s*" + SIZE + r"\s*\])"
    r"|(?P<merge>(?:(?P<flat>flat)\s+)?(?P<kind>sum|add|concat|mean|max|product|affine\s+warp(?:\s+(?P<size>\w+\s*x\s*\w+))?)\s*:)"
    r"|(?P<aux>aux\s*:)|(?P<when>when\b)|(?P<otherwise>otherwise\s*:)|(?P<repeat>repeat\b(?!\s*:))"
    r"|(?P<from>from\s+(?P<origin>\w[\w.\-/]*(?:\s+\d+\w*)?))"
    r"|(?P<chunk>\d+\.\d+%?|\.\d+|\d{1,3}(?:,\d{3})+(?!\d)(?=\s*[a-z-])|[A-Za-z_][\w'²]*(?:[-.][A-Za-z0-9_²]+)*|\d\w*(?:-[A-Za-z0-9]+)*%?)"
    r"|(?P<dslash>//)|(?P<mark>[,;:()\[\]|+*/=<>@~!?&{}^%#\"'.\-\\])|(?P<odd>.)",
    re.IGNORECASE,
)
_INTEGER = re.compile(r"\d+\Z")
_SIC = re.compile(r"\s*\(\s*sic\s*:\s*([^()]*)\)", re.IGNORECASE)
_SPLIT = re.compile(r"[xX×]")


class PhraseLexer(Marks):
    """Turns one line of layers into tokens."""

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

    def _arrow(self, match: re.Match[str]) -> None:
        self.separate(*match.span())
        size = re.compile(
            r"\s*((?:\d+|[A-Za-z])(?:\s*x\s*(?:\d+|[A-Za-z]))+|\d+)(?=\s*(?:$|;|->|\(|\||[a-z]+:))"
        ).match(self.text, match.end())
        if size:
            self.position = size.end()
            self._shown(size[1], size.start(1), size.end(1))

    def _shape(self, match: re.Match[str]) -> None:
        inner = match[0][1:-1]
        pieces = [piece.strip() for piece in _SPLIT.split(inner)]
        if not all(pieces) or (len(pieces) == 1 and not pieces[0].isdigit() and pieces[0] not in self.known):
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
        sic = _SIC.match(self.text, last)
        self.emit("SHAPE", (self._dims(inner, start), self._dims(sic[1], sic.start(1)) if sic else ()), first, last)
        if sic:
            self.position = last = sic.end()
        self.emit("SEP", ";", last, last)

    def _merge(self, match: re.Match[str]) -> None:
        if not self.at_item_start():
            self.separate(match.start(), match.start())
        kind = MERGES[
            " ".join(match["kind"].lower().split()[:2])
            if match["kind"].lower().startswith("affine")
            else match["kind"].lower()
        ]
        size = self._dims(match["size"], match.start("size")) if match["size"] else None
        self.emit("MERGE", (kind, bool(match["flat"]), size), *match.span())

    def _aux(self, match: re.Match[str]) -> None:
        self.emit("AUX", "aux", *match.span())

    def _otherwise(self, match: re.Match[str]) -> None:
        if not self.at_item_start():
            self.separate(match.start(), match.start())
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
        if (text[0].isdigit() and re.fullmatch(r"\d+(?:\.\d+)?%?|\.\d+|[\d,]+", text)) or re.fullmatch(r"\.\d+", text):
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
        elif f"\0{same_name(text)}" in self.known and self.text[end : end + 1] != "(" and self.last() != "WORD":
            self.emit("BLOCK", text, start, end)
        else:
            self._word(text, start, end)

    def _number(self, text: str, start: int, end: int) -> None:
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

    def _x(self, start: int, end: int) -> None:
        """A spaced x: the window of a layer still without one, or a repeat."""
        rest = re.compile(r"\s*(\d+|[A-Za-z_]\w*)((?:\s*x\s*(?:\d+|[A-Za-z_]\w*))*)").match(self.text, end)
        before = self.tokens[-1] if self.tokens else None
        if rest and before is not None and before.type in ("NUMBER", "NAME") and self._wants_window():
            pieces = [rest[1], *re.findall(r"\w+", rest[2].replace("x", " "))]
            if all(piece.isdigit() or piece in self.known for piece in pieces):
                self.tokens.pop()
                first = before.start_pos
                dims = self._dims(self.text[first : rest.end()].replace("X", "x"), first)
                self._size(dims, first, rest.end())
                self.position = rest.end()
                return
        if (
            before is not None
            and before.type == "NUMBER"
            and (len(self.tokens) == 1 or self.tokens[-2].type in ("SEP", "BAR", "LPAR", "COLON"))
        ):
            self.tokens.pop()
            self.emit("REPEAT", before.payload, before.start_pos, end)
            return
        self.emit("TIMES", "x", start, end)
