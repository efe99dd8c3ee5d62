"""What each convention counts of one thing: its rules asked about small layers, so that what is said of them is so."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from archcalc.algebra import product
from archcalc.analyses.conventions.base import Convention
from archcalc.analyses.conventions.modules import projections
from archcalc.layers import (
    Activation,
    Attention,
    AvgPool,
    BatchNorm,
    Conv,
    Deconv,
    Dense,
    GlobalAvgPool,
    GroupNorm,
    Layer,
    LayerNorm,
    LayerScale,
    MaxPool,
    Pad,
    Product,
    Shape,
    Sum,
    Upsample,
)
from archcalc.record import Record

_IMAGE, _TOKENS, _VECTOR = (8, 14, 14), (50, 8), (10,)
_TWO = (2, 2)
_CONV = Conv(channels=4, kernel=(3, 3), pad=Pad((1, 1), (1, 1)))
_ATTENTION = Attention(heads=2, bias=False)

MULTIPLY_ADD, NUMBER = "multiply-add", "number"


class Probe(Record):
    """A question: what a layer counts, less what ``others`` do, for each of its multiply-adds or output numbers."""

    per: str
    what: str
    layer: Layer
    shapes: tuple[Shape, ...]
    others: tuple[tuple[Layer, Shape], ...] = ()

    def answer(self, convention: Convention) -> Fraction:
        """The count of one."""
        if convention.count is None:
            return Fraction(0)
        rest = [convention.count(layer, shape) for layer, shape in self.others]
        counts = [convention.count(self.layer, *self.shapes), *(-count for count in rest)]
        whole = _whole(product(self.layer.output(*self.shapes)))
        if self.per == MULTIPLY_ADD:
            whole = _whole(self.layer.macs(*self.shapes)) - sum(_whole(each.macs(shape)) for each, shape in self.others)
        return Fraction(sum(map(_whole, counts)), whole)

    def spelled(self, value: Fraction) -> str:
        """A number as a person reads it: ``2/HW`` is 2 for a whole map, ``1/N`` 1 for all tokens."""
        if value.denominator == 1:
            return str(value.numerator) if value else "-"
        first, *others = map(_whole, self.shapes[0])
        places, name = (others[0] * others[1], "HW") if len(others) == 2 else (first, "N") if others else (1, "")
        return f"{value * places}/{name}" if (value * places).denominator == 1 else f"{float(value):g}"


def _whole(number: Any) -> int:
    assert isinstance(number, int), "a probe has no open size"
    return number


def _alone(per: str, what: str, layer: Layer, *shapes: Shape) -> Probe:
    return Probe(per, what, layer, shapes)


def _bias(what: str, layer: Conv | Dense, shape: Shape) -> Probe:
    return Probe(NUMBER, what, layer, (shape,), ((layer.but(bias=False), shape),))


PROBES = (
    _alone(MULTIPLY_ADD, "conv", _CONV.but(bias=False), _IMAGE),
    _alone(MULTIPLY_ADD, "deconv, stride 2", Deconv(channels=4, bias=False, kernel=_TWO, stride=_TWO), _IMAGE),
    _alone(MULTIPLY_ADD, "fc", Dense(units=4, bias=False), _VECTOR),
    _alone(MULTIPLY_ADD, "fc on tokens", Dense(units=4, bias=False), _TOKENS),
    Probe(MULTIPLY_ADD, "attn. products", _ATTENTION, (_TOKENS,), tuple(projections(_ATTENTION, _TOKENS))),
    _bias("conv's bias", _CONV, _IMAGE),
    _bias("fc's bias", Dense(units=4), _VECTOR),
    _alone(NUMBER, "batch norm", BatchNorm(), _IMAGE),
    _alone(NUMBER, "group norm", GroupNorm(groups=2), _IMAGE),
    _alone(NUMBER, "layer norm", LayerNorm(), _TOKENS),
    _alone(NUMBER, "relu", Activation(function="relu"), _IMAGE),
    _alone(NUMBER, "gelu", Activation(function="gelu"), _TOKENS),
    _alone(NUMBER, "softmax of 10", Activation(function="softmax"), _VECTOR),
    _alone(NUMBER, "max pool 2x2", MaxPool(kernel=_TWO, stride=_TWO), _IMAGE),
    _alone(NUMBER, "avg pool 2x2", AvgPool(kernel=_TWO, stride=_TWO), _IMAGE),
    _alone(NUMBER, "global pool 7x7", GlobalAvgPool(), (8, 7, 7)),
    _alone(NUMBER, "sum of two", Sum(), _IMAGE, _IMAGE),
    _alone(NUMBER, "product of two", Product(), _IMAGE, _IMAGE),
    _alone(NUMBER, "bilinear x2", Upsample(factor=_TWO, mode="bilinear"), _IMAGE),
)


def parameters(convention: Convention) -> Mapping[str, int | None]:
    """How often a parameter counts that is of a special kind; None where the tool prints none."""

    def printed(layer: Layer, owns: bool = True) -> int | None:
        return None if convention.stores is None else _whole(convention.stores(layer, (1,), owns=owns).params)

    fc = Dense(units=1, bias=False)
    once, again = printed(fc), printed(fc, owns=False)
    statistics = printed(BatchNorm(affine=False))
    return {
        "frozen": printed(fc.but(frozen=True)),
        "used twice": None if once is None or again is None else once + again,
        "in an own class": printed(LayerScale()),
        "batch statistic": None if statistics is None else statistics // 2,
    }
