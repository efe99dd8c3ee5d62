"""Networks as Python objects: read from a file or a text, with their graph, their diagnostics and their report."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from archcalc.diagnostics import Diagnostic
from archcalc.files import ArchcalcError as ArchcalcError
from archcalc.files import read_source as read_source
from archcalc.files import split as split
from archcalc.graph import Graph
from archcalc.source import Source, Span

if TYPE_CHECKING:
    from fractions import Fraction

    from archcalc.algebra import Dim
    from archcalc.analyses.check import Expectation
    from archcalc.analyses.cost import DType
    from archcalc.analyses.formula import Formula
    from archcalc.analyses.latency.asked import Target
    from archcalc.analyses.memory.account import Account
    from archcalc.analyses.quantities import Measure
    from archcalc.analyses.summary import Report
    from archcalc.claims import Claim
    from archcalc.layers import Shape
    from archcalc.notation import Document

    Settings = Mapping[str, Dim | Fraction]


@dataclass(frozen=True, eq=False, repr=False)
class Network:
    """One network of a text. ``graph`` holds its layers and shapes, ``diagnostics`` the warnings of reading it."""

    name: str
    graph: Graph
    diagnostics: tuple[Diagnostic, ...] = ()
    _document: Document | None = None
    _settings: Settings = field(default_factory=dict)
    _input_shape: Shape | None = None

    def report(
        self,
        batch: int = 1,
        dtype: DType = "fp32",
        aux: bool = False,
        convention: str | None = None,
        *,
        on: str = "cpu",
        optimizer: str = "sgd",
        device: str | Target | None = None,
    ) -> Report:
        """Every figure of this network; counts are for ``batch`` images, bytes for numbers of ``dtype``, ``on`` a
        ``cpu`` or ``cuda``, trained with an ``optimizer``, as ``"adam"``.

        ``aux`` counts side heads in; ``convention``, as ``"fvcore"``, makes multiply-adds and parameters those that
        this tool prints; ``device``, as ``"cpu"`` or ``"RTX 4090"``, predicts what layers take there. Raises ValueError
        where one of these is none, and history.Unusable where no calibration can be read.
        """
        from archcalc.analyses.asked import check
        from archcalc.analyses.summary import summarize

        check(batch, dtype, on, optimizer)
        found = summarize(
            self.graph, batch=batch, dtype=dtype, on=on, optimizer=optimizer, variant=self._variant,
            diagnostics=self.diagnostics, aux=aux,
        )  # fmt: skip
        graph = self.graph if aux else self.graph.without_aux()
        if convention is not None:
            from archcalc.analyses.conventions.recount import recounted

            found = recounted(found, graph, convention)
        if device is not None:
            from archcalc.analyses.latency.rows import timed

            found = timed(found, graph, device)
        return found

    def memory(
        self,
        batch: int = 1,
        dtype: DType = "fp32",
        aux: bool = False,
        *,
        on: str = "cpu",
        optimizer: str = "sgd",
        amp: bool = False,
        segments: int = 1,
        room: int = 0,
    ) -> Account:
        """What running and training this network take, byte for byte, and what makes the peaks.

        ``amp``: under autocast; ``segments``: so many checkpointed ones; ``room``: the largest batches that fit these
        bytes are told. Raises ValueError where one of these is none, or a size is an open symbol.
        """
        from archcalc.analyses.asked import check
        from archcalc.analyses.memory.account import account
        from archcalc.analyses.memory.setting import Setting

        check(batch, dtype, on, optimizer, amp)
        graph = self.graph if aux else self.graph.without_aux()
        return account(graph, Setting(batch, dtype, on == "cuda", amp), optimizer, segments=segments, room=room)

    def formula(self, *symbols: str, **how: Any) -> Formula:
        """Every figure as a closed form in these parameters and sides of the input, and when it holds; options as
        ``analyses.formula`` has them.

        Raises UnknownSymbol, KeyError for a place that is none, ArchcalcError where layers hang on a symbol.
        """
        from archcalc.algebra import assuming
        from archcalc.analyses.formula import formula, opened

        opening = opened(self.graph, symbols)
        with assuming() as assumed:
            graph = self.at(opening.settings, opening.shape).graph
        return formula(graph, own=opening.own, assumed=assumed, **how)

    @cached_property
    def _measure(self) -> Measure:
        from archcalc.analyses.quantities import Measure

        return Measure(self.graph)

    @property
    def head(self) -> Span:
        """Where its text begins, or names it."""
        named = self._document.head(self.name) if self._document is not None else None
        return named or self.graph.nodes[0].span

    def held(self, claims: Iterable[Claim]) -> tuple[tuple[Expectation, ...], tuple[Diagnostic, ...]]:
        """What becomes of claims about this network, and the diagnostics of those that fail."""
        from archcalc.analyses.check import evaluate

        return evaluate(self._measure, claims, self._variant)

    def at(self, settings: Settings | None = None, input_shape: Shape | None = None) -> Network:
        """This network with other parameters or another input: numbers or symbols. Raises ArchcalcError."""
        if self._document is None:
            raise ValueError(f"{self.name} was made of a graph, not of a text that can be read again")
        given = {**self._settings, **(settings or {})}
        return build(self._document, self.name, given, input_shape or self._input_shape)

    def check(self) -> tuple[tuple[Expectation, ...], tuple[Diagnostic, ...]]:
        """What becomes of each claim of the text about this network, and everything that is to be said of it."""
        from archcalc.analyses.doubts import doubts

        expectations, wrong = self.held(self.graph.claims)
        said = (*self.diagnostics, *self.graph.warnings, *doubts(self.graph, self._measure.fields), *wrong)
        return expectations, said

    def _variant(self, settings: Mapping[str, Fraction]) -> Graph | None:
        """This network under other parameters, for an expectation ``with`` them."""
        if self._document is None:
            return None
        return self._document.build(self.name, {**self._settings, **settings}, self._input_shape)[0]

    def __repr__(self) -> str:
        return f"<archcalc.Network {self.name!r}: {len(self.graph.nodes):,} layers>"

    def _repr_html_(self) -> str:
        """A table of the layers, for notebooks."""
        from archcalc.report.html import fragment

        return fragment(self.report())


def load(path: str | os.PathLike[str], **options: Any) -> Network:
    """The network of a spec file; ``vgg.arch:D`` chooses one of several. Options as for ``parse``.

    Raises ArchcalcError where the file cannot be read, gives no network, or gives several and none is chosen.
    """
    file, name = split(os.fspath(path))
    return only(document(read_source(file)), name, **options)


def load_all(path: str | os.PathLike[str], **options: Any) -> tuple[Network, ...]:
    """Every network of a spec file, in the file's order. Raises ArchcalcError if one cannot be built."""
    file, name = split(os.fspath(path))
    if name is not None:
        return (load(path, **options),)
    read = document(read_source(file))
    return tuple(build(read, each, **options) for each in read.names or (None,))


def parse(
    text: str, *, name: str | None = None, settings: Settings | None = None, input_shape: Shape | None = None
) -> Network:
    """The network that a text describes; ``name`` chooses one of several.

    ``settings`` are values of its parameters, ``input_shape`` replaces its input: ``(C, H, W)``. Raises ArchcalcError.
    """
    return only(document(Source("<string>", text)), name, settings=settings, input_shape=input_shape)


def document(source: Source) -> Document:
    """A text read: the networks it names and what is wrong with it."""
    from archcalc.notation import read

    return read(source)


def build(
    read: Document, name: str | None, settings: Settings | None = None, input_shape: Shape | None = None
) -> Network:
    """One network of a text that was read. Raises ArchcalcError."""
    if not read.names:
        raise ArchcalcError(read.diagnostics or [Diagnostic("A103", f"{read.source.name} describes no network")])
    known = read.find(name) if name is not None else None
    if name is not None and known is None:
        raise ArchcalcError([_unknown(read, name)])
    graph, found = read.build(known, settings, input_shape)
    diagnostics = tuple(dict.fromkeys((*read.diagnostics, *found)))
    if graph is None:
        wrong = _wrong_above(read.sound(known, settings, input_shape))
        raise ArchcalcError(sorted((*diagnostics, *wrong), key=lambda diagnostic: diagnostic.order))
    diagnostics = (*diagnostics, *read.doubts(graph.name))
    return Network(graph.name, graph, diagnostics, read, dict(settings or {}), input_shape)


def _wrong_above(graph: Graph | None) -> tuple[Diagnostic, ...]:
    """What is wrong with the figures printed above the first fault of a network."""
    if graph is None:
        return ()
    from archcalc.analyses.check import evaluate
    from archcalc.analyses.quantities import Measure

    return evaluate(Measure(graph), graph.claims)[1]


def _unknown(read: Document, name: str) -> Diagnostic:
    from archcalc.diagnostics import nearest

    hint = nearest(name, read.names) or f"it has {_listed(read.names)}"
    return Diagnostic("A408", f"{read.source.name} has no network '{name}'", help=hint)


def only(read: Document, name: str | None, **options: Any) -> Network:
    if name is None and len(read.names) > 1:
        message = f"{read.source.name} has {len(read.names)} networks: {_listed(read.names)}"
        raise ArchcalcError([Diagnostic("A408", message, help=f"choose one, as in {read.source.name}:{read.names[0]}")])
    return build(read, name, **options)


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names[:8]) + (f", ... {len(names) - 8} more" if len(names) > 8 else "")
