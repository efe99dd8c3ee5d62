"""Sizes as they are printed: 3x3, 3 x 3, 112², 3x(2*k)."""

from __future__ import annotations

import re

from archcalc.notation import tree
from archcalc.notation.size_pattern import MORE_SIDES, SIZE, sides
from archcalc.notation.syntax import parse_expression
from archcalc.notation.vocabulary import is_vocabulary

__all__ = ["MORE_SIDES", "SIZE", "all_sizes", "dims_of", "is_size", "shown_in"]


def dims_of(text: str, offset: int) -> tuple[tree.Arithmetic, ...]:
    dims: list[tree.Arithmetic] = []
    for match in re.finditer(
        r"\([^()]*\)(?=\s*[xX])|(?<=x)\([^()]*\)|\d+²?|[A-Za-wyzA-WYZ_]\w*", text.replace("X", "x")
    ):
        at = (offset + match.start(), offset + match.end())
        piece = match[0]
        if piece.rstrip("²").isdigit():
            dims += [tree.Number(int(piece.rstrip("²")), at)] * (2 if piece.endswith("²") else 1)
        elif piece.startswith("("):
            dims.append(parse_expression(piece, at[0]))
        else:
            for part in re.finditer(r"[^x]+", piece):
                where = (at[0] + part.start(), at[0] + part.end())
                dims.append(tree.Number(int(part[0]), where) if part[0].isdigit() else tree.Name(part[0], where))
    return tuple(dims)


def shown_in(match: re.Match[str], text: str) -> tree.Shown:
    end = text.index("]", match.start()) + 1
    return tree.Shown(dims_of(match["dims"], match.start("dims")), (match.start(), end))


def is_size(text: str) -> bool:
    """Whether a text is a number, or several sides with an x between."""
    pieces = sides(text)
    return all(pieces) and (len(pieces) > 1 or pieces[0].rstrip("²").isdigit())


def all_sizes(dims: str, known: frozenset[str]) -> bool:
    """Whether brackets hold sizes alone (a name alone, or a word of the notation, is a cell)."""
    pieces = sides(dims)
    return all(pieces) and all(
        p.rstrip("²").isdigit() or p in known or p.startswith("(") or (len(pieces) > 1 and not is_vocabulary(p))
        for p in pieces
    )
