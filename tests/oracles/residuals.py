"""Residual nets for CIFAR, and their wide, grouped, multi-branch and multi-level kin, counted by hand."""

from __future__ import annotations

from .counter import Counts

THIRDS = ((16, 32), (32, 16), (64, 8))  # channels and side of the three CIFAR stages
QUARTERS = ((64, 56), (128, 28), (256, 14), (512, 7))  # and of the four ImageNet stages


def classify(n: Counts, channels: int, classes: int) -> Counts:
    n.passes(channels)
    n.fc(channels, classes)
    n.output = (classes,)
    return n


# He et al. 2016, section 4.2: 3x3 convolutions in pairs, shortcut A


def resnet_cifar(depth: int) -> Counts:
    n = Counts(depth=depth)
    n.conv_bn(3, 3, 16, 32)
    before = 16
    for stage, (channels, side) in enumerate(THIRDS, 1):
        for _ in range((depth - 2) // 6):
            n.conv_bn(3, before, channels, side)
            n.conv_bn(3, channels, channels, side)
            if before != channels:
                n.passes(channels, side)  # every second pixel, zeros in the new channels
            n.passes(channels, side)
            before = channels
        n.at(f"stage{stage}", side, side, channels)
    return classify(n, 64, 10)


# He et al. 2016 (identity mappings): BN and ReLU before each convolution


def pre_bottleneck(n: Counts, before: int, inner: int, after: int, side_in: int, side: int, branches: int = 1) -> None:
    """One unit. Where channels grow, one BN serves the branches and the 1x1 shortcut; else each branch has its own."""
    grows = before != after
    if grows:
        n.bn(before, side_in)
        n.conv(1, before, after, side, bias=False)
    for _ in range(branches):
        if not grows:
            n.bn(before, side)
        n.conv(1, before, inner, side, bias=False)
        n.bn(inner, side)
        n.conv(3, inner, inner, side, bias=False)
        n.bn(inner, side)
        n.conv(1, inner, after, side, bias=False)
    n.passes(after, side)


def preact_cifar(depth: int, branches: int = 1) -> Counts:
    n = Counts(depth=depth)
    n.conv(3, 3, 16, 32, bias=False)
    before, side_in = 16, 32
    for inner, side in THIRDS:
        for _ in range((depth - 2) // 9):
            pre_bottleneck(n, before, inner, 4 * inner, side_in, side, branches)
            before, side_in = 4 * inner, side
    n.bn(256, 8)
    return classify(n, 256, 10)


def preact_110() -> Counts:
    """Two 3x3 a unit, as the 110-layer net has them in both of He's papers."""
    n = wide_cifar(112, 1)
    n.depth = 110
    return n


def preact_200() -> Counts:
    n = Counts(depth=200)
    n.conv_bn(7, 3, 64, 112)
    n.passes(64, 56)
    before, side_in = 64, 56
    for (inner, side), units in zip(QUARTERS, (3, 24, 36, 3), strict=True):
        for _ in range(units):
            pre_bottleneck(n, before, inner, 4 * inner, side_in, side)
            before, side_in = 4 * inner, side
    n.bn(2048, 7)
    return classify(n, 2048, 1000)


# Zagoruyko and Komodakis 2016


def wide_cifar(depth: int, k: int, branches: int = 1) -> Counts:
    """Pairs of 3x3 on 16k, 32k, 64k channels. 6N + 4 counts three shortcuts and not the fc."""
    n = Counts(depth=depth - 2)
    n.conv(3, 3, 16, 32, bias=False)
    before, side_in = 16, 32
    for base, side in THIRDS:
        channels = base * k
        for _ in range((depth - 4) // 6):
            grows = before != channels
            if grows:
                n.bn(before, side_in)
                n.conv(1, before, channels, side, bias=False)
            for _ in range(branches):
                if not grows:
                    n.bn(before, side)
                n.conv(3, before, channels, side, bias=False)
                n.bn(channels, side)
                n.conv(3, channels, channels, side, bias=False)
            n.passes(channels, side)
            before, side_in = channels, side
    n.bn(before, 8)
    return classify(n, before, 10)


def wide_kernels(units: int, *kernels: int) -> Counts:
    """Table 2: a unit is a BN, a ReLU and a convolution for each kernel; k = 2."""
    n = Counts(depth=3 * units * len(kernels) + 2)
    n.conv(3, 3, 16, 32, bias=False)
    before, side_in = 16, 32
    for base, side in THIRDS:
        for unit in range(units):
            inputs = before
            if unit == 0:
                n.conv(1, before, 2 * base, side, bias=False)
            for position, kernel in enumerate(kernels):
                n.bn(inputs, side_in if unit == position == 0 else side)
                n.conv(kernel, inputs, 2 * base, side, bias=False)
                inputs = 2 * base
            n.passes(2 * base, side)
            before, side_in = 2 * base, side
    n.bn(before, 8)
    return classify(n, before, 10)


def wide_basic(depth: int, half_widths: int) -> Counts:
    """Table 7: ResNet-18 and -34, `half_widths` / 2 as wide in all but the first convolution."""
    n = Counts(depth=depth)
    n.conv_bn(7, 3, 64, 112)
    n.passes(64, 56)
    before = 64
    units = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3)}[depth]
    for (base, side), count in zip(QUARTERS, units, strict=True):
        channels = base * half_widths // 2
        for _ in range(count):
            n.conv_bn(3, before, channels, side)
            n.conv_bn(3, channels, channels, side)
            if before != channels:
                n.conv_bn(1, before, channels, side)
            n.passes(channels, side)
            before = channels
    return classify(n, before, 1000)


# Bottlenecks whose inner width is free (Wide ResNet, Table 8) and grouped (ResNeXt, Table 1)


def bottlenecks(units: tuple[int, ...], inner: int, groups: int = 1) -> Counts:
    """`inner`: channels of the first stage's 3x3, doubled from stage to stage. Stride on the 3x3, shortcut B."""
    n = Counts(depth=3 * sum(units) + 2)
    n.conv_bn(7, 3, 64, 112)
    n.passes(64, 56)
    before, side_in = 64, 56
    for stage, ((base, side), count) in enumerate(zip(QUARTERS, units, strict=True)):
        width, after = inner * 2**stage, 4 * base
        for unit in range(count):
            n.conv_bn(1, before, width, side_in)
            n.conv(3, width, width, side, bias=False, groups=groups)
            n.bn(width, side)
            n.conv_bn(1, width, after, side)
            if unit == 0:
                n.conv_bn(1, before, after, side)
            n.passes(after, side)
            before, side_in = after, side
        n.at(f"conv{stage + 2}", side, side, after)
    return classify(n, 2048, 1000)


# Zhang et al. 2016: shortcuts on three levels, as re-implemented


def ror(depth: int) -> Counts:
    units = (depth - 8) // 6
    n = Counts(depth=6 * units + 2)
    n.conv_bn(3, 3, 16, 32)
    n.conv_bn(1, 16, 64, 8)  # over the whole body, stride 4
    before = 16
    for channels, side in THIRDS:
        n.conv_bn(1, before, channels, side)  # over the stage
        for unit in range(units):
            n.conv_bn(3, before, channels, side)
            n.conv_bn(3, channels, channels, side)
            if unit == 0 and before != channels:
                n.conv_bn(1, before, channels, side)
            n.passes(channels, side)
            before = channels
        n.passes(channels, side)  # the stage's sum
        if side > 8:
            n.passes(channels, side // 2)  # its max pool
    n.passes(64, 8)
    return classify(n, 64, 10)


FIFTY, HUNDRED = (3, 4, 6, 3), (3, 4, 23, 3)

NETWORKS = (
    {f"resnet-cifar.arch:resnet-{d}": resnet_cifar(d) for d in (20, 32, 44, 56, 110, 1202)}
    | {"preact-resnet.arch:preact-110": preact_110(), "preact-resnet.arch:preact-200": preact_200()}
    | {f"preact-resnet.arch:preact-{d}": preact_cifar(d) for d in (164, 1001)}
    | {f"wide-resnet.arch:wrn-{d}-{k}": wide_cifar(d, k) for d, k in ((16, 8), (28, 10), (40, 4))}
    | {"wide-resnet.arch:wrn-50-2": bottlenecks(FIFTY, 128)}
    | {f"wide-resnet.arch:wrn-{d}": wide_basic(d, half_widths=4) for d in (18, 34)}
    | {"wide-resnet-kernels.arch:wrn-kernels": wide_kernels(4, 3, 3)}
    | {"ror.arch:ror3-wrn58-4-trunk": wide_cifar(58, 4)}
    | {"resnext.arch:resnet-50": bottlenecks(FIFTY, 64)}
    | {"resnext.arch:resnext50-32x4d": bottlenecks(FIFTY, 128, groups=32)}
    | {"resnext.arch:resnext101-32x4d": bottlenecks(HUNDRED, 128, groups=32)}
    | {"resnext.arch:resnext101-32x8d": bottlenecks(HUNDRED, 256, groups=32)}
    | {"resnext.arch:resnext101-64x4d": bottlenecks(HUNDRED, 256, groups=64)}
    | {f"multi-resnet.arch:multi-resnet-{d}-k5": preact_cifar(d, branches=5) for d in (200, 398)}
    | {f"multi-resnet.arch:multi-resnet-26-w10-k{k}": wide_cifar(28, 10, branches=k) for k in (2, 4)}
    | {f"ror.arch:ror3-{d}": ror(d) for d in (56, 110, 164)}
)
