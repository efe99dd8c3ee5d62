"""A layer's spelling says what it is: read back, it is the same layer."""

from __future__ import annotations

import pytest

import archcalc

PHRASES = [
    "conv 7x7, 64, /2, pad 3", "conv 3x5, 8, stride 2x1, pad 1x2", "conv 3x3, 8, pad 0 1 0 1", "conv 3x3, 8, pad same",
    "conv 1x1, 8, no bias", "conv 3x3, 8, pad 2, dilation 2", "conv 3x3, 12, pad 1, groups 3", "conv 3x3, 8, frozen",
    "depthwise 3x3, /2, pad 1", "deconv 4x4, 21, /2, pad 1", "local 3x3, 5", "max pool 3x3, /2",
    "max pool 3x3, /2, ceil",
    "avg pool 2x2, /2", "subsample 2x2, /2", "global avg pool", "global max pool", "spatial pyramid pool 3,2,1",
    "fc 10",
    "fc 10, no bias", "bn", "LRN", "layer norm", "group norm 3", "relu", "relu6", "prelu", "elu", "sigmoid", "tanh",
    "gelu",
    "silu", "hard swish", "softmax", "dropout 0.3", "drop path 0.2", "flatten", "upsample 2",
    "upsample 2, bilinear", "channel shuffle 3", "scale 0.17", "layer scale", "leaky relu 0.2", "reshape 48x18x4",
]  # fmt: skip


def only_layer(phrase):
    """The row of one phrase on an image of 12 channels; groups divide it."""
    report = archcalc.parse(f"input 16x18x12\n{phrase}\n").report()
    _, row = report.layers
    return row


@pytest.mark.parametrize("phrase", PHRASES)
def test_a_spelling_read_back_is_itself(phrase):
    from archcalc.report.columns import what

    row = only_layer(phrase)
    assert what(row) == phrase
    again = only_layer(what(row))
    assert (again.kind, again.attributes, again.output) == (row.kind, row.attributes, row.output)
