"""``# archcalc: ignore A203``: what a text asks not to be told of, and what it asks in vain."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from archcalc.diagnostics import CODES, GROUPS, Diagnostic, nearest
from archcalc.record import Mutable
from archcalc.source import Source, Span

if TYPE_CHECKING:
    from archcalc.analyses.check import Expectation

_COMMENT = re.compile(
    r"(?<!\S)#[ \t]*(?P<said>archcalc:)[ \t]*ignore(?P<file>-file)?(?P<codes>(?![\w-])[^\n#]*)", re.IGNORECASE
)
#: a comment that is meant for archcalc, whatever it says
_MEANT = re.compile(r"(?<!\S)#(?:[^\n]*?[\s;,(#])?(?P<said>archcalc:[ \t]*(?P<word>[\w-]*)[^\n#]*)", re.IGNORECASE)
_CODE = re.compile(r"[^\s,]+")
#: what only a comparison tells
_BESIDE = frozenset({"A207"})
_EXAMPLE = "# archcalc: ignore A203"
_WORDS = ("ignore", "ignore-file")


class Ignore(Mutable):
    """One code of one comment: the lines that it speaks of (None: the whole text), and whether it was needed."""

    code: str
    span: Span
    line: int | None
    needed: bool = False

    def covers(self, diagnostic: Diagnostic) -> bool:
        """Whether this is what the comment means."""
        span = diagnostic.span
        if diagnostic.code != self.code or span is None or span.source is not self.span.source:
            return False
        return self.line is None or span.line <= self.line <= span.end_line


def ignores(source: Source) -> tuple[list[Ignore], list[Diagnostic]]:
    """The codes that a text ignores, and what is wrong with its comments.

    A comment speaks of its own line or, alone on one, of the next; ``ignore-file`` of the whole text.
    """
    found: list[Ignore] = []
    wrong: list[Diagnostic] = []
    for match in _COMMENT.finditer(source.text):
        line = None if match["file"] else _line(source, match.start())
        codes = list(_codes(source, match))
        for code, span in codes:
            if code in CODES:
                found.append(Ignore(code, span, line))
            else:
                message, repair = f"'{span.text}' is no code of a diagnostic", _repair(code)
                wrong.append(Diagnostic("A507", message, span, "warning", help=repair))
        if not codes:
            span = Span(source, match.start(), match.start() + len(match[0].rstrip()))
            wrong.append(Diagnostic("A507", "this ignores nothing: it names no code", span, "warning", help=_EXAMPLE))
    return found, [*wrong, *_misspelt(source)]


def _misspelt(source: Source) -> Iterator[Diagnostic]:
    """A warning for each comment that speaks to archcalc and is not understood."""
    understood = {match.start("said") for match in _COMMENT.finditer(source.text)}
    for match in _MEANT.finditer(source.text):
        if match.start("said") in understood:
            continue
        span = Span(source, match.start("said"), match.start("said") + len(match["said"].rstrip()))
        whole = match["word"].lower() in ("ignore", "ignore-file")
        help = f"in a comment of its own: # {span.text}" if whole else nearest(match["word"], _WORDS) or _EXAMPLE
        yield Diagnostic("A507", f"'{span.text}' is not understood", span, "warning", help=help)


def _repair(code: str) -> str:
    if code in GROUPS:
        return f"a code is whole, as {min(each for each in CODES if each.startswith(code))}"
    return nearest(code, CODES) or _EXAMPLE


def unheeded(comments: Sequence[Ignore], fatal: Sequence[Diagnostic]) -> Iterator[Diagnostic]:
    """A warning for each code that stands at a fault for which there is no network."""
    for comment in comments:
        if any(comment.covers(each) for each in fatal):
            message = f"{comment.code} cannot be ignored here: it leaves no network to be checked"
            yield Diagnostic("A507", message, comment.span, "warning", help="mend what it tells of")


def _codes(source: Source, match: re.Match[str]) -> Iterator[tuple[str, Span]]:
    """The codes at the head of a comment; words may follow them."""
    for piece in _CODE.finditer(match["codes"].lstrip(":")):
        if not re.fullmatch(r"[A-Za-z]\d+", piece[0]):
            return
        start = match.end("codes") - len(match["codes"].lstrip(":")) + piece.start()
        yield piece[0].upper(), Span(source, start, start + len(piece[0]))


def _line(source: Source, place: int) -> int:
    """The line that a comment at this place speaks of."""
    number, column = source.location(place)
    return number if source.line(number)[: column - 1].strip() else number + 1


def quieted(
    diagnostics: Sequence[Diagnostic], comments: Sequence[Ignore], everywhere: frozenset[str]
) -> tuple[list[Diagnostic], list[Diagnostic]]:
    """Diagnostics to be told, and those that somebody asks not to hear of; what the latter took is marked needed."""
    told: list[Diagnostic] = []
    quiet: list[Diagnostic] = []
    for diagnostic in diagnostics:
        covering = [comment for comment in comments if comment.covers(diagnostic)]
        for comment in covering:
            comment.needed = True
        (quiet if covering or diagnostic.code in everywhere else told).append(diagnostic)
    return told, quiet


def heeded(diagnostics: Sequence[Diagnostic], everywhere: frozenset[str]) -> tuple[list[Diagnostic], list[Diagnostic]]:
    """The same of diagnostics that come from beside the texts, whose own comments count."""
    sources = dict.fromkeys(each.span.source for each in diagnostics if each.span)
    comments = [comment for source in sources for comment in ignores(source)[0]]
    return quieted(diagnostics, comments, everywhere)


def unheard(claims: tuple[Expectation, ...], quiet: Sequence[Diagnostic]) -> tuple[Expectation, ...]:
    """The claims without those that fail where nobody is to be told."""
    lines = {each.span.line for each in quiet if each.span and each.code.startswith("A2")}
    return tuple(claim for claim in claims if claim.holds is not False or claim.line not in lines)


def in_vain(comments: Sequence[Ignore]) -> Iterator[Diagnostic]:
    """A warning for each code that nothing needed."""
    for comment in comments:
        if not comment.needed and comment.code not in _BESIDE:
            message = f"there is no {comment.code} {_where(comment)} to ignore"
            yield Diagnostic("A507", message, comment.span, "warning", help="leave the comment out")


def _where(comment: Ignore) -> str:
    if comment.line is None:
        return "in this text"
    return "on this line" if comment.line == comment.span.line else "on the next line"
