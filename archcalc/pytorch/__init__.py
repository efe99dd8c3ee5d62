"""A network as a real PyTorch module: what runs, trains and is timed, and a witness of every figure.

Only this room imports torch, and only when something of it is called: ``archcalc`` works without.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Protocol

from archcalc.graph import Graph

if TYPE_CHECKING:
    from archcalc.pytorch.twin import Twin

__all__ = ["HasGraph", "TorchMissing", "build", "require"]


class TorchMissing(ImportError):
    """PyTorch is not installed."""


class HasGraph(Protocol):
    """A network: whatever has a graph."""

    @property
    def graph(self) -> Graph: ...


def require() -> None:
    """Raises TorchMissing, in one line with its repair, where PyTorch is not installed."""
    if find_spec("torch") is None:
        raise TorchMissing("this needs PyTorch: pip install 'archcalc[torch]'")


def build(network: Graph | HasGraph, *, aux: bool = False) -> Twin:
    """The network as an ``nn.Module``, untrained: a module for each layer, under the spec's own names.

    It takes the network's inputs in order, a batch first, ``(B, C, H, W)``, ``(B, N, C)`` or ``(B, F)``, and returns
    what the network's last layer gives; with ``aux`` a tuple, side heads after it. Under ``torch.device("meta")`` it
    costs no memory. Raises TorchMissing, and ValueError where a size is still an open symbol.
    """
    require()
    from archcalc.pytorch.twin import Twin

    return Twin(network if isinstance(network, Graph) else network.graph, aux=aux)
