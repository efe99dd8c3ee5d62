"""Keras's parameters: its own layers hold as many, and its own DenseNet prints the sums that ours has."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from pytorch.test_layers import CASES
from specs.reading import network, networks

from archcalc.analyses.conventions import counted, named
from archcalc.analyses.conventions.base import Stored
from archcalc.layers import (
    IMAGE,
    RBF,
    ClassToken,
    Conv,
    Deconv,
    Dense,
    Input,
    LayerScale,
    Local,
    Pad,
    Position,
    Subsample,
)

HERE = Path(__file__).parent
#: Keras has no layer for them; of convolutions for those with a connection table, of deconvolutions for grouped ones.
UNKNOWN = {Conv, Deconv, Local, Subsample, RBF, ClassToken, Position, LayerScale}

DENSENET = """
import os
os.environ["KERAS_BACKEND"] = "torch"
import keras
keras.applications.DenseNet121(weights=None).summary(line_length=99)
"""


def ask(*command, **options):
    done = subprocess.run([sys.executable, *command], cwd=HERE.parents[1], capture_output=True, timeout=300, **options)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def essence(layer, *shapes):
    """What decides the tensors of a layer, so that those alike are asked for once: no strides, no size of an image."""
    if isinstance(layer, Conv | Deconv):
        layer = layer.but(stride=(1, 1), dilation=(1, 1), pad=Pad(), ceil=False)
    if len(shapes[0]) == IMAGE and not isinstance(layer, Dense | Local):
        return layer, (shapes[0][0], 64, 64)
    return layer, shapes[0]


def distinct(graph):
    return [node for index, node in enumerate(graph.nodes) if node.inputs and graph.alike[index] == index]


def asked(given):
    """What Keras holds for each distinct layer, None where it has none, beside what we say."""
    stores = named("keras").stores
    wanted = {essence(*each): None for each in given if stores(*each) != Stored()}
    made = ask(str(HERE / "keras_layers.py"), input=pickle.dumps([*wanted]), env={"PYTHONPATH": str(HERE.parents[1])})
    theirs = [answer and Stored(*answer) for answer in map(json.loads, made.splitlines())]
    return {key: (answer, stores(*key)) for key, answer in zip(wanted, theirs, strict=True)}


def unlike(found):
    return [(key, theirs, ours) for key, (theirs, ours) in found.items() if theirs not in (None, ours)]


def test_keras_layers_hold_what_is_said():
    found = asked((layer, *shapes) for layer, *shapes in CASES if not isinstance(layer, Input))
    assert unlike(found) == []
    missing = [layer for (layer, _), (theirs, _) in found.items() if theirs is None]
    assert {type(layer) for layer in missing} == UNKNOWN
    assert all(
        layer.groups > 1 or getattr(layer, "connect", ()) for layer in missing if isinstance(layer, Conv | Deconv)
    )


@pytest.mark.slow
def test_keras_layers_hold_what_is_said_of_all_specs():
    graphs = [network(key).graph for key in networks()]
    found = asked((node.layer, *graph.input_shapes(node)) for graph in graphs for node in distinct(graph))
    assert unlike(found) == []
    assert {type(layer) for (layer, _), (theirs, _) in found.items() if theirs is None} <= UNKNOWN - {Deconv}
    assert len(found) > 500


@pytest.mark.slow
def test_a_whole_network_as_keras_prints_it():
    ours = counted(network("densenet.arch:densenet121").graph, "keras")
    printed = ask("-c", DENSENET)
    for name, figure in (
        ("Total", ours.params),
        ("Trainable", ours.trainable),
        ("Non-trainable", ours.params - ours.trainable),
    ):
        assert f" {name} params: {figure:,} (" in printed
