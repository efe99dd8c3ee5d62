"""What a memory figure depends on besides the network, and each layer's operations in bytes under it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from archcalc.algebra import Dim, Expr, ceil_div, product
from archcalc.analyses.cost import BYTES
from archcalc.graph import Graph
from archcalc.layers import Layer, Shape
from archcalc.layers.tape import Op, Tape
from archcalc.record import Record

#: Bytes of a number that autocast makes half as wide.
HALF = 2
#: CUDA's caching allocator hands out multiples of this (pytorch c10/cuda/CUDACachingAllocator.cpp, kMinBlockSize).
CUDA_BLOCK = 512


class OpenSize(ValueError):
    """Memory is asked for where a size is an open symbol."""


def numeric(size: Dim) -> int:
    """The size. Raises OpenSize where it is an open symbol."""
    if isinstance(size, Expr):
        *others, last = sorted(size.symbols)
        hinges = f"{', '.join(others)} and {last}" if others else last
        raise OpenSize(f"a size that hangs on {hinges} has no value")
    return size


class Setting(Record):
    """How a network runs: ``batch`` images at once, numbers of ``dtype``, on a GPU (``cuda``) or a CPU.

    ``amp``: under autocast, which makes matrix products and convolutions of two bytes a number over fp32 weights.
    """

    batch: int = 1
    dtype: str = "fp32"
    cuda: bool = False
    amp: bool = False

    @property
    def item(self) -> int:
        """Bytes of an activation's number."""
        return BYTES[self.dtype][0]

    def allocated(self, size: Dim) -> int:
        """What an allocation of so many bytes takes."""
        taken: int = self.rounded(numeric(size))
        return taken

    def rounded(self, size: Any) -> Any:
        """The same of a number or a closed form."""
        return ceil_div(size, CUDA_BLOCK) * CUDA_BLOCK if self.cuda else size

    def activation(self, numbers: Dim, item: int | None = None) -> int:
        """Bytes of a tensor of so many numbers an image, each of ``item`` bytes."""
        return self.allocated(self.batch * numbers * (item or self.item))

    def stored(self, numbers: Dim) -> int:
        """Bytes of a tensor that does not depend on the batch."""
        return self.allocated(numbers * BYTES[self.dtype][1])


class Step(NamedTuple):
    """One operation in bytes, as ``Op`` tells it. ``notes``: where maxima were found, aside. ``drops``: results that
    nothing of the layer wants any more. ``copies``: autocast's copies of weights, which it has until it ends."""

    reads: tuple[int, ...]
    size: int
    view: bool
    over: bool
    aside: int
    aside_kept: bool
    notes: bool
    keeps: tuple[tuple[int, int], ...]
    drops: tuple[int, ...]
    trains: int
    scratch: int
    grads: tuple[tuple[int, int | None, int], ...]
    copies: int


class Program(NamedTuple):
    """A layer's operations, the tensor that it gives, and bytes of each of its numbers."""

    steps: tuple[Step, ...]
    result: int
    item: int


@lru_cache(maxsize=1 << 14)
def taped(layer: Layer, shapes: tuple[Shape, ...], training: bool, cuda: bool) -> tuple[tuple[Op, ...], int]:
    """A layer's operations on inputs of these shapes, and the tensor that it gives."""
    tape = Tape(shapes, layer.weights(*shapes), training=training, cuda=cuda)
    result = layer.run(tape, *range(len(shapes)))
    return tuple(tape.ops), result


@lru_cache(maxsize=1 << 14)
def program(
    layer: Layer, shapes: tuple[Shape, ...], training: bool, setting: Setting, items: tuple[int, ...]
) -> Program:
    """The same in bytes, of inputs whose numbers have so many bytes each."""
    ops, result = taped(layer, shapes, training, setting.cuda)
    return assembled(ops, shapes, items, result, setting)


def assembled(
    ops: Sequence[Op], shapes: Sequence[Shape], items: Sequence[int], result: int, setting: Setting
) -> Program:
    """Operations on inputs of such shapes and numbers, of which one's result is given, in bytes."""
    inputs, each = len(items), list(items)
    if setting.amp:
        from archcalc.analyses.memory.autocast import Input, autocast

        given = [Input(product(shape), item) for shape, item in zip(shapes, items, strict=True)]
        ops, each, result = autocast(ops, given, result, cuda=setting.cuda)
    else:
        each += [setting.item] * len(ops)
    last: dict[int, int] = {}
    for place, op in enumerate(ops):
        last[inputs + place] = place
        last.update(dict.fromkeys((*op.reads, *op.holds), place))
    spent: list[list[int]] = [[] for _ in ops]
    for tensor, place in last.items():
        if tensor >= inputs and tensor != result:
            spent[place].append(tensor)
    steps = [_step(op, each, inputs + place, tuple(spent[place]), setting) for place, op in enumerate(ops)]
    return Program(tuple(steps), result, each[result])


def programs(graph: Graph, training: bool, setting: Setting) -> list[Program]:
    """The program of every node, in order; an input's is empty."""
    found: list[Program] = []
    empty = Program((), 0, setting.item)
    for index, (node, alike) in enumerate(zip(graph.nodes, graph.alike, strict=True)):
        if not node.inputs:
            found.append(empty)
        elif alike != index and not setting.amp:
            found.append(found[alike])
        else:
            items = tuple([found[source].item for source in node.inputs])
            found.append(program(node.layer, graph.input_shapes(node), training, setting, items))
    return found


def _step(op: Op, items: Sequence[int], result: int, drops: tuple[int, ...], setting: Setting) -> Step:
    aside, item = op.aside, items[result]
    beside = 0
    if aside is not None and aside.item is not None:
        beside = setting.allocated(setting.batch * aside.numbers * aside.item)
    elif aside is not None:
        beside = setting.activation(aside.numbers, item) if aside.each else setting.stored(aside.numbers)
    grads = tuple(
        (
            grad.place,
            None if grad.numbers is None else setting.activation(grad.numbers, items[op.reads[grad.place]]),
            setting.activation(grad.scratch, item),
        )
        for grad in op.grads
    )
    copies = setting.allocated(HALF * op.trains) if setting.amp and op.cast == "low" else 0
    return Step(
        op.reads,
        setting.activation(op.numbers, item),
        op.view,
        op.over,
        beside,
        aside is not None and aside.kept,
        aside is not None and aside.index,
        op.keeps,
        drops,
        setting.stored(op.trains),
        setting.activation(op.scratch, item),
        grads,
        copies,
    )
