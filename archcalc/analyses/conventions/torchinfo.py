"""How torchinfo's ``summary`` counts: by the tensors named weight or bias that a module holds."""

from __future__ import annotations

from typing import Any

from archcalc.algebra import Dim, product
from archcalc.analyses.conventions.base import Convention, Rule, by_type, none, stored
from archcalc.layers import Conv, Deconv, Subsample


def _named(layer: Any, *inputs: Any) -> Dim:
    """Numbers in the tensors that are a module's weight or bias; batch norm's statistics are neither."""
    numbers: Dim = 0
    for name, tensor in layer.weights(*inputs).items():
        if name.rpartition(".")[2] in ("weight", "bias"):
            numbers = numbers + tensor.numel
    return numbers


def _at_each_position(layer: Any, *inputs: Any) -> Dim:
    """For a class with ``Conv`` in its name, as often as there are positions in the output, a deconvolution's too."""
    return _named(layer, *inputs) * product(layer.output(*inputs)[1:])


def _conv(layer: Conv, *inputs: Any) -> Dim:
    """A connection table is a module of ours, without that word in its name."""
    return (_named if layer.connect else _at_each_position)(layer, *inputs)


# LeNet's subsampling holds a pool: no leaf, and only leaves are counted
_RULES: dict[Any, Rule] = {Conv: _conv, Deconv: _at_each_position, Subsample: none}

TORCHINFO = Convention(
    name="torchinfo",
    tool="torchinfo",
    version="1.8.0",
    calls="mult-adds",
    unit="weights and biases, at each position of convolutions",
    source="torchinfo/layer_info.py, LayerInfo.calculate_macs",
    count=by_type(_RULES, otherwise=_named),
    stores=stored("each use"),
    stores_meaning="shared ones at each use",
    caution=(
        "a fully connected layer on tokens counts one token",
        "attention's two products are left out",
        "a deconvolution's weights count at each output, not each input",
    ),
)
