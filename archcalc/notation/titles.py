"""A listing's title: lines above everything else that are no layer, and no near miss of one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from archcalc.diagnostics import nearest
from archcalc.notation.headed import KEYWORDS
from archcalc.notation.labelled import split_figures
from archcalc.notation.naming import same_name
from archcalc.notation.text import Line
from archcalc.notation.tokens import Unreadable
from archcalc.notation.vocabulary import MERGES, is_vocabulary, kind_words, suggestions

_MOST_LINES = 3
_DECORATION = " \"'*_=-~"
#: Signs of a layer or statement: sizes, brackets, a call, a repeat, arrows, values.
_NO_TITLE = re.compile(r"\d\s*x\s*\d|\dx\b|[\[\]|\t;=<>@+]|\w\(|->|/\d|\bx\s*\d|^\W*\d+\s*$", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_][\w\-]*")
#: As near as 'covn' is to 'conv'; 'slide' is not to 'stride'.
_NEAR = 0.75
_TAKEN = {*MERGES, "input", "inputs", "image", "from", "total", "means", "k"}


def parted(lines: Sequence[Line], known: frozenset[str]) -> tuple[str, list[Line]]:
    """The title above a listing, and the lines that are left; a text of a title alone is no listing."""
    count = 0
    while count < len(lines) and count <= _MOST_LINES and _is_title(lines[count], known):
        count += 1
    if count in (len(lines), _MOST_LINES + 1):
        count = 0
    return ", ".join(_plain(line) for line in lines[:count]), list(lines[count:])


def _plain(line: Line) -> str:
    return line.text.strip(_DECORATION).rstrip(":" + _DECORATION)


def _is_title(line: Line, known: frozenset[str]) -> bool:
    """Whether a line begins as names do, and no word of it is the notation's or near one."""
    text = line.text.strip(_DECORATION)
    return (text[:1].isupper() or text.endswith(":")) and _says_nothing(line, known)


def _says_nothing(line: Line, known: frozenset[str]) -> bool:
    """Whether a line has none of the signs of a layer, and no word of the notation but in parentheses."""
    text = line.text.strip(_DECORATION)
    if line.body or _NO_TITLE.search(text) or split_figures(text)[1]:
        return False
    words = _WORD.findall(re.sub(r"\([^()]*\)", "", text))
    if not words or (words[0].casefold() in KEYWORDS and not re.match(r"table\s+\d", text, re.IGNORECASE)):
        return False
    return not any(_is_word(word, known) for word in words)


def _is_word(word: str, known: frozenset[str]) -> bool:
    """Whether the notation or the text means something by a word, or by one near it; a network's name ends in -net."""
    plain = word.casefold()
    if plain in _TAKEN or is_vocabulary(word):
        return True
    if word in known or f"\0{same_name(word)}" in known:
        return True
    stem = "".join(part for part in kind_words(word)[:1]).rstrip("0123456789") or plain
    if is_vocabulary(stem):
        return True
    return not re.search(r"nets?\b", plain) and nearest(stem, suggestions(), _NEAR) is not None


def ask(line: Line, known: frozenset[str]) -> None:
    """Raises Unreadable at a text's first line that may be meant as a title, and does not look like one."""
    if _says_nothing(line, known):
        word = _WORD.search(line.text)
        assert word is not None
        title = _plain(line).replace('"', "'")
        help = f"a title is a comment, '# {title}', or stands in 'network NAME \"{title}\"'"
        raise Unreadable(f"unknown word '{word[0]}'", word.span(), help, "A105")
