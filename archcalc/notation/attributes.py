"""Attributes of a phrase: stride, pad, groups and the rest, each with the numbers that belong to it."""

from __future__ import annotations

from typing import Any

from archcalc.diagnostics import nearest
from archcalc.notation.draft import Draft, Piece
from archcalc.notation.tokens import Unreadable
from archcalc.notation.tree import Arithmetic, At


class Attributes:
    """Fills a draft; each reader takes the pieces and where its word stands, and gives where it stopped."""

    draft: Draft

    def finish(self) -> None:
        raise NotImplementedError

    def put(self, at: At, **changes: Any) -> None:
        first = self.draft.at if not self.draft.empty else at
        self.draft = self.draft.but(at=(min(first[0], at[0]), max(first[1], at[1])), **changes)

    def say(self, name: str, value: Any, at: At) -> None:
        self.put(at, said={**self.draft.said, name: value}, said_at={**self.draft.said_at, name: at})

    def window(self, piece: Piece) -> None:
        if self.draft.window:
            raise Unreadable("a second window: this layer has one already", piece.at, "part two layers by ';'", "A109")
        self.put(piece.at, window=piece.value, window_at=piece.at)

    def values(self, pieces: list[Piece], index: int, most: int) -> tuple[list[Arithmetic], int]:
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

    def need(self, pieces: list[Piece], index: int, most: int, example: str) -> tuple[list[Arithmetic], int]:
        values, after = self.values(pieces, index + 1, most)
        if not values:
            raise Unreadable(f"'{pieces[index].value}' wants a number", pieces[index].at, example, "A108")
        return values, after

    def misspelt(self, pieces: list[Piece], index: int, known: tuple[str, ...]) -> None:
        """Raises Unreadable where the piece is nearly one of the known words."""
        if index < len(pieces) and pieces[index].what == "word":
            help = nearest(pieces[index].value, known)
            if help:
                raise Unreadable(f"unknown word '{pieces[index].value}'", pieces[index].at, help, "A105")

    def _stride(self, pieces: list[Piece], index: int) -> int:
        if index + 1 == len(pieces) and self.draft.empty is False and "stride" in self.draft.said:
            return index + 1
        values, after = self.need(pieces, index, 1, "stride 2")
        self.say("stride", tuple(values), _over(pieces, index, after))
        return after

    _strides = _s = _stride

    def _pad(self, pieces: list[Piece], index: int) -> int:
        following = pieces[index + 1] if index + 1 < len(pieces) else None
        if following is not None and following.what == "word" and following.value in ("half", "same", "valid"):
            self.say("pad", following.value, _over(pieces, index, index + 2))
            return index + 2
        self.misspelt(pieces, index + 1, ("half", "same", "valid"))
        values, after = self.need(pieces, index, 4, "pad 1, pad half or pad same")
        at = _over(pieces, index, after)
        if len(values) == 3:
            raise Unreadable("pad takes 1, 2 or 4 numbers", at, "pad top bottom left right", "A109")
        self.say("pad", tuple(values), at)
        return after

    _padding = _p = _pad

    def _half(self, pieces: list[Piece], index: int) -> int:
        self.say("pad", pieces[index].value, pieces[index].at)
        after = index + 1
        if after < len(pieces) and pieces[after].value in ("pad", "padding"):
            after += 1
        return after

    _same = _valid = _half

    def _groups(self, pieces: list[Piece], index: int) -> int:
        if (
            index > 0
            and pieces[index - 1].what == "number"
            and self.draft.numbers
            and (index + 1 == len(pieces) or pieces[index + 1].what != "number")
        ):
            number = self.draft.numbers[-1]
            self.put(pieces[index].at, numbers=self.draft.numbers[:-1])
            self.say("groups", (number,), pieces[index].at)
            return index + 1
        values, after = self.need(pieces, index, 1, "groups 2")
        self.say("groups", tuple(values), _over(pieces, index, after))
        return after

    _group = _g = _groups

    def _dilation(self, pieces: list[Piece], index: int) -> int:
        values, after = self.need(pieces, index, 1, "dilation 2")
        self.say("dilation", tuple(values), _over(pieces, index, after))
        return after

    _rate = _dilation

    def _dilated(self, pieces: list[Piece], index: int) -> int:
        """``dilated conv 3x3, 64, rate 2``: the rate may follow later."""
        values, after = self.values(pieces, index + 1, 1)
        self.say("dilation", tuple(values) or self.draft.said.get("dilation", ()), pieces[index].at)
        return after

    def _k(self, pieces: list[Piece], index: int) -> int:
        values, after = self.need(pieces, index, 1, "k3x3")
        self.window(Piece("size", tuple(values * (2 if len(values) == 1 else 1)), pieces[index].at))
        return after

    def _no(self, pieces: list[Piece], index: int) -> int:
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
            self.misspelt(pieces, index + 1, ("bias", "biases", "affine", "bn", "pad"))
            raise Unreadable(f"'{pieces[index].value}' is followed by 'bias'", pieces[index].at, "no bias", "A108")
        return index + 2

    _without = _no

    def _bias(self, pieces: list[Piece], index: int) -> int:
        self.say("bias", True, pieces[index].at)
        return index + 1

    _biases = _bias

    def _frozen(self, pieces: list[Piece], index: int) -> int:
        self.say("frozen", True, pieces[index].at)
        return index + 1

    def _ceil(self, pieces: list[Piece], index: int) -> int:
        self.say("ceil", True, pieces[index].at)
        return index + 1

    def _plain(self, pieces: list[Piece], index: int) -> int:
        self.finish()
        self.put(pieces[index].at, plain=True)
        return index + 1

    def _bilinear(self, pieces: list[Piece], index: int) -> int:
        self.say("mode", pieces[index].value, pieces[index].at)
        return index + 1

    _nearest = _bilinear

    def _heads(self, pieces: list[Piece], index: int) -> int:
        return index + 1

    _head = _heads

    def _center(self, pieces: list[Piece], index: int) -> int:
        self.say("center", True, pieces[index].at)
        return index + 1

    def _connect(self, pieces: list[Piece], index: int) -> int:
        following = pieces[index + 1] if index + 1 < len(pieces) else None
        if following is None or following.what != "list":
            raise Unreadable(
                "'connect' wants a list of input maps, a word for each output map",
                pieces[index].at,
                "connect [012 123 0123]",
                "A108",
            )
        self.say("connect", following.value, (pieces[index].at[0], following.at[1]))
        return index + 2

    def _name_after(self, pieces: list[Piece], index: int) -> tuple[str, int]:
        """The name after a word: one word, with a number behind it if there is one."""
        if index + 1 >= len(pieces):
            raise Unreadable(f"'{pieces[index].value}' wants the name of a layer", pieces[index].at, code="A108")
        following = pieces[index + 1]
        parts, after = [], index + 1
        while after < len(pieces) and pieces[after].at[0] < following.at[1]:
            after += 1  # the pieces of one word
        parts.append(following.at)
        return f"\0{parts[0][0]}:{parts[-1][1]}", after

    def _share(self, pieces: list[Piece], index: int) -> int:
        everything = index + 1 < len(pieces) and pieces[index + 1].value == "all"
        name, after = self._name_after(pieces, index + everything)
        self.say("share", (name, everything), pieces[index + 1 + everything].at)
        return after

    def _to(self, pieces: list[Piece], index: int) -> int:
        name, after = self._name_after(pieces, index)
        self.say("to", name, pieces[index + 1].at)
        return after

    def _option(self, pieces: list[Piece], index: int) -> int:
        letter = pieces[index + 1].value if index + 1 < len(pieces) else None
        if letter not in ("a", "b", "c"):
            raise Unreadable("a shortcut's option is A, B or C", pieces[index].at, code="A109")
        self.say("option", letter, pieces[index].at)
        return index + 2

    def _a(self, pieces: list[Piece], index: int) -> int:
        if self.draft.kind == "shortcut":
            self.say("option", pieces[index].value, pieces[index].at)
        return index + 1

    _b = _c = _a


def _over(pieces: list[Piece], index: int, after: int) -> At:
    """From the piece at ``index`` to the one before ``after``."""
    return (pieces[index].at[0], pieces[after - 1].at[1])


#: Words that a reader of ``Attributes`` takes.
READ = frozenset(
    (
        "stride strides s pad padding p half same valid groups group g dilation dilated rate k no without "
        "bias biases frozen ceil plain bilinear nearest heads head center connect share to option a b c"
    ).split()
)
