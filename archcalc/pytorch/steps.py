"""Networks run and trained on a device, for what its allocator hands out meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import torch
from torch import Tensor, nn
from torch.optim import SGD, Adam, Optimizer

from archcalc.analyses.memory.logits import logits
from archcalc.graph import Graph
from archcalc.pytorch import build
from archcalc.pytorch.allocator import Allocator, Held
from archcalc.pytorch.verify.watch import images

#: In the form that PyTorch takes on a GPU, wherever they run.
OPTIMIZERS: Mapping[str, Callable[[Iterable[nn.Parameter]], Optimizer]] = {
    "sgd": lambda parameters: SGD(parameters, 0.001, foreach=True),
    "momentum": lambda parameters: SGD(parameters, 0.001, momentum=0.9, foreach=True),
    "adam": lambda parameters: Adam(parameters, foreach=True),
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
    steps = OPTIMIZERS[optimizer](module.parameters())
    step(module, steps, given, targets)
    on.start()
    step(module, steps, given, targets)
    return on.stop()


def step(module: nn.Module, optimizer: Optimizer, given: list[Tensor], targets: Tensor) -> None:
    """Forward, cross-entropy, backward, the optimizer; then gradients go."""
    loss = nn.functional.cross_entropy(module(*given), targets)
    torch.autograd.backward(loss)
    del loss
    optimizer.step()
    optimizer.zero_grad()


def _places(graph: Graph) -> tuple[int, ...]:
    """Where classes are told apart: behind the channels of the output."""
    return tuple(int(str(size)) for size in graph.nodes[graph.output].shape[1:])
