"""VGG, configurations A to E, and VGG-16 in its other guises, counted by hand."""

from __future__ import annotations

from .classics import classifier
from .counter import Counts

# Simonyan and Zisserman, Table 1: how many 3x3 convolutions a stage has, and whether a 1x1 follows them.
STAGES = ((64, 224), (128, 112), (256, 56), (512, 28), (512, 14))
LAYERS = {
    "A": ((1, 0), (1, 0), (2, 0), (2, 0), (2, 0)),
    "A-LRN": ((1, 0), (1, 0), (2, 0), (2, 0), (2, 0)),
    "B": ((2, 0), (2, 0), (2, 0), (2, 0), (2, 0)),
    "C": ((2, 0), (2, 0), (2, 1), (2, 1), (2, 1)),
    "D": ((2, 0), (2, 0), (3, 0), (3, 0), (3, 0)),
    "E": ((2, 0), (2, 0), (4, 0), (4, 0), (4, 0)),
}


def vgg(name: str) -> Counts:
    n = Counts()
    channels = 3
    for stage, ((maps, side), (threes, ones)) in enumerate(zip(STAGES, LAYERS[name], strict=True), 1):
        for _ in range(threes):
            n.conv(3, channels, maps, side)
            channels = maps
        n.conv(1, maps, maps, side, times=ones)
        if name == "A-LRN" and stage == 1:
            n.passes(64, 224)
        n.passes(maps, side // 2)
        n.at(f"pool{stage}", side // 2, side // 2, maps)
    classifier(n, 7 * 7 * 512)
    n.depth = n.weight_layers
    return n


def convolutional(pooled: int = 7) -> Counts:
    """The classifier as convolutions: 7x7 without padding, then 1x1."""
    n = vgg("D")
    grid = pooled - 6
    assert grid == 1
    n.output = (grid, grid, 1000)
    return n


NETWORKS = {f"vgg.arch:{name}": vgg(name) for name in LAYERS} | {
    "vgg16-listing.arch:vgg16": vgg("D"),
    "fcn.arch:vgg16-conv": convolutional(),
}
