"""Layers that multiply a window by the same weights everywhere: convolution and its transpose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Self

from archcalc.algebra import Dim, largest, product, same
from archcalc.layers.base import IMAGE, Layer, Reading, Rule, Shape, Weight, Window, equal, multiple, positive
from archcalc.layers.tape import ANY, Grad, Tape
from archcalc.layers.window import AXES, Pad, Pair, Sliding


def grouped(channels: Dim, into: Dim, groups: Dim) -> Iterator[Rule]:
    """Groups divide the channels on both sides (Krizhevsky et al. 2012, section 3.5)."""
    yield positive(into, "A305", f"{into} output channels: it must be at least 1", "channels")
    yield positive(groups, "A305", f"groups {groups}: it must be at least 1", "groups")
    message = f"groups {groups} does not divide the {{}} channels"
    yield multiple(channels, groups, "A302", message.format(f"{channels} input"), "groups")
    yield multiple(into, groups, "A302", message.format(f"{into} output"), "groups")


def with_bias(weight: Weight, bias: bool, numel: Dim) -> dict[str, Weight]:
    """A layer's weight and, if it has one, its bias."""
    tensors = {"weight": weight}
    if bias:
        tensors["bias"] = Weight((numel,), "biases")
    return tensors


class Conv(Sliding, Layer):
    """Convolution (Dumoulin and Visin 2016). ``connect`` lists, per output map, the input maps it reads (LeCun et al.
    1998, table I)."""

    kind = "conv"
    source = "Dumoulin and Visin 2016, relationships 6 and 15"
    work = "the bias, added to each output number"
    unit = "filter"
    ranks = (IMAGE,)
    weight_layer = True
    convolves = True

    channels: Dim
    groups: Dim = 1
    bias: bool = True
    frozen: bool = False
    connect: tuple[tuple[int, ...], ...] = ()

    def rules(self, *inputs: Shape) -> Iterator[Rule]:
        channels = inputs[0][0]
        yield from grouped(channels, self.channels, self.groups)
        yield from self.window_rules(inputs[0])
        if self.connect:
            yield equal(
                len(self.connect), self.channels, "A302",
                f"the connection table lists {len(self.connect)} maps, the layer has {self.channels}",
            )  # fmt: skip
            highest = max(max(maps) for maps in self.connect)
            yield positive(
                channels - highest,
                "A302",
                f"the connection table reads map {highest}, the input has maps 0 to {channels - 1}",
            )

    def output(self, *inputs: Shape) -> Shape:
        return (self.channels, *self.window_output(inputs[0]))

    def weights(self, *inputs: Shape) -> Mapping[str, Weight]:
        if self.connect:
            shape: Shape = (sum(len(maps) for maps in self.connect), *self.kernel)
        else:
            shape = (self.channels, inputs[0][0] // self.groups, *self.kernel)
        return with_bias(Weight(shape), self.bias, self.channels)

    def uses(self, *inputs: Shape) -> Shape:
        """Every output position."""
        return self.window_output(inputs[0])

    def fewest_macs(self, *inputs: Shape) -> Dim:
        """A product for each channel of each filter and output that is not of padding alone: so many independent sums
        of products take no fewer (Winograd 1980; F(m, r) takes m + r - 1, Lavin and Gray 2016, section 4)."""
        weight = self.weights(*inputs)["weight"]
        return weight.numel // product(self.kernel) * product(axis.working for axis in self.axes(inputs[0]))

    def routine(self, *inputs: Shape) -> str:
        """A 1x1 convolution is a matrix product; groups are done apart, and one of a single channel has no product."""
        if same(self.groups, 1):
            return "conv 1x1" if same(self.kernel, (1, 1)) else "conv"
        return "depthwise conv" if same(self.groups, inputs[0][0]) else "grouped conv"

    def element_ops(self, *inputs: Shape) -> Dim:
        return product(self.output(*inputs)) if self.bias else 0

    def reads(self, *inputs: Shape) -> Reading:
        return self.windows(inputs[0])

    def strides(self, *inputs: Shape) -> Pair:
        return self.stride

    def run(self, tape: Tape, *inputs: int) -> int:
        if self.connect:
            return self._linked(tape, inputs[0])
        image = inputs[0]
        if self.ceil or not self.even:
            image = self.bordered(tape, image, tape.shapes[0][0])
        outputs = product(self.output(*tape.shapes))
        return tape.op(image, numbers=outputs, keeps=((image, ANY),), trains=("weight", "bias"), cast="low")

    def _linked(self, tape: Tape, image: int) -> int:
        """The map of each link copied and convolved, then summed by output."""
        links = sum(len(maps) for maps in self.connect)
        positions = product(self.window_output(tape.shapes[0]))
        whole = tape.numbers[image]
        # every slice has a gradient of the whole input's size, which is added to those before
        copied = tape.op(image, numbers=links * product(tape.shapes[0][1:]), grads=(Grad(0, whole, 2 * whole),))
        padded = self.bordered(tape, copied, links)
        each = tape.op(
            padded, numbers=links * positions, keeps=((padded, ANY),), trains=("weight",), holds=(copied,), cast="low"
        )
        maps = tape.op(each, numbers=self.channels * positions)
        joined = tape.op(maps, passes=True, holds=(copied, each))
        return tape.op(joined, trains=("bias",), passes=True, holds=(copied, each)) if self.bias else joined


class Deconv(Sliding, Layer):
    """Transposed convolution (Dumoulin and Visin 2016, relationships 8-14); pad is cropped from the output."""

    kind = "deconv"
    source = "Dumoulin and Visin 2016, relationship 14"
    work = "the bias, added to each output number"
    ranks = (IMAGE,)
    weight_layer = True
    convolves = True

    channels: Dim
    groups: Dim = 1
    bias: bool = True
    frozen: bool = False

    def rules(self, *inputs: Shape) -> Iterator[Rule]:
        yield from grouped(inputs[0][0], self.channels, self.groups)
        for name, kernel, stride, size in zip(AXES, self.kernel, self.stride, self._sizes(inputs[0]), strict=True):
            yield positive(kernel, "A305", f"kernel {kernel}: it must be at least 1", "window")
            yield positive(stride, "A305", f"stride {stride}: it must be at least 1", "stride")
            yield positive(size, "A301", f"the padding crops the whole output: {name} {size}")

    def _pads(self) -> tuple[Pair, Pair]:
        """What is cropped before and after; ``same`` leaves stride x input (adding rows where windows do not touch)."""
        if not self.pad.same:
            return self.pad.height, self.pad.width
        more = [d * (k - 1) + 1 - s for k, s, d in zip(self.kernel, self.stride, self.dilation, strict=True)]
        height, width = ((largest(total, 0) // 2, total - largest(total, 0) // 2) for total in more)
        return height, width

    def explicit(self, *inputs: Shape) -> Self:
        return self.but(pad=Pad(*self._pads()))

    def same_padding(self, *inputs: Shape) -> tuple[Dim, ...]:
        return tuple(before + after for before, after in self._pads()) if self.pad.same else ()

    def _sizes(self, shape: Shape) -> Pair:
        height, width = (
            stride * (size - 1) + dilation * (kernel - 1) + 1 - before - after
            for size, kernel, stride, dilation, (before, after) in zip(
                shape[1:], self.kernel, self.stride, self.dilation, self._pads(), strict=True
            )
        )
        return height, width

    def output(self, *inputs: Shape) -> Shape:
        return (self.channels, *self._sizes(inputs[0]))

    def weights(self, *inputs: Shape) -> Mapping[str, Weight]:
        shape = (inputs[0][0], self.channels // self.groups, *self.kernel)
        return with_bias(Weight(shape), self.bias, self.channels)

    def uses(self, *inputs: Shape) -> Shape:
        """Every input position, what the padding crops included."""
        return inputs[0][1:]

    def fewest_macs(self, *inputs: Shape) -> Dim:
        """A product for each input and each filter's channel: a convolution's, the other way round."""
        return self.macs(*inputs) // product(self.kernel)

    def element_ops(self, *inputs: Shape) -> Dim:
        return product(self.output(*inputs)) if self.bias else 0

    def reads(self, *inputs: Shape) -> Reading:
        """Output o reads inputs i where o + pad - stride·i is a multiple of the dilation from 0 to dilation·(kernel -
        1)."""
        return tuple(
            Window(1, before - dilation * (kernel - 1) - 1 + stride, before, stride, dilation)
            for kernel, stride, dilation, (before, _) in zip(
                self.kernel, self.stride, self.dilation, self._pads(), strict=True
            )
        )

    def run(self, tape: Tape, *inputs: int) -> int:
        """PyTorch crops alike on both sides by itself; else rows, then columns are cut off what it gives."""
        channels, height, width = self.output(*tape.shapes)
        rows, columns = (0, 0) if self.even else (before + largest(after, 0) for before, after in self._pads())
        whole = channels * (height + rows) * (width + columns)
        found = tape.op(inputs[0], numbers=whole, keeps=((inputs[0], ANY),), trains=("weight", "bias"), cast="low")
        if not same(rows, 0):
            found = tape.part(found, channels * height * (width + columns))
        return found if same(columns, 0) else tape.part(found, channels * height * width)
