"""Residual nets for ImageNet and the plain nets they are compared with, counted by hand."""

from __future__ import annotations

from .counter import Counts

REPEATS = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}
STAGES = ((64, 56), (128, 28), (256, 14), (512, 7))


def begin(depth: int) -> Counts:
    n = Counts(depth=depth)
    n.conv_bn(7, 3, 64, 112)
    n.at("conv1", 112, 112, 64)
    n.passes(64, 56)
    return n


def end(n: Counts, channels: int) -> Counts:
    n.passes(channels)
    n.fc(channels, 1000)
    n.output = (1000,)
    return n


def basic(depth: int, option: str, stages: str = "conv{}_x") -> Counts:
    """Two 3x3 a block. Shortcut A: no weights; B: a 1x1 where channels grow; C: one in every block; or none."""
    n = begin(depth)
    before = 64
    for stage, ((channels, side), blocks) in enumerate(zip(STAGES, REPEATS[depth], strict=True), 2):
        for _ in range(blocks):
            n.conv_bn(3, before, channels, side)
            n.conv_bn(3, channels, channels, side)
            if option == "C" or (option == "B" and before != channels):
                n.conv_bn(1, before, channels, side)
            if option == "A" and before != channels:
                n.passes(channels, side)  # the subsampled image with zero channels behind
            if option != "none":
                n.passes(channels, side)
            before = channels
        n.at(stages.format(stage), side, side, channels)
    return end(n, 512)


def bottleneck(depth: int, stride_on: str, stages: str) -> Counts:
    """1x1, 3x3, 1x1 a block, option B. The first block of stages 3, 4 and 5 halves the image, on one of two layers."""
    n = begin(depth)
    before = 64
    for stage, ((channels, side), blocks) in enumerate(zip(STAGES, REPEATS[depth], strict=True), 2):
        for block in range(blocks):
            halves = block == 0 and stage > 2
            n.conv_bn(1, before, channels, 2 * side if halves and stride_on == "3x3" else side)
            n.conv_bn(3, channels, channels, side)
            n.conv_bn(1, channels, 4 * channels, side)
            if block == 0:
                n.conv_bn(1, before, 4 * channels, side)
            n.passes(4 * channels, side)
            before = 4 * channels
        n.at(stages.format(stage), side, side, 4 * channels)
    return end(n, 2048)


NETWORKS = (
    {f"resnet.arch:resnet-{depth}": basic(depth, "B") for depth in (18, 34)}
    | {f"resnet.arch:resnet-{depth}": bottleneck(depth, "1x1", "conv{}_x") for depth in (50, 101, 152)}
    | {f"resnet-v1.5.arch:resnet{depth}": bottleneck(depth, "3x3", "conv{}") for depth in (50, 101, 152)}
    | {"resnet-width.arch:resnet": bottleneck(50, "1x1", "conv{}")}
    | {f"plain.arch:plain-{depth}": basic(depth, "none") for depth in (18, 34)}
    | {f"resnet34-shortcuts.arch:resnet-34-{option.lower()}": basic(34, option, "conv{}") for option in "ABC"}
)
