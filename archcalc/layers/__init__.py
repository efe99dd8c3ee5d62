"""Every layer type that archcalc knows, one class each."""

from __future__ import annotations

from archcalc.layers.activation import FUNCTIONS, Activation, PReLU
from archcalc.layers.attention import Attention, ClassToken, FirstToken, Position, Tokens
from archcalc.layers.base import (
    IMAGE,
    NAMES_OF_RANKS,
    TOKENS,
    VECTOR,
    Layer,
    Reading,
    Rule,
    Shape,
    Weight,
    Window,
)
from archcalc.layers.conv import Conv, Deconv
from archcalc.layers.dense import RBF, Dense
from archcalc.layers.local import Local
from archcalc.layers.merge import Concat, Max, Mean, Product, Sum, Warp, shown
from archcalc.layers.norm import LRN, BatchNorm, GroupNorm, LayerNorm
from archcalc.layers.pool import AvgPool, GlobalAvgPool, GlobalMaxPool, MaxPool, SpatialPyramidPool, Subsample
from archcalc.layers.shaping import (
    ChannelShuffle,
    Crop,
    Dropout,
    DropPath,
    Flatten,
    Identity,
    Input,
    LayerScale,
    Reshape,
    Scale,
    Upsample,
    ZeroShortcut,
)
from archcalc.layers.window import AXES, Axis, Pad, Pair, Sliding

LAYERS: tuple[type[Layer], ...] = (
    Input,
    Conv,
    Deconv,
    Local,
    MaxPool,
    AvgPool,
    GlobalAvgPool,
    GlobalMaxPool,
    Subsample,
    SpatialPyramidPool,
    Dense,
    RBF,
    BatchNorm,
    LayerNorm,
    GroupNorm,
    LRN,
    Activation,
    PReLU,
    Attention,
    Tokens,
    ClassToken,
    Position,
    FirstToken,
    Dropout,
    DropPath,
    Flatten,
    Identity,
    Reshape,
    ChannelShuffle,
    Upsample,
    Crop,
    ZeroShortcut,
    Scale,
    LayerScale,
    Sum,
    Concat,
    Mean,
    Max,
    Product,
    Warp,
)

__all__ = [
    "AXES", "Activation", "Attention", "AvgPool", "Axis", "BatchNorm", "ChannelShuffle", "ClassToken",
    "Concat", "Conv", "Crop", "Deconv", "Dense", "DropPath", "Dropout", "FUNCTIONS", "FirstToken", "Flatten",
    "GlobalAvgPool", "GlobalMaxPool", "GroupNorm", "IMAGE", "Identity", "Input", "LAYERS", "LRN", "Layer",
    "LayerNorm", "LayerScale", "Local", "Max", "MaxPool", "Mean", "NAMES_OF_RANKS", "PReLU", "Pad", "Pair",
    "Position", "Product", "RBF", "Reading", "Reshape", "Rule", "Scale", "Shape", "Sliding",
    "SpatialPyramidPool", "Subsample", "Sum", "TOKENS", "Tokens", "Upsample", "VECTOR", "Warp", "Weight",
    "Window", "ZeroShortcut", "shown",
]  # fmt: skip
