"""Normalisations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from archcalc.algebra import Dim, product
from archcalc.layers.base import IMAGE, TOKENS, Layer, Rule, Shape, Weight, multiple, positive
from archcalc.layers.tape import ANY, Aside, Grad, Tape


def _affine(channels: Dim) -> dict[str, Weight]:
    return {"weight": Weight((channels,), "norms"), "bias": Weight((channels,), "norms")}


class BatchNorm(Layer):
    """Batch normalisation (Ioffe and Szegedy 2015): scale and shift trained (unless not ``affine``), mean and
    variance kept as buffers."""

    kind = "bn"
    source = "Ioffe and Szegedy 2015"
    work = "a multiplication and an addition, in inference"
    ranks = (IMAGE, 1)
    centres = True
    counters = 1
    affine: bool = True
    frozen: bool = False

    def weights(self, *inputs: Shape) -> Mapping[str, Weight]:
        channels = inputs[0][0]
        statistics = {name: Weight((channels,), "buffers") for name in ("running_mean", "running_var")}
        return (_affine(channels) if self.affine else {}) | statistics

    def element_ops(self, *inputs: Shape) -> Dim:
        """In inference a multiplication and an addition, trained scale or not."""
        return 2 * product(inputs[0])

    def run(self, tape: Tape, *inputs: int) -> int:
        """In training the batch's mean and deviation are kept too."""
        statistics = Aside(2 * tape.shapes[0][0], each=False) if tape.training else None
        return tape.op(inputs[0], keeps=((inputs[0], ANY),), aside=statistics, trains=("weight", "bias"))


class LayerNorm(Layer):
    """Normalisation over the channels of each position (Ba et al. 2016)."""

    kind = "layer norm"
    source = "Ba et al. 2016"
    work = "7 for each number: mean, variance, normalisation, scale and shift"
    frozen: bool = False

    def weights(self, *inputs: Shape) -> Mapping[str, Weight]:
        shape = inputs[0]
        return _affine(shape[1] if len(shape) == TOKENS else shape[0])

    def element_ops(self, *inputs: Shape) -> Dim:
        return 7 * product(inputs[0])

    def run(self, tape: Tape, *inputs: int) -> int:
        shape = tape.shapes[0]
        positions = product(shape[1:]) if len(shape) == IMAGE else product(shape[:-1])
        return tape.op(
            inputs[0],
            keeps=((inputs[0], ANY),),
            aside=Aside(2 * positions),
            trains=("weight", "bias"),
            cast="full on cuda",
        )


class GroupNorm(Layer):
    """Normalisation over groups of channels (Wu and He 2018)."""

    kind = "group norm"
    source = "Wu and He 2018"
    work = "7 for each number: mean, variance, normalisation, scale and shift"
    ranks = (IMAGE,)
    groups: Dim
    frozen: bool = False

    def rules(self, *inputs: Shape) -> Iterator[Rule]:
        channels = inputs[0][0]
        yield positive(self.groups, "A305", f"groups {self.groups}: it must be at least 1")
        yield multiple(channels, self.groups, "A302", f"{self.groups} groups do not divide the {channels} channels")

    def weights(self, *inputs: Shape) -> Mapping[str, Weight]:
        return _affine(inputs[0][0])

    def element_ops(self, *inputs: Shape) -> Dim:
        return 7 * product(inputs[0])

    def run(self, tape: Tape, *inputs: int) -> int:
        statistics, affine = Aside(2 * self.groups), ("weight", "bias")
        return tape.op(inputs[0], keeps=((inputs[0], ANY),), aside=statistics, trains=affine, cast="full on cuda")


class LRN(Layer):
    """Local response normalisation across ``size`` channels (Krizhevsky et al. 2012, section 3.3)."""

    kind = "lrn"
    source = "Krizhevsky et al. 2012, section 3.3"
    work = "n squares and n - 1 sums; scale, shift, power and division"
    letters: ClassVar[Mapping[str, str]] = {"size": "n"}
    ranks = (IMAGE,)
    size: Dim = 5

    def rules(self, *inputs: Shape) -> Iterator[Rule]:
        yield positive(self.size, "A305", f"LRN over {self.size} channels: it must be at least 1")

    def element_ops(self, *inputs: Shape) -> Dim:
        return (2 * self.size + 3) * product(inputs[0])

    def run(self, tape: Tape, *inputs: int) -> int:
        """Squares, padded by channels, averaged; scaled, shifted, raised to a power; the input over that."""
        (image,), (channels, height, width) = inputs, tape.shapes[0]
        whole = tape.numbers[image]
        square = tape.times(image, image)
        padded = tape.op(square, numbers=(channels + self.size - 1) * height * width)
        mean = tape.op(padded, numbers=whole, keeps=((padded, ANY),), cast="full on cpu")
        shifted = tape.op(tape.op(mean), passes=True, holds=(mean,))
        power = tape.op(
            shifted, keeps=((shifted, ANY),), grads=(Grad(0, whole, 2 * whole),), holds=(mean,), cast="full on cuda"
        )
        grads = (Grad(1, whole, 3 * whole), Grad(0, whole))
        return tape.op(image, power, keeps=((image, 1), (power, ANY)), grads=grads)
