"""What an input of one size gives: the last map, the output, and what it takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from archcalc.algebra import Dim
from archcalc.analyses.cost import costs, total
from archcalc.analyses.field import fields
from archcalc.analyses.memory.inference import inference
from archcalc.analyses.memory.setting import Setting
from archcalc.graph import Graph
from archcalc.layers import IMAGE, Shape
from archcalc.record import Configuration


class Row(Configuration):
    """An input's height and width and what they give, for one image in fp32; where ``why`` says so, nothing.

    ``grid`` is the last map whose positions see a window each, ``output`` what the network gives.
    """

    scale: Fraction | None
    size: tuple[int, int]
    why: str = ""
    grid: Shape | None = None
    output: Shape | None = None
    macs: Dim | None = None
    activations_bytes: Dim | None = None
    inference_peak_bytes: Dim | None = None


def scaled(size: tuple[int, int], scale: Fraction) -> tuple[int, int]:
    """Height and width so many times as large, rounded down; at least 1."""
    height, width = size
    return max(int(height * scale), 1), max(int(width * scale), 1)


def at_size(
    size: tuple[int, int],
    scale: Fraction | None,
    channels: Dim,
    build: Callable[[Shape], Graph | str],
    misfit: Callable[[Mapping[str, int]], str],
) -> Row:
    """The row of one size."""
    made = build((channels, *size))
    if isinstance(made, str):
        return Row(scale=scale, size=size, why=made)
    why = misfit({"H": size[0], "W": size[1]})
    if why:
        return Row(scale=scale, size=size, why=why)
    cost = total(costs(made))
    return Row(
        scale=scale,
        size=size,
        grid=_grid(made),
        output=made.nodes[made.output].shape,
        macs=cost.macs,
        activations_bytes=cost.activations_bytes,
        inference_peak_bytes=inference(made, Setting()).peak,
    )


def _grid(graph: Graph) -> Shape | None:
    """The last map whose outputs see a window, not all of the input."""
    found = None
    for node, field in zip(graph.nodes, fields(graph), strict=True):
        if len(node.shape) == IMAGE and field is not None and field.size is not None:
            found = node.shape
    return found
