"""Statements that begin with a word of their own: network, param, use, block, means, table, expect."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from archcalc.diagnostics import nearest
from archcalc.notation import tree
from archcalc.notation.statements import (
    IDENTIFIER,
    BlockLine,
    ClaimLine,
    FitStrict,
    MeansLine,
    NetworkLine,
    ParamLine,
    Statement,
    TableLines,
    UseLine,
)
from archcalc.notation.syntax import parse_expression, parse_items
from archcalc.notation.text import Line
from archcalc.notation.tokens import Unreadable
from archcalc.notation.vocabulary import is_reserved, is_vocabulary, kind_words, spelled, suggestions

if TYPE_CHECKING:
    from archcalc.notation.reading import Reading


def _network(reading: Reading, line: Line) -> Statement | None:
    match = re.fullmatch(r'network\s+(?P<name>[^"\s][^"]*?)\s*:?\s*(?:"(?P<title>[^"]*)")?', line.text, re.I)
    if match is None:
        raise Unreadable('a network line is: network NAME "where it is from"', (0, len(line.text)))
    return NetworkLine(line, match["name"].strip(), match["title"] or "")


def _param(reading: Reading, line: Line) -> Statement | None:
    match = re.fullmatch(rf"param\s+({IDENTIFIER})\s*=\s*(.+)", line.text)
    if match is None:
        raise Unreadable("a parameter line is: param width = 64", (0, len(line.text)))
    if is_reserved(match[1]):
        raise Unreadable(f"'{match[1]}' is a word of the notation: it names no parameter", match.span(1), code="A405")
    if match[1] == "x":
        raise Unreadable("'x' names nothing: it stands between sizes", match.span(1), code="A405")
    return ParamLine(line, match[1], parse_expression(match[2], match.start(2)))


def _use(reading: Reading, line: Line) -> Statement | None:
    match = re.fullmatch(r'use\s+"([^"]+)"', line.text)
    if match is None:
        raise Unreadable('a use line is: use "common.arch"', (0, len(line.text)))
    return UseLine(line, match[1], match.span(1))


def _claim(reading: Reading, line: Line) -> Statement | None:
    return ClaimLine(line)


def _fit(reading: Reading, line: Line) -> Statement | None:
    return FitStrict(line) if re.fullmatch(r"fit\s+strict", line.text, re.I) else None


def begins_layer(text: str) -> bool:
    """Whether a name is, or begins as, the spelling of a layer: it then names no block."""
    words = kind_words(text)
    return spelled(words[:1]) is not None or spelled(words) is not None


def _block(reading: Reading, line: Line) -> Statement | None:
    match = re.match(r"block\s+([\w\-/.]+)\s*(?:\((.*?)\))?\s*:\s*", line.text)
    if match is None:
        raise Unreadable("a block line is: block name(c, s=1):", (0, len(line.text)))
    if begins_layer(match[1]):
        raise Unreadable(f"'{match[1]}' is a word of the notation: it names no block", match.span(1), code="A405")
    parameters = tuple(_parameters(match[2] or "", match.start(2)))
    if line.text[match.end() :].strip():
        inline = line.part(match.end(), len(line.text))
        inline.body.extend(line.body)
        body: list[Statement] = [reading.layers(inline)]
    else:
        body = reading.statements(line.body)
    if not body:
        raise Unreadable(f"block {match[1]} is empty", match.span(1), "its layers stand on indented lines below")
    return BlockLine(line, match[1], parameters, body)


def _parameters(text: str, offset: int) -> Iterator[tuple[str | None, tree.Arithmetic | None]]:
    """A block's parameters: names with or without a default, or a number that must be given."""
    position = offset
    for part in text.split(",") if text.strip() else []:
        match = re.fullmatch(rf"\s*({IDENTIFIER})\s*(?:=\s*(.+?)\s*)?", part)
        at = (position, position + len(part))
        if match:
            if is_reserved(match[1]) or match[1] == "x":
                raise Unreadable(f"'{match[1]}' is a word of the notation: it names no parameter", at, code="A405")
            default = parse_expression(match[2], position + match.start(2)) if match[2] else None
            yield match[1], default
        elif re.fullmatch(r"\s*-?\d+\s*", part):
            yield None, tree.Number(int(part), at)
        else:
            raise Unreadable("a block's parameter is a name, name=default, or a number", at)
        position += len(part) + 1


def means_line(reading: Reading, line: Line) -> Statement:
    match = re.match(r"(?P<hidden>hidden\s+)?(?P<subject>[\w#\[\]. \-]+?)\s+means\s+(?P<rest>.+)", line.text)
    assert match is not None
    subject = match["subject"].strip().lower()
    hidden, rest, start = bool(match["hidden"]), match["rest"], match.start("rest")
    if subject.startswith("["):
        if not re.match(r"(?:residual|plain)\b", rest, re.I):
            whole = "[...] means residual, option B, stride on first"
            repair = nearest(rest.split()[0], ("residual", "plain")) or whole
            raise Unreadable("[...] means residual or plain", match.span("rest"), repair, "A406")
        return MeansLine(line, "[]", False, None, cell=rest.strip().lower())
    call = re.fullmatch(r"([\w\-/.]+)\s*\(([^()]*)\)", rest)
    if call and not is_vocabulary(call[1]):
        headings = tuple(part.strip() for part in call[2].split(","))
        return MeansLine(line, subject, False, None, block=call[1], headings=headings)
    items = parse_items(" " * start + rest, reading.known)
    reading.check_phrases(items, line.text)
    kind = spelled(tuple(subject.split())) or spelled(kind_words(subject))
    if kind is None:
        known = nearest(subject, suggestions())
        raise Unreadable(f"no layer is called '{subject}'", match.span("subject"), known, "A105")
    return MeansLine(line, kind, hidden, items)


def _table(reading: Reading, line: Line) -> Statement | None:
    if not re.fullmatch(r"table\s*:", line.text, re.I):
        return None
    if not line.body:
        raise Unreadable(
            "this table has no rows", (0, len(line.text)), "its rows stand on indented lines below", "A110"
        )
    rows: list[Line] = []

    def gather(lines: list[Line]) -> None:
        for row in lines:
            rows.append(row)
            gather(row.body)

    gather(line.body)
    return TableLines(line, rows, wide=True)


KEYWORDS: dict[str, Callable[[Reading, Line], Statement | None]] = {
    "network": _network,
    "param": _param,
    "use": _use,
    "expect": _claim,
    "erratum": _claim,
    "fit": _fit,
    "block": _block,
    "table": _table,
}
