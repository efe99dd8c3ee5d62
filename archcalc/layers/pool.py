"""Pooling: no weights, except LeNet's trainable subsampling."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from archcalc.algebra import Dim, ceil_div, product
from archcalc.layers.base import IMAGE, TOKENS, Layer, Reading, Rule, Shape, Weight, positive
from archcalc.layers.window import Pair, Sliding


class _Pool(Sliding, Layer):
    ranks = (IMAGE,)

    def rules(self, *inputs: Shape) -> Iterator[Rule]:
        yield from self.window_rules(inputs[0])

    def output(self, *inputs: Shape) -> Shape:
        return (inputs[0][0], *self.window_output(inputs[0]))

    def reads(self, *inputs: Shape) -> Reading:
        return self.windows(inputs[0])

    def strides(self, *inputs: Shape) -> Pair:
        return self.stride

    @property
    def cells(self) -> Dim:
        """Numbers that one window holds."""
        return product(self.kernel)


class MaxPool(_Pool):
    """Maximum of each window: k - 1 comparisons an output."""

    kind = "max pool"

    def element_ops(self, *inputs: Shape) -> Dim:
        return (self.cells - 1) * product(self.output(*inputs))


class AvgPool(_Pool):
    """Mean of each window, padding counted: k - 1 additions and a division an output."""

    kind = "avg pool"

    def element_ops(self, *inputs: Shape) -> Dim:
        return self.cells * product(self.output(*inputs))


class Subsample(_Pool):
    """Sum of each window times a trained coefficient a map, plus a bias (LeCun et al. 1998, layer S2)."""

    kind = "subsample"
    weight_layer = True
    frozen: bool = False

    def weights(self, *inputs: Shape) -> Mapping[str, Weight]:
        channels = inputs[0][0]
        return {"coefficient": Weight((channels,), "others"), "bias": Weight((channels,), "biases")}

    def element_ops(self, *inputs: Shape) -> Dim:
        return (self.cells + 2) * product(self.output(*inputs))

    def connections(self, *inputs: Shape) -> Dim:
        """Each output reads its window and a bias (LeCun et al. 1998: S2 has 5,880 connections)."""
        return (self.cells + 1) * product(self.output(*inputs))


class GlobalAvgPool(Layer):
    """Mean of the whole map, 1x1 a channel (Lin et al. 2013); of tokens: their mean, a vector."""

    kind = "global avg pool"
    ranks = (IMAGE, TOKENS)

    def output(self, *inputs: Shape) -> Shape:
        shape = inputs[0]
        return (shape[0], 1, 1) if len(shape) == IMAGE else (shape[1],)

    def element_ops(self, *inputs: Shape) -> Dim:
        return product(inputs[0])

    def reads(self, *inputs: Shape) -> Reading:
        return "all"


class GlobalMaxPool(GlobalAvgPool):
    """Maximum of the whole map, 1x1 a channel."""

    kind = "global max pool"

    def element_ops(self, *inputs: Shape) -> Dim:
        return product(inputs[0]) - product(self.output(*inputs))


def _bin_total(size: Dim, bins: int) -> Dim:
    """Inputs read along an axis cut into bins ⌊i·size/n⌋ to ⌈(i+1)·size/n⌉ (neighbours may share one)."""
    total: Dim = 0
    for i in range(bins):
        total = total + ceil_div((i + 1) * size, bins) - (i * size) // bins
    return total


class SpatialPyramidPool(Layer):
    """Maxima over n x n bins for each level n, strung into a vector (He et al. 2014, section 2.2)."""

    kind = "spatial pyramid pool"
    ranks = (IMAGE,)
    levels: tuple[int, ...]

    def rules(self, *inputs: Shape) -> Iterator[Rule]:
        for level in self.levels:
            yield positive(level, "A305", f"pyramid level {level}: it must be at least 1")

    def output(self, *inputs: Shape) -> Shape:
        return (inputs[0][0] * sum(level * level for level in self.levels),)

    def element_ops(self, *inputs: Shape) -> Dim:
        """One comparison fewer than the bin holds, summed over bins and channels."""
        channels, height, width = inputs[0]
        cells: Dim = 0
        for level in self.levels:
            cells = cells + _bin_total(height, level) * _bin_total(width, level)
        return channels * cells - product(self.output(*inputs))

    def reads(self, *inputs: Shape) -> Reading:
        return "all"
