"""Which rows (or columns) of its input each row of a layer's output depends on: seen by setting them and looking.

Windows run along an axis alike in every channel and at every place of the other axis, so that a layer with one channel
on a strip as narrow as its windows shows it.
"""

from __future__ import annotations

from collections.abc import Callable
from math import isqrt
from typing import Any, NamedTuple

import torch
from torch import Tensor

from archcalc.layers import IMAGE, Activation, GroupNorm, Layer, LayerNorm, Sliding
from archcalc.pytorch.border import Size
from archcalc.pytorch.constructors import CONSTRUCTORS

#: On one channel the last three give a constant; their statistics are left out of receptive fields.
POINTWISE: tuple[type[Layer], ...] = (Activation, LayerNorm, GroupNorm)
#: Numbers of a batch of tries.
_AT_ONCE = 1 << 19
#: Rows that are tried one by one.
_FEW = 64


class Taps(NamedTuple):
    """Row ``outputs[i]`` depends on row ``inputs[i]``; the output has ``rows`` of them."""

    outputs: Tensor
    inputs: Tensor
    rows: int


def taps(layer: Layer, across: int, axis: int, size: int) -> Taps | None:
    """What each output row of a thin layer reads of ``size`` rows ``across`` long; None if it gives no image.

    ``axis`` is 0 for rows and 1 for columns. Raises RuntimeError where the layer cannot take so many.
    """
    answers = _Answers(layer, across, axis, size)
    return _by_blocks(answers, size) if size > _FEW else _one_by_one(answers, size)


def _one_by_one(answers: _Answers, size: int) -> Taps | None:
    changed = answers(torch.eye(size, dtype=torch.bool))
    if changed is None:
        return None
    inputs, outputs = changed.nonzero(as_tuple=True)
    return Taps(outputs, inputs, changed.shape[1])


def _by_blocks(answers: _Answers, size: int) -> Taps | None:
    """The same of many rows by few tries. One try for each block of rows tells where an output reads; one for each
    remainder by two blocks' length tells which rows these are, if they lie in two blocks that touch."""
    block = isqrt(size // 2)
    rows = torch.arange(size)
    tries = [rows // block == each for each in range(-(-size // block))]
    tries += [rows % (2 * block) == each for each in range(2 * block)]
    changed = answers(torch.stack(tries))
    if changed is None:
        return None
    blocks, remainders = changed[: -2 * block].T, changed[-2 * block :].T
    first = blocks.int().argmax(1)
    last = blocks.shape[1] - 1 - blocks.flip(1).int().argmax(1)
    if bool((last - first > 1)[blocks.any(1)].any()):
        return _one_by_one(answers, size)
    near = (first * block)[:, None] + torch.arange(2 * block)
    inside = near.clamp(max=size - 1)
    read = blocks.gather(1, inside // block) & remainders.gather(1, near % (2 * block)) & (near < size)
    outputs, places = read.nonzero(as_tuple=True)
    return Taps(outputs, near[outputs, places], len(read))


class _Answers:
    """Tries a layer: which output rows change when some input rows, of a strip that was empty, are set."""

    def __init__(self, layer: Layer, across: int, axis: int, size: int) -> None:
        self.axis, self.across = axis, across
        self.run = _module(layer, (size, across) if axis == 0 else (across, size))

    def __call__(self, tries: Tensor) -> Tensor | None:
        """A row of output rows for each row of ``tries``; None where the layer gives no image."""
        empty = self._given(torch.zeros_like(tries[:1]))
        if empty.dim() != IMAGE + 1:
            return None
        at_once = max(_AT_ONCE // (tries.shape[1] * self.across), 1)
        parts = torch.split(tries, at_once)
        return torch.cat([(self._given(part) != empty).any(3 - self.axis).any(1) for part in parts])

    def _given(self, rows: Tensor) -> Tensor:
        strips = rows[:, None, :, None].double().expand(-1, -1, -1, self.across)
        return self.run(strips if self.axis == 0 else strips.transpose(2, 3))


def _module(layer: Layer, image: Size) -> Callable[[Tensor], Tensor]:
    """The module of a thin layer, every weight 1, as it runs in inference."""
    module = CONSTRUCTORS[type(layer)](layer, (1, *image)).double().eval()
    for parameter in module.requires_grad_(False).parameters():
        parameter.fill_(1)
    return module


def thin(layer: Layer) -> Layer:
    """The layer with one channel in and out."""
    changes: dict[str, Any] = {"channels": 1, "groups": 1, "connect": ()}
    return layer.but(**{name: value for name, value in changes.items() if name in layer.fields})


def width(layer: Layer, shape: Any, axis: int) -> int:
    """How much of the other axis is enough for an output: a window's extent, or 1 where the shape stays, else all."""
    if isinstance(layer, Sliding):
        extent: Any = layer.axes(shape)[1 - axis].extent
        return int(extent)
    return 1 if layer.output(shape) == shape else int(shape[2 - axis])
