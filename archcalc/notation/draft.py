"""A layer as it was said, before anything is evaluated, and the pieces that a phrase is read from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from archcalc.notation import tree
from archcalc.notation.tree import Arithmetic, At
from archcalc.notation.vocabulary import FILLERS, LONGEST, begins_spelling, kind_words, spelled
from archcalc.record import Record


class Draft(Record):
    """One layer as it was said. ``said`` holds attributes by name; ``numbers`` the bare ones; ``compact`` is
    ``conv3-64``."""

    kind: str | None = None
    numbers: tuple[Arithmetic, ...] = ()
    window: tuple[Arithmetic, ...] = ()
    said: Mapping[str, Any] = MappingProxyType({})
    said_at: Mapping[str, At] = MappingProxyType({})
    compact: bool = False
    plain: bool = False
    slashed: bool = False
    hint: str | None = None
    block: str | None = None
    at: At = (0, 0)
    window_at: At | None = None
    kind_at: At | None = None

    @property
    def empty(self) -> bool:
        return (
            self.kind is None
            and self.block is None
            and not self.numbers
            and not self.window
            and not self.said
            and not self.hint
        )

    @property
    def settled(self) -> str | None:
        """The kind, where no word names one: by a hint, or a window with channels is a convolution."""
        return self.kind or self.hint or ("conv" if self.window and self.numbers else None)

    def where(self, part: str) -> At:
        """Where an attribute, the window or the channels were said; the whole phrase if nowhere."""
        if part == "window":
            return self.window_at or self.at
        if part == "channels" and self.numbers:
            return self.numbers[0].at
        return self.said_at.get(part, self.at)

    def under(self, own: Draft) -> Draft:
        """This draft as the rule that a ``means`` gives, with what a phrase says itself put over it."""
        said = {**self.said, **own.said}
        pad = "pad" if "pad" in own.said else None
        compact = own.compact and pad is None and "pad" not in self.said
        return self.but(
            kind=own.kind if own.kind == "depthwise" else self.kind,
            numbers=own.numbers or self.numbers,
            window=own.window or self.window,
            said=said,
            said_at=own.said_at,
            compact=compact,
            slashed=own.slashed,
            at=own.at,
            window_at=own.window_at,
            kind_at=own.kind_at,
        )


class Piece(Record):
    """A word of a phrase, or a number, size, slash or list in it."""

    what: str
    value: Any
    at: At
    glued: bool = False


def pieces_of(atoms: Iterable[tree.Atom]) -> list[Piece]:
    """Atoms with each word in small letters and taken apart: conv3-64 is conv, window 3, number 64."""
    pieces: list[Piece] = []
    for atom in atoms:
        if isinstance(atom, tree.Word):
            pieces += _word_pieces(atom)
        elif isinstance(atom, tree.Size):
            pieces.append(Piece("size", atom.dims, atom.at))
        elif isinstance(atom, tree.Slash):
            pieces.append(Piece("slash", atom.value, atom.at))
        elif isinstance(atom, tree.Listed):
            pieces.append(Piece("list", atom.words, atom.at))
        else:
            pieces.append(Piece("number", atom, atom.at))
    return pieces


def _word_pieces(word: tree.Word) -> list[Piece]:
    parts = kind_words(word.text)
    if spelled((word.text.casefold(),)):
        return [Piece("word", word.text.casefold(), word.at)]
    sized = (parts[:1] and parts[0].isdigit()) or any(p.isdigit() or "x" in p for p in parts[1:])
    known = spelled(parts[:1]) is not None or begins_spelling(parts) or (parts[:1] and parts[0] in FILLERS)
    if len(parts) > 1 and not sized and not known:
        return [Piece("word", word.text.casefold(), word.at)]  # a name with hyphens
    pieces: list[Piece] = []
    for index, part in enumerate(parts):
        if re.fullmatch(r"\d+", part):
            kernel = index == 1 and parts[0] in ("conv", "maxpool", "avgpool", "pool", "deconv", "conv2d")
            number = tree.Number(int(part), word.at)
            pieces.append(
                Piece("size", (number, number), word.at, True) if kernel else Piece("number", number, word.at, True)
            )
        elif re.fullmatch(r"\d+(x\d+)+", part):
            pieces.append(Piece("size", tuple(tree.Number(int(n), word.at) for n in part.split("x")), word.at, True))
        else:
            pieces.append(Piece("word", part, word.at))
    return pieces


def kind_at(pieces: list[Piece], index: int) -> tuple[str, int] | None:
    """The layer that the words from ``index`` on spell, the longest spelling first, and how many words it takes."""
    words: list[str] = []
    for piece in pieces[index : index + LONGEST]:
        numbered = piece.what == "number" and isinstance(piece.value, tree.Number)  # relu 6
        if piece.what != "word" and not numbered:
            break
        words.append(str(piece.value.value) if numbered else piece.value)
    for count in range(len(words), 0, -1):
        kind = spelled(tuple(words[:count]))
        if kind:
            return kind, count
    return None
