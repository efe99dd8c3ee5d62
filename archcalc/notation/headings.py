"""Headings of a table's columns: what each says of the layers in its rows."""

from __future__ import annotations

import re

from archcalc.notation.figures import QUANTITIES

LABELS = frozenset({"layer name", "name", "stage", "block name", "layers", "group name", "layer"})
OUTPUTS = frozenset(
    {
        "output size", "output", "out", "output shape", "size", "feature map size", "resolution out", "out size",
        "output volume", "output dimensions", "activation shape",
    }
)  # fmt: skip
INPUTS = frozenset({"input", "input size", "input shape", "resolution", "in size"})
OPERATORS = frozenset({"operator", "type", "op", "operation", "layer type", "type/stride", "module"})
WINDOWS = frozenset(
    {
        "patch", "patch size", "patch size/stride", "kernel", "kernel size", "filter", "filter size", "filter shape",
        "k", "size/stride", "filter size/stride", "window", "window size",
    }
)  # fmt: skip
STRIDES = frozenset({"s", "stride", "strides"})
REPEATS = frozenset({"n", "repeat", "repeats", "#layers", "times", "#"})
CHANNELS = frozenset(
    {
        "c", "channels", "#channels", "filters", "#filters", "#out", "out channels", "output channels", "maps", "units",
        "#maps", "feature maps", "number of filters",
    }
)  # fmt: skip
PADS = frozenset({"p", "pad", "padding"})
DILATIONS = frozenset({"dilation", "dilation rate"})
GROUPS = frozenset({"groups", "group"})
ACTIVATIONS = frozenset({"activation", "activation function", "nonlinearity", "non-linearity"})

#: Columns that describe a row's layer, so that a row is one; a single letter may be a network's name as well.
ATTRIBUTES = WINDOWS | STRIDES | REPEATS | CHANNELS | PADS | DILATIONS | GROUPS | ACTIVATIONS
EXPLAINED = LABELS | OUTPUTS | INPUTS | ATTRIBUTES

#: In a table FLOPs and ops are multiply-adds.
_TABLE_QUANTITIES = QUANTITIES | {"flops": "macs", "#params": "params", "#parameters": "params"}
_NO_FIGURES = frozenset({"out", "output", "stride", "start", "field"})


def heading(text: str) -> str:
    """A heading as it is compared: small letters, single blanks, none around a slash."""
    return re.sub(r"\s*/\s*", "/", re.sub(r"\s+", " ", text.strip().lower()))


def settled(header: list[str]) -> list[str]:
    """The headings of a row of them: ``size`` beside another column of outputs is the window's (Redmon's tables)."""
    if any(head in OUTPUTS and head != "size" for head in header) and not any(head in WINDOWS for head in header):
        return ["kernel size" if head == "size" else head for head in header]
    return header


def heading_quantity(text: str) -> str | None:
    """The quantity that a heading or a row's label names, or None."""
    plain = re.sub(r"\s*\([^()]*\)", "", text).strip().lower()
    return None if plain in _NO_FIGURES else _TABLE_QUANTITIES.get(plain)
