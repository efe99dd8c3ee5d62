"""What a line can be: one value a kind of statement."""

from __future__ import annotations

from collections.abc import Sequence

from archcalc.notation import tree
from archcalc.notation.labelled import Printed
from archcalc.notation.text import Line
from archcalc.record import Mutable

IDENTIFIER = r"[A-Za-z_][A-Za-z0-9_]*"


class LayerLine(Mutable):
    """A line of layers. ``shown`` is the shape before them; ``layers`` is the part of the line that ``items`` were read
    from, ``branch`` that it begins with a bar."""

    line: Line
    name: str | None = None
    name_at: tree.At | None = None
    shown: tree.Shown | None = None
    shown_sic: tuple[str, tree.At] | None = None
    items: tree.Items = tree.Items((), (0, 0))
    layers: Line | None = None
    figures: tuple[Printed, ...] = ()
    body: Sequence[Statement] = ()
    branch: bool = False
    copies: tree.Arithmetic | None = None


class InputLine(Mutable):
    """``behind`` is the part of the line behind the input, which says layers."""

    line: Line
    name: str | None
    dims: tuple[tree.Arithmetic, ...]
    figures: tuple[Printed, ...] = ()
    behind: Line | None = None


class ParamLine(Mutable):
    line: Line
    name: str
    value: tree.Arithmetic


class MeansLine(Mutable):
    """``conv means conv, pad half; bn; relu``; ``heading`` holds a table's columns (``inception means
    inception(#1x1)``)."""

    line: Line
    subject: str
    hidden: bool
    items: tree.Items | None
    cell: str | None = None
    block: str | None = None
    headings: tuple[str, ...] = ()


class BlockLine(Mutable):
    line: Line
    name: str
    parameters: tuple[tuple[str | None, tree.Arithmetic | None], ...]
    body: Sequence[Statement]


class NetworkLine(Mutable):
    line: Line
    name: str
    title: str


class UseLine(Mutable):
    line: Line
    path: str
    path_at: tree.At


class ClaimLine(Mutable):
    """``expect``, ``erratum`` and ``TOTAL``, read later by ``expectations``."""

    line: Line
    printed: tuple[Printed, ...] | None = None


class FitStrict(Mutable):
    line: Line


class TableLines(Mutable):
    """A table's rows, as they stand."""

    line: Line
    rows: list[Line]
    wide: bool


class FaultyLine(Mutable):
    """A line that cannot be read, told already: its name, and the shape it prints, from which reading goes on.

    ``flows``: whether layers stood on it, so that what flows on is unknown.
    """

    line: Line
    name: str | None = None
    shown: tree.Shown | None = None
    flows: bool = True


Statement = (
    LayerLine
    | InputLine
    | ParamLine
    | MeansLine
    | BlockLine
    | NetworkLine
    | UseLine
    | ClaimLine
    | FitStrict
    | TableLines
    | FaultyLine
)
