"""The locally connected layer: a window's weights are those of its position."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from archcalc.algebra import Dim, product
from archcalc.layers.base import IMAGE, Layer, Reading, Rule, Shape, Weight
from archcalc.layers.conv import grouped
from archcalc.layers.tape import WEIGHTS, Tape
from archcalc.layers.window import Pair, Sliding


class Local(Sliding, Layer):
    """A convolution with its own weights and biases at every position (locally connected)."""

    kind = "local"
    source = "Dumoulin and Visin 2016, relationships 6 and 15"
    work = "a bias, added to each output number"
    ranks = (IMAGE,)
    weight_layer = True

    channels: Dim
    groups: Dim = 1
    bias: bool = True
    frozen: bool = False

    def rules(self, *inputs: Shape) -> Iterator[Rule]:
        yield from grouped(inputs[0][0], self.channels, self.groups)
        yield from self.window_rules(inputs[0])

    def output(self, *inputs: Shape) -> Shape:
        return (self.channels, *self.window_output(inputs[0]))

    def weights(self, *inputs: Shape) -> Mapping[str, Weight]:
        height, width = self.window_output(inputs[0])
        tensors = {"weight": Weight((height, width, self.channels, inputs[0][0] // self.groups, *self.kernel))}
        if self.bias:
            tensors["bias"] = Weight((self.channels, height, width), "biases")
        return tensors

    def element_ops(self, *inputs: Shape) -> Dim:
        return product(self.output(*inputs)) if self.bias else 0

    def reads(self, *inputs: Shape) -> Reading:
        return self.windows(inputs[0])

    def strides(self, *inputs: Shape) -> Pair:
        return self.stride

    def run(self, tape: Tape, *inputs: int) -> int:
        """Windows copied side by side, then a matrix product for each position and group."""
        padded = self.bordered(tape, inputs[0], tape.shapes[0][0])
        columns = tape.copy(self.unfolded(tape, padded))
        outputs = product(self.output(*tape.shapes))
        maps = tape.op(
            columns, numbers=outputs, keeps=((columns, WEIGHTS),), trains=("weight",), holds=(padded,), cast="low"
        )
        return tape.op(maps, trains=("bias",), passes=True, holds=(padded,)) if self.bias else maps
