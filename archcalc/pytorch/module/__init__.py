"""A spec against a person's own module: which of its layers depart, and by what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

from archcalc.analyses.agreement import Agreement, Comparison, Verification, agreement, verification
from archcalc.analyses.cost import costs, total
from archcalc.graph import Graph
from archcalc.pytorch import HasGraph
from archcalc.pytorch.module.beside import Layer, Spec, differing, pairs
from archcalc.pytorch.module.executed import Ran, told, weighty
from archcalc.pytorch.module.given import ModuleFault, Outcome, found, run
from archcalc.pytorch.verify.watch import COUNTERS, images

__all__ = ["ModuleFault", "found", "verify_module"]

_BEHIND = "the same but for a shape that follows from a departure before"


def verify_module(network: Graph | HasGraph, module: nn.Module, name: str = "") -> Verification:
    """Each layer with weights that a module runs beside the spec's, side heads left out, and their totals.

    The module is only read: a copy of it runs one image of the spec's input shape in evaluation. Raises ModuleFault,
    and ValueError where a size is an open symbol.
    """
    graph = (network if isinstance(network, Graph) else network.graph).without_aux()
    spec = Spec(graph)
    outcome = run(module, images(graph, 1))
    rows = [*_layers(spec, outcome.ran), *_idle(outcome.module, outcome.ran)]
    return verification(
        network=graph.name, title=graph.title, file=graph.file, layers=len(graph.nodes),
        against=f"{name or type(module).__name__}, PyTorch {torch.__version__.partition('+')[0]}",
        quantities=[
            agreement("layers", "modules with weights that run", rows),
            _output(graph, outcome.output),
            *_totals(graph, outcome),
        ],
    )  # fmt: skip


def _layers(spec: Spec, theirs: list[Ran]) -> Iterator[Comparison]:
    """The layers of both sides in order. A shape that only follows from an earlier departure is none of its own."""
    causes: list[int] = []
    added = False
    for i, j in pairs(spec, theirs):
        layer, ran = None if i is None else spec.layers[i], None if j is None else theirs[j]
        if layer is None or ran is None:
            added = added or layer is None
            causes += [layer.node] if layer else []
            yield _alone(layer, ran)
            continue
        behind = added or any(spec.follows(layer.node, cause) for cause in causes)
        row = _both(layer, ran, behind)
        causes += [layer.node] if row.verdict == "differs" else []
        yield row


def _alone(layer: Layer | None, ran: Ran | None) -> Comparison:
    """A layer that only one side has."""
    if layer is not None:
        return Comparison(layer.name, layer.line, str(layer.ran), "no such layer")
    return Comparison("", None, "no such layer", str(ran), ran.path if ran else "")


def _both(layer: Layer, ran: Ran, behind: bool) -> Comparison:
    """A layer beside what stands in its place."""
    parts = differing(layer.ran, ran)
    if parts:
        ours, theirs = (_said(each, parts) for each in (layer.ran, ran))
        return Comparison(layer.name, layer.line, ours, theirs, ran.path)
    gave, given = layer.ran.gave, ran.gave
    if gave is None or given is None or gave == given:
        return Comparison(layer.name, layer.line, layer.ran.config, ran.config, ran.path)
    if behind:
        return Comparison(layer.name, layer.line, gave, given, ran.path, skipped=_BEHIND)
    return Comparison(layer.name, layer.line, gave, given, ran.path)


def _said(ran: Ran, parts: list[str]) -> str:
    known = {**dict(ran.parts), "padding": ran.padding}
    return told(tuple((part, known.get(part)) for part in parts))


def _idle(module: nn.Module, ran: list[Ran]) -> Iterator[Comparison]:
    """Modules with weights that do not run; one that runs as several layers has their paths below its own."""
    paths = {each.path for each in ran}
    for path, own in weighty(module).items():
        if path not in paths and not any(each.startswith(f"{path}.") for each in paths):
            yield Comparison("", None, "no such layer", f"{type(own).__name__.lower()} that does not run", path)


def _output(graph: Graph, output: Any) -> Agreement:
    """The network's output, where the module gives one tensor."""
    ours = graph.nodes[graph.output].shape
    if not isinstance(output, Tensor):
        return agreement("output", "forward()", [], skipped=f"the module gives a {type(output).__name__}")
    node = graph.nodes[graph.output]
    return agreement("output", "forward()", [Comparison(node.name, node.span.line, ours, tuple(output.shape[1:]))])


def _totals(graph: Graph, outcome: Outcome) -> Iterator[Agreement]:
    """Sums over the whole network."""
    ours = total(costs(graph))
    parameters = list(outcome.module.parameters())
    buffers = [each for name, each in outcome.module.named_buffers() if name.rpartition(".")[2] not in COUNTERS]
    theirs = {
        "params": ("parameters()", sum(each.numel() for each in parameters)),
        "trainable": ("requires_grad", sum(each.numel() for each in parameters if each.requires_grad)),
        "buffers": ("named_buffers()", sum(each.numel() for each in buffers)),
        "macs": ("FlopCounterMode", outcome.flops // 2),
    }
    for name, (witness, count) in theirs.items():
        yield agreement(name, witness, [], (getattr(ours, name), count))
