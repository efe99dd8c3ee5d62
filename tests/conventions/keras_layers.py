"""What Keras says that layers hold: a pickled list of (layer, shape) comes in, a JSON line for each goes out.

Keras's own layers are built on archcalc's configurations, without memory; a line is [total, trainable], or null where
Keras has no such layer. On images channels stand last.
"""

from __future__ import annotations

import json
import os
import pickle
import sys

os.environ["KERAS_BACKEND"] = "torch"

import keras
from keras import layers as of_keras

from archcalc import layers as of_ours


def _conv(layer, shape):
    if layer.connect:
        return []
    return [of_keras.Conv2D(layer.channels, layer.kernel, groups=layer.groups, use_bias=layer.bias)]


def _deconv(layer, shape):
    return [of_keras.Conv2DTranspose(layer.channels, layer.kernel, use_bias=layer.bias)] if layer.groups == 1 else []


def _attention(layer, shape):
    return [of_keras.Dense(units, use_bias=layer.bias) for units in (3 * shape[1], shape[1])]


def _prelu(layer, shape):
    return [of_keras.PReLU(shared_axes={3: [1, 2], 2: [1], 1: None}[len(shape)])]


KERAS = {
    of_ours.Conv: _conv,
    of_ours.Deconv: _deconv,
    of_ours.Dense: lambda layer, shape: [of_keras.Dense(layer.units, use_bias=layer.bias)],
    of_ours.Attention: _attention,
    of_ours.BatchNorm: lambda layer, shape: [of_keras.BatchNormalization(center=layer.affine, scale=layer.affine)],
    of_ours.LayerNorm: lambda layer, shape: [of_keras.LayerNormalization()],
    of_ours.GroupNorm: lambda layer, shape: [of_keras.GroupNormalization(layer.groups)],
    of_ours.PReLU: _prelu,
}


def held(layer, shape):
    made = KERAS.get(type(layer), lambda *_: [])(layer, shape)
    if not made:
        return None
    if isinstance(layer, of_ours.Dense) and len(shape) == 3:
        (size,) = of_ours.Flatten().output(shape)
        shape = (size,)
    # heights and widths are left open: they decide no layer's tensors, and its padding is not told
    dims = (None, None, None, shape[0]) if len(shape) == 3 else (None, *shape)
    total = trainable = 0
    for each in made:
        each.trainable = not layer.frozen
        with keras.StatelessScope():
            each.build(dims)
        total += each.count_params()
        trainable += sum(_numel(weight.shape) for weight in each.trainable_weights)
    return [total, trainable]


def _numel(shape):
    product = 1
    for size in shape:
        product *= size
    return product


if __name__ == "__main__":
    for given in pickle.load(sys.stdin.buffer):
        print(json.dumps(held(*given)))
