"""What a line can be: one value a kind of statement."""

from __future__ import annotations

from dataclasses import dataclass, field

from archcalc.notation import tree
from archcalc.notation.figures import Printed
from archcalc.notation.text import Line

IDENTIFIER = r"[A-Za-z_][A-Za-z0-9_]*"


@dataclass(eq=False, slots=True)
class LayerLine:
    """A line of layers. ``shown`` is the shape before them; ``merge_bar`` that the line is a branch."""

    line: Line
    name: str | None = None
    name_at: tree.At | None = None
    shown: tree.Shown | None = None
    shown_sic: tuple[str, tree.At] | None = None
    items: tree.Items = tree.Items((), (0, 0))
    figures: tuple[Printed, ...] = ()
    body: list[Statement] = field(default_factory=list)
    branch: bool = False
    copies: tree.Arithmetic | None = None


@dataclass(eq=False, slots=True)
class InputLine:
    line: Line
    name: str | None
    dims: tuple[tree.Arithmetic, ...]
    figures: tuple[Printed, ...] = ()


@dataclass(eq=False, slots=True)
class ParamLine:
    line: Line
    name: str
    value: tree.Arithmetic


@dataclass(eq=False, slots=True)
class MeansLine:
    """``conv means conv, pad half; bn; relu``; ``heading`` holds a table's columns (``inception means inception(#1x1)``)."""

    line: Line
    subject: str
    hidden: bool
    items: tree.Items | None
    cell: str | None = None
    block: str | None = None
    headings: tuple[str, ...] = ()


@dataclass(eq=False, slots=True)
class BlockLine:
    line: Line
    name: str
    parameters: tuple[tuple[str | None, tree.Arithmetic | None], ...]
    body: list[Statement]


@dataclass(eq=False, slots=True)
class NetworkLine:
    line: Line
    name: str
    title: str


@dataclass(eq=False, slots=True)
class UseLine:
    line: Line
    path: str
    path_at: tree.At


@dataclass(eq=False, slots=True)
class ClaimLine:
    """``expect``, ``erratum`` and ``TOTAL``, read later by ``expectations``."""

    line: Line
    printed: Printed | None = None


@dataclass(eq=False, slots=True)
class FitStrict:
    line: Line


@dataclass(eq=False, slots=True)
class TableLines:
    """A table's rows, as they stand."""

    line: Line
    rows: list[Line]
    wide: bool


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
)
