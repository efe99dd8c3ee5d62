"""Blocks and parameters that a text declares and never mentions again."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

from archcalc.diagnostics import Diagnostic
from archcalc.graph import ALIKE, same_name
from archcalc.notation.text import without_remarks
from archcalc.source import Source, Span

_DECLARED = re.compile(r"^[ \t]*(?:param[ \t]+(?P<param>\w+)|block[ \t]+(?P<block>[\w\-/.]+))", re.MULTILINE)
_WORD = re.compile(r"\w+")


def unused(source: Source, heads: Sequence[int]) -> Iterator[Diagnostic]:
    """A warning for each; ``heads`` are where the text's networks begin, in order.

    What a network declares is looked for in it alone. A word counts as a mention wherever it stands, so that no
    warning is wrong.
    """
    text = without_remarks(source.text)
    parts: dict[tuple[int, int], tuple[frozenset[str], str]] = {}
    declared = list(_DECLARED.finditer(text))
    # a declaration is no mention of itself
    rest = _blanked(text, [match.span(match.lastgroup or 0) for match in declared])
    for match in declared:
        stretch = _stretch(match.start(), len(text), heads) if match["param"] else (0, len(text))
        if stretch not in parts:
            part = rest[slice(*stretch)]
            parts[stretch] = frozenset(_pieces(part)), ALIKE.sub(".", part.casefold())
        words, names = parts[stretch]
        kind = match.lastgroup or ""
        name = match[kind]
        known = name in words if kind == "param" else _mentioned(same_name(name), names)
        if not known:
            what = "parameter" if kind == "param" else "block"
            span = Span(source, *match.span(kind))
            yield Diagnostic("A505", f"{what} '{name}' is never used", span, "warning", help="use it, or leave it out")


def by_network(found: Iterable[Diagnostic], heads: Sequence[int]) -> dict[int | None, list[Diagnostic]]:
    """Diagnostics by where the network begins that they stand in, None of those above the first."""
    parted: dict[int | None, list[Diagnostic]] = {}
    for each in found:
        after = bisect_right(heads, each.span.start) if each.span else 0
        parted.setdefault(heads[after - 1] if after else None, []).append(each)
    return parted


def _stretch(place: int, end: int, heads: Sequence[int]) -> tuple[int, int]:
    """The network that a place stands in, or the whole text above the first."""
    after = bisect_right(heads, place)
    if not after:
        return 0, end
    return heads[after - 1], heads[after] if after < len(heads) else end


def _blanked(text: str, spans: Sequence[tuple[int, int]]) -> str:
    pieces, position = [], 0
    for start, stop in spans:
        pieces += [text[position:start], " " * (stop - start)]
        position = stop
    return "".join((*pieces, text[position:]))


def _pieces(text: str) -> Iterator[str]:
    """Words, and what they are at ``x``, behind digits too: kxk, 3xk, 4k."""
    for word in set(_WORD.findall(text)):
        yield word
        for piece in word.split("x"):
            yield piece
            yield piece.lstrip("0123456789")


def _mentioned(name: str, names: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", names) is not None
