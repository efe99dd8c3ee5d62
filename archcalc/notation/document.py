"""A whole text: its networks, its blocks, and whatever is wrong with its lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property

from archcalc.algebra import Dim
from archcalc.diagnostics import Diagnostic, nearest
from archcalc.graph import Graph
from archcalc.layers import Shape
from archcalc.notation.declared import declared
from archcalc.notation.dressed import undressed
from archcalc.notation.elaborate import elaborate
from archcalc.notation.limits import endless
from archcalc.notation.naming import same_name
from archcalc.notation.order import Order
from archcalc.notation.reading import Reading
from archcalc.notation.replay import Recordings
from archcalc.notation.scope import BlockDef
from archcalc.notation.sections import Section, sections_of
from archcalc.notation.statements import (
    BlockLine,
    MeansLine,
    NetworkLine,
    Statement,
    UseLine,
)  # fmt: skip
from archcalc.notation.tables import is_separator
from archcalc.notation.text import logical_lines, nested
from archcalc.notation.titles import parted
from archcalc.notation.unused import by_network, unused
from archcalc.notation.using import key, used_texts
from archcalc.source import Source, Span


@dataclass(eq=False)
class Document:
    """A text that has been read. ``build`` makes a network's graph."""

    source: Source
    sections: tuple[Section, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    blocks: Mapping[str, list[BlockDef]] = field(default_factory=dict)
    recordings: Recordings = field(default_factory=Recordings)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The networks, in order."""
        return tuple(section.name for section in self.sections)

    @cached_property
    def _doubts(self) -> dict[int | None, list[Diagnostic]]:
        """What the text declares in vain, by the network that it stands in (None: above all); nothing of a text
        without networks, which others use."""
        return by_network(unused(self.source, self._heads), self._heads) if self.sections else {}

    def doubts(self, name: str) -> tuple[Diagnostic, ...]:
        """What a network declares in vain, and the text above the first of them."""
        head = self.head(name)
        return (*self._doubts.get(None, ()), *(self._doubts.get(head.start, ()) if head else ()))

    @cached_property
    def _heads(self) -> tuple[int, ...]:
        """Where networks begin, in order."""
        return tuple(dict.fromkeys(each.head.start for each in self.sections if each.head))

    @cached_property
    def _named(self) -> dict[str, Section]:
        """The networks by what names have in common that mean the same."""
        return {same_name(section.name): section for section in reversed(self.sections)}

    def head(self, name: str) -> Span | None:
        """Where a network begins, if a line says so."""
        section = self._named.get(same_name(name))
        return section.head if section else None

    def find(self, name: str) -> str | None:
        """The network that ``name`` means, whatever its capitals, hyphens and blanks; or None."""
        section = self._named.get(same_name(name))
        return section.name if section else None

    def build(
        self,
        name: str | None = None,
        settings: Mapping[str, Dim | Fraction] | None = None,
        input_shape: Shape | None = None,
    ) -> tuple[Graph | None, tuple[Diagnostic, ...]]:
        """A network's graph (the only one's without a name), or None and the faults of its lines."""
        section = self._section(name)
        if section is None and not self.sections:
            return None, self.diagnostics
        if section is None:
            help = nearest(name or "", self.names) or (f"the text has {', '.join(self.names)}" if self.names else None)
            return None, (Diagnostic("A408", f"no network named '{name}' in {self.source.name}", help=help),)
        try:
            graph, faults = elaborate(self._order(section, settings, input_shape), self.blocks)
        except RecursionError:
            faults = (
                Diagnostic("A403", f"network {section.name} nests too deeply", section.statements[0].line.span()),
            )
            return None, faults
        return (None if self.diagnostics else graph), faults

    def sound(
        self, name: str | None, settings: Mapping[str, Dim | Fraction] | None = None, input_shape: Shape | None = None
    ) -> Graph | None:
        """What is certain of a network that ``build`` cannot make: see ``sound``."""
        from archcalc.notation.sound import sound

        section = self._section(name)
        if section is None:
            return None
        try:
            order = self._order(section, settings, input_shape)
            return sound(order, self.blocks, self.source, self.diagnostics, self._heads)
        except RecursionError:
            return None

    def _order(
        self, section: Section, settings: Mapping[str, Dim | Fraction] | None, input_shape: Shape | None
    ) -> Order:
        return Order(
            section.name,
            section.title,
            self.source.name,
            section.statements,
            section.column,
            section.head,
            self.names,
            dict(settings or {}),
            input_shape,
            recordings=self.recordings,
        )

    def _section(self, name: str | None) -> Section | None:
        if name is None:
            return self.sections[0] if len(self.sections) == 1 else None
        return self._named.get(same_name(name))


def read(source: Source, library: dict[str, Document | None] | None = None) -> Document:
    """Reads a text. Never raises: whatever is wrong is among the document's diagnostics.

    ``library`` holds the documents read so far, None for one that is being read.
    """
    library = {} if library is None else library
    library[key(source.name)] = None
    try:
        return _read(source, library)
    except RecursionError:
        return Document(source, diagnostics=(Diagnostic("A104", "this text nests too deeply to be read"),))


def _used(source: Source, library: dict[str, Document | None]) -> dict[str, Document | Diagnostic]:
    """What each ``use`` line brings: a document, or what is wrong."""
    found: dict[str, Document | Diagnostic] = {}
    for path, file, text in used_texts(source):
        if isinstance(text, str):
            found[path] = Diagnostic("A101", f"cannot read '{path}': {text}")
            continue
        if file not in library:
            library[file] = read(text, library)
        known = library[file]
        found[path] = known or Diagnostic("A403", f"'{path}' uses this file: a circle without an end")
    return found


def _read(source: Source, library: dict[str, Document | None]) -> Document:
    written = logical_lines(source)
    unfit = [(line, fault) for line in written if (fault := endless(line.text))]
    told = {id(line) for line, _ in unfit}
    lines = nested(list(undressed([line for line in written if id(line) not in told])))
    lines = [
        line
        for line in lines
        if (line.text and not is_separator(line)) or ("|" not in line.text and "-" not in line.text)
    ]
    if not lines and not unfit:
        message = "the file is empty" if not source.text.strip() else "nothing here but comments"
        return Document(
            source, diagnostics=(Diagnostic("A103", message, help="a network begins with 'input 224x224x3'"),)
        )
    used = _used(source, library)
    known = [document for document in used.values() if isinstance(document, Document)]
    names = declared(source.text) | {f"\0{key}" for document in known for key in document.blocks}
    title, lines = parted(lines, frozenset(names))
    reading = Reading(frozenset(names), opening=lines[0] if lines else None)
    for line, fault in unfit:
        reading.fault(line, fault)
    statements = reading.statements(lines)
    blocks: dict[str, list[BlockDef]] = {key: list(defs) for document in known for key, defs in document.blocks.items()}
    sections = sections_of(source, statements, reading, title)
    _gather_blocks(statements, blocks)
    faults = [*reading.faults, *_use_faults(statements, used)]
    if faults:
        for name in names:  # a block at fault is called by nobody's fault
            if name.startswith("\0"):
                blocks.setdefault(name[1:], [])
    if not sections and not faults and not blocks:
        faults.append(Diagnostic("A103", "the text holds no network", help="a network begins with 'input 224x224x3'"))
    return Document(source, tuple(sections), tuple(sorted(faults, key=lambda d: d.order)), blocks)


def _use_faults(statements: Sequence[Statement], used: Mapping[str, Document | Diagnostic]) -> list[Diagnostic]:
    faults: list[Diagnostic] = []
    for statement in statements:
        if isinstance(statement, UseLine):
            found = used[statement.path]
            if isinstance(found, Diagnostic):
                faults.append(replace(found, span=statement.line.span(statement.path_at)))
            else:
                faults += found.diagnostics
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
