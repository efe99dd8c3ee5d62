"""LeNet-5, AlexNet, ZFNet, Network in Network and the small nets of a lecture, counted by hand."""

from __future__ import annotations

from .counter import Counts

# LeCun et al. 1998, Table I: which S2 maps (rows) feed which C3 maps (columns).
TABLE_I = """
X . . . X X X . . X X X X . X X
X X . . . X X X . . X X X X . X
X X X . . . X X X . . X . X X X
. X X X . . X X X X . . X . X X
. . X X X . . X X X X . X X . X
. . . X X X . . X X X X . X X X
"""


def lenet5() -> Counts:
    n = Counts(depth=7)
    n.conv(5, 1, 6, 28)
    n.at("C1", 28, 28, 6)
    subsample(n, 6, 14)
    n.at("S2", 14, 14, 6)
    links = TABLE_I.count("X")  # 60 kernels of 5x5, one a cross
    n.weights += links * 25
    n.biases += 16
    n.macs += links * 25 * 100
    n.connections += (links * 25 + 16) * 100
    n.neurons += 1600
    n.activations += 1600
    n.weight_layers += 1
    n.at("C3", 10, 10, 16)
    subsample(n, 16, 5)
    n.at("S4", 5, 5, 16)
    n.conv(5, 16, 120, 1)
    n.at("C5", 1, 1, 120)
    n.fc(120, 84)
    n.at("F6", 84)
    n.weight_layers += 1  # ten fixed centres of 84 numbers: nothing trained, nothing multiplied
    n.buffers += 840
    n.connections += 840
    n.neurons += 10
    n.activations += 10
    n.output = (10,)
    return n


def subsample(n: Counts, maps: int, side: int) -> None:
    """A coefficient and a bias a map; every output reads four numbers and the bias."""
    n.others += maps
    n.biases += maps
    n.connections += 5 * maps * side * side
    n.neurons += maps * side * side
    n.activations += maps * side * side
    n.weight_layers += 1


def lenet5_modern() -> Counts:
    n = Counts(depth=5)
    n.conv(5, 1, 6, 28)
    n.passes(6, 14)
    n.conv(5, 6, 16, 10)
    n.passes(16, 5)
    n.fc(400, 120)
    n.fc(120, 84)
    n.fc(84, 10)
    n.output = (10,)
    return n


def alexnet(groups: int) -> Counts:
    n = Counts(depth=8)
    n.conv(11, 3, 96, 55)
    n.at("conv1", 55, 55, 96)
    n.passes(96, 27 if groups == 1 else 55)  # the listing normalises after the pool, the paper before it
    n.passes(96, 27)
    n.conv(5, 96, 256, 27, groups=groups)
    n.at("conv2", 27, 27, 256)
    n.passes(256, 13 if groups == 1 else 27)
    n.passes(256, 13)
    n.conv(3, 256, 384, 13)
    n.conv(3, 384, 384, 13, groups=groups)
    n.conv(3, 384, 256, 13, groups=groups)
    n.at("conv5", 13, 13, 256)
    n.passes(256, 6)
    classifier(n, 6 * 6 * 256)
    return n


def classifier(n: Counts, features: int) -> None:
    n.fc(features, 4096)
    n.fc(4096, 4096)
    n.fc(4096, 1000)
    n.output = (1000,)


def zfnet(third: int = 384, fourth: int = 384, fifth: int = 256) -> Counts:
    n = Counts(depth=8)
    n.conv(7, 3, 96, 110)
    n.at("conv1", 110, 110, 96)
    n.passes(96, 55)
    n.passes(96, 55)
    n.conv(5, 96, 256, 26)
    n.at("conv2", 26, 26, 256)
    n.passes(256, 13)
    n.passes(256, 13)
    n.conv(3, 256, third, 13)
    n.conv(3, third, fourth, 13)
    n.conv(3, fourth, fifth, 13)
    n.passes(fifth, 6)
    classifier(n, 6 * 6 * fifth)
    return n


def nin(classes: int) -> Counts:
    n = Counts(depth=9)
    for kernel, inputs, (first, second, third), side, pooled in (
        (5, 3, (192, 160, 96), 32, 16),
        (5, 96, (192, 192, 192), 16, 8),
        (3, 192, (192, 192, classes), 8, 1),
    ):
        n.conv(kernel, inputs, first, side)
        n.conv(1, first, second, side)
        n.conv(1, second, third, side)
        n.passes(third, pooled)
    n.output = (1, 1, classes)
    return n


NETWORKS = {
    "lenet5.arch:lenet5": lenet5(),
    "lenet5.arch:lenet5-modern": lenet5_modern(),
    "alexnet.arch:alexnet": alexnet(groups=1),
    "alexnet-2012.arch:alexnet-2012": alexnet(groups=2),
    "zfnet.arch:zfnet": zfnet(),
    "nin.arch:nin-cifar10": nin(10),
    "nin.arch:nin-cifar100": nin(100),
}
