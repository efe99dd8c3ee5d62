"""DenseNets (Huang et al. 2017) and FractalNets (Larsson et al. 2017), counted by hand."""

from __future__ import annotations

from .counter import Counts

# A DenseNet's every convolution but the first has a BN and a ReLU before it.


def dense_block(n: Counts, channels: int, layers: int, k: int, side: int, bottleneck: bool) -> int:
    for _ in range(layers):
        reads = channels
        if bottleneck:
            n.bn(channels, side)
            n.conv(1, channels, 4 * k, side, bias=False)
            reads = 4 * k
        n.bn(reads, side)
        n.conv(3, reads, k, side, bias=False)
        channels += k
        n.passes(channels, side)
    return channels


def transition(n: Counts, channels: int, kept: int, side: int) -> int:
    n.bn(channels, side)
    n.conv(1, channels, kept, side, bias=False)
    n.passes(kept, side // 2)
    return kept


def last(n: Counts, channels: int, side: int, classes: int) -> Counts:
    n.bn(channels, side)
    n.passes(channels)
    n.fc(channels, classes)
    n.output = (classes,)
    return n


def densenet_cifar(depth: int, k: int, bottleneck: bool) -> Counts:
    """Without bottlenecks and compression 16 channels go in, whatever k; with them 2k."""
    n = Counts(depth=depth)
    channels = 2 * k if bottleneck else 16
    n.conv(3, 3, channels, 32, bias=False)
    for block, side in enumerate((32, 16, 8), 1):
        channels = dense_block(n, channels, (depth - 4) // (6 if bottleneck else 3), k, side, bottleneck)
        n.at(f"block{block}", side, side, channels)
        if side > 8:
            channels = transition(n, channels, channels // 2 if bottleneck else channels, side)
    return last(n, channels, 8, 10)


def densenet(k: int, *blocks: int) -> Counts:
    n = Counts(depth=2 * sum(blocks) + 5)
    n.conv_bn(7, 3, 2 * k, 112)
    n.passes(2 * k, 56)
    channels = 2 * k
    for block, (side, layers) in enumerate(zip((56, 28, 14, 7), blocks, strict=True), 1):
        channels = dense_block(n, channels, layers, k, side, bottleneck=True)
        n.at(f"block{block}", side, side, channels)
        if side > 7:
            channels = transition(n, channels, channels // 2, side)
    return last(n, channels, 7, 1000)


# A fractal of C columns has 2^C - 1 convolutions. A column reads the input once, else joins.


def fractal(columns: int, channels: tuple[int, ...], classes: int = 10) -> Counts:
    """The released generator: biases, a BN without scale and shift, each column pooled before the last join."""
    blocks, steps = len(channels), 2 ** (columns - 1)
    n = Counts(depth=blocks * steps + 1)
    before, side = 3, 32
    for after in channels:
        for step in range(1, steps + 1):
            meeting = 0
            for column in range(columns):  # column 0 is the deepest, column c has a convolution every 2^c steps
                if step % 2**column == 0:
                    n.conv(3, before if step == 2**column else after, after, side)
                    n.bn(after, side, affine=False)
                    meeting += 1
            if step == steps:
                side //= 2
                for _ in range(meeting):
                    n.passes(after, side)
            if meeting > 1:
                n.passes(after, side)
        before = after
        n.at(f"block{len(n.shapes) + 1}", side, side, after)
    n.fc(before * side * side, classes)
    n.output = (classes,)
    return n


def fractal_of_fractals() -> Counts:
    """Two columns of blocks that are two-column fractals of 3 convolutions each: 9 convolutions a stage."""
    n = Counts(depth=3 * 4 + 1)
    before, side = 3, 32
    for after in (16, 32, 64):
        for small in range(
            3
        ):  # one after another on the left, one alone on the right: both columns read the stage's input
            reads = after if small == 1 else before
            for inputs in (reads, after, reads):
                n.conv_bn(3, inputs, after, side)
            n.passes(after, side)  # the small join
        n.passes(after, side)  # the large one
        side //= 2
        n.passes(after, side)
        before = after
    n.passes(64)
    n.fc(64, 10)
    n.output = (10,)
    return n


NETWORKS = {
    "densenet.arch:densenet-40-12": densenet_cifar(40, 12, bottleneck=False),
    "densenet.arch:densenet-bc-100-12": densenet_cifar(100, 12, bottleneck=True),
    "densenet.arch:densenet121": densenet(32, 6, 12, 24, 16),
    "densenet.arch:densenet161": densenet(48, 6, 12, 36, 24),
    "densenet.arch:densenet169": densenet(32, 6, 12, 32, 32),
    "densenet.arch:densenet201": densenet(32, 6, 12, 48, 32),
    "densenet.arch:densenet264": densenet(32, 6, 12, 64, 48),
    "fractalnet.arch:fractalnet-20": fractal(3, (64, 128, 256, 512, 512)),
    "fractalnet.arch:fractalnet-40": fractal(4, (16, 32, 64, 128, 128), classes=100),
    "fractalnet.arch:fractal-of-fractals": fractal_of_fractals(),
}
