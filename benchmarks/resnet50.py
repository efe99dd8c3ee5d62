"""ResNet-50 as a plain PyTorch module, summarised by torchinfo: for who has the module and not its table."""

from __future__ import annotations

import torch
import torchinfo
from torch import Tensor, nn


def conv_bn(inputs: int, outputs: int, kernel: int, stride: int = 1) -> nn.Sequential:
    """A convolution that keeps the size but for its stride, and its batch normalisation."""
    conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(outputs))


class Bottleneck(nn.Module):
    """Three convolutions and a shortcut (He et al. 2016, figure 5)."""

    def __init__(self, inputs: int, width: int, stride: int) -> None:
        super().__init__()
        self.branch = nn.Sequential(
            conv_bn(inputs, width, 1, stride),
            nn.ReLU(),
            conv_bn(width, width, 3),
            nn.ReLU(),
            conv_bn(width, 4 * width, 1),
        )
        self.shortcut = conv_bn(inputs, 4 * width, 1, stride) if inputs != 4 * width else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        """An image of the same size over ``stride``."""
        return torch.relu(self.branch(x) + self.shortcut(x))


def resnet50() -> nn.Sequential:
    """The 50-layer column of table 1."""
    layers: list[nn.Module] = [conv_bn(3, 64, 7, 2), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
    inputs = 64
    for stage, turns in enumerate((3, 4, 6, 3)):
        width = 64 * 2**stage
        for turn in range(turns):
            layers.append(Bottleneck(inputs, width, 2 if stage and not turn else 1))
            inputs = 4 * width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inputs, 1000))


if __name__ == "__main__":
    torchinfo.summary(resnet50(), (1, 3, 224, 224), depth=4, device="cpu")
