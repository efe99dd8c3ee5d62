"""A phrase to a draft of a layer: what kind it is and what is said of it, numbers still as arithmetic."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from archcalc.notation import tree
from archcalc.notation.lexer import Unreadable
from archcalc.notation.tree import Arithmetic, At
from archcalc.notation.vocabulary import FILLERS, HINTS, KINDS, LONGEST, kind_words, spelled

_SLIDING = {"conv", "depthwise", "deconv", "local", "max pool", "avg pool", "subsample", "fc", "input"}


@dataclass(frozen=True, slots=True)
class Draft:
    """One layer as it was said. ``said`` holds attributes by name; ``numbers`` the bare ones; ``compact`` is ``conv3-64``."""

    kind: str | None = None
    numbers: tuple[Arithmetic, ...] = ()
    window: tuple[Arithmetic, ...] = ()
    said: dict[str, Any] = field(default_factory=dict)
    compact: bool = False
    plain: bool = False
    hint: str | None = None
    block: str | None = None
    at: At = (0, 0)
    window_at: At | None = None
    kind_at: At | None = None

    @property
    def empty(self) -> bool:
        return self.kind is None and self.block is None and not self.numbers and not self.window and not self.said and not self.hint

    @property
    def settled(self) -> str | None:
        """The kind, where no word names one: by a hint, or a window with channels is a convolution."""
        return self.kind or self.hint or ("conv" if self.window and self.numbers else None)

    def under(self, own: Draft) -> Draft:
        """This draft as the rule that a ``means`` gives, with what a phrase says itself put over it."""
        said = self.said | own.said
        pad = "pad" if "pad" in own.said else None
        compact = own.compact and pad is None and "pad" not in self.said
        return replace(
            self, kind=own.kind if own.kind == "depthwise" else self.kind, numbers=own.numbers or self.numbers,
            window=own.window or self.window, said=said, compact=compact, at=own.at, window_at=own.window_at, kind_at=own.kind_at,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Piece:
    """A word of a phrase, or a number, size, slash or list in it."""

    what: str
    value: Any
    at: At
    glued: bool = False


def _pieces(atoms: Iterable[tree.Atom]) -> list[_Piece]:
    """Atoms with each word in small letters and taken apart: conv3-64 is conv, window 3, number 64."""
    pieces: list[_Piece] = []
    for atom in atoms:
        if isinstance(atom, tree.Word):
            pieces += _word_pieces(atom)
        elif isinstance(atom, tree.Size):
            pieces.append(_Piece("size", atom.dims, atom.at))
        elif isinstance(atom, tree.Slash):
            pieces.append(_Piece("slash", atom.value, atom.at))
        elif isinstance(atom, tree.Listed):
            pieces.append(_Piece("list", atom.words, atom.at))
        else:
            pieces.append(_Piece("number", atom, atom.at))
    return pieces


def _word_pieces(word: tree.Word) -> list[_Piece]:
    parts = kind_words(word.text)
    if spelled((word.text.casefold(),)):
        return [_Piece("word", word.text.casefold(), word.at)]
    if len(parts) > 1 and not parts[0].isdigit() and spelled(parts[:1]) is None and not any(p.isdigit() or "x" in p for p in parts[1:]):
        if spelled(parts) is None and parts[0] not in FILLERS:
            return [_Piece("word", word.text.casefold(), word.at)]  # a name with hyphens
    pieces: list[_Piece] = []
    for index, part in enumerate(parts):
        if re.fullmatch(r"\d+", part):
            kernel = index == 1 and parts[0] in ("conv", "maxpool", "avgpool", "pool", "deconv", "conv2d")
            number = tree.Number(int(part), word.at)
            pieces.append(_Piece("size", (number, number), word.at, True) if kernel else _Piece("number", number, word.at, True))
        elif re.fullmatch(r"\d+(x\d+)+", part):
            pieces.append(_Piece("size", tuple(tree.Number(int(n), word.at) for n in part.split("x")), word.at, True))
        else:
            pieces.append(_Piece("word", part, word.at))
    return pieces


def _kind_at(pieces: list[_Piece], index: int) -> tuple[str, int] | None:
    """The layer that the words from ``index`` on spell, the longest spelling first, and how many words it takes."""
    words: list[str] = []
    for piece in pieces[index : index + LONGEST]:
        if piece.what != "word":
            break
        words.append(piece.value)
    for count in range(len(words), 0, -1):
        kind = spelled(tuple(words[:count]))
        if kind:
            return kind, count
    return None


class _Reader:
    """Reads the groups of one chain into drafts, a new one where a comma or a word begins another layer."""

    def __init__(self) -> None:
        self.done: list[Draft] = []
        self.draft = Draft()

    def group(self, group: tree.Group) -> None:
        pieces = _pieces(group.atoms)
        if self._begins_layer(pieces):
            self.finish()
        index = 0
        while index < len(pieces):
            index = self.piece(pieces, index)

    def _begins_layer(self, pieces: list[_Piece]) -> bool:
        """Whether what follows a comma is another layer: it names one, and this one is named or has its window."""
        if self.draft.empty:
            return False
        kinds = [found[0] for i in range(len(pieces)) if pieces[i].what == "word" and (found := _kind_at(pieces, i))]
        if not kinds or pieces[0].value in ("no", "without", "share", "to", "pad"):
            return False
        return self.draft.kind is not None or self.draft.block is not None or kinds[0] not in _SLIDING

    def finish(self) -> None:
        if not self.draft.empty:
            self.done.append(self.draft)
        self.draft = Draft()

    def put(self, at: At, **changes: Any) -> None:
        first = self.draft.at if not self.draft.empty else at
        self.draft = replace(self.draft, at=(min(first[0], at[0]), max(first[1], at[1])), **changes)

    def say(self, name: str, value: Any, at: At) -> None:
        self.put(at, said={**self.draft.said, name: value})

    # -- pieces -----------------------------------------------------------------------------------------------------------

    def piece(self, pieces: list[_Piece], index: int) -> int:
        """Takes the piece at ``index`` and what belongs to it; the next index."""
        piece = pieces[index]
        if piece.what == "word":
            return self.word(pieces, index)
        if piece.what == "size":
            self.window(piece)
        elif piece.what == "slash":
            self.say("stride", (piece.value,), piece.at)
        elif piece.what == "list":
            raise Unreadable("a list stands after 'connect'", piece.at)
        else:
            self.put(piece.at, numbers=(*self.draft.numbers, piece.value), compact=self.draft.compact or piece.glued)
        return index + 1

    def window(self, piece: _Piece) -> None:
        if self.draft.window:
            raise Unreadable("a second window: this layer has one already", piece.at, "part two layers by ';' or a comma")
        self.put(piece.at, window=piece.value, window_at=piece.at)

    def word(self, pieces: list[_Piece], index: int) -> int:
        found = _kind_at(pieces, index)
        word, at = pieces[index].value, pieces[index].at
        if word in ("group", "groups") and (not found or index + 1 < len(pieces) and pieces[index + 1].what == "number"):
            found = None
        if found:
            kind, count = found
            if self.draft.kind is not None or self.draft.block is not None or (self.draft.window and kind not in _SLIDING):
                if not (self.draft.kind == "conv" and kind == "conv"):
                    self.finish()
            self.put((at[0], pieces[index + count - 1].at[1]), kind=kind, kind_at=at)
            return index + count
        reader = getattr(self, f"_{word}", None) if word in _ATTRIBUTES else None
        if reader:
            step: int = reader(pieces, index)
            return step
        if word in HINTS:
            self.put(at, hint=HINTS[word])
        elif word not in FILLERS:
            if self.draft.empty and len(pieces) == 1:
                self.put(at, block=word)
            elif self.draft.kind is not None or self.draft.block is not None:
                self.finish()
                self.put(at, block=word)
            else:
                self.put(at, block=word)
        return index + 1

    # -- attributes -------------------------------------------------------------------------------------------------------

    def values(self, pieces: list[_Piece], index: int, most: int) -> tuple[list[Arithmetic], int]:
        """The numbers after a word, a size's two included, at most so many."""
        values: list[Arithmetic] = []
        while index < len(pieces) and pieces[index].what == "word" and pieces[index].value in ("of", "rate", "size"):
            index += 1
        while index < len(pieces) and len(values) < most and pieces[index].what in ("number", "size"):
            piece = pieces[index]
            if piece.what == "size":
                if values or len(piece.value) != 2:
                    break
                return list(piece.value), index + 1
            values.append(piece.value)
            index += 1
        return values, index

    def need(self, pieces: list[_Piece], index: int, most: int, example: str) -> tuple[list[Arithmetic], int]:
        values, after = self.values(pieces, index + 1, most)
        if not values:
            raise Unreadable(f"'{pieces[index].value}' wants a number", pieces[index].at, example)
        return values, after

    def _stride(self, pieces: list[_Piece], index: int) -> int:
        if index + 1 == len(pieces) and self.draft.empty is False and "stride" in self.draft.said:
            return index + 1
        values, after = self.need(pieces, index, 1, "stride 2")
        self.say("stride", tuple(values), pieces[index].at)
        return after

    _strides = _s = _stride

    def _pad(self, pieces: list[_Piece], index: int) -> int:
        following = pieces[index + 1] if index + 1 < len(pieces) else None
        if following is not None and following.what == "word" and following.value in ("half", "same", "valid"):
            self.say("pad", following.value, pieces[index].at)
            return index + 2
        values, after = self.need(pieces, index, 4, "pad 1, pad half or pad same")
        if len(values) == 3:
            raise Unreadable("pad takes 1, 2 or 4 numbers", pieces[index].at, "pad top bottom left right")
        self.say("pad", tuple(values), pieces[index].at)
        return after

    _padding = _p = _pad

    def _half(self, pieces: list[_Piece], index: int) -> int:
        self.say("pad", pieces[index].value, pieces[index].at)
        after = index + 1
        if after < len(pieces) and pieces[after].value in ("pad", "padding"):
            after += 1
        return after

    _same = _valid = _half

    def _groups(self, pieces: list[_Piece], index: int) -> int:
        if index > 0 and pieces[index - 1].what == "number" and self.draft.numbers and (
            index + 1 == len(pieces) or pieces[index + 1].what != "number"
        ):
            number = self.draft.numbers[-1]
            self.put(pieces[index].at, numbers=self.draft.numbers[:-1])
            self.say("groups", (number,), pieces[index].at)
            return index + 1
        values, after = self.need(pieces, index, 1, "groups 2")
        self.say("groups", tuple(values), pieces[index].at)
        return after

    _group = _g = _groups

    def _dilation(self, pieces: list[_Piece], index: int) -> int:
        values, after = self.need(pieces, index, 1, "dilation 2")
        self.say("dilation", tuple(values), pieces[index].at)
        return after

    _dilated = _rate = _dilation

    def _k(self, pieces: list[_Piece], index: int) -> int:
        values, after = self.need(pieces, index, 1, "k3x3")
        self.window(_Piece("size", tuple(values * (2 if len(values) == 1 else 1)), pieces[index].at))
        return after

    def _no(self, pieces: list[_Piece], index: int) -> int:
        what = pieces[index + 1].value if index + 1 < len(pieces) else None
        if what in ("bias", "biases"):
            self.say("bias", False, pieces[index].at)
        elif what in ("affine", "scale"):
            self.say("affine", False, pieces[index].at)
        elif what == "bn":
            self.say("no bn", True, pieces[index].at)
        elif what in ("pad", "padding"):
            self.say("pad", "valid", pieces[index].at)
        else:
            raise Unreadable(f"'{pieces[index].value}' is followed by 'bias'", pieces[index].at, "no bias")
        return index + 2

    _without = _no

    def _bias(self, pieces: list[_Piece], index: int) -> int:
        self.say("bias", True, pieces[index].at)
        return index + 1

    _biases = _bias

    def _frozen(self, pieces: list[_Piece], index: int) -> int:
        self.say("frozen", True, pieces[index].at)
        return index + 1

    def _ceil(self, pieces: list[_Piece], index: int) -> int:
        self.say("ceil", True, pieces[index].at)
        return index + 1

    def _plain(self, pieces: list[_Piece], index: int) -> int:
        self.finish()
        self.put(pieces[index].at, plain=True)
        return index + 1

    def _bilinear(self, pieces: list[_Piece], index: int) -> int:
        self.say("mode", pieces[index].value, pieces[index].at)
        return index + 1

    _nearest = _bilinear

    def _heads(self, pieces: list[_Piece], index: int) -> int:
        return index + 1

    _head = _heads

    def _center(self, pieces: list[_Piece], index: int) -> int:
        self.say("center", True, pieces[index].at)
        return index + 1

    def _connect(self, pieces: list[_Piece], index: int) -> int:
        following = pieces[index + 1] if index + 1 < len(pieces) else None
        if following is None or following.what != "list":
            raise Unreadable("'connect' wants a list of input maps, a word for each output map", pieces[index].at, "connect [012 123 0123]")
        self.say("connect", following.value, (pieces[index].at[0], following.at[1]))
        return index + 2

    def _name_after(self, pieces: list[_Piece], index: int) -> tuple[str, int]:
        """The name after a word: one word, with a number behind it if there is one."""
        if index + 1 >= len(pieces):
            raise Unreadable(f"'{pieces[index].value}' wants the name of a layer", pieces[index].at)
        following = pieces[index + 1]
        parts, after = [], index + 1
        while after < len(pieces) and pieces[after].at[0] < following.at[1]:
            after += 1  # the pieces of one word
        parts.append(following.at)
        return f"\0{parts[0][0]}:{parts[-1][1]}", after

    def _share(self, pieces: list[_Piece], index: int) -> int:
        everything = index + 1 < len(pieces) and pieces[index + 1].value == "all"
        name, after = self._name_after(pieces, index + everything)
        self.say("share", (name, everything), pieces[index].at)
        return after

    def _to(self, pieces: list[_Piece], index: int) -> int:
        name, after = self._name_after(pieces, index)
        self.say("to", name, pieces[index].at)
        return after

    def _option(self, pieces: list[_Piece], index: int) -> int:
        letter = pieces[index + 1].value if index + 1 < len(pieces) else None
        if letter not in ("a", "b", "c"):
            raise Unreadable("a shortcut's option is A, B or C", pieces[index].at)
        self.say("option", letter, pieces[index].at)
        return index + 2

    def _a(self, pieces: list[_Piece], index: int) -> int:
        if self.draft.kind == "shortcut":
            self.say("option", pieces[index].value, pieces[index].at)
        return index + 1

    _b = _c = _a


_ATTRIBUTES = frozenset(
    "stride strides s pad padding p half same valid groups group g dilation dilated rate k no without bias biases frozen ceil plain "
    "bilinear nearest heads head center connect share to option a b c".split()
)


@lru_cache(maxsize=20_000)
def read_groups(groups: tuple[tree.Group, ...], text: str) -> tuple[Draft, ...]:
    """The drafts of the layers that these groups, parted by commas, describe; ``text`` is their line's. Raises Unreadable."""
    reader = _Reader()
    for group in groups:
        reader.group(group)
    reader.finish()
    return tuple(_with_names(_checked(draft), text) for draft in reader.done)


def _with_names(draft: Draft, text: str) -> Draft:
    """Names of layers as the line spells them, in place of where they stand."""

    def named(value: Any) -> Any:
        if isinstance(value, str) and value.startswith("\0"):
            first, last = value[1:].split(":")
            return text[int(first) : int(last)]
        return tuple(named(part) for part in value) if isinstance(value, tuple) else value

    return replace(draft, said={key: named(value) for key, value in draft.said.items()})


def _checked(draft: Draft) -> Draft:
    """The draft, if its kind takes what it says; the number of bare numbers is checked where they are used."""
    kind = draft.settled
    if kind is None:
        return draft
    entry = KINDS[kind]
    for name in draft.said:
        if name not in entry.attributes:
            takes = ", ".join(sorted(entry.attributes - {"window", "share", "to"})) or "no attributes"
            raise Unreadable(f"{kind} takes no '{name}'", draft.at, f"{kind} takes {takes}")
    if draft.window and "window" not in entry.attributes:
        raise Unreadable(f"{kind} takes no window", draft.window_at or draft.at)
    if len(draft.numbers) > entry.numbers[1]:
        raise Unreadable(*_too_many(draft, kind))
    return draft


def _too_many(draft: Draft, kind: str) -> tuple[str, At, str | None]:
    """What is wrong with a number too many: often the window's, written without its x."""
    extra = draft.numbers[-1].at
    if kind in ("conv", "local", "deconv") and not draft.window:
        return "two numbers have two readings: one may be the window", extra, "write the window as 3x3"
    return f"{kind} takes {KINDS[kind].numbers[1] or 'no'} bare number{'s' * (KINDS[kind].numbers[1] != 1)}; this is one more", extra, None
