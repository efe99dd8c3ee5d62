"""Window arithmetic along one axis, shared by every layer that slides a window.

Source of the formulas: Dumoulin and Visin, A guide to convolution arithmetic for deep learning (2016), relationships
1-15.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, Self

from archcalc.algebra import Dim, ceil_div, largest, same, smallest
from archcalc.layers.base import Rule, Shape, Window, positive
from archcalc.layers.tape import Tape
from archcalc.record import Configuration, Record

AXES = ("height", "width")
Pair = tuple[Dim, Dim]


class Pad(Record):
    """Rows and columns of padding: (before, after) of each axis; ``same`` is TensorFlow's rule, ⌈input/stride⌉
    outputs."""

    height: Pair = (0, 0)
    width: Pair = (0, 0)
    same: bool = False

    def plain(self) -> Any:
        return "same" if self.same else [*self.height, *self.width]


class Axis(NamedTuple):
    """One axis of a sliding window over ``size`` inputs: everything resolved to numbers."""

    size: Dim
    kernel: Dim
    stride: Dim
    before: Dim
    after: Dim
    dilation: Dim = 1
    ceil: bool = False

    @property
    def extent(self) -> Dim:
        """Inputs from a window's first to its last, holes of a dilation included (relationship 15)."""
        return self.dilation * (self.kernel - 1) + 1

    @property
    def slack(self) -> Dim:
        """How far the window can move: padded input less the window's extent."""
        return self.size - self.extent + self.before + self.after

    @property
    def outputs(self) -> Dim:
        """Window positions: ⌊slack/stride⌋ + 1, or under ``ceil`` ⌈slack/stride⌉ + 1 with no window past input + pad
        (Caffe, PyTorch)."""
        if self.ceil:
            return smallest(ceil_div(self.slack, self.stride), (self.size + self.before - 1) // self.stride) + 1
        return self.slack // self.stride + 1

    @property
    def worked(self) -> str:
        """The sum behind ``outputs``, of numbers: (N - F + 2P)/S + 1."""
        padding = f"2*{self.before}" if self.before == self.after else f"{self.before} + {self.after}"
        exact = f"{self.slack / self.stride + 1:.6g}"
        text = f"({self.size} - {self.extent} + {padding})/{self.stride} + 1 = {exact}"
        whole = self.slack % self.stride == 0 and self.slack // self.stride + 1 == self.outputs
        return text if whole else f"{text}, {'rounded up' if self.ceil else 'floored'} to {self.outputs}"

    @property
    def unread(self) -> Dim:
        """Real inputs at the end that no window reads (negative: the last window ends in padding)."""
        return self.size - ((self.outputs - 1) * self.stride - self.before + self.extent)

    @property
    def working(self) -> Dim:
        """Window positions that are not of padding alone."""
        first = largest(ceil_div(self.before - self.extent + 1, self.stride), 0)
        return smallest((self.size - 1 + self.before) // self.stride + 1, self.outputs) - first

    @property
    def gapless(self) -> bool:
        """Whether each window reaches the next; False where an open symbol hides it."""
        numbers = isinstance(self.kernel, int) and isinstance(self.stride, int)
        return numbers and self.kernel >= self.stride

    @property
    def gapped(self) -> bool:
        """Whether a stride wider than the window passes inputs over, as is meant; False where a symbol hides it."""
        numbers = isinstance(self.kernel, int) and isinstance(self.stride, int)
        return numbers and self.kernel < self.stride

    @property
    def padded(self) -> Dim:
        """The input with its padding, and under ``ceil`` with what its last window reads beyond."""
        given = self.size + self.before + self.after
        return largest(given, (self.outputs - 1) * self.stride + self.extent) if self.ceil else given

    @property
    def window(self) -> Window:
        return Window(self.stride, -self.before, -self.before + self.extent - 1, gap=self.dilation)


class Sliding(Configuration):
    """Mixin of layers that slide a window over an image; height before width everywhere."""

    kernel: Pair = (1, 1)
    stride: Pair = (1, 1)
    pad: Pad = Pad()
    dilation: Pair = (1, 1)
    ceil: bool = False

    def axes(self, shape: Shape) -> tuple[Axis, Axis]:
        """Height's and width's window arithmetic on an image of this shape."""
        return self._axis(shape[1], 0, self.pad.height), self._axis(shape[2], 1, self.pad.width)

    def _axis(self, size: Dim, axis: int, pads: Pair) -> Axis:
        kernel, stride, dilation = self.kernel[axis], self.stride[axis], self.dilation[axis]
        if self.pad.same:
            extent = dilation * (kernel - 1) + 1
            total = largest((ceil_div(size, stride) - 1) * stride + extent - size, 0)
            pads = (total // 2, total - total // 2)
        return Axis(size, kernel, stride, *pads, dilation, self.ceil)

    def explicit(self, *inputs: Shape) -> Self:
        """The same layer with the padding that ``same`` comes to on this image."""
        height, width = self.axes(inputs[0])
        return self.but(pad=Pad((height.before, height.after), (width.before, width.after)))

    def same_padding(self, *inputs: Shape) -> tuple[Dim, ...]:
        """What ``pad same`` adds to each axis, both sides together; nothing without it."""
        return tuple(axis.before + axis.after for axis in self.axes(inputs[0])) if self.pad.same else ()

    def window_rules(self, shape: Shape) -> Iterator[Rule]:
        """Strides and kernels are positive, and no kernel is larger than its padded input."""
        for name, axis in zip(AXES, self.axes(shape), strict=True):
            for what, value in (("kernel", axis.kernel), ("stride", axis.stride), ("dilation", axis.dilation)):
                part = "window" if what == "kernel" else what
                yield positive(value, "A305", f"{what} {value}: it must be at least 1", part)
            padding = f" with padding {axis.before} + {axis.after}" if (axis.before, axis.after) != (0, 0) else ""
            yield positive(
                axis.slack + 1, "A301",
                f"a window of {axis.extent} does not fit {name} {axis.size}{padding}", "window",
            )  # fmt: skip

    def window_output(self, shape: Shape) -> Pair:
        """Output height and width."""
        height, width = self.axes(shape)
        return height.outputs, width.outputs

    def windows(self, shape: Shape) -> tuple[Window, Window]:
        height, width = self.axes(shape)
        return height.window, width.window

    @property
    def even(self) -> bool:
        """Whether both sides of each axis are padded alike, as PyTorch's own layers do."""
        return not self.pad.same and all(same(before, after) for before, after in (self.pad.height, self.pad.width))

    def bordered(self, tape: Tape, image: int, channels: Dim) -> int:
        """The image with its border as a tensor of its own, where it has one."""
        height, width = self.axes(tape.shapes[0])
        if same((height.padded, width.padded), (height.size, width.size)):
            return image
        return tape.op(image, numbers=channels * height.padded * width.padded)

    def unfolded(self, tape: Tape, image: int) -> int:
        """Every window of a bordered image, as a view."""
        height, width = self.axes(tape.shapes[0])
        rows = tape.shapes[0][0] * height.outputs
        found = tape.part(image, rows * width.padded * height.extent)
        found = tape.part(found, rows * width.outputs * height.extent * width.extent)
        if not same(height.dilation, 1):
            found = tape.part(found, rows * width.outputs * height.kernel * width.extent)
        if not same(width.dilation, 1):
            found = tape.part(found, rows * width.outputs * height.kernel * width.kernel)
        return found
