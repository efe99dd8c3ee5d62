"""What an output sees of the input, by its gradient: with weights of 1 nothing cancels, and a mean sees what a maximum
may see."""

from __future__ import annotations

from dataclasses import replace

import torch
from pytorch.runs import images, module

from archcalc.layers import LRN, Activation, AvgPool, BatchNorm, Dropout, Identity, Max, MaxPool, PReLU, Sliding, Sum
from archcalc.pytorch import build

ELEMENTWISE = (Activation, PReLU, BatchNorm, LRN, Dropout)


def _open(layer):
    """A layer that lets every gradient through which its own may let through."""
    if isinstance(layer, ELEMENTWISE):
        return Identity()
    if isinstance(layer, MaxPool):
        return AvgPool(**{name: getattr(layer, name) for name in Sliding.fields})
    return Sum() if isinstance(layer, Max) else layer


def _as_signs(gradient):
    """Kept from growing and from vanishing through many layers."""
    return (gradient != 0).to(gradient.dtype)


class Seen:
    """A network run once as far as its node ``last``, every gradient let through; each sight is a backward pass."""

    def __init__(self, graph, last) -> None:
        nodes = tuple(node._replace(layer=_open(node.layer)) for node in graph.nodes[: last + 1])
        self.graph = replace(graph, nodes=nodes, output=last)
        twin = build(self.graph).double().eval()
        self.given = {}
        for node in self.graph.nodes:
            module(twin, node).register_forward_hook(self._keep(node.name))
        for parameter in twin.requires_grad_(False).parameters():
            parameter.fill_(1)
        (self.image,) = images(self.graph, 1, "cpu", torch.float64)
        self.image.fill_(0).requires_grad_()
        twin(self.image)

    def _keep(self, name):
        def hook(_module, _inputs, output):
            output.register_hook(_as_signs)
            self.given[name] = output

        return hook

    def hulls(self, node, position):
        """The first and last row, then column, of the input that one position of a layer sees; None: nothing."""
        output = self.given[self.graph.nodes[node].name]
        (gradient,) = torch.autograd.grad(output[0, :, *position].sum(), self.image, retain_graph=True)
        rows, columns = gradient[0].any(0).any(1).nonzero(), gradient[0].any(0).any(0).nonzero()
        return [(int(seen[0]), int(seen[-1])) if len(seen) else None for seen in (rows, columns)]
