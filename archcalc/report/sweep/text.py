"""A sweep as text: what was varied, the points that are told, and what became of the others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from archcalc.report.agreement import ellipsis, fit
from archcalc.report.layout import Column, draw, fitted, total
from archcalc.report.numbers import duration, exact, short, size
from archcalc.report.style import wrapped
from archcalc.report.sweep.heading import Swept, conditions, listed, outcome
from archcalc.report.text import ASCII, heading

if TYPE_CHECKING:
    from archcalc.analyses.sweep import Rows
    from archcalc.report.text import Paper

#: Points that are shown.
MOST = 50
_TITLES = {"macs": "MACs", "flops": "FLOPs", "training flops": "training FLOPs", "intensity": "FLOPs/B"}


class Shown:
    """The first rows, for a person; those behind them are counted."""

    def __init__(self, most: int = MOST) -> None:
        self.most, self.size, self.cells = most, 0, dict[str, list[Any]]()

    def add(self, rows: Rows) -> None:
        room = min(max(self.most - self.size, 0), rows.size)
        self.size += rows.size
        if room:
            for name, column in rows.columns.items():
                first = column[:room] if hasattr(column, "dtype") else column
                self.cells.setdefault(name, []).extend(listed(first, room))

    def but_first(self, most: int) -> Shown:
        """The same with fewer that are shown."""
        fewer = Shown(most)
        fewer.size, fewer.cells = self.size, {name: cells[:most] for name, cells in self.cells.items()}
        return fewer


def text(swept: Swept, shown: Shown, paper: Paper, picture: str = "", file: str = "") -> str:
    """The whole, a newline at its end; ``file`` has the rows that are not shown."""
    lines = [*heading(swept.network, swept.title, swept.file, paper)]
    lines += [fit(line, paper) for line in conditions(swept)]
    if shown.cells:
        lines += ["", *_table(swept, shown.cells, paper)]
    hidden = shown.size - min(shown.size, shown.most)
    if hidden:
        lines.append(fit(f"{hidden:,} more{f' in {file}' if file else ': --output FILE.csv has all'}", paper))
    lines += ["", *([*picture.splitlines(), ""] if picture else []), *_whole(outcome(swept), paper)]
    made = "".join(f"{line}\n" for line in lines)
    return made.translate(ASCII) if paper.ascii_only else made


def _whole(said: Iterable[str], paper: Paper) -> Iterator[str]:
    """Lines that lose nothing: what is wrong, and where, goes on in the next."""
    for line in said:
        yield from (fit(part, paper) for part in wrapped(line, paper.width).splitlines())


def _table(swept: Swept, cells: Mapping[str, Sequence[Any]], paper: Paper) -> Iterator[str]:
    """Exact numbers, or in short where these have no room; what has none even so is named beneath, variables and what
    decides last of all."""
    columns = [_column(swept, name, values, brief=False) for name, values in cells.items()]
    if paper.width is not None and total(columns) > paper.width:
        columns = [_column(swept, name, values, brief=True) for name, values in cells.items()]
    wanted = (*(each.name for each in swept.request.variables), *swept.sweep.deciding)
    out: list[str] = []
    while paper.width is not None and len(columns) > 1 and total(columns) > paper.width:
        spare = [column for column in columns if column.key not in wanted] or columns
        columns.remove(spare[-1])
        out.insert(0, spare[-1].title)
    yield from draw(fitted(columns, paper.width, ellipsis(paper)), colour=paper.colour,
                    rule="-" if paper.ascii_only else "─", summed=False)  # fmt: skip
    if out:
        yield fit(f"no room for {', '.join(out)}: a wider terminal, fewer --columns, or --format csv", paper)


def _column(swept: Swept, name: str, values: Sequence[Any], brief: bool) -> Column:
    in_bytes = name.endswith("bytes") or name in ("inference memory", "training memory")
    write = duration if swept.is_time(name) else size if in_bytes else short if brief else exact
    style = name if name in ("params", "macs") else None
    return Column(name, _TITLES.get(name, name.removesuffix(" bytes") if in_bytes else name),
                  [_cell(value, write) for value in values], right=True, style=style)  # fmt: skip


def _cell(value: Any, write: Any) -> str:
    if value is None:
        return "–"
    return write(value) if isinstance(value, int) else exact(value)
