"""What is doubtful of a network that reads well: numbers that train to no effect, branches that do not meet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from archcalc.algebra import Dim
from archcalc.analyses.field import Field
from archcalc.diagnostics import Diagnostic
from archcalc.graph import Graph, Node


def doubts(graph: Graph, fields: Sequence[Field | None]) -> tuple[Diagnostic, ...]:
    """The warnings of a network, once a place; ``fields`` are its receptive fields, in order."""
    found: dict[tuple[str, int], Diagnostic] = {}
    for each in (*_idle_biases(graph), *_misaligned(graph, fields)):
        assert each.span is not None
        found.setdefault((each.code, each.span.start), each)
    return tuple(found.values())


def _idle_biases(graph: Graph) -> Iterator[Diagnostic]:
    """Biases of layers that nothing but a batch normalisation reads, which takes them away with the mean."""
    readers: dict[int, list[Node]] = {}
    for node in graph.nodes:
        for source in node.inputs:
            readers.setdefault(source, []).append(node)
    for index, read_by in readers.items():
        node = graph.nodes[index]
        if not all(reader.layer.centres for reader in read_by):
            continue
        weights = node.layer.weights(*graph.input_shapes(node)).values()
        count = [weight.shape[0] for weight in weights if weight.role == "biases"]
        if count:
            yield Diagnostic(
                "A502",
                f"this {node.layer.kind} has a bias, which the {read_by[0].layer.kind} below takes away again",
                node.span,
                "warning",
                notes=(f"{count[0]} numbers that change nothing",),
                help="write 'no bias'",
            )


def _misaligned(graph: Graph, fields: Sequence[Field | None]) -> Iterator[Diagnostic]:
    """Merges whose branches are centred on different inputs, each where it happens first."""
    for index, node in enumerate(graph.nodes):
        field = fields[index]
        if field is None or field.aligned:
            continue
        sources = [fields[source] for source in node.inputs]
        if any(source is not None and not source.aligned for source in sources):
            continue  # told above
        notes = tuple(
            f"branch {number} is centred on {centre}"
            for number, source in enumerate(sources, 1)
            if source is not None and (centre := _centre(source))
        )
        message = f"the branches of this {node.layer.kind} do not look at the same place of the input"
        yield Diagnostic("A504", message, node.span, "warning", notes=notes, help="pads or strides of them differ")


def _centre(field: Field) -> str:
    """Where output 0 looks: the middle of its window, row and column; empty where there is none."""
    if field.size is None or field.start is None:
        return ""
    axes = [_middle(start, size) for start, size in zip(field.start, field.size, strict=True)]
    return "" if None in axes else f"row {axes[0]}, column {axes[1]}, stride {_stride(field)}"


def _middle(start: Dim | None, size: Dim) -> str | None:
    if not isinstance(start, int) or not isinstance(size, int):
        return None
    return f"{float(start + Fraction(size - 1, 2)):g}"


def _stride(field: Field) -> str:
    height, width = field.stride or (None, None)
    return str(height) if height == width else f"{height}x{width}"
