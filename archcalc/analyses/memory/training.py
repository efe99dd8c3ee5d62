"""The memory of a training step: how much, when, and what it is made of."""

from __future__ import annotations

from typing import Literal

from archcalc.analyses.memory.logits import logits
from archcalc.analyses.memory.moments import Peak, blocks_of
from archcalc.analyses.memory.optimizers import OPTIMIZERS
from archcalc.analyses.memory.plan import Plan
from archcalc.analyses.memory.setting import Setting
from archcalc.analyses.memory.step import TrainingStep
from archcalc.analyses.memory.stored import stored
from archcalc.graph import Graph
from archcalc.record import Configuration

Phase = Literal["forward", "backward", "optimizer"]


class TrainingMemory(Configuration):
    """Bytes of a second step: the optimizer's state exists, gradients do not yet.

    ``weights``, ``gradients`` and ``optimizer`` are those of the whole network. ``saved``: what autograd keeps of the
    forward pass to the logits, at the node that is the first to keep it. ``forward`` and ``backward``: the most that
    lives during each node; ``step`` during the optimizer's. ``peak`` is the most of all, in ``phase``, at ``node``
    (None: in the loss or the optimizer), the moment of that number.
    """

    peak: int
    phase: Phase
    weights: int
    gradients: int
    optimizer: int
    saved: tuple[int, ...]
    forward: tuple[int, ...]
    backward: tuple[int, ...]
    step: int
    moment: int
    node: int | None
    segments: int


def _step(graph: Graph, setting: Setting, segments: int, stop: int = 0, plans: Plan | None = None) -> TrainingStep:
    if segments < 2:
        return TrainingStep(graph, setting, stop, plans)
    from archcalc.analyses.memory.checkpoint import CheckpointedStep

    return CheckpointedStep(graph, setting, stop, count=segments)


def training_memory(
    graph: Graph, setting: Setting, optimizer: str = "sgd", *, segments: int = 1, plans: Plan | None = None
) -> TrainingMemory:
    """The memory of one step on a network, its final softmax left to the loss; in so many checkpointed segments.

    ``plans``: the network's plan, where it is known.
    """
    graph = logits(graph)
    run, store = _step(graph, setting, segments, plans=plans), stored(graph, setting)
    steps = OPTIMIZERS[optimizer]
    state = steps.state(store.trained, cuda=setting.cuda)
    base = store.weights + state
    saved = run.forward()
    forward, best = run.most.nodes[:-1], run.most.best
    run.most.nodes = [0] * (len(graph.nodes) + 1)
    run.backward()
    backward = run.most.nodes[:-1]
    during = run.heap.live + steps.temporaries(store.trained, cuda=setting.cuda)
    phase: Phase = "optimizer" if during > run.most.best else "forward" if run.most.best == best else "backward"
    return TrainingMemory(
        peak=base + max(during, run.most.best),
        phase=phase,
        weights=store.weights,
        gradients=sum(run.heap.sizes[block] for block in run.autograd.granted.values()),
        optimizer=state,
        saved=saved,
        forward=tuple(base + live if live else 0 for live in forward),
        backward=tuple(base + live if live else 0 for live in backward),
        step=base + during,
        moment=run.most.where,
        node=None if phase == "optimizer" or run.most.node < 0 else run.most.node,
        segments=segments,
    )


def at_peak(graph: Graph, setting: Setting, memory: TrainingMemory) -> Peak:
    """What lives at the peak of a step: it is run once more, and looked at then."""
    graph = logits(graph)
    run = _step(graph, setting, memory.segments, memory.moment)
    run.forward()
    forward = len(run.heap.sizes)
    run.backward()
    alive = run.most.alive if memory.phase != "optimizer" else run.heap.alive()
    granted = set(run.autograd.granted.values())

    def what(block: int) -> str:
        if block in run.given:
            return "targets" if block == run.given[-1] else "input"
        if block in granted:
            return "gradients"
        if block in run.autograd.saved:
            kept = run.autograd
            return "copies" if block in kept.copies else "beside" if block in kept.beside else "saved"
        return "activation" if block < forward else "gradient"

    blocks = blocks_of(run.heap, alive, what)
    totals = {kind: sum(block.size for block in blocks if block.what in kinds) for kind, kinds in _KINDS.items()}
    if not setting.amp:
        del totals["copies"]
    items = {"weights": memory.weights, "optimizer": memory.optimizer, **totals}
    items["temporary"] = memory.peak - sum(items.values())
    return Peak(items, blocks)


_KINDS = {
    "gradients": ("gradients",),
    "saved": ("saved", "beside"),
    "copies": ("copies",),
    "input": ("input", "targets"),
}
