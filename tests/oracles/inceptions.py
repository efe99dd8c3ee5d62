"""Inception-v3 and -v4, Inception-ResNet-v2 and PolyNet, counted by hand from released code. Auxiliary heads apart."""

from __future__ import annotations

from .counter import Counts


class Tally(Counts):
    """Convolutions h x w, each with a BN, no bias; `seen`: a layer with the weights of an earlier one."""

    def step(self, h: int, w: int, inputs: int, outputs: int, side: int, *, seen: bool = False) -> None:
        fan_in = h * w * inputs
        self._weigh(fan_in, outputs, side * side, 0 if seen else fan_in * outputs, bias=False)
        self.bn(outputs, side)

    def chain(self, inputs: int, side: int, *steps: tuple[int, int, int], seen: bool = False) -> int:
        """Convolutions of one size of map, one after another: (h, w, channels). Gives the last one's channels."""
        for h, w, outputs in steps:
            self.step(h, w, inputs, outputs, side, seen=seen)
            inputs = outputs
        return inputs


def opening(n: Tally) -> None:
    n.step(3, 3, 3, 32, 149)
    n.step(3, 3, 32, 32, 147)
    n.step(3, 3, 32, 64, 147)


def closing(n: Tally, channels: int) -> Tally:
    n.passes(channels)
    n.fc(channels, 1000)
    n.output = (1000,)
    return n


# Inception-v3 (Szegedy et al. 2015), as in torchvision


def stem_v3(n: Tally) -> None:
    opening(n)
    n.passes(64, 73)
    n.step(1, 1, 64, 80, 73)
    n.step(3, 3, 80, 192, 71)
    n.passes(192, 35)


def inception_v3() -> Tally:
    n = Tally(depth=48)
    stem_v3(n)
    c = 192
    for projection in (32, 64, 64):
        made = n.chain(c, 35, (1, 1, 64))
        made += n.chain(c, 35, (1, 1, 48), (5, 5, 64))
        made += n.chain(c, 35, (1, 1, 64), (3, 3, 96), (3, 3, 96))
        n.passes(c, 35)
        c = made + n.chain(c, 35, (1, 1, projection))
        n.passes(c, 35)
    n.at("mixed_5d", 35, 35, c)
    n.step(3, 3, c, 384, 17)
    n.step(3, 3, n.chain(c, 35, (1, 1, 64), (3, 3, 96)), 96, 17)
    n.passes(c, 17)
    c += 384 + 96
    n.passes(c, 17)
    for m in (128, 160, 160, 192):
        made = n.chain(c, 17, (1, 1, 192))
        made += n.chain(c, 17, (1, 1, m), (1, 7, m), (7, 1, 192))
        made += n.chain(c, 17, (1, 1, m), (7, 1, m), (1, 7, m), (7, 1, m), (1, 7, 192))
        n.passes(c, 17)
        c = made + n.chain(c, 17, (1, 1, 192))
        n.passes(c, 17)
    n.at("mixed_6e", 17, 17, c)
    n.step(3, 3, n.chain(c, 17, (1, 1, 192)), 320, 8)
    n.step(3, 3, n.chain(c, 17, (1, 1, 192), (1, 7, 192), (7, 1, 192)), 192, 8)
    n.passes(c, 8)
    c += 320 + 192
    n.passes(c, 8)
    for _ in range(2):
        n.chain(c, 8, (1, 1, 320))
        for trunk in (((1, 1, 384),), ((1, 1, 448), (3, 3, 384))):
            split = n.chain(c, 8, *trunk)
            n.step(1, 3, split, 384, 8)
            n.step(3, 1, split, 384, 8)
            n.passes(768, 8)
        n.passes(c, 8)
        n.chain(c, 8, (1, 1, 192))
        c = 320 + 768 + 768 + 192
        n.passes(c, 8)
    n.at("mixed_7c", 8, 8, c)
    return closing(n, c)


def head(channels: int) -> Tally:
    """Average pool 5x5, stride 3: 17 to 5; 1x1, 128; 5x5, 768; linear."""
    n = Tally(depth=3)
    n.passes(channels, 5)
    n.step(1, 1, channels, 128, 5)
    n.step(5, 5, 128, 768, 1)
    n.fc(768, 1000)
    return n


# Inception-v4 (Szegedy et al. 2016), tf-slim


def stem_v4(n: Tally) -> None:
    opening(n)
    n.passes(64, 73)
    n.step(3, 3, 64, 96, 73)
    n.passes(160, 73)
    n.step(3, 3, n.chain(160, 73, (1, 1, 64)), 96, 71)
    n.step(3, 3, n.chain(160, 73, (1, 1, 64), (1, 7, 64), (7, 1, 64)), 96, 71)
    n.passes(192, 71)
    n.step(3, 3, 192, 192, 35)
    n.passes(192, 35)
    n.passes(384, 35)


def reduction_a(n: Tally, c: int, side: int, k: int, l: int, m: int, wide: int) -> int:  # noqa: E741
    half = (side - 3) // 2 + 1
    n.step(3, 3, c, wide, half)
    n.step(3, 3, n.chain(c, side, (1, 1, k), (3, 3, l)), m, half)
    n.passes(c, half)
    n.passes(c + wide + m, half)
    return c + wide + m


def inception_v4() -> Tally:
    n = Tally(depth=76)
    stem_v4(n)
    for _ in range(4):
        n.chain(384, 35, (1, 1, 96))
        n.chain(384, 35, (1, 1, 64), (3, 3, 96))
        n.chain(384, 35, (1, 1, 64), (3, 3, 96), (3, 3, 96))
        n.passes(384, 35)
        n.chain(384, 35, (1, 1, 96))
        n.passes(384, 35)
    assert reduction_a(n, 384, 35, 192, 224, 256, 384) == 1024
    for _ in range(7):
        n.chain(1024, 17, (1, 1, 384))
        n.chain(1024, 17, (1, 1, 192), (1, 7, 224), (7, 1, 256))
        n.chain(1024, 17, (1, 1, 192), (7, 1, 192), (1, 7, 224), (7, 1, 224), (1, 7, 256))
        n.passes(1024, 17)
        n.chain(1024, 17, (1, 1, 128))
        n.passes(1024, 17)
    n.step(3, 3, n.chain(1024, 17, (1, 1, 192)), 192, 8)
    n.step(3, 3, n.chain(1024, 17, (1, 1, 256), (1, 7, 256), (7, 1, 320)), 320, 8)
    n.passes(1024, 8)
    n.passes(1536, 8)
    for _ in range(3):
        n.chain(1536, 8, (1, 1, 256))
        for trunk in (((1, 1, 384),), ((1, 1, 384), (3, 1, 448), (1, 3, 512))):
            split = n.chain(1536, 8, *trunk)
            n.step(1, 3, split, 256, 8)
            n.step(3, 1, split, 256, 8)
            n.passes(512, 8)
        n.passes(1536, 8)
        n.chain(1536, 8, (1, 1, 256))
        n.passes(1536, 8)
    n.at("inception_c", 8, 8, 1536)
    return closing(n, 1536)


# Inception-ResNet-v2, tf-slim: the last 1x1 of a residual branch has a bias and no BN, and is scaled down


def residual(n: Tally, c: int, side: int, *branches: tuple[tuple[int, int, int], ...]) -> None:
    joined = sum(n.chain(c, side, *branch) for branch in branches)
    n.passes(joined, side)
    n.conv(1, joined, c, side)
    n.passes(c, side)  # scale
    n.passes(c, side)  # sum


def inception_resnet_v2() -> Tally:
    n = Tally(depth=176)
    stem_v3(n)
    n.chain(192, 35, (1, 1, 96))
    n.chain(192, 35, (1, 1, 48), (5, 5, 64))
    n.chain(192, 35, (1, 1, 64), (3, 3, 96), (3, 3, 96))
    n.passes(192, 35)
    n.chain(192, 35, (1, 1, 64))
    n.passes(320, 35)
    for _ in range(10):
        residual(n, 320, 35, ((1, 1, 32),), ((1, 1, 32), (3, 3, 32)), ((1, 1, 32), (3, 3, 48), (3, 3, 64)))
    assert reduction_a(n, 320, 35, 256, 256, 384, 384) == 1088
    for _ in range(20):
        residual(n, 1088, 17, ((1, 1, 192),), ((1, 1, 128), (1, 7, 160), (7, 1, 192)))
    n.step(3, 3, n.chain(1088, 17, (1, 1, 256)), 384, 8)
    n.step(3, 3, n.chain(1088, 17, (1, 1, 256)), 288, 8)
    n.step(3, 3, n.chain(1088, 17, (1, 1, 256), (3, 3, 288)), 320, 8)
    n.passes(1088, 8)
    n.passes(2080, 8)
    for _ in range(10):
        residual(n, 2080, 8, ((1, 1, 192),), ((1, 1, 192), (1, 3, 224), (3, 1, 256)))
    n.at("7b", 8, 8, 2080)
    n.step(1, 1, 2080, 1536, 8)
    return closing(n, 1536)


# PolyNet (Zhang et al. 2017), as ported by Cadene: the 331 input gives maps of 165, 163, 81, 79, 39, 19 and 9


Branches = tuple[tuple[tuple[int, int, int], ...], ...]


def poly(n: Tally, c: int, side: int, branches: Branches, order: int, shared: bool) -> None:
    """2-way: I + F + G. Poly-3: I + F + FF + FFF, its branches' convolutions shared, the last 1x1 not."""
    for turn in range(order):
        joined = sum(n.chain(c, side, *branch, seen=shared and turn > 0) for branch in branches)
        n.passes(joined, side)
        n.step(1, 1, joined, c, side)
        n.passes(c, side)  # scale
    n.passes(c, side)  # sum


A = (((1, 1, 32), (3, 3, 48), (3, 3, 64)), ((1, 1, 32), (3, 3, 32)), ((1, 1, 32),))
B = (((1, 1, 128), (1, 7, 160), (7, 1, 192)), ((1, 1, 192),))
C = (((1, 1, 192), (1, 3, 224), (3, 1, 256)), ((1, 1, 192),))


def polynet() -> Tally:
    n = Tally(depth=296)
    n.step(3, 3, 3, 32, 165)
    n.step(3, 3, 32, 32, 163)
    n.step(3, 3, 32, 64, 163)
    n.passes(64, 81)
    n.step(3, 3, 64, 96, 81)
    n.passes(160, 81)
    n.step(3, 3, n.chain(160, 81, (1, 1, 64)), 96, 79)
    n.step(3, 3, n.chain(160, 81, (1, 1, 64), (7, 1, 64), (1, 7, 64)), 96, 79)
    n.passes(192, 79)
    n.passes(192, 39)
    n.step(3, 3, 192, 192, 39)
    n.passes(384, 39)
    for _ in range(10):
        poly(n, 384, 39, A, 2, shared=False)
    assert reduction_a(n, 384, 39, 256, 256, 384, 384) == 1152
    for _ in range(10):
        poly(n, 1152, 19, B, 3, shared=True)
        poly(n, 1152, 19, B, 2, shared=False)
    n.step(3, 3, n.chain(1152, 19, (1, 1, 256), (3, 3, 256)), 256, 9)
    n.step(3, 3, n.chain(1152, 19, (1, 1, 256)), 256, 9)
    n.step(3, 3, n.chain(1152, 19, (1, 1, 256)), 384, 9)
    n.passes(1152, 9)
    n.passes(2048, 9)
    for _ in range(5):
        poly(n, 2048, 9, C, 3, shared=True)
        poly(n, 2048, 9, C, 2, shared=False)
    n.at("stage C", 9, 9, 2048)
    return closing(n, 2048)


AUXILIARY = {"inception-v3.arch:inception-v3": head(768), "inception-v4.arch:inception-v4": head(1024)}
AUXILIARY |= {"inception-resnet-v2.arch:inception-resnet-v2": head(1088)}

NETWORKS = {
    "inception-v3.arch:inception-v3": inception_v3(),
    "inception-v4.arch:inception-v4": inception_v4(),
    "inception-resnet-v2.arch:inception-resnet-v2": inception_resnet_v2(),
    "polynet.arch:polynet": polynet(),
}
