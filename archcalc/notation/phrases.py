"""A phrase to drafts of layers: what kind each is and what is said of it, numbers still as arithmetic."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from archcalc.notation import tree
from archcalc.notation.attributes import READ, Attributes
from archcalc.notation.draft import Draft, Piece, kind_at, pieces_of
from archcalc.notation.tokens import Unreadable
from archcalc.notation.vocabulary import FILLERS, HINTS, KINDS

_SLIDING = {"conv", "depthwise", "deconv", "local", "max pool", "avg pool", "subsample", "fc", "input"}

#: Kinds whose one number is one of groups: ``channel shuffle, 3 groups``.
_OF_GROUPS = {"channel shuffle", "group norm"}


class _Reader(Attributes):
    """Reads the groups of one chain into drafts, a new one where a comma or a word begins another layer."""

    def __init__(self) -> None:
        self.done: list[Draft] = []
        self.draft = Draft()

    def group(self, group: tree.Group) -> None:
        pieces = pieces_of(group.atoms)
        if self._begins_layer(pieces):
            self.finish()
        index = 0
        while index < len(pieces):
            index = self.piece(pieces, index)
        if pieces and not self.draft.empty:
            self.put(pieces[-1].at)

    def _begins_layer(self, pieces: list[Piece]) -> bool:
        """Whether what follows a comma is another layer: it names one, and this one is named or has its window."""
        if self.draft.empty:
            return False
        kinds = [found[0] for i in range(len(pieces)) if pieces[i].what == "word" and (found := kind_at(pieces, i))]
        if not kinds or pieces[0].value in ("no", "without", "share", "to", "pad"):
            return False
        if pieces[0].what == "number" and not KINDS[kinds[0]].numbers[1]:
            return False  # conv 3x3, 64 followed by relu
        return self.draft.kind is not None or self.draft.block is not None or kinds[0] not in _SLIDING

    def finish(self) -> None:
        if not self.draft.empty:
            self.done.append(self.draft)
        self.draft = Draft()

    def piece(self, pieces: list[Piece], index: int) -> int:
        """Takes the piece at ``index`` and what belongs to it; the next index."""
        piece = pieces[index]
        if piece.what == "word":
            return self.word(pieces, index)
        if piece.what == "size":
            self.window(piece)
        elif piece.what == "slash":
            self.say("stride", (piece.value,), piece.at)
            self.put(piece.at, slashed=True)
        elif piece.what == "list":
            raise Unreadable("a list stands after 'connect'", piece.at)
        else:
            self.put(piece.at, numbers=(*self.draft.numbers, piece.value), compact=self.draft.compact or piece.glued)
        return index + 1

    def word(self, pieces: list[Piece], index: int) -> int:
        found = kind_at(pieces, index)
        word, at = pieces[index].value, pieces[index].at
        if word in ("group", "groups") and (
            not found or (index + 1 < len(pieces) and pieces[index + 1].what == "number")
        ):
            found = None
        if found:
            kind, count = found
            named = self.draft.kind is not None or self.draft.block is not None
            whole = self.draft.window and self.draft.numbers  # conv3-64 conv3-64, as in a cell
            again = self.draft.kind == kind == "conv" and not whole  # "conv layer: 3x3 conv" is one layer
            if (named and not again) or (self.draft.window and kind not in _SLIDING):
                self.finish()
            self.put((at[0], pieces[index + count - 1].at[1]), kind=kind, kind_at=at)
            return index + count
        reader = getattr(self, f"_{word}", None) if word in READ else None
        if reader:
            step: int = reader(pieces, index)
            return step
        if word in HINTS:
            self.put(at, hint=HINTS[word])
        elif word not in FILLERS:
            if self.draft.kind is not None or self.draft.block is not None:
                self.finish()
            self.put(at, block=word, kind_at=at)
        return index + 1


@lru_cache(maxsize=20_000)
def read_groups(groups: tuple[tree.Group, ...], text: str) -> tuple[Draft, ...]:
    """The drafts of the layers that these groups, parted by commas, describe; ``text`` is their line's. Raises
    Unreadable."""
    reader = _Reader()
    for group in groups:
        reader.group(group)
    reader.finish()
    return tuple(_with_names(checked(draft), text) for draft in reader.done)


def _with_names(draft: Draft, text: str) -> Draft:
    """Names of layers as the line spells them, in place of where they stand."""

    def named(value: Any) -> Any:
        if isinstance(value, str) and value.startswith("\0"):
            first, last = value[1:].split(":")
            return text[int(first) : int(last)]
        return tuple(named(part) for part in value) if isinstance(value, tuple) else value

    return draft.but(said={key: named(value) for key, value in draft.said.items()})


def checked(draft: Draft) -> Draft:
    """The draft, if its kind takes what it says; the number of bare numbers is checked where they are used."""
    kind = draft.settled
    if kind is None:
        return draft
    entry = KINDS[kind]
    if "stride" not in entry.attributes and _is_one(draft.said.get("stride", ())):
        draft = draft.but(said={name: value for name, value in draft.said.items() if name != "stride"})
    if kind in _OF_GROUPS and "groups" in draft.said and not draft.numbers:
        said = {name: value for name, value in draft.said.items() if name != "groups"}
        draft = draft.but(numbers=draft.said["groups"], said=said)
    if draft.said.get("dilation") == ():
        raise Unreadable("'dilated' wants a number", draft.where("dilation"), "dilation 2", "A108")
    for name in draft.said:
        if name not in entry.attributes:
            takes = ", ".join(sorted(entry.attributes - {"window", "share", "to"})) or "no attributes"
            raise Unreadable(f"{kind} takes no '{name}'", draft.where(name), f"{kind} takes {takes}", "A109")
    if draft.window and "window" not in entry.attributes:
        raise Unreadable(f"{kind} takes no window", draft.where("window"), code="A109")
    if len(draft.numbers) > entry.numbers[1]:
        raise _too_many(draft, kind)
    return draft


def _is_one(stride: tuple[tree.Arithmetic, ...]) -> bool:
    """Whether a stride changes nothing: tables print ``FC / s1``."""
    return bool(stride) and all(isinstance(node, tree.Number) and node.value == 1 for node in stride)


def _too_many(draft: Draft, kind: str) -> Unreadable:
    """What is wrong with a number too many: often the window's, written without its x."""
    *_, before, extra = (None, *draft.numbers)
    if kind in ("conv", "local", "deconv") and not draft.window and before is not None:
        side, channels = _printed(before), _printed(extra)
        message = f"two readings: {side} is the window and {channels} the channels, or the other way about"
        at = (before.at[0], extra.at[1])
        return Unreadable(message, at, f"write '{kind} {side}x{side}, {channels}'", "A106")
    most = KINDS[kind].numbers[1]
    takes = "no bare number" if most == 0 else "one bare number" if most == 1 else f"{most} bare numbers"
    return Unreadable(f"{kind} takes {takes}; this is one more", extra.at, code="A109")


def _printed(number: tree.Arithmetic) -> str:
    return str(number.value) if isinstance(number, tree.Number) else "(...)"
