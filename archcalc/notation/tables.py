"""Tables: rows and cells, what each column is, and whether a column is a network or an attribute."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from archcalc.notation.figures import QUANTITIES
from archcalc.notation.text import Line
from archcalc.notation.tokens import Unreadable

_SEPARATOR = re.compile(r"[|+:\-=\s]*[-=]{2,}[|+:\-=\s]*$")
_PRINTED_SHAPE = re.compile(r"\[\s*\d+(?:\s*x\s*\d+)*\s*\]")
_STATEMENT = re.compile(r"(?:network|param|use|expect|erratum|block|fit|table|aux|when|repeat)\b")
_MERGE_WORD = re.compile(r"\b(?:sum|add|concat|mean|max|product|affine warp \w+)\s*:|^\|\s*\w+\s+branches\s*:")

LABELS = frozenset({"layer name", "name", "stage", "block name", "layers", "group name", "layer"})
OUTPUTS = frozenset(
    {"output size", "output", "out", "output shape", "size", "feature map size", "resolution out", "out size"}
)
INPUTS = frozenset({"input", "input size", "input shape", "resolution", "in size"})
OPERATORS = frozenset(
    {"operator", "type", "op", "operation", "layer type", "type / stride", "type/stride", "type/ stride", "module"}
)
WINDOWS = frozenset(
    {
        "patch",
        "patch size",
        "patch size/stride",
        "patch size/ stride",
        "patch size / stride",
        "kernel",
        "kernel size",
        "filter",
        "filter size",
        "filter shape",
        "k",
        "size/stride",
        "filter size/stride",
    }
)
STRIDES = frozenset({"s", "stride", "strides"})
REPEATS = frozenset({"n", "repeat", "repeats", "#layers", "times", "#"})
CHANNELS = frozenset(
    {
        "c",
        "channels",
        "#channels",
        "filters",
        "#filters",
        "#out",
        "out channels",
        "output channels",
        "maps",
        "units",
        "#maps",
    }
)
#: In a table FLOPs and ops are multiply-adds.
_TABLE_QUANTITIES = QUANTITIES | {
    "flops": "macs",
    "#params": "params",
    "#parameters": "params",
    "mult-adds": "macs",
    "mac": "macs",
}


def heading_quantity(text: str) -> str | None:
    """The quantity that a heading or a row's label names, or None."""
    plain = re.sub(r"\s*\([^()]*\)", "", text).strip().lower()
    return (
        _TABLE_QUANTITIES.get(plain)
        if plain not in ("out", "output", "stride", "start", "field", "depth") or plain == "depth"
        else None
    )


@dataclass(eq=False, slots=True)
class Row:
    line: Line
    cells: list[Line]


@dataclass(eq=False)
class Table:
    """Rows under a header. ``networks`` are the columns that are networks, by index; none where a row is a layer."""

    header: list[str]
    rows: list[Row]
    line: Line
    networks: dict[int, str] = field(default_factory=dict)
    depths: dict[int, int] = field(default_factory=dict)

    @property
    def by_column(self) -> bool:
        return bool(self.networks)

    def column(self, names: frozenset[str]) -> int | None:
        """The first column whose heading is one of these."""
        return next((index for index, head in enumerate(self.header) if head in names), None)

    @property
    def label_count(self) -> int:
        return min(self.networks) if self.networks else 0


def _outside(text: str, pattern: str) -> list[tuple[int, int]]:
    """Where a separator stands outside brackets, parentheses and quotes."""
    depth, quoted, found, index = 0, False, [], 0
    separator = re.compile(pattern)
    while index < len(text):
        character = text[index]
        if character == '"':
            quoted = not quoted
        elif not quoted and character in "([":
            depth += 1
        elif not quoted and character in ")]":
            depth = max(depth - 1, 0)
        elif not quoted and depth == 0:
            match = separator.match(text, index)
            if match:
                found.append(match.span())
                index = match.end()
                continue
        index += 1
    return found


def _is_row(line: Line) -> bool:
    """Whether a line has bars or tabs that part cells: none of a statement, a merge, or a listing's line."""
    text = line.text
    if (_STATEMENT.match(text) and not text.startswith("|")) or _MERGE_WORD.search(text):
        return False
    return bool(_outside(text, r"\|") or _outside(text, r"\t+"))


def rows_from(lines: list[Line], index: int) -> tuple[list[Line], int]:
    """The rows of a table that begins here, and where it ends; none if no table does.

    Once bars have begun a table, a line without them is a row of one cell that spans all, until a blank line.
    """
    if not _is_row(lines[index]):
        return [], index
    block = [lines[index]]
    end = index + 1
    while (
        end < len(lines)
        and _adjacent(block[-1], lines[end])
        and (not _STATEMENT.match(lines[end].text) or _is_row(lines[end]))
    ):
        block.append(lines[end])
        end += 1
    rows = [row for line in block for row in _with_body(line)]
    if _is_listing(rows):
        return [], index
    return rows, end


def _with_body(line: Line) -> list[Line]:
    return [line] + [row for inner in line.body for row in _with_body(inner)]


def _adjacent(above: Line, below: Line) -> bool:
    """Whether no blank line parts two lines."""
    last = above
    while last.body:
        last = last.body[-1]
    between = above.source.text[last.start + len(last.text) : below.start]
    return between.count("\n") <= 1


def _is_listing(rows: list[Line]) -> bool:
    """A listing dressed with bars or tabs: most of its rows print a shape in brackets."""
    real = [row for row in rows if not _SEPARATOR.match(row.text)]
    return sum(bool(_PRINTED_SHAPE.search(row.text)) for row in real) * 2 > len(real)


def undressed(line: Line) -> Line:
    """A listing's line without its bars and tabs."""
    text = "".join(" " if c in "|\t" else c for c in line.text)
    made = Line(line.source, text, line.start, line.indent, line.origins, line.body)
    return made.part(0, len(text))


def is_dressed_listing(line: Line) -> bool:
    """Whether a line is one of a listing with Markdown bars or tabs (or a separator in it)."""
    return bool(_PRINTED_SHAPE.search(line.text)) and bool(_outside(line.text, r"\||\t"))


def is_separator(line: Line) -> bool:
    return bool(_SEPARATOR.match(line.text))


def read_table(rows: list[Line], wide: bool) -> Table:
    """Rows to cells. Raises Unreadable where there is no header."""
    real = [row for row in rows if not _SEPARATOR.match(row.text)]
    if not real:
        raise Unreadable("this table has no rows", (0, 1), code="A110")
    pattern = (
        r"\|"
        if any(_outside(row.text, r"\|") for row in real)
        else r"\t+"
        if any("\t" in r.text for r in real)
        else r"[ \t]{2,}"
    )
    dressed = real[0].text.startswith("|")
    cells = [_cells(row, pattern, dressed) for row in real]
    header = [_heading(cell.text) for cell in cells[0]]
    made = [Row(row, parts) for row, parts in zip(real, cells, strict=True)]
    table = Table(header, made[1:], real[0])
    _classify(table, [cell.text.strip() for cell in cells[0]])
    return table


def _heading(text: str) -> str:
    return re.sub(r"\s+", " ", text.strip().lower())


def _cells(row: Line, pattern: str, dressed: bool) -> list[Line]:
    cells, position = [], 0
    for first, last in _outside(row.text, pattern):
        cells.append(row.part(position, first))
        position = last
    cells.append(row.part(position, len(row.text)))
    if dressed:
        cells = cells[1:] if not cells[0].text else cells
        cells = cells[:-1] if cells and not cells[-1].text and row.text.rstrip().endswith("|") else cells
    return cells


def _classify(table: Table, printed: list[str]) -> None:
    """Marks the columns that are networks: those no heading explains, where no column holds operators."""
    if table.column(OPERATORS) is not None:
        return
    explained = LABELS | OUTPUTS | INPUTS | WINDOWS | STRIDES | REPEATS | CHANNELS
    rest = [i for i, head in enumerate(table.header) if head not in explained and heading_quantity(head) is None]
    if not rest and table.column(LABELS) is not None:
        return  # the layer column holds the operators
    leading = 0
    while leading < len(table.header) and (table.header[leading] in LABELS | OUTPUTS or not table.header[leading]):
        leading += 1
    for index in range(leading, len(table.header)):
        name = printed[index]
        if not name:
            raise Unreadable("a column without a name", (0, len(table.line.text)), "name its network", "A110")
        depth = re.fullmatch(r"(\d+)[- ]layers?", name, re.I)
        table.networks[index] = depth[1] if depth else name
        if depth:
            table.depths[index] = int(depth[1])
