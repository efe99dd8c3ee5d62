"""Layers on tokens, ``(B, N, C)``, that torch has no module for."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class TokenPReLU(nn.PReLU):
    """PReLU on tokens: torch looks for channels in the second place, tokens have them last."""

    def forward(self, input: Tensor) -> Tensor:
        return super().forward(input.transpose(1, 2)).transpose(1, 2)


class GlobalTokens(nn.Module):
    """The mean or the maximum of all tokens, a vector."""

    def __init__(self, largest: bool) -> None:
        super().__init__()
        self.largest = largest

    def forward(self, tokens: Tensor) -> Tensor:
        return tokens.amax(1) if self.largest else tokens.mean(1)


class Attention(nn.Module):
    """Self-attention as two matrix products: fused kernels hide them from those who count."""

    def __init__(self, channels: int, heads: int, bias: bool) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(channels, 3 * channels, bias)
        self.out = nn.Linear(channels, channels, bias)

    def forward(self, tokens: Tensor) -> Tensor:
        batch, count, channels = tokens.shape
        apart = self.qkv(tokens).reshape(batch, count, 3, self.heads, channels // self.heads)
        queries, keys, values = apart.permute(2, 0, 3, 1, 4)
        scores = queries @ keys.transpose(-2, -1) * (channels // self.heads) ** -0.5
        mixed = scores.softmax(-1) @ values
        attended: Tensor = self.out(mixed.transpose(1, 2).reshape(batch, count, channels))
        return attended


class Tokens(nn.Module):
    """An image's positions as a sequence, row by row."""

    def forward(self, image: Tensor) -> Tensor:
        return image.flatten(2).transpose(1, 2)


class ClassToken(nn.Module):
    """One trained token before the others."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.token = nn.Parameter(0.02 * torch.randn(1, channels))

    def forward(self, tokens: Tensor) -> Tensor:
        return torch.cat([self.token.expand(len(tokens), 1, -1), tokens], 1)


class Position(nn.Module):
    """A trained vector added to every token."""

    def __init__(self, count: int, channels: int) -> None:
        super().__init__()
        self.embedding = nn.Parameter(0.02 * torch.randn(count, channels))

    def forward(self, tokens: Tensor) -> Tensor:
        return tokens + self.embedding


class FirstToken(nn.Module):
    """The first token alone."""

    def forward(self, tokens: Tensor) -> Tensor:
        return tokens[:, 0]
