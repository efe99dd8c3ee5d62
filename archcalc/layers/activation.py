"""Activation functions: one class, a row of a table each; PReLU has weights of its own."""

from __future__ import annotations

from collections.abc import Mapping

from archcalc.algebra import Dim, product
from archcalc.layers.base import TOKENS, Layer, Shape, Weight
from archcalc.layers.tape import ANY, Cast, Tape

#: Element operations an output: compares, multiplications, exponentials and divisions, one each.
FUNCTIONS: dict[str, int] = {
    "relu": 1,
    "relu6": 2,
    "leaky relu": 2,
    "elu": 5,
    "sigmoid": 4,
    "tanh": 4,
    "gelu": 5,
    "silu": 5,
    "hard swish": 5,
    "softmax": 5,
    "log softmax": 5,
}


#: Functions whose derivative is a function of what they gave: that is kept, what they took is not.
OF_RESULT = ("relu", "sigmoid", "tanh", "softmax", "log softmax")


class Activation(Layer):
    """An elementwise function (softmax: over the channels); ``slope`` belongs to leaky relu, ``alpha`` to elu."""

    activation = True
    function: str
    slope: float | None = None

    @property
    def kind(self) -> str:  # type: ignore[override]
        return self.function

    @property
    def work(self) -> str:  # type: ignore[override]  # as each function has its own
        return f"{FUNCTIONS[self.function]} for each number"

    def element_ops(self, *inputs: Shape) -> Dim:
        return FUNCTIONS[self.function] * product(inputs[0])

    def run(self, tape: Tape, *inputs: int) -> int:
        """Only ReLU writes over what it reads: others would have to keep a copy of it."""
        if self.function in OF_RESULT:
            full: Cast = "full on cuda" if "softmax" in self.function else None
            return tape.op(inputs[0], over=self.function == "relu", keeps_result=True, cast=full)
        return tape.op(inputs[0], keeps=((inputs[0], ANY),))


class PReLU(Layer):
    """A leaky ReLU whose slope is trained, one a channel (He et al. 2015, equation 1)."""

    kind = "prelu"
    source = "He et al. 2015, equation 1"
    work = "a comparison and a product"
    activation = True
    frozen: bool = False

    def weights(self, *inputs: Shape) -> Mapping[str, Weight]:
        shape = inputs[0]
        return {"weight": Weight((shape[1] if len(shape) == TOKENS else shape[0],), "others")}

    def element_ops(self, *inputs: Shape) -> Dim:
        return 2 * product(inputs[0])

    def run(self, tape: Tape, *inputs: int) -> int:
        """The slopes' gradient is worked out for every number, then summed."""
        numbers = tape.numbers[inputs[0]]
        return tape.op(inputs[0], keeps=((inputs[0], ANY),), trains=("weight",), scratch=numbers, cast="low")
