"""Networks run and trained on a device, for what its allocator hands out meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.optim import SGD, Adadelta, Adagrad, Adam, Adamax, AdamW, Optimizer, RMSprop

from archcalc.analyses.memory.logits import logits
from archcalc.graph import Graph
from archcalc.pytorch import build
from archcalc.pytorch.allocator import Allocator, Held
from archcalc.pytorch.verify.watch import images

#: Of parameters, in the form that PyTorch takes on a GPU (``foreach``) or on a CPU.
OPTIMIZERS: Mapping[str, Callable[[Iterable[nn.Parameter], bool], Optimizer]] = {
    "sgd": lambda parameters, foreach: SGD(parameters, 0.001, foreach=foreach),
    "momentum": lambda parameters, foreach: SGD(parameters, 0.001, momentum=0.9, foreach=foreach),
    "nesterov": lambda parameters, foreach: SGD(parameters, 0.001, momentum=0.9, nesterov=True, foreach=foreach),
    "adam": lambda parameters, foreach: Adam(parameters, foreach=foreach),
    "adamw": lambda parameters, foreach: AdamW(parameters, foreach=foreach),
    "amsgrad": lambda parameters, foreach: Adam(parameters, amsgrad=True, foreach=foreach),
    "adamax": lambda parameters, foreach: Adamax(parameters, foreach=foreach),
    "rmsprop": lambda parameters, foreach: RMSprop(parameters, foreach=foreach),
    "adagrad": lambda parameters, foreach: Adagrad(parameters, foreach=foreach),
    "adadelta": lambda parameters, foreach: Adadelta(parameters, foreach=foreach),
}


def run(graph: Graph, batch: int, on: Allocator) -> Held:
    """A second run without gradients; the first lets libraries choose how they compute."""
    module, given = build(graph).to(on.device).eval(), images(graph, batch, on.device)
    with torch.no_grad():
        module(*given)
        on.start()
        module(*given)
        return on.stop()


def train(graph: Graph, batch: int, optimizer: str, on: Allocator) -> Held:
    """A second training step: the optimizer's state exists, gradients do not."""
    graph = logits(graph)
    module, given = build(graph).to(on.device).train(), images(graph, batch, on.device)
    targets = torch.zeros((batch, *_places(graph)), dtype=torch.int64, device=on.device)
    steps = OPTIMIZERS[optimizer](module.parameters(), True)
    step(module, steps, given, targets)
    on.start()
    step(module, steps, given, targets)
    return on.stop()


def step(
    module: Callable[..., Tensor],
    optimizer: Optimizer,
    given: Sequence[Tensor],
    targets: Tensor,
    stamp: Callable[[], None] | None = None,
) -> None:
    """Forward, cross-entropy, backward, the optimizer; then gradients go. ``stamp`` is called before and behind each
    of the three: the loss is part of forward, letting gradients go of the optimizer's."""
    if stamp is not None:
        stamp()
    loss = nn.functional.cross_entropy(module(*given), targets)
    if stamp is not None:
        stamp()
    torch.autograd.backward(loss)
    del loss
    if stamp is not None:
        stamp()
    optimizer.step()
    optimizer.zero_grad()
    if stamp is not None:
        stamp()


def _places(graph: Graph) -> tuple[int, ...]:
    """Where classes are told apart: behind the channels of the output."""
    return tuple(int(str(size)) for size in graph.nodes[graph.output].shape[1:])
