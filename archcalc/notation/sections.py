"""The networks of a text, and which lines are whose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from archcalc.diagnostics import Diagnostic
from archcalc.notation.naming import same_name
from archcalc.notation.reading import Reading
from archcalc.notation.statements import (
    InputLine,
    LayerLine,
    NetworkLine,
    Statement,
    TableLines,
    UseLine,
)
from archcalc.notation.tables import read_table
from archcalc.notation.tokens import Unreadable
from archcalc.source import Source, Span


@dataclass(eq=False)
class Section:
    """One network: its lines, and in a table of networks its column."""

    name: str
    title: str
    statements: tuple[Statement, ...]
    head: Span | None = None
    column: int | None = None


def sections_of(source: Source, statements: Sequence[Statement], reading: Reading, title: str) -> list[Section]:
    """The networks of a text: what stands before the first ``network`` line belongs to all; a title above them is
    that of a network which no such line names."""
    heads = [index for index, statement in enumerate(statements) if isinstance(statement, NetworkLine)]
    stem = Path(source.name).stem if source.name not in ("-", "<stdin>", "<string>") else "network"
    if not heads:
        whole = tuple(s for s in statements if not isinstance(s, UseLine))
        return _columns(Section(stem, title, whole), None, reading) if _holds_layers(whole) else []
    shared = tuple(s for s in statements[: heads[0]] if not isinstance(s, UseLine))
    sections: list[Section] = []
    named: set[str] = set()
    for begin, end in zip(heads, [*heads[1:], len(statements)], strict=True):
        head = statements[begin]
        assert isinstance(head, NetworkLine)
        if same_name(head.name) in named:
            reading.faults.append(Diagnostic("A405", f"a second network named '{head.name}'", head.line.span()))
            continue
        body = tuple(s for s in statements[begin + 1 : end] if not isinstance(s, UseLine))
        made = _columns(Section(head.name, head.title, shared + body, head.line.span()), head.name, reading)
        named |= {same_name(section.name) for section in made}
        sections += made
    return sections


def _holds_layers(statements: tuple[Statement, ...]) -> bool:
    return any(isinstance(s, (LayerLine, InputLine, TableLines)) for s in statements)


def _columns(section: Section, family: str | None, reading: Reading) -> list[Section]:
    """A section as it is, or one for each column of its table of networks."""
    for statement in section.statements:
        if isinstance(statement, TableLines):
            try:
                table = read_table(statement.rows, statement.wide)
            except Unreadable as error:
                reading.fault(statement.line, error)
                return []
            if table.by_column:
                return [
                    replace(section, name=_column_name(name, family, index in table.depths), column=index)
                    for index, name in table.networks.items()
                ]
    return [section]


def _column_name(name: str, family: str | None, layers: bool) -> str:
    """A column's network: ``18-layer`` is ResNet-18 in the family ResNet."""
    if not layers:
        return name
    return f"{family}-{name}" if family else f"{name}-layer"
