"""Layers that slide a window and that torch has no module for."""

from __future__ import annotations

from math import prod, sqrt
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from archcalc.pytorch.border import Border, Size


def uniform(*shape: int, fan_in: int) -> nn.Parameter:
    """A parameter as torch's own layers begin: uniform within 1/sqrt(numbers that an output reads)."""
    bound = 1 / sqrt(fan_in)
    return nn.Parameter(nn.init.uniform_(torch.empty(shape), -bound, bound))


class BorderedPool2d(nn.Module):
    """A pool whose border is made first."""

    def __init__(self, border: Border, fill: float, pool: nn.Module) -> None:
        super().__init__()
        self.border, self.fill, self.pool = border, fill, pool

    def forward(self, image: Tensor) -> Tensor:
        pooled: Tensor = self.pool(self.border.around(image, self.fill))
        return pooled


class DilatedAvgPool2d(nn.Module):
    """The sum of each window with holes, over ``divisor``: torch's average pool has no dilation."""

    def __init__(self, border: Border, divisor: int) -> None:
        super().__init__()
        self.border, self.divisor = border, divisor

    def forward(self, image: Tensor) -> Tensor:
        return self.border.windows(image).sum((-2, -1)) / self.divisor


class Connected2d(nn.Module):
    """A convolution whose output maps read only some input maps: a kernel for each link, summed map by map."""

    def __init__(self, border: Border, connect: tuple[tuple[int, ...], ...], bias: bool) -> None:
        super().__init__()
        self.border, self.sources, self.links = border, [i for maps in connect for i in maps], [*map(len, connect)]
        fan_in = max(self.links) * prod(border.kernel)
        self.weight = uniform(len(self.sources), *border.kernel, fan_in=fan_in)
        self.bias = uniform(len(connect), fan_in=fan_in) if bias else None

    def forward(self, image: Tensor) -> Tensor:
        # slices, not an index: an index tensor would be one more thing that the backward pass keeps
        linked = torch.cat([image[:, source : source + 1] for source in self.sources], 1)
        step, holes = self.border.stride, self.border.dilation
        each = F.conv2d(self.border.around(linked), self.weight[:, None], None, step, 0, holes, len(self.sources))
        maps = torch.cat([part.sum(1, keepdim=True) for part in torch.split(each, self.links, 1)], 1)
        return maps if self.bias is None else maps + self.bias[:, None, None]


class CroppedConvTranspose2d(nn.ConvTranspose2d):
    """A transposed convolution of which unequal rows and columns are cut off; ``same``: to stride times the input."""

    def __init__(self, border: Border, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.border = border

    def forward(self, input: Tensor, output_size: list[int] | None = None) -> Tensor:
        whole = super().forward(input, output_size)
        crops = [self._crop(axis, input.shape[2 + axis], whole.shape[2 + axis]) for axis in (0, 1)]
        (top, bottom), (left, right) = crops
        return whole[:, :, top : whole.shape[2] - bottom, left : whole.shape[3] - right]

    def _crop(self, axis: int, size: int, made: int) -> Size:
        if not self.border.same:
            return self.border.pads[axis]
        excess = made - self.border.stride[axis] * size
        return excess // 2, excess - excess // 2


class Local2d(nn.Module):
    """A convolution with its own weights and biases at every position."""

    def __init__(self, border: Border, image: Size, channels: int, groups: int, bias: bool) -> None:
        super().__init__()
        self.border, self.groups = border, groups
        # torch says how many positions there are: windows over an image that holds nothing
        height, width = border.windows(border.around(torch.empty(1, *image, device="meta"))).shape[2:4]
        reads = (image[0] // groups, *border.kernel)
        self.weight = uniform(height, width, channels, *reads, fan_in=prod(reads))
        self.bias = uniform(channels, height, width, fan_in=prod(reads)) if bias else None

    def forward(self, image: Tensor) -> Tensor:
        height, width, channels, *reads = self.weight.shape
        columns = self.border.windows(self.border.around(image)).permute(2, 3, 1, 4, 5, 0)
        products = height * width * self.groups
        each = torch.bmm(
            self.weight.reshape(products, channels // self.groups, prod(reads)),
            columns.reshape(products, prod(reads), len(image)),
        )
        maps = each.reshape(height, width, channels, len(image)).permute(3, 2, 0, 1)
        return maps if self.bias is None else maps + self.bias


class Subsample2d(nn.Module):
    """The sum of each window times a trained coefficient a map, plus a bias; ``total`` is a pool that sums."""

    def __init__(self, total: nn.Module, channels: int, cells: int) -> None:
        super().__init__()
        self.total = total
        self.coefficient = nn.Parameter(torch.full((channels,), 1 / cells))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, image: Tensor) -> Tensor:
        total: Tensor = self.total(image)
        return total * self.coefficient[:, None, None] + self.bias[:, None, None]


class SpatialPyramidPool2d(nn.Module):
    """Maxima over n x n bins for each level n, one level after the other; within one, channels outermost."""

    def __init__(self, levels: Size) -> None:
        super().__init__()
        self.levels = levels

    def forward(self, image: Tensor) -> Tensor:
        return torch.cat([F.adaptive_max_pool2d(image, level).flatten(1) for level in self.levels], 1)
