"""GoogLeNet, Szegedy et al. 2014, Table 1, counted by hand. The auxiliary heads are counted apart."""

from __future__ import annotations

from .counter import Counts

# side, then channels: in; 1x1; 3x3 reduce, 3x3; 5x5 reduce, 5x5; pool projection
ROWS = {
    "3a": (28, 192, 64, 96, 128, 16, 32, 32),
    "3b": (28, 256, 128, 128, 192, 32, 96, 64),
    "4a": (14, 480, 192, 96, 208, 16, 48, 64),
    "4b": (14, 512, 160, 112, 224, 24, 64, 64),
    "4c": (14, 512, 128, 128, 256, 24, 64, 64),
    "4d": (14, 512, 112, 144, 288, 32, 64, 64),
    "4e": (14, 528, 256, 160, 320, 32, 128, 128),
    "5a": (7, 832, 256, 160, 320, 32, 128, 128),
    "5b": (7, 832, 384, 192, 384, 48, 128, 128),
}


def inception(n: Counts, side: int, c: int, one: int, r3: int, three: int, r5: int, five: int, proj: int) -> None:
    n.conv(1, c, one, side)
    n.conv(1, c, r3, side)
    n.conv(3, r3, three, side)
    n.conv(1, c, r5, side)
    n.conv(5, r5, five, side)
    n.passes(c, side)
    n.conv(1, c, proj, side)
    n.passes(one + three + five + proj, side)


def head(side: int, channels: int) -> Counts:
    assert (side - 5) // 3 + 1 == 4
    n = Counts(depth=3)
    n.passes(channels, 4)
    n.conv(1, channels, 128, 4)
    n.fc(4 * 4 * 128, 1024)
    n.fc(1024, 1000)
    return n


def googlenet() -> Counts:
    n = Counts(depth=22)
    n.conv(7, 3, 64, 112)
    n.passes(64, 56)
    n.conv(1, 64, 64, 56)
    n.conv(3, 64, 192, 56)
    n.passes(192, 28)
    for name, row in ROWS.items():
        side, channels = row[:2]
        if name in ("4a", "5a"):
            n.passes(channels, side)
        inception(n, *row)
        n.at(name, side, side, row[2] + row[4] + row[6] + row[7])
    n.passes(1024, 1)
    n.fc(1024, 1000)
    n.output = (1000,)
    return n


AUXILIARY = (head(14, 512), head(14, 528))
NETWORKS = {"googlenet.arch:googlenet": googlenet()}
