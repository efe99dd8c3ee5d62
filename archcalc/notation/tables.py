"""Tables: rows and cells, what each column is, and whether a column is a network or an attribute."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache

from archcalc.notation.headings import (
    ATTRIBUTES,
    EXPLAINED,
    LABELS,
    OPERATORS,
    OUTPUTS,
    heading,
    heading_quantity,
    settled,
)
from archcalc.notation.text import Line
from archcalc.notation.tokens import Unreadable

_SEPARATOR = re.compile(r"[|+:\-=\s]*[-=]{2,}[|+:\-=\s]*$")
PRINTED_SHAPE = re.compile(r"\[\s*\d+(?:\s*x\s*\d+)*\s*\]")
_STATEMENT = re.compile(r"(?:network|param|use|expect|erratum|block|fit|table|aux|when|repeat)\b")
_MERGE_WORD = re.compile(r"\b(?:sum|add|concat|mean|max|product|affine warp \w+)\s*:|^\|\s*\w+\s+branches\s*:")


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


@cache
def _parts(separator: str) -> re.Pattern[str]:
    return re.compile(rf'"|[(\[]|[)\]]|(?P<separator>{separator})')


def outside(text: str, separator: str) -> list[tuple[int, int]]:
    """Where a separator, a pattern of blanks and bars, stands outside brackets, parentheses and quotes."""
    depth, quoted, found = 0, False, []
    for match in _parts(separator).finditer(text):
        if match[0] == '"':
            quoted = not quoted
        elif quoted:
            continue
        elif match[0] in "([":
            depth += 1
        elif match[0] in ")]":
            depth = max(depth - 1, 0)
        elif depth == 0:
            found.append(match.span())
    return found


def _is_row(line: Line) -> bool:
    """Whether a line has bars or tabs that part cells: none of a statement, a merge, or a listing's line."""
    text = line.text
    if "|" not in text and "\t" not in text:
        return False
    if (_STATEMENT.match(text) and not text.startswith("|")) or _MERGE_WORD.search(text):
        return False
    return bool(outside(text, r"\|") or outside(text, r"\t+"))


def rows_from(lines: list[Line], index: int) -> tuple[list[Line], int]:
    """The rows of a table that begins here, and where it ends; none if no table does.

    Once bars have begun a table, a line without them is a row of one cell that spans all, until a blank line that no
    further row follows.
    """
    if not _is_row(lines[index]):
        return [], index
    end = index + 1
    while end < len(lines):
        if _adjacent(lines[end - 1], lines[end]):
            if _STATEMENT.match(lines[end].text) and not _is_row(lines[end]):
                break
            end += 1
        elif (resumed := _resumed(lines, end, lines[index])) is not None:
            end = resumed + 1
        else:
            break
    block = lines[index:end]
    rows = [row for line in block for row in _with_body(line)]
    if len(rows) == 1 or _is_listing(rows):
        return [], index
    return rows, end


def _with_body(line: Line) -> list[Line]:
    return [line] + [row for inner in line.body for row in _with_body(inner)]


def _adjacent(above: Line, below: Line) -> bool:
    """Whether no blank line parts two lines; comments and a row of dashes part none."""
    last = above
    while last.body:
        last = last.body[-1]
    between = above.source.text[last.span().end : below.start]
    return all(line.strip() for line in between.split("\n")[1:-1])


def _resumed(lines: list[Line], index: int, header: Line) -> int | None:
    """The next row of a table whose rows stand apart: as many cells as its header, and no header itself."""
    for position in range(index, len(lines)):
        line = lines[position]
        if _is_row(line):
            words = [heading(cell.text) for cell in _cells(line, r"\||\t", line.text.startswith("|"), 0)]
            heads = line.text == header.text or all(word in EXPLAINED | OPERATORS for word in words)
            bars = len(outside(line.text, r"\||\t"))
            return position if bars == len(outside(header.text, r"\||\t")) and not heads else None
        if _STATEMENT.match(line.text):
            return None
    return None


def _is_listing(rows: list[Line]) -> bool:
    """A listing dressed with bars or tabs: most of its rows print a shape in brackets."""
    real = [row for row in rows if not _SEPARATOR.match(row.text)]
    return sum(bool(PRINTED_SHAPE.search(row.text)) for row in real) * 2 > len(real)


def is_separator(line: Line) -> bool:
    return bool(_SEPARATOR.match(line.text))


def read_table(rows: list[Line], wide: bool) -> Table:
    """Rows to cells. Raises Unreadable where there is no header."""
    real = [row for row in rows if not _SEPARATOR.match(row.text)]
    if not real:
        raise Unreadable("this table has no rows", (0, 1), code="A110")
    pattern = _pattern(real)
    dressed = real[0].text.startswith("|")
    margin = min(_lead(row) for row in real)
    cells = [_cells(row, pattern, dressed, margin) for row in real]
    header = settled([heading(cell.text) for cell in cells[0]])
    made = [Row(row, parts) for row, parts in zip(real, cells, strict=True)]
    table = Table(header, made[1:], real[0])
    _classify(table, [cell.text.strip() for cell in cells[0]])
    return table


def _pattern(rows: list[Line]) -> str:
    """What parts the cells: bars, else tabs (one each where the header then has the most columns), else wide blanks."""
    if any(outside(row.text, r"\|") for row in rows):
        return r"\|"
    if not any("\t" in row.text for row in rows):
        return r"[ \t]{2,}"
    most = max(_lead(row) + len(outside(row.text, r"\t")) for row in rows)
    return r"\t" if _lead(rows[0]) + len(outside(rows[0].text, r"\t")) == most else r"\t+"


def _lead(row: Line) -> int:
    """How many tabs stand before a row's text: empty cells, which the margin has taken."""
    before = row.source.text[: row.start]
    return before[before.rfind("\n") + 1 :].count("\t")


def _cells(row: Line, pattern: str, dressed: bool, margin: int) -> list[Line]:
    cells, position = [], 0
    if pattern.startswith(r"\t"):
        before = _lead(row) - margin
        cells = [row.part(0, 0)] * (before if pattern == r"\t" else min(before, 1))
    for first, last in outside(row.text, pattern):
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
    rest = [i for i, head in enumerate(table.header) if head not in EXPLAINED and heading_quantity(head) is None]
    described = any(head in ATTRIBUTES and len(head) > 1 for head in table.header)
    if table.column(LABELS) is not None and (described or not rest):
        return  # the layer column holds the operators
    leading = 0
    while leading < len(table.header) and (table.header[leading] in LABELS | OUTPUTS or not table.header[leading]):
        leading += 1
    for index in range(leading, len(table.header)):
        name = printed[index]
        if not name:
            raise Unreadable(
                "a column without a name",
                (0, len(table.line.text)),
                "name its network, or call it 'type' if it says what the layers are",
                "A110",
            )
        depth = re.fullmatch(r"(\d+)[- ]layers?", name, re.I)
        table.networks[index] = depth[1] if depth else name
        if depth:
            table.depths[index] = int(depth[1])
