"""Mixed precision: the casts that autocast puts before operations.

Which read two bytes a number and which four: torch/csrc/autocast_mode.h, and the documentation of ``torch.amp``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from archcalc.algebra import Dim
from archcalc.analyses.memory.setting import HALF
from archcalc.layers.tape import Grad, Op

_FULL = 4


class Input(NamedTuple):
    """A tensor that operations read: its numbers an image, and the bytes of each."""

    numbers: Dim
    item: int


def autocast(ops: Sequence[Op], inputs: Sequence[Input], result: int, *, cuda: bool) -> tuple[list[Op], list[int], int]:
    """Operations with their casts before them; of each tensor, inputs first, the bytes of its numbers; and the result.

    A cast is a tensor of its own, made for one operation and let go with it unless that keeps it.
    """
    known = list(inputs)
    names = list(range(len(inputs)))  # of each tensor as it was, its number now
    found: list[Op] = []

    def add(op: Op, item: int) -> int:
        found.append(op)
        known.append(Input(op.numbers, item))
        return len(known) - 1

    for op in ops:
        wanted, reads = _wanted(op, cuda), [names[read] for read in op.reads]
        casts = {
            read: add(_cast(read, known[read].numbers), wanted)
            for read in dict.fromkeys(reads)
            if wanted is not None and known[read].item != wanted
        }
        made, new = len(known), [casts.get(name, name) for name in names]
        changed = op.but(
            reads=tuple([casts.get(read, read) for read in reads]),
            keeps=tuple([((*new, made)[tensor], cause) for tensor, cause in op.keeps]),
            holds=tuple([names[tensor] for tensor in op.holds]),
        )
        names.append(add(changed, wanted or max(known[read].item for read in reads)))
    return found, [each.item for each in known], names[result]


def _wanted(op: Op, cuda: bool) -> int | None:
    """Bytes of the numbers that autocast has an operation read; None: as they come."""
    if op.cast == "low":
        return HALF
    full = op.cast == "full" or op.cast == ("full on cuda" if cuda else "full on cpu")
    return _FULL if full else None


def _cast(read: int, numbers: Dim) -> Op:
    """A copy of what an operation reads; its gradient is a copy back."""
    return Op((read,), numbers, False, False, None, (), (), 0, 0, (Grad(0, numbers),), None)
