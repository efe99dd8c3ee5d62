"""A network's memory as a person reads it: budgets, what makes each peak, and what lives layer by layer."""

from __future__ import annotations

from collections.abc import Mapping

from archcalc.analyses.memory.budget import Memory, eager, largest_running, largest_training, memory
from archcalc.analyses.memory.inference import running_peak
from archcalc.analyses.memory.moments import Peak
from archcalc.analyses.memory.setting import Setting
from archcalc.analyses.memory.training import at_peak
from archcalc.graph import Graph
from archcalc.layers import Shape
from archcalc.record import Configuration, Record


class Tensor(Record):
    """A tensor that lives at a peak: the layer that made it (None: it is given, or the loss's), and what it is."""

    layer: str | None
    line: int | None
    what: str
    bytes: int


class Budget(Configuration):
    """Bytes of the largest moment: of what kinds, which add up to it, when, at which layer, and in which tensors."""

    peak_bytes: int
    items: Mapping[str, int]
    phase: str
    layer: str | None
    line: int | None
    tensors: tuple[Tensor, ...]


class Moment(Configuration):
    """The most that lives during one layer, weights and optimizer state included; None where it does not train."""

    layer: str
    inference: int
    forward: int | None
    backward: int | None


class Fit(Configuration):
    """The most images at once for which so many bytes are enough; ``training`` None where that is not done."""

    room: int
    inference: int
    training: int | None


class Account(Configuration):
    """All of it. ``training`` is None in int8. ``eager_bytes``: an estimate of inference's peak, weights included, for
    a module written by hand."""

    network: str
    title: str
    file: str
    input: Shape
    batch: int
    dtype: str
    amp: bool
    on: str
    optimizer: str
    segments: int
    aux: bool
    weights_bytes: int
    inference: Budget
    arena_bytes: int
    eager_bytes: int
    training: Budget | None
    saved_bytes: int | None
    step_bytes: int | None
    moments: tuple[Moment, ...]
    fit: Fit | None


def account(graph: Graph, setting: Setting, optimizer: str = "sgd", *, segments: int = 1, room: int = 0) -> Account:
    """A network's memory, side heads included; with ``room`` in bytes, the batches that fit it.

    Raises OpenSize where a size is an open symbol.
    """
    found = memory(graph, setting, optimizer, segments=segments)
    weights, running, training = found.weights, found.running, found.training
    peak = running_peak(graph, setting, running)
    whole = Peak({"weights": weights, **peak.items}, peak.blocks)
    return Account(
        network=graph.name,
        title=graph.title,
        file=graph.file,
        input=graph.nodes[graph.inputs[0]].shape,
        batch=setting.batch,
        dtype=setting.dtype,
        amp=setting.amp,
        on="cuda" if setting.cuda else "cpu",
        optimizer=optimizer,
        segments=segments,
        aux=any(node.aux for node in graph.nodes),
        weights_bytes=weights,
        inference=_budget(graph, weights + running.peak, "forward", running.node, whole),
        arena_bytes=running.arena,
        eager_bytes=weights + eager(graph, setting),
        training=None
        if training is None
        else _budget(graph, training.peak, training.phase, training.node, at_peak(graph, setting, training)),
        saved_bytes=None if training is None else sum(training.saved),
        step_bytes=None if training is None else training.step,
        moments=_moments(graph, found),
        fit=_fit(graph, found, optimizer, segments, room) if room else None,
    )


def _moments(graph: Graph, found: Memory) -> tuple[Moment, ...]:
    """Training's network may lack the softmax at the end."""
    nothing = (None,) * len(graph.nodes)
    forward = found.training.forward if found.training else ()
    backward = found.training.backward if found.training else ()
    return tuple(
        Moment(layer=node.name, inference=found.weights + running, forward=before, backward=after)
        for node, running, before, after in zip(
            graph.nodes, found.running.moments, (*forward, *nothing), (*backward, *nothing), strict=False
        )
    )


def _budget(graph: Graph, total: int, phase: str, node: int | None, peak: Peak) -> Budget:
    layer, line = _place(graph, node)
    return Budget(
        peak_bytes=total,
        items=peak.items,
        phase=phase,
        layer=layer,
        line=line,
        tensors=tuple(Tensor(*_place(graph, block.node), block.what, block.size) for block in peak.blocks),
    )


def _place(graph: Graph, node: int | None) -> tuple[str | None, int | None]:
    return (None, None) if node is None else (graph.nodes[node].name, graph.nodes[node].span.line)


def _fit(graph: Graph, found: Memory, optimizer: str, segments: int, room: int) -> Fit:
    trains = found.training is not None
    return Fit(
        room=room,
        inference=largest_running(graph, found.setting, room),
        training=largest_training(graph, found.setting, optimizer, segments, room) if trains else None,
    )
