"""What layers store against the tensors of their modules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from torch import Tensor, nn

from archcalc.analyses.agreement import Agreement, Comparison, agreement
from archcalc.analyses.cost import Cost
from archcalc.graph import Node
from archcalc.pytorch.verify.run import Subject
from archcalc.pytorch.verify.watch import COUNTERS, module


def params(subject: Subject) -> Agreement:
    """Every parameter by name and shape; a shared one at each use, in the total once."""
    whole = sum(parameter.numel() for parameter in subject.twin.parameters())
    rows = _by_name(subject, False)
    return agreement("params", "named_parameters()", rows, (_total(subject, "params"), whole))


def buffers(subject: Subject) -> Agreement:
    """Every buffer but counters by name and shape."""
    named = [(name.rpartition(".")[2], buffer) for name, buffer in subject.twin.named_buffers()]
    whole = sum(buffer.numel() for name, buffer in named if name not in COUNTERS)
    rows = _by_name(subject, True)
    return agreement("buffers", "named_buffers()", rows, (_total(subject, "buffers"), whole))


def trainable(subject: Subject) -> Agreement:
    """Parameters that want a gradient, a shared one at its first use."""
    rows = [
        subject.compare(node, cost.trainable, sum(each.numel() for each in own if each.requires_grad))
        for node, cost, own in _owned(subject)
    ]
    whole = sum(parameter.numel() for parameter in subject.twin.parameters() if parameter.requires_grad)
    return agreement("trainable", "requires_grad", rows, (_total(subject, "trainable"), whole))


def weights_bytes(subject: Subject) -> Agreement:
    """Bytes of parameters, buffers and counters, shared ones at their first use."""
    rows = [
        subject.compare(node, cost.weights_bytes, sum(each.nbytes for each in own))
        for node, cost, own in _owned(subject)
    ]
    whole = sum(each.nbytes for each in _tensors(subject.twin))
    return agreement("weights_bytes", "state_dict()", rows, (_total(subject, "weights_bytes"), whole))


def _total(subject: Subject, figure: str) -> int:
    return sum(getattr(cost, figure) for cost in subject.costs)


def _tensors(of: nn.Module) -> Iterable[Tensor]:
    return (*of.parameters(), *of.buffers())


def _by_name(subject: Subject, buffers: bool) -> Iterator[Comparison]:
    for node in subject.graph.nodes:
        weights = node.layer.weights(*subject.graph.input_shapes(node)) if node.inputs else {}
        ours = {name: weight.shape for name, weight in weights.items() if (weight.role == "buffers") == buffers}
        own = module(subject.twin, node)
        named = own.named_buffers() if buffers else own.named_parameters()
        theirs = {name: tuple(tensor.shape) for name, tensor in named if name not in COUNTERS}
        for name in dict.fromkeys((*ours, *theirs)):
            yield subject.compare(node, ours.get(name), theirs.get(name), part=name)


def _owned(subject: Subject) -> Iterator[tuple[Node, Cost, list[Tensor]]]:
    """Each layer with the tensors of its module that no earlier one has."""
    seen: set[int] = set()
    for node, cost in zip(subject.graph.nodes, subject.costs, strict=True):
        own = [each for each in _tensors(module(subject.twin, node)) if id(each) not in seen]
        seen.update(map(id, own))
        if own or cost.weights_bytes:
            yield node, cost, own
