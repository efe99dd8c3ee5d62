"""``archcalc check --explain A203``: the page of a code as a terminal shows it, or in Markdown."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence

from archcalc.codes import page
from archcalc.diagnostics import CODES, GROUPS
from archcalc.report.style import paint, visible

#: Characters of what is no code that are told again.
_LONGEST = 40
#: Columns of prose that are read with ease.
_EASY = 100
#: Stands for a blank inside `code`, where no line ends.
_GLUE = "\0"
_CODE = re.compile(r"^```\w+\n(.*?)^```$", re.M | re.S)
_INLINE = re.compile(r"`([^`]+)`")
_HEADINGS = {"Wrong": "error", "Right": "help"}


def explained(code: str, *, width: int | None = None, colour: bool = False) -> str:
    """What a code means, what is wrong and right, and the repair, a newline at its end.

    ``all`` is a list of every code, the head of some (``A2``) of those. ``width``: columns of the terminal; None gives
    Markdown, as it stands. Raises ValueError, in one line, for what is no code.
    """
    wanted = code.strip().upper()
    if wanted in CODES:
        text = page(wanted)
        return text if width is None else "\n".join(_drawn(text, min(width, _EASY), colour)) + "\n"
    some = [each for each in CODES if wanted == "ALL" or (wanted and each.startswith(wanted))]
    if not some:
        asked = code.strip()[:_LONGEST]
        raise ValueError(f"'{visible(asked)}' is no code: {_repair(asked)}")
    return "\n".join(_listed(some, colour)) + "\n"


def _repair(code: str) -> str:
    """The codes near to what is none: by a word of their titles, or by their letters."""
    from difflib import get_close_matches

    titled = [each for each, title in CODES.items() if len(code) > 2 and code.casefold() in title]
    near = titled or get_close_matches(code.upper(), CODES, n=3, cutoff=0.7)
    if near:
        return f"did you mean {' or '.join(f'{each} ({CODES[each]})' for each in near[:3])}?"
    alike = [each for each in CODES if each[:2] == code[:2].upper()] or list(CODES)
    return f"they go from {alike[0]} to {alike[-1]}; 'all' lists them"


def _listed(codes: Sequence[str], colour: bool) -> Iterator[str]:
    """A code a line, each group under what it is about."""
    for place, group in enumerate(dict.fromkeys(code[:2] for code in codes)):
        yield from ("",) if place else ()
        yield paint(f"{group}  {GROUPS[group]}", "bold", colour)
        for code in codes:
            if code.startswith(group):
                yield f"  {paint(code, 'params', colour)}  {CODES[code]}"


def _drawn(text: str, width: int, colour: bool) -> Iterator[str]:
    """A page's Markdown, of which it has headings, paragraphs and blocks of code."""
    prose, *rest = _CODE.split(text)
    yield from _prose(prose, width, colour)
    for code, below in zip(rest[::2], rest[1::2], strict=True):
        yield ""
        yield from (paint(f"    {line}".rstrip(), "params", colour) for line in code.splitlines())
        if below.strip():
            yield ""
            yield from _prose(below, width, colour)


def _prose(text: str, width: int, colour: bool) -> Iterator[str]:
    """Headings and wrapped paragraphs, an empty line between two."""
    for place, paragraph in enumerate(text.strip().split("\n\n")):
        yield from ("",) if place else ()
        if paragraph.startswith("#"):
            heading = paragraph.lstrip("# ")
            style = _HEADINGS.get(heading, "bold")
            yield from (paint(line, style, colour) for line in textwrap.wrap(heading, width))
        else:
            yield from _wrapped(paragraph, width, colour)


def _wrapped(paragraph: str, width: int, colour: bool) -> Iterator[str]:
    """Lines of a paragraph; its `code` is painted, or keeps its marks where there is no colour."""
    glued = _INLINE.sub(lambda code: code[0].replace(" ", _GLUE).replace("\n", _GLUE), paragraph)
    for line in textwrap.wrap(glued, width, break_on_hyphens=False):
        whole = line.replace(_GLUE, " ")
        yield _INLINE.sub(lambda code: paint(code[1], "params", True), whole) if colour else whole
