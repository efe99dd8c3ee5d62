"""What an explanation is made of: equations, in parts, layer by layer."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from archcalc.algebra import Dim
from archcalc.analyses.explain.tree import Tree
from archcalc.layers import Shape
from archcalc.record import Configuration, Record


class Equation(Record):
    """``what`` is the value of a piece of arithmetic.

    ``value`` comes from the layer, and the tree must agree. ``exact``: what it would be if nothing were rounded, where
    that differs and is the point. ``unit``: ``B`` for bytes. ``form`` has letters where the tree has results of lines
    above it.
    """

    what: str
    tree: Tree
    value: int | Fraction
    unit: str = ""
    exact: bool = False
    form: Tree | None = None


class Part(Configuration):
    """One figure of a layer: its equations, ``source`` of the formula and ``notes``, a sentence each.

    ``brief``: the equation that says it in one line.
    """

    title: str
    equations: tuple[Equation, ...] = ()
    source: str = ""
    notes: tuple[str, ...] = ()
    brief: tuple[Equation, ...] = ()


class Explained(Configuration):
    """One layer, and how its figures come about."""

    name: str
    kind: str
    attributes: Mapping[str, Any]
    tensors: Mapping[str, Shape]
    inputs: Mapping[str, Shape]
    output: Shape
    line: int
    parts: tuple[Part, ...]


class Explanation(Configuration):
    """A network, or the layers that ``at`` covers, explained; ``total``: their sums, None for a single layer."""

    network: str
    title: str
    file: str
    dtype: str
    input: Shape
    settings: Mapping[str, Dim]
    at: str | None
    layers: tuple[Explained, ...]
    total: Part | None = None
