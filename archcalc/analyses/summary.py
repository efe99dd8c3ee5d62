"""Everything that is known of a network, in the record that each format prints."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import chain, repeat
from types import MappingProxyType
from typing import Any, ClassVar, Literal

from archcalc.algebra import Dim
from archcalc.analyses.check import Expectation, evaluate
from archcalc.analyses.cost import BYTES, COUNTS, Cost, DType, costs, depth, input_numbers, total
from archcalc.analyses.doubts import doubts
from archcalc.analyses.field import Field
from archcalc.analyses.memory.budget import Memory, memory
from archcalc.analyses.memory.setting import OpenSize, Setting
from archcalc.analyses.quantities import Measure
from archcalc.diagnostics import Diagnostic
from archcalc.graph import Graph
from archcalc.layers import Shape
from archcalc.record import Configuration
from archcalc.source import Span

Status = Literal["ok", "failed", "unreadable"]


class Totals(Cost):
    """The whole network: the sum of its rows, its depth in weight layers, the bytes of its input, and of memory.

    Of a training step all is None in int8, which is not trained; all of memory where a size is an open symbol.
    """

    depth: int
    input_bytes: Dim
    inference_peak_bytes: int | None
    inference_arena_bytes: int | None
    saved_bytes: int | None
    gradients_bytes: int | None
    optimizer_bytes: int | None
    training_peak_bytes: int | None


class Row(Cost):
    """One layer: where it stands, what it is, and its cost.

    ``output`` is its shape, ``(C, H, W)``, ``(N, C)`` or ``(F,)``; ``tensors`` are the shapes of what it stores.
    ``shares`` names the layer whose weights it uses; ``line`` is the line of the text that wrote it. ``saved_bytes``:
    what training keeps at this layer and at none before.
    """

    #: what tells a layer from its equals elsewhere; all else is the same object in rows of equal layers
    place: ClassVar[tuple[str, ...]] = ("name", "block", "inputs", "shares", "aux", "saved_bytes", "field", "line")

    name: str
    block: str
    kind: str
    attributes: Mapping[str, Any]
    inputs: tuple[str, ...]
    output: Shape
    tensors: Mapping[str, Shape]
    shares: str | None
    aux: bool
    saved_bytes: int | None
    field: Field | None
    line: int

    def more(self) -> dict[str, Any]:
        """What JSON has of it besides its fields."""
        return {}

    def summed(self, members: Sequence[Row]) -> dict[str, Any]:
        """Fields of a group of such rows beyond those that all rows have."""
        return {}


class Report(Configuration):
    """A network's figures. ``status``: ``failed`` where a claim or check is wrong, ``unreadable`` without a network.

    ``input`` is the shape of the first input, ``inputs`` of each by name. ``totals`` is None where there is no network.
    ``quieted`` counts diagnostics left out as the text asks not to be told of them.
    """

    network: str | None
    title: str = ""
    file: str
    status: Status
    input: Shape | None = None
    inputs: Mapping[str, Shape] = MappingProxyType({})
    output: Shape | None = None
    batch: int = 1
    dtype: DType = "fp32"
    on: str = "cpu"
    optimizer: str = "sgd"
    aux: bool = False
    convention: str | None = None
    settings: Mapping[str, Dim] = MappingProxyType({})
    totals: Totals | None = None
    layers: tuple[Row, ...] = ()
    expectations: tuple[Expectation, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    quieted: int = 0


def summarize(
    graph: Graph,
    *,
    batch: int = 1,
    dtype: DType = "fp32",
    on: str = "cpu",
    optimizer: str = "sgd",
    variant: Callable[[Mapping[str, Fraction]], Graph | None] | None = None,
    diagnostics: Iterable[Diagnostic] = (),
    aux: bool = False,
) -> Report:
    """Every figure of a network: counts for ``batch`` images, bytes for numbers of ``dtype``, side heads under ``aux``,
    memory ``on`` a CPU or ``cuda``, with an ``optimizer`` of ``OPTIMIZERS``.

    The text's claims are about one image in fp32 and are held against that. ``variant`` builds the network under other
    parameters, for claims that name some; ``diagnostics`` are those of reading the text.
    """
    measure = Measure(graph)
    expectations, wrong = evaluate(measure, graph.claims, variant)
    shown = measure if aux else measure.main
    whole = shown.graph
    each = shown.costs if (batch, dtype) == (1, "fp32") else costs(whole, batch=batch, dtype=dtype)
    held = _held(whole, Setting(batch, dtype, on == "cuda"), optimizer)
    counts = _counts(total(each)) | {
        "depth": depth(whole),
        "input_bytes": batch * BYTES[dtype][0] * input_numbers(whole),
    }
    said = said_once((*diagnostics, *graph.warnings, *doubts(graph, measure.fields), *wrong))
    failed = any(diagnostic.severity == "error" for diagnostic in said)
    return Report(
        network=graph.name,
        title=graph.title,
        file=graph.file,
        status="failed" if failed else "ok",
        input=whole.nodes[whole.inputs[0]].shape,
        inputs={whole.nodes[index].name: whole.nodes[index].shape for index in whole.inputs},
        output=whole.nodes[whole.output].shape,
        batch=batch,
        dtype=dtype,
        on=on,
        optimizer=optimizer,
        aux=aux,
        settings=graph.settings,
        totals=Totals(**counts, **_memory(held)),
        layers=_rows(whole, each, shown.fields, _saved(held)),
        expectations=expectations,
        diagnostics=tuple(said),
    )


def _held(graph: Graph, setting: Setting, optimizer: str) -> Memory | None:
    try:
        return memory(graph, setting, optimizer)
    except OpenSize:
        return None


def _memory(held: Memory | None) -> dict[str, Any]:
    """The totals of memory."""
    running, training = (held.running, held.training) if held is not None else (None, None)
    return {
        "inference_peak_bytes": None if running is None else running.peak,
        "inference_arena_bytes": None if running is None else running.arena,
        "saved_bytes": None if training is None else sum(training.saved),
        "gradients_bytes": None if training is None else training.gradients,
        "optimizer_bytes": None if training is None else training.optimizer,
        "training_peak_bytes": None if training is None else training.peak,
    }


def _saved(held: Memory | None) -> Iterator[int | None]:
    """What each layer is the first to keep; training's network may lack the last."""
    if held is None or held.training is None:
        return repeat(None)
    return chain(held.training.saved, repeat(0))


def _holds(outer: Span | None, inner: Span) -> bool:
    return outer is not None and outer.source is inner.source and outer.start <= inner.start and inner.end <= outer.end


def said_once(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Diagnostics in order of place, each once: a printed shape that is wrong tells where its window does not fit."""
    found = dict.fromkeys(diagnostics)
    explained = [span for each in found if each.code == "A201" for span in (each.span, *each.also) if span]
    said = (each for each in found if each.code != "A306" or not any(_holds(each.span, span) for span in explained))
    return sorted(said, key=lambda diagnostic: diagnostic.order)


def unreadable(network: str | None, file: str, diagnostics: Iterable[Diagnostic]) -> Report:
    """The report on a text, or a network of it, that could not be read."""
    return Report(network=network, file=file, status="unreadable", diagnostics=tuple(diagnostics))


def _rows(
    graph: Graph, each: tuple[Cost, ...], seen: tuple[Field | None, ...], saved: Iterator[int | None]
) -> tuple[Row, ...]:
    nodes = graph.nodes
    attributes: dict[int, Mapping[str, Any]] = {}
    tensors: dict[int, Mapping[str, Shape]] = {}
    lines: dict[int, int] = {}
    patterns: dict[tuple[int, int], Row] = {}
    rows = []
    for index, (node, alike, kept) in enumerate(zip(nodes, graph.alike, saved, strict=False)):
        if alike == index:
            attributes[index] = node.layer.attributes()
            stored = node.layer.weights(*graph.input_shapes(node)) if node.inputs else {}
            tensors[index] = {name: weight.shape for name, weight in stored.items()}
        line = lines.get(node.span.start)
        if line is None:
            line = lines[node.span.start] = node.span.line
        pattern = patterns.get((alike, id(each[index])))
        if pattern is None:
            pattern = patterns[alike, id(each[index])] = Row(
                **_counts(each[index]),
                name=node.name,
                block=node.block,
                kind=node.layer.kind,
                attributes=attributes[alike],
                inputs=(),
                output=node.shape,
                tensors=tensors[alike],
                shares=None,
                aux=node.aux,
                saved_bytes=None,
                field=None,
                line=line,
            )
        row = pattern.but(
            name=node.name,
            block=node.block,
            inputs=tuple([nodes[source].name for source in node.inputs]),
            shares=None if node.shares is None else nodes[node.shares].name,
            aux=node.aux,
            saved_bytes=kept,
            field=seen[index],
            line=line,
        )
        rows.append(row)
    return tuple(rows)


def _counts(cost: Cost) -> dict[str, Any]:
    return {name: getattr(cost, name) for name in (*COUNTS, "intensity")}
