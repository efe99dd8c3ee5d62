"""What a layer is: a configuration, and everything that is true of it, each formula once.

A formula sees ``Dim = int | Expr`` and is plain integer arithmetic; it never branches on a number.
A shape is a tuple: ``(C, H, W)`` an image, ``(N, C)`` tokens, ``(F,)`` a vector.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal, NamedTuple, Self

from archcalc.algebra import Dim, product
from archcalc.layers.tape import Tape
from archcalc.record import Configuration

Shape = tuple[Dim, ...]
Role = Literal["weights", "biases", "norms", "others", "buffers"]

IMAGE, TOKENS, VECTOR = 3, 2, 1
NAMES_OF_RANKS = {IMAGE: "an image", TOKENS: "tokens", VECTOR: "a vector"}


class Weight(NamedTuple):
    """A stored tensor: its shape and what it is counted as."""

    shape: Shape
    role: Role = "weights"

    @property
    def numel(self) -> Dim:
        return product(self.shape)


class Rule(NamedTuple):
    """What must hold for a layer to exist: ``value`` is positive, a multiple of ``operand``, or equal to it.

    On ints a broken rule is a diagnostic, on symbols a side condition, on arrays a validity mask.
    ``message`` says what is wrong when it is broken, under the diagnostic's ``code``; ``part`` is the attribute that it
    speaks of, ``branches`` (from 1) the inputs that disagree.
    """

    test: Literal["positive", "multiple", "equal"]
    value: Dim
    operand: Dim
    code: str
    message: str
    part: str = ""
    branches: tuple[int, ...] = ()

    def holds(self) -> bool | None:
        """True or False on numbers; None where an open symbol leaves it undecided."""
        test, value, operand = self[:3]
        if isinstance(value, int) and isinstance(operand, int):
            if test == "positive":
                return value > 0
            return value == operand if test == "equal" else operand > 0 and value % operand == 0
        return True if test == "equal" and value == operand else None


def positive(value: Dim, code: str, message: str, part: str = "") -> Rule:
    """A rule: ``value`` is at least 1."""
    return Rule("positive", value, 0, code, message, part)


def multiple(value: Dim, of: Dim, code: str, message: str, part: str = "") -> Rule:
    """A rule: ``of`` divides ``value``."""
    return Rule("multiple", value, of, code, message, part)


def equal(left: Dim, right: Dim, code: str, message: str, branches: tuple[int, ...] = ()) -> Rule:
    """A rule: both numbers are the same."""
    return Rule("equal", left, right, code, message, "", branches)


class Window(NamedTuple):
    """What one output reads along one axis: output o reads inputs ⌊(step·o + first)/per⌋ to ⌊(step·o + last)/per⌋.

    A convolution has ``per`` 1; an upsampling by f has ``per`` f: its reading pattern repeats every f outputs. A
    dilation leaves ``gap`` - 1 of every ``gap`` inputs out: o reads inputs i with per·i ≡ step·o + last modulo ``gap``.
    """

    step: Dim
    first: Dim
    last: Dim
    per: Dim = 1
    gap: Dim = 1


Reading = Literal["same", "all", "none"] | tuple[Window, ...]


class Layer(Configuration):
    """The configuration of one layer; a frozen record per type.

    Each method takes the shapes of the layer's inputs. Counts are per image (batch 1).
    """

    kind: ClassVar[str]
    ranks: ClassVar[tuple[int, ...]] = (IMAGE, TOKENS, VECTOR)
    #: conv, deconv, fc, local, subsample, rbf: what papers count as a layer
    weight_layer: ClassVar[bool] = False
    #: an activation function, dropout or a view keeps no output of its own
    activation: ClassVar[bool] = False
    view: ClassVar[bool] = False
    #: a merge that multiplies: a branch that sees the whole input only weighs the others
    gates: ClassVar[bool] = False
    #: takes each channel's mean away: a bias before it changes nothing
    centres: ClassVar[bool] = False
    #: where its arithmetic is published, and what its element operations are
    source: ClassVar[str] = ""
    work: ClassVar[str] = ""
    #: its products are a convolution's, which libraries do by other rules than matrix products
    convolves: ClassVar[bool] = False
    #: what each size of the first axis of its weights is for: a filter, a neuron
    unit: ClassVar[str] = "output"
    #: a field of its own by the letter that the formulas of its papers have for it
    letters: ClassVar[Mapping[str, str]] = {}
    #: int64 counters in the module (BN's num_batches_tracked), 8 bytes each whatever the dtype
    counters: ClassVar[int] = 0
    frozen: bool = False

    def rules(self, *inputs: Shape) -> Iterator[Rule]:
        """What must hold of these inputs; nothing by default."""
        yield from ()

    def output(self, *inputs: Shape) -> Shape:
        """The output's shape; its input's by default."""
        return inputs[0]

    def weights(self, *inputs: Shape) -> Mapping[str, Weight]:
        """Stored tensors by name; none by default."""
        return {}

    def uses(self, *inputs: Shape) -> Shape:
        """The positions at which every weight is multiplied once; a single one by default."""
        return ()

    def macs(self, *inputs: Shape) -> Dim:
        """Multiply-adds of convolutions and matrix products: each of their weights at each position, padding included,
        and products of two activations."""
        found = self.product_macs(*inputs)
        for weight in self.weights(*inputs).values():
            if weight.role == "weights":
                found = found + weight.numel * product(self.uses(*inputs))
        return found

    def product_macs(self, *inputs: Shape) -> Dim:
        """The part of ``macs`` that multiplies two activations (attention): both factors get a gradient."""
        return 0

    def fewest_macs(self, *inputs: Shape) -> Dim:
        """How few products an algorithm can do with, sums apart; by default as many as there are by definition."""
        return self.macs(*inputs)

    def routine(self, *inputs: Shape) -> str:
        """What libraries run it as: layers of one routine take time by one rule. Its kind by default."""
        return self.kind

    def element_ops(self, *inputs: Shape) -> Dim:
        """Adds, compares, exponentials, one each: never part of ``macs``."""
        return 0

    def connections(self, *inputs: Shape) -> Dim:
        """For each output number of a weight layer, inputs read and 1 for a bias (LeCun et al. 1998, section II)."""
        if not self.weight_layer:
            return 0
        biased = any(weight.role == "biases" for weight in self.weights(*inputs).values())
        return self.macs(*inputs) + (product(self.output(*inputs)) if biased else 0)

    def reads(self, *inputs: Shape) -> Reading:
        """What one output reads of each input: windows, the same position, all of it, or nothing traceable."""
        return "same"

    def explicit(self, *inputs: Shape) -> Self:
        """The same layer on these inputs with its padding written out."""
        return self

    def same_padding(self, *inputs: Shape) -> Shape:
        """What ``pad same`` adds to each axis, both sides together; nothing without it."""
        return ()

    def strides(self, *inputs: Shape) -> tuple[Dim, Dim]:
        """Downsampling of height and width, for a shortcut around this layer."""
        return (1, 1)

    def run(self, tape: Tape, *inputs: int) -> int:
        """Writes down the operations that PyTorch runs for this layer on these tensors; the one that it gives.

        By default an elementwise one that keeps nothing.
        """
        return tape.op(inputs[0])

    def attributes(self) -> dict[str, Any]:
        """The configuration as plain values: fields that are not at their default."""
        return {
            name: plain(value)
            for name in self.fields
            if (value := getattr(self, name)) != getattr(type(self), name, None)
        }


def plain(value: Any) -> Any:
    """Tuples as lists, a thing with its own ``plain`` by that; numbers and words as they are."""
    if hasattr(value, "plain"):
        return value.plain()
    return [plain(item) for item in value] if isinstance(value, tuple) else value
