"""What a counting convention is: a tool's way to count, as rules over layers that give exact numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from archcalc.algebra import Dim, product
from archcalc.layers import Conv, Layer
from archcalc.record import Configuration, Record

#: What a layer on inputs of these shapes counts for: ``rule(layer, *shapes)``, of one image.
Rule = Callable[..., Dim]


class Stored(Record):
    """Numbers that a tool says a layer stores: all that it prints as parameters, and those of them that train."""

    params: Dim = 0
    trainable: Dim = 0


class Convention(Configuration):
    """How one release of a tool counts.

    ``calls`` is its word for the number, ``unit`` what is in it; ``count`` is None where it counts no operations.
    ``stores`` says what are parameters at each use of weights, None where it prints none. ``source`` is where its rules
    can be read, ``caution`` what to know before one believes it.
    """

    name: str
    tool: str
    version: str = ""
    calls: str
    unit: str
    source: str
    count: Rule | None
    stores: Callable[..., Stored] | None
    stores_meaning: str = ""
    caution: tuple[str, ...] = ()

    @property
    def release(self) -> str:
        return f"{self.tool} {self.version}".rstrip()

    @property
    def per_mac(self) -> int:
        """What a multiply-add counts: that of one weight on one number."""
        one = self.count and self.count(Conv(channels=1, bias=False), (1, 1, 1))
        return one if isinstance(one, int) else 0


def by_type(rules: Mapping[type[Layer], Rule], otherwise: Rule | None = None) -> Rule:
    """One rule of many: that of the layer's type, nothing for a type without one."""
    default: Rule = otherwise or none

    def rule(layer: Layer, *inputs: Any) -> Dim:
        chosen: Rule = rules.get(type(layer), default)
        return chosen(layer, *inputs)

    return rule


def none(layer: Any, *inputs: Any) -> Dim:
    return 0


def macs(layer: Any, *inputs: Any) -> Dim:
    """Multiply-adds, padding included."""
    return layer.macs(*inputs)  # type: ignore[no-any-return]  # any layer's, each a Dim


def with_bias(layer: Any, *inputs: Any) -> Dim:
    """Multiply-adds, and an addition an output where there is a bias (all the element operations of such a layer)."""
    return layer.macs(*inputs) + layer.element_ops(*inputs)  # type: ignore[no-any-return]  # as above


def read(layer: Any, *inputs: Any) -> Dim:
    """Numbers that the layer reads."""
    return product(inputs[0])


def made(layer: Any, *inputs: Any) -> Dim:
    """Numbers that the layer gives."""
    return product(layer.output(*inputs))


def times(factor: int, rule: Rule) -> Rule:
    return lambda layer, *inputs: factor * rule(layer, *inputs)


def affine(with_scale: int, without: int) -> Rule:
    """A normalisation's: so many for each number read with a trained scale and shift, so many without."""

    def rule(layer: Layer, *inputs: Any) -> Dim:
        return (with_scale if "weight" in layer.weights(*inputs) else without) * product(inputs[0])

    return rule


Owned = Literal["first use", "each use"]


def stored(owned: Owned = "first use", *, buffers: bool = False, only_trainable: bool = False) -> Callable[..., Stored]:
    """What counts as parameters: shared ones once or at each use, with buffers or not, with frozen ones or not."""

    def rule(layer: Layer, *inputs: Any, owns: bool = True) -> Stored:
        if not owns and owned == "first use":
            return Stored()
        params: Dim = 0
        beside: Dim = 0
        for weight in layer.weights(*inputs).values():
            if weight.role == "buffers":
                beside = beside + weight.numel
            else:
                params = params + weight.numel
        trainable = 0 if layer.frozen else params
        return Stored(trainable if only_trainable else params + beside if buffers else params, trainable)

    return rule
