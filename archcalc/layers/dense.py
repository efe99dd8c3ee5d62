"""Fully connected layers and LeNet-5's output units."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from archcalc.algebra import Dim, product
from archcalc.layers.base import IMAGE, TOKENS, VECTOR, Layer, Reading, Rule, Shape, Weight, positive
from archcalc.layers.tape import ANY, Grad, Tape


class Dense(Layer):
    """A matrix product and a bias. An image is flattened, channels outermost; tokens go one by one."""

    kind = "fc"
    source = "CS231n notes, Neural Networks"
    work = "the bias, added to each output number"
    unit = "neuron"
    weight_layer = True
    units: Dim
    bias: bool = True
    frozen: bool = False

    def rules(self, *inputs: Shape) -> Iterator[Rule]:
        yield positive(self.units, "A305", f"{self.units} neurons: it must be at least 1")

    def output(self, *inputs: Shape) -> Shape:
        return (inputs[0][0], self.units) if len(inputs[0]) == TOKENS else (self.units,)

    def weights(self, *inputs: Shape) -> Mapping[str, Weight]:
        shape = inputs[0]
        read = shape[1] if len(shape) == TOKENS else product(shape)
        tensors = {"weight": Weight((self.units, read))}
        if self.bias:
            tensors["bias"] = Weight((self.units,), "biases")
        return tensors

    def uses(self, *inputs: Shape) -> Shape:
        """Every token."""
        return inputs[0][:1] if len(inputs[0]) == TOKENS else ()

    def routine(self, *inputs: Shape) -> str:
        """A matrix by a matrix of tokens, where it is by a vector else."""
        return "fc of tokens" if len(inputs[0]) == TOKENS else self.kind

    def element_ops(self, *inputs: Shape) -> Dim:
        return product(self.output(*inputs)) if self.bias else 0

    def reads(self, *inputs: Shape) -> Reading:
        return "all" if len(inputs[0]) == IMAGE else "same"

    def run(self, tape: Tape, *inputs: int) -> int:
        read = tape.view(inputs[0]) if len(tape.shapes[0]) == IMAGE else inputs[0]
        return tape.linear(read, product(self.output(*tape.shapes)))


class RBF(Layer):
    """Squared distances to fixed centres (LeCun et al. 1998, equation 7): a subtraction, a product, a sum an input."""

    kind = "rbf"
    source = "LeCun et al. 1998, equation 7"
    work = "a subtraction, a product and a sum for each input of each output"
    ranks = (VECTOR,)
    weight_layer = True
    units: Dim

    def rules(self, *inputs: Shape) -> Iterator[Rule]:
        yield positive(self.units, "A305", f"{self.units} units: it must be at least 1")

    def output(self, *inputs: Shape) -> Shape:
        return (self.units,)

    def weights(self, *inputs: Shape) -> Mapping[str, Weight]:
        return {"centres": Weight((self.units, inputs[0][0]), "buffers")}

    def element_ops(self, *inputs: Shape) -> Dim:
        return 3 * self.connections(*inputs)

    def connections(self, *inputs: Shape) -> Dim:
        return self.units * inputs[0][0]

    def run(self, tape: Tape, *inputs: int) -> int:
        """Every difference, its square, and their sums."""
        pairs = self.connections(*tape.shapes)
        difference = tape.op(inputs[0], numbers=pairs)
        square = tape.op(difference, keeps=((difference, ANY),), grads=(Grad(0, pairs, 2 * pairs),))
        return tape.op(square, numbers=self.units, passes=True)
