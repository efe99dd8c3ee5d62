"""Attention and what turns an image into tokens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from archcalc.algebra import Dim, product
from archcalc.layers.base import IMAGE, TOKENS, Layer, Reading, Rule, Shape, Weight, multiple, positive
from archcalc.layers.tape import Grad, Tape


class Attention(Layer):
    """Multi-head self-attention as two matrix products (Vaswani et al. 2017, section 3.2): N tokens of C channels."""

    kind = "attention"
    source = "Vaswani et al. 2017, section 3.2"
    work = "each score scaled and softmaxed (5), the biases added"
    ranks = (TOKENS,)
    heads: Dim
    bias: bool = True
    frozen: bool = False

    def rules(self, *inputs: Shape) -> Iterator[Rule]:
        channels = inputs[0][1]
        yield positive(self.heads, "A305", f"{self.heads} heads: it must be at least 1")
        yield multiple(channels, self.heads, "A302", f"{self.heads} heads do not divide the {channels} channels")

    def weights(self, *inputs: Shape) -> Mapping[str, Weight]:
        c = inputs[0][1]
        tensors = {"qkv.weight": Weight((3 * c, c)), "out.weight": Weight((c, c))}
        if self.bias:
            tensors |= {"qkv.bias": Weight((3 * c,), "biases"), "out.bias": Weight((c,), "biases")}
        return tensors

    def product_macs(self, *inputs: Shape) -> Dim:
        """Queries by keys, and probabilities by values: N·N·C each."""
        tokens, channels = inputs[0]
        return 2 * tokens * tokens * channels

    def uses(self, *inputs: Shape) -> Shape:
        """Every token is projected."""
        return inputs[0][:1]

    def element_ops(self, *inputs: Shape) -> Dim:
        """A scaling and a softmax (5) of each of heads·N·N scores, and the biases."""
        tokens, channels = inputs[0]
        biases = 4 * tokens * channels if self.bias else 0
        return 6 * self.heads * tokens * tokens + biases

    def reads(self, *inputs: Shape) -> Reading:
        return "all"

    def run(self, tape: Tape, *inputs: int) -> int:
        """Queries, keys and values in one product; scores, scaled, to probabilities; values mixed; projected.

        Matrix products of many heads copy what does not lie head by head.
        """
        tokens, channels = tape.shapes[0]
        numbers, pairs = tokens * channels, self.heads * tokens * tokens
        apart = tape.linear(inputs[0], 3 * numbers, "qkv.weight", "qkv.bias")
        # one gradient of all three, stacked, then copied in order
        three = tape.op(apart, view=True, grads=(Grad(0, 3 * numbers, 3 * numbers),))
        queries, keys = (tape.op(three, numbers=numbers, grads=(Grad(0, None),)) for _ in range(2))
        scores = tape.op(queries, keys, numbers=pairs, keeps=((queries, 1), (keys, 0)), holds=(apart,), cast="low")
        scaled = tape.op(scores, holds=(apart, queries, keys))
        likely = tape.op(scaled, keeps_result=True, holds=(apart, scaled), cast="full on cuda")
        values = tape.op(three, numbers=numbers, grads=(Grad(0, None),), holds=(scaled,))
        mixed = tape.op(
            likely, values, numbers=numbers, keeps=((likely, 1), (values, 0)), holds=(apart, scaled), cast="low"
        )
        joined = tape.copy(mixed)
        return tape.linear(joined, numbers, "out.weight", "out.bias")


class Tokens(Layer):
    """An image's positions as a sequence, row by row: (C, H, W) to (H·W, C)."""

    kind = "tokens"
    ranks = (IMAGE,)
    view = True

    def output(self, *inputs: Shape) -> Shape:
        channels, height, width = inputs[0]
        return (height * width, channels)

    def run(self, tape: Tape, *inputs: int) -> int:
        return tape.view(inputs[0])


class ClassToken(Layer):
    """One trained token before the others (Dosovitskiy et al. 2021, section 3.1)."""

    kind = "class token"
    source = "Dosovitskiy et al. 2021, section 3.1"
    ranks = (TOKENS,)

    def output(self, *inputs: Shape) -> Shape:
        tokens, channels = inputs[0]
        return (tokens + 1, channels)

    def weights(self, *inputs: Shape) -> Mapping[str, Weight]:
        return {"token": Weight((1, inputs[0][1]), "others")}

    def run(self, tape: Tape, *inputs: int) -> int:
        return tape.op(inputs[0], numbers=product(self.output(*tape.shapes)), trains=("token",), passes=True)


class Position(Layer):
    """A trained vector added to every token (Dosovitskiy et al. 2021, section 3.1)."""

    kind = "position"
    source = "Dosovitskiy et al. 2021, section 3.1"
    work = "an addition to each number"
    ranks = (TOKENS,)

    def weights(self, *inputs: Shape) -> Mapping[str, Weight]:
        return {"embedding": Weight(inputs[0], "others")}

    def element_ops(self, *inputs: Shape) -> Dim:
        return product(inputs[0])

    def run(self, tape: Tape, *inputs: int) -> int:
        return tape.op(inputs[0], trains=("embedding",), passes=True)


class FirstToken(Layer):
    """The first token alone, as a vector."""

    kind = "first token"
    ranks = (TOKENS,)
    view = True

    def output(self, *inputs: Shape) -> Shape:
        return (inputs[0][1],)

    def run(self, tape: Tape, *inputs: int) -> int:
        return tape.part(inputs[0], tape.shapes[0][1])
