"""From a pasted text to its lines: comments, bullets, LaTeX and Markdown dress taken off, indentation made a tree."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from archcalc.source import Source, Span

#: Typographic spellings and what they stand for; every other character stands for itself.
_CHARACTERS = {
    "×": "x", "✕": "x", "⨯": "x", "−": "-", "–": "-", "—": "-", "·": "*", "≈": "~", "≃": "~", "≤": "<=", "≥": ">=",
    "→": "->", "⇒": "->", "“": '"', "”": '"', "\u00a0": " ", "\u2009": " ", "\u202f": " ", "\u200b": "", "\ufeff": "",
    "$": "", "`": "", "⌊": "floor(", "⌋": ")", "³": "³",
}  # fmt: skip
_DRESS = re.compile(
    r"(?P<times>[ ]*\\times(?![A-Za-z])[ ]*)|(?P<cdot>\\cdot(?![A-Za-z]))|(?P<break><br\s*/?>)"
    r"|(?P<sup><sup>2</sup>|\^2(?=\s*x))"
    r"|(?P<tag></?(?:sub|sup|b|i|em|strong|td|th|tr|code)>)|(?P<bold>\*\*(?=[A-Za-z])|(?<=[A-Za-z0-9)])\*\*(?=[\s|:;,.]|$))"
    r"|(?P<thin>\\[,;!])|(?P<one>[" + "".join(_CHARACTERS) + "])"
)
_BULLET = re.compile(r"(?:[-*•▪◦]|\d{1,3}[.)])[ \t]+(?=\S)")
_COMMENT = re.compile(r"(?<![^\s])#(?=\s|$)")
_QUOTED = re.compile(r'"[^"\n]*"')
_FENCE = re.compile(r"\s*(```|~~~)")
_LONGEST_CONTINUATION = 40


@dataclass(frozen=True, eq=False)
class Line:
    """One logical line: its text in plain dress, how deep it stands, and the deeper lines below it.

    ``origins`` maps each character of ``text`` (and its end) to an offset in the source; None: a plain shift.
    """

    source: Source
    text: str
    start: int
    indent: int
    origins: tuple[int, ...] | None = None
    body: list[Line] = field(default_factory=list, repr=False)

    def span(self, at: tuple[int, int] | None = None) -> Span:
        """The place of ``text[at[0]:at[1]]``, or of the whole line, in the source."""
        first, last = at or (0, len(self.text))
        if self.origins is None:
            return Span(self.source, self.start + first, self.start + max(last, first))
        end = self.origins[last - 1] + 1 if last > first else self.origins[first]
        return Span(self.source, self.origins[first], end)

    def part(self, first: int, last: int) -> Line:
        """A stretch of this line as a line of its own, blanks at its ends left off."""
        text = self.text[first:last]
        first += len(text) - len(text.lstrip())
        text = text.strip()
        last = first + len(text)
        if self.origins is None:
            return Line(self.source, text, self.start + first, self.indent, None)
        return Line(self.source, text, self.origins[first], self.indent, self.origins[first : last + 1])

    def implying(self, before: str = "", after: str = "") -> Line:
        """This line with words that its place implies around it; they stand at its ends in the source."""
        own = self.origins or tuple(range(self.start, self.start + len(self.text) + 1))
        last = own[-2] if self.text else own[0]
        origins = (own[0],) * len(before) + own[: len(self.text)] + (last,) * len(after) + own[-1:]
        return Line(self.source, before + self.text + after, self.start, self.indent, origins)


def undress(raw: str, start: int) -> tuple[str, tuple[int, ...] | None]:
    """A stretch of text in plain dress, and where each of its characters came from (None: unchanged)."""
    if raw.isascii() and not any(mark in raw for mark in "$`\\<*^"):
        return raw, None
    text: list[str] = []
    origins: list[int] = []
    position = 0
    for match in _DRESS.finditer(raw):
        text.append(raw[position : match.start()])
        origins.extend(range(start + position, start + match.start()))
        plain = _plain(match, raw)
        text.append(plain)
        origins.extend([start + match.start()] * len(plain))
        position = match.end()
    text.append(raw[position:])
    origins.extend(range(start + position, start + len(raw) + 1))
    return "".join(text), tuple(origins)


def _plain(match: re.Match[str], raw: str) -> str:
    """What a piece of dress stands for."""
    kind = match.lastgroup
    if kind == "one":
        return _CHARACTERS[match[0]]
    if kind == "times":
        tight = raw[match.start() - 1 : match.start()].isdigit() and raw[match.end() : match.end() + 1].isdigit()
        return "x" if tight else " x "
    return {"cdot": "*", "break": ";", "sup": "²"}.get(kind or "", "")


def _without_comment(text: str) -> str:
    """The text before a comment; a # in quotes or tight to a word is none."""
    if "#" not in text:
        return text
    quoted = [match.span() for match in _QUOTED.finditer(text)]
    for match in _COMMENT.finditer(text):
        if not any(first < match.start() < last for first, last in quoted):
            return text[: match.start()]
    return text


def _open_brackets(text: str) -> int:
    """How many brackets a text leaves open (negative: closes too many)."""
    if '"' in text:
        text = _QUOTED.sub("", text)
    return text.count("(") + text.count("[") - text.count(")") - text.count("]")


def logical_lines(source: Source) -> list[Line]:
    """Every line that says something, an open bracket continued, in order and without bodies."""
    return list(_logical_lines(source))


def _logical_lines(source: Source) -> Iterator[Line]:
    raws: list[tuple[int, str]] = []
    offset = 0
    for raw in source.text.split("\n"):
        raws.append((offset, _without_comment(raw.rstrip("\r"))))
        offset += len(raw) + 1
    index = 0
    while index < len(raws):
        start, raw = raws[index]
        index += 1
        lead = len(raw) - len(raw.lstrip())
        if lead == len(raw) or _FENCE.match(raw) or (raw[lead] == "#"):
            continue
        indent = len(raw[:lead].expandtabs(8))
        taken = _continuation(raws, index, raw)
        if taken:
            start_of_last, last = raws[index + taken - 1]
            raw = source.text[start : start_of_last + len(last)]
            raw = "".join(" " if c in "\r\n" else c for c in _blank_comments(raw))
            index += taken
        bullet = _BULLET.match(raw, lead)
        if bullet:
            lead = bullet.end()
        content = raw[lead:].rstrip()
        content = content[:-1].rstrip() if content.endswith("\\") else content
        text, origins = undress(content, start + lead)
        if text.strip():
            yield Line(source, text, start + lead, indent, origins)


def _blank_comments(text: str) -> str:
    """Comments as blanks, so that offsets stay."""
    kept = [_without_comment(line) for line in text.split("\n")]
    return "\n".join(line.ljust(len(raw)) for line, raw in zip(kept, text.split("\n"), strict=True))


def without_remarks(text: str) -> str:
    """The text with comments and what stands in quotes as blanks, so that offsets stay."""
    return _QUOTED.sub(lambda quoted: " " * len(quoted[0]), _blank_comments(text))


def _continuation(raws: list[tuple[int, str]], index: int, raw: str) -> int:
    """How many further lines an open bracket takes; 0 where it is never closed (the line is at fault, not the rest)."""
    depth = _open_brackets(raw)
    taken = 0
    while depth > 0 and taken < _LONGEST_CONTINUATION and index + taken < len(raws):
        depth += _open_brackets(raws[index + taken][1])
        taken += 1
    return taken if depth <= 0 else 0


def nested(lines: list[Line]) -> list[Line]:
    """The lines as a tree: a line's body is what stands deeper below it."""
    roots: list[Line] = []
    open_lines: list[Line] = []
    for line in lines:
        while open_lines and open_lines[-1].indent >= line.indent:
            open_lines.pop()
        (open_lines[-1].body if open_lines else roots).append(line)
        open_lines.append(line)
    return roots
