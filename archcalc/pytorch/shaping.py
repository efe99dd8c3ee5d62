"""Layers that torch has no module for, on images and vectors: they move, cut, spread or scale numbers."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def per_channel(values: Tensor, of: Tensor) -> Tensor:
    """One number a channel, to be multiplied with an image; tokens and vectors have their channels last as it is."""
    return values[:, None, None] if of.dim() == 4 else values


def flat(image: Tensor) -> Tensor:
    """An image as a vector, channels outermost."""
    return image.flatten(1)


class ImageLayerNorm(nn.LayerNorm):
    """Normalisation over the channels of each position of an image."""

    def forward(self, input: Tensor) -> Tensor:
        return super().forward(input.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class RadialBasis(nn.Module):
    """Squared distances to fixed centres of -1 and +1."""

    centres: Tensor

    def __init__(self, read: int, units: int) -> None:
        super().__init__()
        self.register_buffer("centres", torch.randint(0, 2, (units, read)) * 2.0 - 1.0)

    def forward(self, vector: Tensor) -> Tensor:
        return (vector[:, None] - self.centres).square().sum(-1)


class DropPath(nn.Module):
    """In training, drops a whole branch of some images and makes up for it in the others."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, value: Tensor) -> Tensor:
        if not self.training or not self.rate:
            return value
        kept = torch.empty(len(value), *[1] * (value.dim() - 1), dtype=value.dtype, device=value.device)
        return value * kept.bernoulli_(1 - self.rate).div_(1 - self.rate)


class Reshape(nn.Module):
    """The same numbers as another shape."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.shape = shape

    def forward(self, value: Tensor) -> Tensor:
        return value.reshape(len(value), *self.shape)


class Crop(nn.Module):
    """Rows and columns cut out."""

    def __init__(self, offset: tuple[int, int], size: tuple[int, int]) -> None:
        super().__init__()
        self.rows, self.columns = (slice(start, start + count) for start, count in zip(offset, size, strict=True))

    def forward(self, image: Tensor) -> Tensor:
        return image[:, :, self.rows, self.columns]


class ZeroShortcut(nn.Module):
    """Every stride-th position, and zero channels after those that come in."""

    def __init__(self, channels: int, stride: tuple[int, int]) -> None:
        super().__init__()
        self.channels, self.stride = channels, stride

    def forward(self, image: Tensor) -> Tensor:
        taken = image[:, :, :: self.stride[0], :: self.stride[1]]
        return F.pad(taken, (0, 0, 0, 0, 0, self.channels - image.shape[1]))


class Scale(nn.Module):
    """Times a constant."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, value: Tensor) -> Tensor:
        return value * self.factor


class LayerScale(nn.Module):
    """Each channel times a trained number."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.full((channels,), 1e-4))

    def forward(self, value: Tensor) -> Tensor:
        return value * per_channel(self.gamma, value)
