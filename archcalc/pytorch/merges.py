"""Where branches meet."""

from __future__ import annotations

from functools import reduce

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Sum(nn.Module):
    """The sum of branches; ``inplace`` adds into the first."""

    inplace = False

    def forward(self, first: Tensor, *others: Tensor) -> Tensor:
        if not others:
            return first
        total = first.add_(others[0]) if self.inplace else first + others[0]
        return reduce(Tensor.add_, others[1:], total)  # nobody else knows the sum of the first two


class Mean(Sum):
    """The mean of branches."""

    def forward(self, first: Tensor, *others: Tensor) -> Tensor:
        total = super().forward(first, *others)
        return total.div_(1 + len(others)) if others else total


class Max(nn.Module):
    """The elementwise maximum of branches."""

    def forward(self, *branches: Tensor) -> Tensor:
        return reduce(torch.maximum, branches)


class Product(nn.Module):
    """The elementwise product of branches; a vector beside an image is one number a channel."""

    def forward(self, *branches: Tensor) -> Tensor:
        image = max(branch.dim() for branch in branches) == 4
        return reduce(torch.mul, [branch.reshape(*branch.shape[:2], 1, 1) if image and branch.dim() == 2 else branch
                                  for branch in branches])  # fmt: skip


class Concat(nn.Module):
    """Channels one after the other."""

    def forward(self, *branches: Tensor) -> Tensor:
        return torch.cat(branches, -1 if branches[0].dim() == 3 else 1)


class Warp(nn.Module):
    """The image sampled on a grid that six numbers set, bilinear, pixels as areas."""

    def __init__(self, height: int, width: int) -> None:
        super().__init__()
        self.size = (height, width)

    def forward(self, image: Tensor, six: Tensor) -> Tensor:
        size = [*image.shape[:2], *self.size]
        grid = F.affine_grid(six.reshape(-1, 2, 3), size, align_corners=False)
        return F.grid_sample(image, grid, mode="bilinear", padding_mode="zeros", align_corners=False)
