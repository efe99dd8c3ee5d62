"""Memory, byte for byte, against what torch holds: of two images, side heads left out."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import torch
from torch import Tensor, nn
from torch._subclasses import FakeTensorMode

from archcalc.analyses.agreement import Agreement, agreement
from archcalc.analyses.memory.inference import inference
from archcalc.analyses.memory.logits import logits
from archcalc.analyses.memory.setting import Setting
from archcalc.analyses.memory.training import training_memory
from archcalc.graph import Graph
from archcalc.pytorch import build, watch
from archcalc.pytorch.twin import Twin
from archcalc.pytorch.verify.run import BATCH, Subject
from archcalc.pytorch.verify.watch import images, module, on_meta
from archcalc.pytorch.verify.witness import asking

Check = Callable[[Subject], Agreement]
_SETTING = Setting(batch=BATCH)
#: What torch's tracker may differ by: it does not see every view that a composite layer makes.
_SHARE, _BYTES = 1000, 64 * 1024
#: Layers; its time grows with their square.
_MOST = 300


def _of_a_run(check: Check) -> Check:
    """A check that says why it finds nothing where torch refuses the network."""

    @wraps(check)
    def checked(subject: Subject) -> Agreement:
        if subject.run.fault:
            return agreement(check.__name__, "", [], skipped=f"torch refuses it: {subject.run.fault}")
        return check(subject)

    return checked


@_of_a_run
def saved_bytes(subject: Subject) -> Agreement:
    """What autograd keeps of each layer for the backward pass, at the first layer that keeps it."""
    graph = logits(subject.main)
    ours = training_memory(graph, _SETTING).saved
    with asking():
        twin = on_meta(graph)
        theirs, whole = _kept(twin, graph), watch.saved_bytes(twin, images(graph, BATCH))
    rows = [
        subject.compare(node, said, theirs[node.name])
        for node, said in zip(graph.nodes, ours, strict=True)
        if said or theirs[node.name]
    ]
    return agreement("saved_bytes", "saved_tensors_hooks", rows, (sum(ours), whole))


def _kept(twin: Twin, graph: Graph) -> dict[str, int]:
    """Bytes of the storages that autograd is first told to keep while each layer runs."""
    apart = {watch.key_of(tensor) for tensor in watch.stored(twin)}
    kept: dict[int, Tensor] = {}
    sizes = dict.fromkeys((node.name for node in graph.nodes), 0)
    now = graph.nodes[0].name

    def enter(name: str) -> Any:
        def hook(_module: nn.Module, _inputs: Any) -> None:
            nonlocal now
            now = name

        return hook

    def keep(tensor: Tensor) -> None:
        key = watch.key_of(tensor)
        if key not in kept and key not in apart:
            kept[key] = tensor  # held, so that no other storage gets its key
            sizes[now] += tensor.untyped_storage().nbytes()

    handles = [module(twin, node).register_forward_pre_hook(enter(node.name)) for node in graph.nodes]
    try:
        with watch.saving(keep):
            twin.train()(*images(graph, BATCH))
    finally:
        for handle in handles:
            handle.remove()
    return sizes


@_of_a_run
def inference_peak_bytes(subject: Subject) -> Agreement:
    """The most that lives at once in evaluation, weights apart."""
    ours = inference(subject.main, _SETTING).peak
    return agreement("inference_peak_bytes", "live storages", [], (ours, subject.held[0]))


@_of_a_run
def inference_arena_bytes(subject: Subject) -> Agreement:
    """The same, the input let go after its last reader and pools' indices left out."""
    ours = inference(subject.main, _SETTING).arena
    return agreement("inference_arena_bytes", "live storages", [], (ours, subject.held[1]))


@_of_a_run
def training_peak_bytes(subject: Subject) -> Agreement:
    """The most that lives at once in a second step of plain gradient descent."""
    graph = logits(subject.main)
    if reason := _untracked(graph):
        return agreement("training_peak_bytes", "MemTracker", [], skipped=reason)
    ours = training_memory(graph, _SETTING).peak
    with asking(), FakeTensorMode():
        twin = build(graph)
        shape: Any = (BATCH, *graph.nodes[graph.output].shape[1:])
        targets = torch.zeros(shape, dtype=torch.int64)
        optimizer = torch.optim.SGD(twin.parameters(), 0.1)
        theirs = watch.training_bytes(twin, optimizer, images(graph, BATCH, "cpu"), targets)["Total"]
    within = max(theirs // _SHARE, _BYTES)
    notes = [f"within the {within:,} bytes by which MemTracker may differ"] if 0 < abs(ours - theirs) <= within else []
    return agreement("training_peak_bytes", "MemTracker", [], (ours, theirs), notes, within=within)


def _untracked(graph: Graph) -> str:
    """Why torch's tracker cannot follow a training step, if it cannot."""
    if len(graph.nodes) > _MOST:
        return f"more than {_MOST} layers, for which torch's tracker takes minutes"
    return "torch's tracker takes no frozen weights" if any(node.layer.frozen for node in graph.nodes) else ""
