"""Pooling: no weights, except LeNet's trainable subsampling."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from archcalc.algebra import Dim, ceil_div, product, same
from archcalc.layers.base import IMAGE, TOKENS, Layer, Reading, Rule, Shape, Weight, positive
from archcalc.layers.tape import ANY, WEIGHTS, Aside, Grad, Tape
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

    def padded(self, tape: Tape, image: int) -> int:
        """What PyTorch's pool slides over: it pads alike on both sides by itself, by half a window at most."""
        pads = (self.pad.height[0], self.pad.width[0])
        if self.even and all(2 * pad <= kernel for pad, kernel in zip(pads, self.kernel, strict=True)):
            return image
        return self.bordered(tape, image, tape.shapes[0][0])

    def averaged(self, tape: Tape, image: int) -> int:
        """The mean of each window, or (the same work) its sum; over windows with holes from a view of them."""
        outputs = product(_Pool.output(self, *tape.shapes))
        if same(self.dilation, (1, 1)):
            image = self.padded(tape, image)
            return tape.op(image, numbers=outputs, keeps=((image, ANY),))
        image = self.bordered(tape, image, tape.shapes[0][0])
        total = tape.op(self.unfolded(tape, image), numbers=outputs, passes=True)
        return tape.op(total, holds=(image,))


class MaxPool(_Pool):
    """Maximum of each window: k - 1 comparisons an output."""

    kind = "max pool"
    source = "Dumoulin and Visin 2016, relationship 7"
    work = "comparisons: one fewer than a window holds numbers"

    def element_ops(self, *inputs: Shape) -> Dim:
        return (self.cells - 1) * product(self.output(*inputs))

    def run(self, tape: Tape, *inputs: int) -> int:
        image, outputs = self.padded(tape, inputs[0]), product(self.output(*tape.shapes))
        return tape.op(image, numbers=outputs, keeps=((image, ANY),), aside=_indices(outputs))


class AvgPool(_Pool):
    """Mean of each window, padding counted: k - 1 additions and a division an output."""

    kind = "avg pool"
    source = "Dumoulin and Visin 2016, relationship 7"
    work = "a window's sum, and a division"

    def element_ops(self, *inputs: Shape) -> Dim:
        return self.cells * product(self.output(*inputs))

    def run(self, tape: Tape, *inputs: int) -> int:
        return self.averaged(tape, inputs[0])


class Subsample(_Pool):
    """Sum of each window times a trained coefficient a map, plus a bias (LeCun et al. 1998, layer S2)."""

    kind = "subsample"
    source = "LeCun et al. 1998, layer S2"
    work = "a window's sum, a product with the coefficient, a bias"
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

    def run(self, tape: Tape, *inputs: int) -> int:
        total = self.averaged(tape, inputs[0])
        numbers = tape.numbers[total]
        scaled = tape.op(total, keeps=((total, WEIGHTS),), trains=("coefficient",), scratch=numbers)
        return tape.op(scaled, trains=("bias",), passes=True, holds=(total,))


def _indices(outputs: Dim) -> Aside:
    """Where each maximum was found, as int64."""
    return Aside(outputs, item=8, index=True)


class GlobalAvgPool(Layer):
    """Mean of the whole map, 1x1 a channel (Lin et al. 2013); of tokens: their mean, a vector."""

    kind = "global avg pool"
    source = "Lin et al. 2013"
    work = "each map's sum, and a division"
    ranks = (IMAGE, TOKENS)

    def output(self, *inputs: Shape) -> Shape:
        shape = inputs[0]
        return (shape[0], 1, 1) if len(shape) == IMAGE else (shape[1],)

    def element_ops(self, *inputs: Shape) -> Dim:
        return product(inputs[0])

    def reads(self, *inputs: Shape) -> Reading:
        return "all"

    def run(self, tape: Tape, *inputs: int) -> int:
        return tape.op(inputs[0], numbers=product(self.output(*tape.shapes)))


class GlobalMaxPool(GlobalAvgPool):
    """Maximum of the whole map, 1x1 a channel."""

    kind = "global max pool"
    source = ""
    work = "comparisons: one fewer than a map holds numbers"

    def element_ops(self, *inputs: Shape) -> Dim:
        return product(inputs[0]) - product(self.output(*inputs))

    def run(self, tape: Tape, *inputs: int) -> int:
        """Of an image the place of each maximum is kept, of tokens what came in and went out."""
        (read,), outputs, whole = inputs, product(self.output(*tape.shapes)), tape.numbers[inputs[0]]
        if len(tape.shapes[0]) == IMAGE:
            return tape.op(read, numbers=outputs, keeps=((read, ANY),), aside=_indices(outputs))
        grads = (Grad(0, whole, whole),)
        return tape.op(read, numbers=outputs, keeps=((read, ANY),), keeps_result=True, grads=grads)


def _bin_total(size: Dim, bins: int) -> Dim:
    """Inputs read along an axis cut into bins ⌊i·size/n⌋ to ⌈(i+1)·size/n⌉ (neighbours may share one)."""
    total: Dim = 0
    for i in range(bins):
        total = total + ceil_div((i + 1) * size, bins) - (i * size) // bins
    return total


class SpatialPyramidPool(Layer):
    """Maxima over n x n bins for each level n, strung into a vector (He et al. 2014, section 2.2)."""

    kind = "spatial pyramid pool"
    source = "He et al. 2014, section 2.2"
    work = "comparisons: one fewer than a bin holds numbers"
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

    def run(self, tape: Tape, *inputs: int) -> int:
        sizes = [tape.shapes[0][0] * level * level for level in self.levels]
        levels = [tape.op(inputs[0], numbers=size, keeps=((inputs[0], ANY),), aside=_indices(size)) for size in sizes]
        return tape.op(*levels, numbers=product(self.output(*tape.shapes)), passes=True)
