"""Layers that move, cut, spread or scale numbers without windows of weights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

from archcalc.algebra import Dim, product, same
from archcalc.layers.base import IMAGE, TOKENS, Layer, Reading, Rule, Shape, Weight, Window, equal, multiple, positive
from archcalc.layers.merge import shown
from archcalc.layers.tape import WEIGHTS, Aside, Tape
from archcalc.layers.window import AXES, Pair


class Input(Layer):
    """The network's input."""

    kind = "input"
    shape: Shape

    def rules(self, *inputs: Shape) -> Iterator[Rule]:
        for dim in self.shape:
            yield positive(dim, "A305", f"an input of {shown(self.shape)}: every size must be at least 1")

    def output(self, *inputs: Shape) -> Shape:
        return self.shape


class Identity(Layer):
    """Passes its input on."""

    kind = "identity"
    view = True

    def run(self, tape: Tape, *inputs: int) -> int:
        return inputs[0]


class Flatten(Layer):
    """An image as a vector, channels outermost."""

    kind = "flatten"
    view = True

    def output(self, *inputs: Shape) -> Shape:
        return (product(inputs[0]),)

    def reads(self, *inputs: Shape) -> Reading:
        return "all" if len(inputs[0]) != 1 else "same"

    def run(self, tape: Tape, *inputs: int) -> int:
        return tape.view(inputs[0])


class Reshape(Layer):
    """The same numbers as another shape."""

    kind = "reshape"
    view = True
    shape: Shape

    def rules(self, *inputs: Shape) -> Iterator[Rule]:
        have, want = product(inputs[0]), product(self.shape)
        yield equal(
            have, want, "A304", f"{shown(self.shape)} holds {want} numbers, the input {shown(inputs[0])} has {have}"
        )

    def output(self, *inputs: Shape) -> Shape:
        return self.shape

    def reads(self, *inputs: Shape) -> Reading:
        return "all"

    def run(self, tape: Tape, *inputs: int) -> int:
        return tape.view(inputs[0])


class Dropout(Layer):
    """Zeroes numbers in training (Srivastava et al. 2014); nothing in inference."""

    kind = "dropout"
    source = "Srivastava et al. 2014"
    activation = True
    rate: float = 0.5

    def run(self, tape: Tape, *inputs: int) -> int:
        """Keeps its noise: a number each on a CPU, a byte on a GPU."""
        if not tape.training or not self.rate:
            return inputs[0]
        noise = Aside(tape.numbers[inputs[0]], item=1 if tape.cuda else None)
        return tape.op(inputs[0], aside=noise)


class DropPath(Layer):
    """Drops a whole branch in training (Larsson et al. 2017); nothing in inference."""

    kind = "drop path"
    source = "Larsson et al. 2017"
    activation = True
    rate: float = 0.1

    def run(self, tape: Tape, *inputs: int) -> int:
        """Keeps a number an image."""
        return tape.op(inputs[0], aside=Aside(1)) if tape.training and self.rate else inputs[0]


class ChannelShuffle(Layer):
    """Transposes groups and channels (Zhang et al. 2018)."""

    kind = "channel shuffle"
    source = "Zhang et al. 2018"
    ranks = (IMAGE,)
    groups: Dim

    def rules(self, *inputs: Shape) -> Iterator[Rule]:
        channels = inputs[0][0]
        yield positive(self.groups, "A305", f"groups {self.groups}: it must be at least 1")
        yield multiple(channels, self.groups, "A302", f"{self.groups} groups do not divide the {channels} channels")


class Upsample(Layer):
    """Enlarges an image by a whole factor: each number repeated, or bilinear at half-pixel centres."""

    kind = "upsample"
    work = "bilinear: four products and three sums"
    ranks = (IMAGE,)
    factor: Pair
    mode: Literal["nearest", "bilinear"] = "nearest"

    def rules(self, *inputs: Shape) -> Iterator[Rule]:
        for factor in self.factor:
            yield positive(factor, "A305", f"upsample {factor}: it must be at least 1")

    def output(self, *inputs: Shape) -> Shape:
        channels, height, width = inputs[0]
        return (channels, height * self.factor[0], width * self.factor[1])

    def element_ops(self, *inputs: Shape) -> Dim:
        return 7 * product(self.output(*inputs)) if self.mode == "bilinear" else 0

    def reads(self, *inputs: Shape) -> Reading:
        if self.mode == "nearest":
            return tuple(Window(1, 0, 0, factor) for factor in self.factor)
        # output o lies at (2o + 1 - f)/2f: it reads the inputs on both sides of that point, or the one right there
        return tuple(Window(2, 1 - factor, factor, 2 * factor) for factor in self.factor)

    def run(self, tape: Tape, *inputs: int) -> int:
        return tape.op(inputs[0], numbers=product(self.output(*tape.shapes)), cast="full on cuda")


class Crop(Layer):
    """Cuts ``size`` rows and columns out from ``offset`` on (Caffe's Crop)."""

    kind = "crop"
    ranks = (IMAGE,)
    view = True
    offset: Pair
    size: Pair

    def rules(self, *inputs: Shape) -> Iterator[Rule]:
        for name, whole, offset, size in zip(AXES, inputs[0][1:], self.offset, self.size, strict=True):
            text = f"{name} {whole} has no {size} from offset {offset} on"
            yield positive(offset + 1, "A301", text)
            yield positive(whole - offset - size + 1, "A301", text)

    def output(self, *inputs: Shape) -> Shape:
        return (inputs[0][0], *self.size)

    def reads(self, *inputs: Shape) -> Reading:
        return tuple(Window(1, offset, offset) for offset in self.offset)

    def run(self, tape: Tape, *inputs: int) -> int:
        """Rows are cut out, then columns; an axis that stays whole is not cut."""
        channels, height, width = tape.shapes[0]
        found = inputs[0]
        if not same(self.size[0], height):
            found = tape.part(found, channels * self.size[0] * width)
        return found if same(self.size[1], width) else tape.part(found, product(self.output(*tape.shapes)))


class ZeroShortcut(Layer):
    """Takes every stride-th position and adds zero channels (He et al. 2016, option A)."""

    kind = "shortcut"
    source = "He et al. 2016, option A"
    ranks = (IMAGE,)
    channels: Dim
    stride: Pair

    def rules(self, *inputs: Shape) -> Iterator[Rule]:
        more = self.channels - inputs[0][0]
        yield positive(
            more + 1, "A303", f"shortcut A adds channels, it cannot take {inputs[0][0]} down to {self.channels}"
        )

    def output(self, *inputs: Shape) -> Shape:
        _, height, width = inputs[0]
        return (self.channels, (height - 1) // self.stride[0] + 1, (width - 1) // self.stride[1] + 1)

    def reads(self, *inputs: Shape) -> Reading:
        return tuple(Window(stride, 0, 0) for stride in self.stride)

    def strides(self, *inputs: Shape) -> Pair:
        return self.stride

    def run(self, tape: Tape, *inputs: int) -> int:
        channels, _, width = tape.shapes[0]
        _, rows, columns = self.output(*tape.shapes)
        found = inputs[0]
        if not same(self.stride[0], 1):
            found = tape.part(found, channels * rows * width)
        if not same(self.stride[1], 1):
            found = tape.part(found, channels * rows * columns)
        return tape.op(found, numbers=product(self.output(*tape.shapes)))


class Scale(Layer):
    """Multiplies by a constant (Szegedy et al. 2017, section 3.3)."""

    kind = "scale"
    source = "Szegedy et al. 2017, section 3.3"
    work = "a multiplication"
    factor: float

    def element_ops(self, *inputs: Shape) -> Dim:
        return product(inputs[0])


class LayerScale(Layer):
    """Multiplies each channel by a trained number (Touvron et al. 2021)."""

    kind = "layer scale"
    source = "Touvron et al. 2021"
    work = "a multiplication"
    frozen: bool = False

    def weights(self, *inputs: Shape) -> Mapping[str, Weight]:
        shape = inputs[0]
        return {"gamma": Weight((shape[1] if len(shape) == TOKENS else shape[0],), "others")}

    def element_ops(self, *inputs: Shape) -> Dim:
        return product(inputs[0])

    def run(self, tape: Tape, *inputs: int) -> int:
        """The numbers' gradient is worked out for every product, then summed."""
        numbers = tape.numbers[inputs[0]]
        return tape.op(inputs[0], keeps=((inputs[0], WEIGHTS),), trains=("gamma",), scratch=numbers)
