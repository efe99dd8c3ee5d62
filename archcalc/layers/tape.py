"""A layer as the tensor operations that PyTorch makes of it: what each allocates, and what its backward pass keeps.

Which tensors an operation keeps is stated by torch's ``derivatives.yaml``; how composite functions are put together, by
``torch/nn/functional.py`` and archcalc's own modules. Sizes are numbers an image unless they say otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from archcalc.algebra import Dim, product
from archcalc.record import Record

if TYPE_CHECKING:
    from archcalc.layers.base import Shape, Weight

#: Why a tensor is kept: for any gradient, or for that of the weights; else for that of the input read at this place.
ANY, WEIGHTS = -1, -2

Keep = tuple[int, int]
#: What autocast makes an operation read (torch/csrc autocast_mode.h): half precision, or full on some devices; None: as
#: it comes, where types differ the wider.
Cast = Literal["low", "full", "full on cpu", "full on cuda"] | None


class Aside(Record):
    """A second result: ``numbers`` an image (or, unless ``each``, for the whole batch), of ``item`` bytes each.

    ``item`` None: of the dtype. ``kept`` for the backward pass; ``index``: where a maximum was found.
    """

    numbers: Dim
    each: bool = True
    item: int | None = None
    kept: bool = True
    index: bool = False


class Grad(Record):
    """How the gradient of the tensor read at ``place`` comes about: ``numbers`` of new memory, or (None) the memory of
    the incoming one. ``scratch`` are numbers of what is let go once it is there."""

    place: int
    numbers: Dim | None
    scratch: Dim = 0


class Op(Record):
    """One operation. Tensors have numbers: the layer's inputs, then what its operations give, in order.

    ``numbers``: the size of what it gives; ``view``: in the memory of what it reads first; ``over``: it may write over
    that if nobody else wants it. ``holds``: tensors that a name keeps until it is done. ``trains``: numbers of the
    weights whose gradient its backward pass gives, ``scratch`` those of what it needs for that alone. ``cast``: what
    autocast has it read.
    """

    reads: tuple[int, ...]
    numbers: Dim
    view: bool
    over: bool
    aside: Aside | None
    keeps: tuple[Keep, ...]
    holds: tuple[int, ...]
    trains: Dim
    scratch: Dim
    grads: tuple[Grad, ...]
    cast: Cast


class Tape:
    """The operations of one layer, written down as it goes through them."""

    def __init__(self, shapes: Sequence[Shape], weights: Mapping[str, Weight], *, training: bool, cuda: bool) -> None:
        self.shapes, self.weights = shapes, weights
        self.training, self.cuda = training, cuda
        self.numbers: list[Dim] = [product(shape) for shape in shapes]
        self.ops: list[Op] = []

    def op(
        self,
        *reads: int,
        numbers: Dim | None = None,
        view: bool = False,
        over: bool = False,
        aside: Aside | None = None,
        keeps: tuple[Keep, ...] = (),
        keeps_result: bool = False,
        holds: tuple[int, ...] = (),
        trains: tuple[str, ...] = (),
        scratch: Dim = 0,
        passes: bool = False,
        grads: tuple[Grad, ...] | None = None,
        cast: Cast = None,
    ) -> int:
        """One more operation; what it gives. ``numbers`` are those of its first input unless told.

        Each gradient is new memory of its tensor's size; with ``passes`` the incoming one serves.
        """
        size = self.numbers[reads[0]] if numbers is None else numbers
        result = len(self.numbers)
        if grads is None:
            grads = tuple(Grad(place, None if passes else self.numbers[read]) for place, read in enumerate(reads))
        trained: Dim = 0
        for name in trains:
            if name in self.weights:
                trained = trained + self.weights[name].numel
        kept = (*keeps, (result, ANY)) if keeps_result else keeps
        self.ops.append(Op(reads, size, view, over, aside, kept, holds, trained, scratch, grads, cast))
        self.numbers.append(size)
        return result

    def view(self, of: int, numbers: Dim | None = None) -> int:
        """The same memory, or a part of it, as another tensor; its gradient is a view too."""
        return self.op(of, numbers=numbers, view=True, passes=True)

    def part(self, of: int, numbers: Dim) -> int:
        """A part of a tensor, or its windows: a view whose gradient is new memory of the whole."""
        return self.op(of, numbers=numbers, view=True)

    def copy(self, of: int) -> int:
        """The same numbers elsewhere; the gradient is the incoming one."""
        return self.op(of, passes=True)

    def times(self, one: int, other: int) -> int:
        """The product of two tensors of one size: each is kept for the gradient of the other."""
        return self.op(one, other, keeps=((other, 0), (one, 1)))

    def linear(self, of: int, numbers: Dim, weight: str = "weight", bias: str = "bias") -> int:
        """A matrix product with weights, and a bias."""
        return self.op(of, numbers=numbers, keeps=((of, WEIGHTS),), trains=(weight, bias), cast="low")
