"""Twins run and watched."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from archcalc.pytorch import build
from archcalc.pytorch.twin import Twin

torch.set_num_threads(1)

COUNTERS = {"num_batches_tracked"}  # bytes of the module, no numbers of the network


def on_meta(graph, aux=False) -> Twin:
    """A twin without memory: shapes and counts are all it has."""
    with torch.device("meta"):
        return build(graph, aux=aux)


def images(graph, batch=2, device="meta", dtype=torch.float32):
    shapes = [(batch, *graph.nodes[index].shape) for index in graph.inputs]
    return [torch.randn(shape, device=device, dtype=dtype) for shape in shapes]


def module(twin, node) -> nn.Module:
    return twin.get_submodule(twin.paths[node.name])


@contextmanager
def recorded(twin, graph) -> Iterator[dict[str, tuple[int, ...]]]:
    """The shape that each layer gives, without its batch, by the layer's name."""
    seen: dict[str, tuple[int, ...]] = {}

    def keep(name):
        def hook(_module, _inputs, output):
            seen[name] = tuple(output.shape[1:])

        return hook

    handles = [module(twin, node).register_forward_hook(keep(node.name)) for node in graph.nodes]
    try:
        yield seen
    finally:
        for handle in handles:
            handle.remove()


def stored(of) -> dict[str, tuple[int, ...]]:
    """A module's parameters and buffers, by name."""
    tensors = (*of.named_parameters(), *of.named_buffers())
    return {name: tuple(tensor.shape) for name, tensor in tensors if name not in COUNTERS}


def macs_by_layer(counter: FlopCounterMode, twin, graph) -> dict[str, float]:
    """Multiply-adds that the counter saw in each layer's module, by the layer's name."""
    counted = counter.get_flop_counts()
    flops = {name: counted.get(f"Twin.{path}", {}) for name, path in twin.paths.items()}
    return {name: sum(by_operation.values()) / 2 for name, by_operation in flops.items()}
