"""What of a layer is compared, and which is matched with which."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from archcalc.analyses.summary import Row
from archcalc.graph import same_name
from archcalc.record import Record

_NUMBER = re.compile(r"\d+")


class Pair(NamedTuple):
    """The index of a layer in the old network and in the new one; None where it is only on one side.

    ``moved``: others stand before it that stood behind it.
    """

    old: int | None
    new: int | None
    moved: bool = False


class Token(Record):
    """What of a layer is compared; ``stem`` is the last part of its name without numbers.

    ``leads``: it has weights of its own, so that what is said of it opens a line of a text.
    """

    name: str
    stem: str
    leads: bool
    kind: str
    attributes: str
    output: tuple[Any, ...]
    params: Any


def tokens(rows: Sequence[Row]) -> list[Token]:
    """The layers of a network as they are compared."""
    written: dict[int, str] = {}  # equal layers share their attributes
    found = []
    for row in rows:
        key = id(row.attributes)
        if key not in written:
            written[key] = repr(sorted(row.attributes.items()))
        name = same_name(row.name)
        stem = _NUMBER.sub("", name.rpartition(".")[2])
        found.append(Token(name, stem, row.weight_layers > 0, row.kind, written[key], tuple(row.output), row.params))
    return found


def bare(token: Token) -> Token:
    """A layer without its name."""
    return token.but(name="", stem="")


def renaming(old: Token, new: Token) -> int:
    """How far two names are apart: the same, another number, another word."""
    return 0 if old.name == new.name else 1 if old.stem == new.stem else 2
