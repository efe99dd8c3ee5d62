"""A graph as a module: a module a layer under the spec's names, run in written order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Self

from torch import Tensor, nn

from archcalc.algebra import Expr
from archcalc.analyses.memory.logits import ends
from archcalc.analyses.memory.plan import plan
from archcalc.graph import Graph
from archcalc.pytorch.constructors import CONSTRUCTORS
from archcalc.pytorch.merges import Sum


class Step(NamedTuple):
    """A layer's turn: what it reads, and what is let go after it."""

    module: nn.Module
    sources: tuple[int, ...]
    frees: tuple[int, ...]


class Twin(nn.Module):
    """The network as torch runs it.

    A layer ``conv2.1.bn`` is the submodule of that path; ``paths`` has the path of each layer by its name in the spec.
    They differ where torch takes no such path: an empty part is ``_``, and a part that is an attribute of modules
    (``type``), or a layer that has the path of a group of others, gets a ``_`` at its end. Layers that share weights
    hold the same parameters and buffers.
    """

    def __init__(self, graph: Graph, *, aux: bool = False) -> None:
        super().__init__()
        graph = graph if aux else graph.without_aux()
        _only_numbers(graph)
        outputs = ends(graph)
        plans = plan(graph, outputs)
        self._inputs, self._outputs, self._aux = graph.inputs, outputs, aux
        self._ties: list[tuple[nn.Module, nn.Module]] = []
        self._steps: list[Step] = []
        self.paths: Mapping[str, str] = {}
        self.paths = module_paths((node.name for node in graph.nodes), reserved={*dir(self), *vars(self)})
        for index, node in enumerate(graph.nodes):
            module = CONSTRUCTORS[type(node.layer)](node.layer, *graph.input_shapes(node))
            if node.layer.frozen:
                module.requires_grad_(False)
            if isinstance(module, nn.ReLU | Sum):
                module.inplace = index in plans.overwrites
            if node.shares is not None:
                self._ties.append((module, self._steps[node.shares].module))
            self._steps.append(Step(module, node.inputs, plans.frees[index]))
            _hang(self, self.paths[node.name], module)
        self._tie()

    def forward(self, *images: Tensor) -> Any:
        """The network's output; with side heads, a tuple of it and theirs. A tensor goes after its last reader."""
        return self.run(images)

    def run(self, images: Sequence[Tensor], stamp: Callable[[], None] | None = None) -> Any:
        """The same; ``stamp`` is called before the first layer, and behind each when what it spends is let go."""
        if len(images) != len(self._inputs):
            raise ValueError(f"{len(self._inputs)} inputs are wanted, {len(images)} given")
        given = dict(zip(self._inputs, images, strict=True))
        held: dict[int, Tensor] = {}
        if stamp is not None:
            stamp()
        for index, step in enumerate(self._steps):
            held[index] = step.module(*[held[i] for i in step.sources] if step.sources else [given[index]])
            for spent in step.frees:
                del held[spent]
            if stamp is not None:
                stamp()
        return tuple([held[output] for output in self._outputs]) if self._aux else held[self._outputs[0]]

    def _tie(self) -> None:
        for sharing, owner in self._ties:
            for own, shared in zip(sharing.modules(), owner.modules(), strict=True):
                own._parameters.update(shared._parameters)
                own._buffers.update(shared._buffers)

    def _apply(self, fn: Callable[[Any], Any], recurse: bool = True) -> Self:
        """Every change of device or type makes tensors anew: shared ones are shared again after it."""
        super()._apply(fn, recurse)  # type: ignore[no-untyped-call]  # torch gives it no types
        self._tie()
        return self


def module_paths(names: Iterable[str], reserved: Collection[str]) -> dict[str, str]:
    """For each name the path of its module, as ``Twin`` tells."""
    paths = {name: tuple(_part(part, reserved) for part in name.split(".")) for name in names}
    groups = {path[:end] for path in paths.values() for end in range(1, len(path))}
    taken: set[tuple[str, ...]] = set()
    found = {}
    for name, path in paths.items():
        while path in groups or path in taken:
            path = (*path[:-1], f"{path[-1]}_")
        taken.add(path)
        found[name] = ".".join(path)
    return found


def _part(part: str, reserved: Collection[str]) -> str:
    return f"{part}_" if part in reserved or not part else part


def _hang(root: nn.Module, path: str, module: nn.Module) -> None:
    *groups, name = path.split(".")
    for group in groups:
        if group not in root._modules:
            root.add_module(group, nn.Module())
        root = root.get_submodule(group)
    root.add_module(name, module)


def _only_numbers(graph: Graph) -> None:
    """Raises ValueError where a size is an open symbol."""
    for index, node in enumerate(graph.nodes):
        if graph.alike[index] == index and _is_open((node.shape, *node.layer.attributes().values())):
            raise ValueError(f"{node.name} has a size that is an open symbol: give every parameter a number")


def _is_open(value: Any) -> bool:
    return any(map(_is_open, value)) if isinstance(value, list | tuple) else isinstance(value, Expr)
