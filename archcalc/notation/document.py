"""A whole text: its networks, its blocks, and whatever is wrong with its lines."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from archcalc.algebra import Dim
from archcalc.diagnostics import Diagnostic, nearest
from archcalc.graph import Graph
from archcalc.layers import Shape
from archcalc.notation.elaborate import elaborate
from archcalc.notation.naming import same_name
from archcalc.notation.order import Order
from archcalc.notation.reading import Reading
from archcalc.notation.scope import BlockDef
from archcalc.notation.statements import (
    BlockLine,
    ClaimLine,
    InputLine,
    LayerLine,
    MeansLine,
    NetworkLine,
    ParamLine,
    Statement,
    TableLines,
    UseLine,
)  # fmt: skip
from archcalc.notation.tables import is_dressed_listing, is_separator, read_table, undressed
from archcalc.notation.text import logical_lines, nested
from archcalc.notation.tokens import Unreadable
from archcalc.source import Source

_DECLARED = re.compile(
    r"^\s*param\s+(\w+)\s*=|^\s*block\s+([\w\-/.]+)\s*(?:\(([^)]*)\))?\s*:|^\s*use\s+\"([^\"]+)\"", re.MULTILINE
)


@dataclass(eq=False)
class Section:
    """One network: its lines, and in a table of networks its column."""

    name: str
    title: str
    statements: tuple[Statement, ...]
    column: int | None = None


@dataclass(eq=False)
class Document:
    """A text that has been read. ``build`` makes a network's graph."""

    source: Source
    sections: tuple[Section, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    blocks: Mapping[str, list[BlockDef]] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """The networks, in order."""
        return tuple(section.name for section in self.sections)

    def find(self, name: str) -> str | None:
        """The network that ``name`` means, whatever its capitals, hyphens and blanks; or None."""
        return next((known for known in self.names if same_name(known) == same_name(name)), None)

    def build(
        self,
        name: str | None = None,
        settings: Mapping[str, Dim | Fraction] | None = None,
        input_shape: Shape | None = None,
    ) -> tuple[Graph | None, tuple[Diagnostic, ...]]:
        """A network's graph (the only one's without a name), or None and the faults of its lines."""
        section = self._section(name)
        if section is None:
            help = nearest(name or "", self.names) or (f"the text has {', '.join(self.names)}" if self.names else None)
            return None, (Diagnostic("A408", f"no network named '{name}' in {self.source.name}", help=help),)
        order = Order(
            section.name,
            section.title,
            self.source.name,
            section.statements,
            section.column,
            dict(settings or {}),
            input_shape,
        )
        try:
            graph, faults = elaborate(order, self.blocks)
        except RecursionError:
            faults = (
                Diagnostic("A403", f"network {section.name} nests too deeply", section.statements[0].line.span()),
            )
            return None, faults
        return (None if self.diagnostics else graph), faults

    def _section(self, name: str | None) -> Section | None:
        if name is None:
            return self.sections[0] if len(self.sections) == 1 else None
        found = self.find(name)
        return next((s for s in self.sections if s.name == found), None)


def read(source: Source, using: tuple[str, ...] = ()) -> Document:
    """Reads a text. Never raises: whatever is wrong is among the document's diagnostics."""
    try:
        return _read(source, using)
    except RecursionError:
        return Document(source, diagnostics=(Diagnostic("A104", "this text nests too deeply to be read"),))


def _read(source: Source, using: tuple[str, ...]) -> Document:
    lines = nested([undressed(line) if is_dressed_listing(line) else line for line in logical_lines(source)])
    lines = [
        line
        for line in lines
        if (line.text and not is_separator(line)) or ("|" not in line.text and "-" not in line.text)
    ]
    if not lines:
        message = "the file is empty" if not source.text.strip() else "nothing here but comments"
        return Document(
            source, diagnostics=(Diagnostic("A103", message, help="a network begins with 'input 224x224x3'"),)
        )
    used = _used_documents(source, using)
    names = _declared(source.text) | {f"\0{key}" for document in used.values() for key in document.blocks}
    reading = Reading(frozenset(names))
    statements = reading.statements(lines)
    blocks: dict[str, list[BlockDef]] = {
        key: list(defs) for document in used.values() for key, defs in document.blocks.items()
    }
    sections = _sections(source, statements, reading)
    _gather_blocks(statements, blocks)
    faults = [*reading.faults, *_use_faults(statements, used)]
    if not sections and not faults and not blocks:
        faults.append(Diagnostic("A103", "the text holds no network", help="a network begins with 'input 224x224x3'"))
    return Document(source, tuple(sections), tuple(sorted(faults, key=lambda d: d.order)), blocks)


def _declared(text: str) -> frozenset[str]:
    """Names of parameters (as they are) and of blocks (marked) that the text declares, ``in`` and ``i``."""
    names = {"in", "i"}
    for match in _DECLARED.finditer(text):
        if match[1]:
            names.add(match[1])
        elif match[2]:
            names.add(f"\0{same_name(match[2])}")
            for part in (match[3] or "").split(","):
                name = part.split("=")[0].strip()
                if name.isidentifier():
                    names.add(name)
    return frozenset(names)


def _used_documents(source: Source, using: tuple[str, ...]) -> dict[str, Document]:
    """The documents that ``use`` lines name, read; a missing one, or a circle, is left out."""
    found: dict[str, Document] = {}
    for match in _DECLARED.finditer(source.text):
        path = match[4]
        if not path or path in found:
            continue
        whole = Path(source.name).parent / path
        key = str(whole.resolve())
        if key in using or len(using) > 16:
            continue
        try:
            text = whole.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError, ValueError):
            continue
        found[path] = read(Source(str(whole), text), (*using, key))
    return found


def _use_faults(statements: Sequence[Statement], used: dict[str, Document]) -> list[Diagnostic]:
    faults = []
    for statement in statements:
        if isinstance(statement, UseLine):
            document = used.get(statement.path)
            span = statement.line.span(statement.path_at)
            if document is None:
                faults.append(Diagnostic("A101", f"cannot read '{statement.path}', or it uses this file itself", span))
            else:
                faults += document.diagnostics
    return faults


def _gather_blocks(statements: Sequence[Statement], blocks: dict[str, list[BlockDef]]) -> None:
    """Blocks of the whole text, so that they may be called above where they stand; rules and parameters above them
    hold."""
    means: tuple[MeansLine, ...] = ()
    for statement in statements:
        if isinstance(statement, NetworkLine):
            means = ()
        elif isinstance(statement, MeansLine):
            means = (*means, statement)
        elif isinstance(statement, BlockLine):
            blocks.setdefault(same_name(statement.name), []).append(BlockDef(statement, {}, means))


def _sections(source: Source, statements: Sequence[Statement], reading: Reading) -> list[Section]:
    """The networks of a text: what stands before the first ``network`` line belongs to all."""
    heads = [index for index, statement in enumerate(statements) if isinstance(statement, NetworkLine)]
    stem = Path(source.name).stem if source.name not in ("-", "<stdin>", "<string>") else "network"
    if not heads:
        whole = tuple(s for s in statements if not isinstance(s, UseLine))
        return _columns(Section(stem, "", whole), None, reading) if _holds_layers(whole) else []
    shared = tuple(s for s in statements[: heads[0]] if not isinstance(s, (UseLine, ClaimLine)))
    sections: list[Section] = []
    for begin, end in zip(heads, [*heads[1:], len(statements)], strict=True):
        head = statements[begin]
        assert isinstance(head, NetworkLine)
        if any(same_name(s.name) == same_name(head.name) for s in sections):
            reading.faults.append(Diagnostic("A405", f"a second network named '{head.name}'", head.line.span()))
            continue
        body = tuple(s for s in statements[begin + 1 : end] if not isinstance(s, UseLine))
        sections += _columns(Section(head.name, head.title, shared + body), head.name, reading)
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
                    Section(
                        f"{family}-{name}"
                        if index in table.depths and family
                        else f"{name}-layer"
                        if index in table.depths
                        else name,
                        section.title,
                        section.statements,
                        index,
                    )
                    for index, name in table.networks.items()
                ]
    return [section]


__all__ = ["Document", "ParamLine", "read"]
