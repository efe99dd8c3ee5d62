"""Multiply-adds and the operations of a training step against torch's counter."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

import torch

from archcalc.analyses.agreement import Agreement, agreement
from archcalc.graph import Node
from archcalc.layers import Layer, Warp
from archcalc.pytorch.verify.flops import Counter
from archcalc.pytorch.verify.run import BATCH, Subject
from archcalc.pytorch.verify.watch import module

_GROUPS = "FlopCounterMode leaves groups out of a convolution's gradients; each group is counted here"
#: What torch multiplies that is no multiply-add of ours, by type of layer: an operation, and why.
_NOT_OURS: dict[type[Layer], tuple[Any, str]] = {
    Warp: (torch.ops.aten.bmm, "torch multiplies matrices for the gradient of a warp's six numbers; left out"),
}  # fmt: skip


def macs(subject: Subject) -> Agreement:
    """Multiply-adds of every layer in the network's own run."""
    run = subject.run
    rows = [
        subject.compare(node, cost.macs, _an_image(run.macs[node.name]))
        for node, cost in zip(subject.graph.nodes, subject.costs, strict=True)
        if node.name in run.shapes and (cost.macs or run.macs[node.name])
    ]
    totals = (sum(cost.macs for cost in subject.costs), _an_image(run.forward, 2))
    return agreement("macs", "FlopCounterMode", rows, totals)


def training_flops(subject: Subject) -> Agreement:
    """Forward and backward operations: of every layer alone, for the gradients that torch wanted of it in the whole
    network, and of the whole network."""
    run = subject.run
    if run.fault:
        ours = sum(cost.training_flops for cost in subject.costs)
        return agreement("training_flops", "FlopCounterMode", [], (ours, None), [f"torch refuses: {run.fault}"])
    steps: dict[tuple[Any, ...], _Step] = {}
    rows, spare, notes = [], 0, [_GROUPS] if run.grouped else []
    for node, alike, cost in zip(subject.graph.nodes, subject.graph.alike, subject.costs, strict=True):
        if not node.inputs:
            continue
        trains = tuple(each.requires_grad for each in module(subject.twin, node).parameters())
        key = (alike, run.needs[node.name], trains)
        step = steps[key] if key in steps else steps.setdefault(key, _step(subject, node))
        spare += step.left_out
        if cost.training_flops or step.operations or step.note:
            rows.append(subject.compare(node, cost.training_flops, _an_image(step.operations), note=step.note))
    totals = (sum(cost.training_flops for cost in subject.costs), _an_image(run.step - spare))
    return agreement("training_flops", "FlopCounterMode", rows, totals, notes)


class _Step(NamedTuple):
    """Operations of one layer's forward and backward pass; ``left_out`` are more, which ``note`` explains."""

    operations: int
    left_out: int
    note: str


def _step(subject: Subject, node: Node) -> _Step:
    """One layer run alone. Its inputs are copies, since it may write over them."""
    with Counter() as counter:
        output = module(subject.twin, node)(*[each.clone() for each in subject.input_tensors(node)])
        if output.requires_grad:
            output.sum().backward()
    operation, note = _NOT_OURS.get(type(node.layer), (None, ""))
    left_out = counter.get_flop_counts().get("Global", {}).get(operation, 0)
    return _Step(counter.get_total_flops() - left_out, left_out, note if left_out else "")


def _an_image(counted: float, each: int = 1) -> int | Fraction:
    """What was counted of a batch, in units of ``each``, for one image: a whole number if torch counts images alike."""
    share = Fraction(counted) / (BATCH * each)
    return share.numerator if share.denominator == 1 else share
