"""Networks put together layer by layer, without a text."""

from __future__ import annotations

from archcalc.graph import Builder, Graph, Node, Place
from archcalc.layers import Activation, BatchNorm, Conv, Dense, Input, Layer, MaxPool, Pad
from archcalc.source import Source, Span

TEXT = Source("hand.arch", "\n".join(f"line {number}" for number in range(1, 1001)))


def span(line: int = 1) -> Span:
    start = TEXT.offset((line - 1) % 1000 + 1)
    return Span(TEXT, start, start + 4)


class Net:
    """``net(layer, *inputs)`` adds a layer, after the last one unless told what it reads, and returns its index."""

    def __init__(self, *shape: object, name: str = "input") -> None:
        self.builder = Builder()
        self.names: list[str] = []
        self.blocks: list[str] = []
        self.inputs: list[int] = []
        if shape:
            self.input(*shape, name=name)

    def input(self, *shape: object, name: str = "input") -> int:
        index = self._add(Input(shape=shape), (), name, "", False, None)
        self.inputs.append(index)
        return index

    def __call__(
        self, layer: Layer, *inputs: int, name: str = "", block: str = "", aux: bool = False, shares: int | None = None
    ) -> int:
        return self._add(layer, inputs or (len(self.names) - 1,), name, block, aux, shares)

    def _add(self, layer, inputs, name, block, aux, shares) -> int:
        index = self.builder.add(layer, inputs, span(len(self.names) + 1), aux, shares)
        self.names.append(name or f"{layer.kind}{index}")
        self.blocks.append(block)
        return index

    def graph(self, output: int | None = None, claims=(), places=None, settings=None) -> Graph:
        nodes = tuple(
            Node(name, block, layer, inputs, shape, where, aux, shares)
            for name, block, (layer, inputs, where, aux, shares), shape in zip(
                self.names, self.blocks, self.builder.layers, self.builder.shapes, strict=True
            )
        )
        named = {name: Place(index, index + 1, index) for index, name in enumerate(self.names)}
        return Graph(
            "hand", "a network made by hand", "hand.arch", nodes, tuple(self.inputs),
            len(nodes) - 1 if output is None else output, settings or {}, named | (places or {}),
            claims=tuple(claims), warnings=tuple(self.builder.warnings.values()),
        )  # fmt: skip


def net() -> Graph:
    """conv1 (9x9 of 4), bn, relu; pool (4x4); fc of 5; an aside with 3 more."""
    made = Net(3, 9, 9)
    made(Conv(kernel=(3, 3), channels=4, pad=Pad((1, 1), (1, 1))), name="conv1")
    made(BatchNorm(), name="bn")
    made(Activation(function="relu"), name="relu")
    pool = made(MaxPool(kernel=(2, 2), stride=(2, 2)), name="pool")
    made(Dense(units=3), pool, name="aside", aux=True)
    made(Dense(units=5), pool, name="fc")
    return made.graph(places={"stage one": Place(1, 5, 4), "ends": Place(5, 7, 6), "only.inner": Place(1, 2, 1)})


#: The most that lives in a second step of training ``net`` without its aside, by optimizer and batch, as torch's
#: MemTracker sees it (tests/pytorch/test_expected_memory.py asks it again).
STEPS = {("sgd", 1): 9324, ("sgd", 32): 200_408, ("adam", 1): 12_908, ("adam", 32): 203_992}
