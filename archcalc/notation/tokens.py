"""Tokens: values with their place, the tokens of arithmetic, and what cannot be read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from archcalc.notation.text import Line

_EXPRESSION = re.compile(
    r"(?P<blank>\s+)|(?P<number>\d+\.\d+|\.\d+|\d+(?![\w.])|\d+)|(?P<word>[A-Za-z_]\w*)|(?P<compare><=|>=|==|!=|<|>|=)|(?P<power>\*\*)"
    r"|(?P<operator>//|\*|/|%)|(?P<plus>\+)|(?P<minus>-)|(?P<open>\()|(?P<close>\))|(?P<comma>,)|(?P<colon>:)|(?P<odd>.)"
)
_BRACKET = re.compile(r"[()\[\]]")
DEEPEST_BRACKETS = 50
FUNCTIONS = {"min", "max", "ceil", "floor"}


class Unreadable(Exception):
    """A place in a line that has no reading; ``help`` is a repair, ``code`` the diagnostic's.

    ``line`` is the line that ``at`` counts in, where that is not the one being read.
    """

    line: Line | None = None

    def __init__(self, message: str, at: tuple[int, int], help: str | None = None, code: str = "A104") -> None:
        super().__init__(message)
        self.at = at
        self.help = help
        self.code = code

    def within(self, line: Line) -> Self:
        """This, told of the line it is in, unless it knows."""
        self.line = self.line or line
        return self


class Follows(Unreadable):
    """What cannot be read only because of a fault that is told already: nothing more is said."""


class Token(str):
    """A piece of a line with its type in the grammar, its place, and its value where that is more than its text."""

    type: str
    start_pos: int
    end_pos: int
    payload: Any


def token(kind: str, value: Any, start: int, end: int) -> Token:
    """A token with its value and its place."""
    made = Token(value)
    made.type, made.payload, made.start_pos, made.end_pos = kind, value, start, end
    return made


def shallow(text: str, offset: int = 0) -> None:
    """Raises Unreadable at the bracket that nests deeper than anybody can read."""
    depth = 0
    for match in _BRACKET.finditer(text):
        depth += 1 if match[0] in "([" else -1
        if depth > DEEPEST_BRACKETS:
            at = (offset + match.start(), offset + match.end())
            raise Unreadable(f"brackets nest more than {DEEPEST_BRACKETS} deep", at)


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
            if value.lower() in FUNCTIONS and text[position:end].lstrip().startswith("("):
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
            raise Unreadable(f"{value!r} has no place in an expression", (first, position), code="A107")
        else:
            yield token(kind.upper(), value, first, position)


def _expression_word(text: str, word: str, first: int, last: int, end: int, keyword: bool) -> Iterator[Token]:
    """A parameter, a function, a keyword argument, or and/or/not."""
    rest = text[last:end].lstrip()
    if word in ("and", "or", "not"):
        yield token(word.upper(), word, first, last)
    elif word.lower() in FUNCTIONS and rest.startswith("("):
        yield token("FUNCTION", word.lower(), first, last)
    elif keyword and rest.startswith("=") and not rest.startswith("=="):
        yield token("KEYWORD", word, first, last)
    else:
        yield token("NAME", word, first, last)
