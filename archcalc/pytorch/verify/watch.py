"""Twins run without memory, and what torch's own counters and hooks see of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from archcalc.graph import Graph, Node
from archcalc.pytorch import HasGraph, build
from archcalc.pytorch.twin import Twin

COUNTERS = frozenset({"num_batches_tracked"})  # bytes of the module, no numbers of the network


def on_meta(network: Graph | HasGraph, aux: bool = False) -> Twin:
    """A twin without memory: shapes and counts are all it has."""
    with torch.device("meta"):
        return build(network, aux=aux)


def images(graph: Graph, batch: int = 2, device: str = "meta", dtype: torch.dtype = torch.float32) -> list[Tensor]:
    """Random inputs of a network."""
    shapes: list[Any] = [(batch, *graph.nodes[index].shape) for index in graph.inputs]
    return [torch.randn(shape, device=device, dtype=dtype) for shape in shapes]


def module(twin: Twin, node: Node) -> nn.Module:
    """The module of a layer."""
    return twin.get_submodule(twin.paths[node.name])


@contextmanager
def recorded(twin: Twin, graph: Graph) -> Iterator[dict[str, tuple[int, ...]]]:
    """The shape that each layer gives, without its batch, by the layer's name."""
    seen: dict[str, tuple[int, ...]] = {}

    def keep(name: str) -> Any:
        def hook(_module: nn.Module, _inputs: tuple[Tensor, ...], output: Tensor) -> None:
            seen[name] = tuple(output.shape[1:])

        return hook

    handles = [module(twin, node).register_forward_hook(keep(node.name)) for node in graph.nodes]
    try:
        yield seen
    finally:
        for handle in handles:
            handle.remove()


def macs_by_layer(counter: FlopCounterMode, twin: Twin, graph: Graph) -> dict[str, float]:
    """Multiply-adds that the counter saw in each layer's module, by the layer's name."""
    counted = counter.get_flop_counts()
    flops = {name: counted.get(f"Twin.{path}", {}) for name, path in twin.paths.items()}
    return {name: sum(by_operation.values()) / 2 for name, by_operation in flops.items()}


def stored(of: nn.Module) -> dict[str, tuple[int, ...]]:
    """A module's parameters and buffers, by name."""
    tensors = (*of.named_parameters(), *of.named_buffers())
    return {name: tuple(tensor.shape) for name, tensor in tensors if name not in COUNTERS}
