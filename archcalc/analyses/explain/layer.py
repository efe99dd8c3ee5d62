"""The arithmetic of one layer: its own methods, run on numbers that remember how they came about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

from archcalc.algebra import Dim, product
from archcalc.analyses.cost import BYTES, COUNTER_BYTES, Cost, tensor_bytes
from archcalc.analyses.explain.naming import OF_RANKS, named, named_shapes
from archcalc.analyses.explain.traced import letter, tree_of
from archcalc.analyses.explain.tree import (
    NAMELESS,
    Number,
    Product,
    Tree,
    added,
    length,
    multiplied,
    replaced,
)
from archcalc.analyses.explain.values import Equation, Part
from archcalc.analyses.memory.setting import numeric
from archcalc.layers import IMAGE, TOKENS, Layer, Reading, Shape, Weight

#: What each size of a shape is called, and its letter where it is worked out.
SIZES = {
    IMAGE: (("channels", "K"), ("height", "H'"), ("width", "W'")),
    TOKENS: (("tokens", "T'"), ("channels", "K")),
    1: (("outputs", "K"),),
}
#: Longer arithmetic is given by its value.
_LONGEST = 16
COURSE = "CS231n notes, Convolutional Networks"


class Working:
    """One layer on given inputs. ``cost`` and ``output`` are its figures, which the arithmetic must come to."""

    def __init__(self, layer: Layer, shapes: tuple[Shape, ...], output: Shape, cost: Cost, dtype: str) -> None:
        self.layer, self.shapes, self.cost, self.dtype = layer, shapes, cost, dtype
        self.output = tuple(map(numeric, output))
        self.inputs = named_shapes(shapes)
        self.named = named(layer.explicit(*shapes)) if shapes else layer
        self.sizes = tuple(map(tree_of, self.named.output(*self.inputs)))
        letters = [name for _, name in SIZES[len(output)]] if shapes else OF_RANKS[len(output)]
        self.letters = [letter(name, size) for name, size in zip(letters, self.output, strict=True)]
        worked = {
            tree: size.tree
            for tree, size in zip(self.sizes, self.letters, strict=True)
            if not isinstance(tree, Number) and length(tree) > 1
        }
        self.known: Mapping[Tree, Tree] = worked
        self.stored = layer.weights(*shapes) if shapes else {}
        self.tensors = self.named.weights(*self.inputs) if shapes else {}

    @cached_property
    def reading(self) -> Reading:
        """What the outputs read of the input, in letters."""
        return self.named.reads(*self.inputs) if self.inputs else "same"

    def tree(self, value: object) -> Tree:
        """How a number came about, with the sizes of the output taken as known; its value alone where that is long."""
        found = replaced(tree_of(value), self.known)
        return found if length(found) <= _LONGEST else Number(found.value)

    @property
    def units(self) -> tuple[Tree, Tree] | None:
        """What one filter or neuron multiplies, and how many there are; None where weights are arranged otherwise."""
        weight = self.tensors.get("weight")
        if weight is None or len(weight.shape) < 2 or tree_of(weight.shape[0]) != Number(self.output_depth, "K"):
            return None
        return tree_of(product(weight.shape[1:])), tree_of(weight.shape[0])

    @property
    def output_depth(self) -> int:
        return self.output[1] if len(self.output) == TOKENS else self.output[0]

    def parameters(self, shares: str | None) -> Part:
        """What is stored, and how much of it is trained."""
        if shares is not None:
            return Part(title="parameters", notes=(f"those of {shares}, counted there",))
        params = {name: weight for name, weight in self.tensors.items() if weight.role != "buffers"}
        buffers = [weight for weight in self.tensors.values() if weight.role == "buffers"]
        equations, brief = self._params(params)
        whole = numeric(self.cost.params)
        notes = ["none"] if not params else []
        notes += ["frozen: not trained"] if params and self.layer.frozen else []
        if buffers:
            held = self.tree(_sum(buffers))
            equations.append(Equation("buffers", held, numeric(self.cost.buffers)))
            notes.append("buffers are stored, but no parameters")
        return Part(
            title="parameters", equations=tuple(equations), source=COURSE if self.units else "", notes=tuple(notes),
            brief=(Equation("params", brief, whole),) if params and length(brief) > 1 else (),
        )  # fmt: skip

    def _params(self, params: Mapping[str, Weight]) -> tuple[list[Equation], Tree]:
        whole = numeric(self.cost.params)
        units = self.units
        if units is not None:
            each, count = units
            each = added([(1, each), (1, Number(int("bias" in params)))])
            one = whole // count.value
            told = [Equation(f"each {self.layer.unit}", each, one)] if length(each) > 1 else []
            unfolded = Product((each, count))
            return [*told, Equation("all", Product((_plain(one), count)), whole, form=unfolded)], unfolded
        brief = self.tree(_sum(params.values()))
        parts = [
            Equation(name, self.tree(weight.numel), numeric(self.stored[name].numel)) for name, weight in params.items()
        ]
        parts = [part for part in parts if length(part.tree) > 1]
        return [*(parts if len(params) > 1 else []), *([Equation("all", brief, whole)] if params else [])], brief

    def macs(self) -> Part:
        """Multiply-adds: each weight at each position, and products of two activations."""
        whole = numeric(self.cost.macs)
        if not whole:
            return Part(title="multiply-adds", notes=("none",))
        positions = [self.tree(size) for size in self.named.uses(*self.inputs)]
        weights = self.tree(_sum(weight for weight in self.tensors.values() if weight.role == "weights"))
        products = self.tree(self.named.product_macs(*self.inputs))
        told, notes, units = list[Equation](), list[str](), self.units
        used: Tree = weights
        brief: Tree = weights
        if units is not None:
            each, count = units
            if length(each) > 1:
                told.append(Equation("each output number", each, weights.value // count.value))
            notes.append(f"each output number is a {weights.value // count.value:,}-dimensional dot product")
            used = Product((_plain(each.value), *positions, count))
            brief = Product((each, *positions, count))
        else:
            used = multiplied([_plain(weights.value), *positions])
            brief = added([(1, multiplied([weights, *positions])), (1, products)])
        if products.value:
            told.append(Equation("with weights", used, whole - products.value))
            told.append(Equation("of activations", products, numeric(self.layer.product_macs(*self.shapes))))
            used = added([(1, _plain(used.value)), (1, _plain(products.value))])
        told.append(Equation("all", brief if isinstance(used, Number) else used, whole, form=brief))
        return Part(
            title="multiply-adds", equations=tuple(told), source=COURSE if units else "", notes=tuple(notes),
            brief=(Equation("MACs", brief, whole),),
        )  # fmt: skip

    def operations(self) -> Part:
        """Element operations, and with two for each multiply-add all FLOPs."""
        macs, flops = numeric(self.cost.macs), numeric(self.cost.flops)
        count = numeric(self.layer.element_ops(*self.shapes)) if self.shapes else 0
        if not flops:
            return Part(title="FLOPs", notes=("none",))
        told, notes = list[Equation](), list[str]()
        if count:
            told.append(Equation("element operations", self.tree(self.named.element_ops(*self.inputs)), count))
            notes.append(self.layer.work)
        if macs:
            both = added([(2, Number(macs, "M")), *([(1, Number(count, "E"))] if count else [])])
            told.append(Equation("all", both, flops))
        brief = () if macs else (Equation("FLOPs", told[0].tree, flops),)
        return Part(title="FLOPs", equations=tuple(told), notes=tuple(notes), brief=brief)

    def memory(self) -> Part:
        """Bytes of the output, if it is kept, and of what is stored."""
        told, notes = list[Equation](), list[str]()
        numbers = [each.tree for each in self.letters]
        item = letter("b", BYTES[self.dtype][0]).tree
        kept, whole = numeric(self.cost.activations_bytes), numeric(product(self.output))
        if kept or not self.shapes:
            told.append(Equation("output", multiplied([*numbers, item]), kept or whole * item.value, "B"))
        elif self.layer.view:
            notes.append("a view of its input: none of its own")
        else:
            notes.append("its output is not counted: it may work in place")
        if self.cost.weights_bytes:
            told.append(Equation("stored", self._stored(), numeric(self.cost.weights_bytes), "B"))
        return Part(title="memory", equations=tuple(told), notes=tuple(notes))

    def _stored(self) -> Tree:
        """Numbers by how many bytes each takes, and counters."""
        by_bytes: dict[int, int] = {}
        for weight in self.stored.values():
            numbers = numeric(weight.numel)
            each = numeric(tensor_bytes(weight, self.dtype)) // numbers
            by_bytes[each] = by_bytes.get(each, 0) + numbers
        parts: list[tuple[int, Tree]] = [
            (1, multiplied([_plain(count), _plain(each)])) for each, count in by_bytes.items()
        ]
        return added([*parts, (1, Number(COUNTER_BYTES * self.layer.counters))])


def _plain(number: int) -> Number:
    """A number that was worked out above: no constant, so that it is not put together with others."""
    return Number(number, NAMELESS)


def _sum(weights: Iterable[Weight]) -> Dim:
    found: Dim = 0
    for weight in weights:
        found = found + weight.numel
    return found
