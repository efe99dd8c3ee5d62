"""One forward and backward pass of a whole network on tensors without memory, and what was seen of it."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn

from archcalc.analyses.agreement import Comparison
from archcalc.analyses.cost import Cost, costs
from archcalc.graph import Graph, Node
from archcalc.pytorch.twin import Twin
from archcalc.pytorch.verify.flops import Counter
from archcalc.pytorch.verify.watch import images, macs_by_layer, module, on_meta, recorded
from archcalc.pytorch.verify.witness import asking
from archcalc.pytorch.watch import inference_bytes

#: Two images: a batch norm in training needs more than one, and what does not grow with the batch shows.
BATCH = 2


class Run:
    """What torch did with a network.

    ``shapes`` and ``macs`` (of ``BATCH`` images) are by layer, as far as it came; ``needs`` tells which of a layer's
    inputs wanted a gradient. ``forward`` and ``step`` are the operations of a forward pass and of both, ``grouped``
    whether a convolution had groups. ``fault`` is why torch refused to go on, ``stopped`` the layer where it did.
    """

    def __init__(self, graph: Graph, twin: Twin) -> None:
        self.twin = twin
        self.shapes: dict[str, tuple[int, ...]] = {}
        self.macs: dict[str, float] = {}
        self.needs: dict[str, tuple[bool, ...]] = {}
        self.forward = self.step = 0
        self.grouped = False
        self.fault = ""
        self.stopped: str | None = None
        handles = [module(self.twin, node).register_forward_pre_hook(self._note(node)) for node in graph.nodes]
        try:
            self._run(graph)
        except (RuntimeError, ValueError, IndexError, TypeError) as error:
            self.fault = (str(error).strip() or type(error).__name__).splitlines()[0]
        finally:
            for handle in handles:
                handle.remove()

    def _run(self, graph: Graph) -> None:
        with recorded(self.twin, graph) as self.shapes, Counter() as counter:
            try:
                outputs = self.twin(*images(graph, BATCH))
            finally:
                self.macs = macs_by_layer(counter, self.twin, graph)
                self.forward = counter.get_total_flops()
            self.stopped = None
            total = sum(output.sum() for output in outputs)
            if isinstance(total, Tensor) and total.requires_grad:
                total.backward()  # type: ignore[no-untyped-call]  # torch gives it no types
            self.step, self.grouped = counter.get_total_flops(), counter.grouped

    def _note(self, node: Node) -> Any:
        def hook(_module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
            self.stopped = node.name
            self.needs[node.name] = tuple(each.requires_grad for each in inputs)

        return hook


class Subject:
    """A network to be verified, side heads included: our figures of it, and its run, made when first asked for."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    @cached_property
    def costs(self) -> tuple[Cost, ...]:
        return costs(self.graph)

    @cached_property
    def run(self) -> Run:
        return Run(self.graph, self.twin)

    @cached_property
    def twin(self) -> Twin:
        return on_meta(self.graph, aux=True)

    @cached_property
    def main(self) -> Graph:
        """The network without its side heads."""
        return self.graph.without_aux()

    @cached_property
    def held(self) -> tuple[int, int]:
        """The most bytes that live at once in evaluation: with the input held, and with it let go."""
        with asking():
            return inference_bytes(on_meta(self.main), images(self.main, BATCH))

    def compare(self, node: Node, ours: Any, theirs: Any, *, part: str = "", **more: Any) -> Comparison:
        """A figure of a layer, or of a part of it, beside torch's."""
        return Comparison(f"{node.name}.{part}" if part else node.name, node.span.line, ours, theirs, **more)

    def input_tensors(self, node: Node) -> list[Tensor]:
        """What a layer reads in that run, empty: same shapes, and a gradient where one was wanted."""
        shapes: list[Any] = [(BATCH, *shape) for shape in self.graph.input_shapes(node)]
        needs = self.run.needs[node.name]
        pairs = zip(shapes, needs, strict=True)
        return [torch.empty(shape, device="meta", requires_grad=need) for shape, need in pairs]
