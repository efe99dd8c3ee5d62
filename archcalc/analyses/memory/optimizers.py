"""What optimizers keep and need: torch/optim, one file an optimizer, its loop and its ``foreach`` form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archcalc.algebra import largest
from archcalc.record import Configuration

#: torch counts an optimizer's steps in a number of fp32 beside each tensor, on the CPU.
COUNTER = 4


class Optimizer(Configuration):
    """``copies`` of each parameter are its state, and a step ``counter`` a tensor if it has one.

    A step of the loop (a CPU's default) has temporaries: at each of its ``moments``, so many of the tensor before,
    which names still hold, and so many of this. ``foreach`` (a GPU's) has so many of all tensors at once.
    """

    copies: int = 0
    counter: bool = True
    moments: tuple[tuple[int, int], ...] = ()
    foreach: int = 0

    def state(self, tensors: Sequence[int], *, cuda: bool) -> int:
        """Bytes kept for tensors of so many bytes; a GPU's counters stay on the CPU."""
        counters = COUNTER * len(tensors) if self.counter and not cuda else 0
        return self.copies * sum(tensors) + counters

    def temporaries(self, tensors: Sequence[int], *, cuda: bool) -> Any:
        """The most that a step needs for a while."""
        if cuda:
            return self.foreach * sum(tensors)
        pairs = zip((0, *tensors), tensors, strict=False)
        return largest(0, *(before * a + now * b for before, now in pairs for a, b in self.moments))


#: Their settings are torch's defaults, but for what the name says.
OPTIMIZERS: dict[str, Optimizer] = {
    "sgd": Optimizer(counter=False),
    "momentum": Optimizer(copies=1, counter=False),
    "nesterov": Optimizer(copies=1, counter=False, moments=((0, 1),)),
    "adam": Optimizer(copies=2, moments=((1, 2),), foreach=1),
    "adamw": Optimizer(copies=2, moments=((1, 2),), foreach=1),
    "amsgrad": Optimizer(copies=3, moments=((1, 2),), foreach=1),
    "adamax": Optimizer(copies=2, moments=((0, 1),), foreach=1),
    "rmsprop": Optimizer(copies=1, moments=((1, 1),), foreach=1),
    "adagrad": Optimizer(copies=1, moments=((1, 1),), foreach=1),
    "adadelta": Optimizer(copies=2, moments=((2, 1), (1, 2)), foreach=2),
}
