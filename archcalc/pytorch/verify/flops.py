"""torch's counter of operations, with the one rule put right that it says itself to skip."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch.utils.flop_counter import FlopCounterMode, flop_registry

_CONV_BACKWARD = torch.ops.aten.convolution_backward
_counted: Any = flop_registry[_CONV_BACKWARD]


class Counter(FlopCounterMode):
    """Counts multiplications and additions of convolutions and matrix products, twice the multiply-adds."""

    def __init__(self) -> None:
        self.grouped: bool = False  # whether that rule was needed
        super().__init__(display=False, custom_mapping={_CONV_BACKWARD: self._each_group})

    def _each_group(
        self, given: Sequence[int], read: Sequence[int], weight: Sequence[int], *how: Any, out_shape: Any, **more: Any
    ) -> int:
        """The gradients of a convolution: each of its groups is one of its own, counted by torch's rule."""
        groups = how[-2]
        self.grouped = self.grouped or groups > 1

        def part(shape: Sequence[int], axis: int) -> list[int]:
            return [size // groups if place == axis else size for place, size in enumerate(shape)]

        slices = part(given, 1), part(read, 1), part(weight, 0)
        gradients = [part(shape, axis) if shape else shape for shape, axis in zip(out_shape, (1, 0), strict=False)]
        each: int = _counted(*slices, *how, out_val=gradients, **more)
        return int(groups) * each
