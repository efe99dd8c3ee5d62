"""Classes of modules and operations of merges: other tools know a network by them, so that they are fixed here."""

from __future__ import annotations

import pytest
import torch
from analyses.handmade import Net
from pytorch.runs import images, module, on_meta
from pytorch.test_layers import CASES
from torch.utils._python_dispatch import TorchDispatchMode

from archcalc.layers import LAYERS, Concat, Conv, Max, Mean, Product, Sum

#: The classes of each layer's module, of whatever input and window.
CLASSES = {
    "input": {"Identity"}, "conv": {"Conv2d", "Connected2d"}, "deconv": {"ConvTranspose2d", "CroppedConvTranspose2d"},
    "local": {"Local2d"}, "max pool": {"MaxPool2d", "BorderedPool2d"}, "avg pool": {"AvgPool2d", "BorderedPool2d"},
    "global avg pool": {"AdaptiveAvgPool2d", "GlobalTokens"}, "global max pool": {"AdaptiveMaxPool2d", "GlobalTokens"},
    "subsample": {"Subsample2d"}, "spatial pyramid pool": {"SpatialPyramidPool2d"}, "fc": {"Linear"},
    "rbf": {"RadialBasis"}, "bn": {"BatchNorm1d", "BatchNorm2d"}, "layer norm": {"LayerNorm", "ImageLayerNorm"},
    "group norm": {"GroupNorm"}, "lrn": {"LocalResponseNorm"}, "relu": {"ReLU"}, "relu6": {"ReLU6"},
    "leaky relu": {"LeakyReLU"}, "elu": {"ELU"}, "sigmoid": {"Sigmoid"}, "tanh": {"Tanh"}, "gelu": {"GELU"},
    "silu": {"SiLU"}, "hard swish": {"Hardswish"}, "softmax": {"Softmax"}, "log softmax": {"LogSoftmax"},
    "prelu": {"PReLU", "TokenPReLU"}, "attention": {"Attention"}, "tokens": {"Tokens"}, "class token": {"ClassToken"},
    "position": {"Position"}, "first token": {"FirstToken"}, "dropout": {"Dropout"}, "drop path": {"DropPath"},
    "flatten": {"Flatten"}, "identity": {"Identity"}, "reshape": {"Reshape"}, "channel shuffle": {"ChannelShuffle"},
    "upsample": {"Upsample"}, "crop": {"Crop"}, "shortcut": {"ZeroShortcut"}, "scale": {"Scale"},
    "layer scale": {"LayerScale"}, "sum": {"Sum"}, "concat": {"Concat"}, "mean": {"Mean"}, "max": {"Max"},
    "product": {"Product"}, "affine warp": {"Warp"},
}  # fmt: skip
#: What each merge of three branches runs, which nothing else reads: a sum goes into the first.
MERGES = {
    Sum: ["add_", "add_"], Mean: ["add", "add_", "div_"], Max: ["maximum", "maximum"], Product: ["mul", "mul"],
    Concat: ["cat"],
}  # fmt: skip


def built(layer, *shapes):
    net = Net(*shapes[0])
    inputs = [0, *(net.input(*shape, name=f"input {place}") for place, shape in enumerate(shapes[1:]))]
    net(layer, *inputs)
    graph = net.graph()
    return module(on_meta(graph), graph.nodes[-1])


def test_each_layer_is_a_module_of_its_class():
    found: dict[str, set[str]] = {"input": {"Identity"}}
    for layer, *shapes in CASES[1:]:
        found.setdefault(layer.kind, set()).add(type(built(layer, *shapes)).__name__)
    assert found == CLASSES
    assert {type(layer) for layer, *_ in CASES} == set(LAYERS)


class Operations(TorchDispatchMode):
    def __init__(self):
        super().__init__()
        self.names = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.names.append(func.overloadpacket.__name__)
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize("merge", MERGES, ids=lambda merge: merge.__name__)
def test_each_merge_runs_these_operations(merge):
    net = Net(4, 6, 6)
    branches = [net(Conv(channels=4, kernel=(1, 1)), 0) for _ in range(3)]
    net(merge(), *branches)
    graph = net.graph()
    made = module(on_meta(graph), graph.nodes[-1])
    pictures = [images(graph, 2)[0] for _ in range(3)]
    with torch.no_grad(), Operations() as run:
        made(*pictures)
    assert run.names == MERGES[merge]
