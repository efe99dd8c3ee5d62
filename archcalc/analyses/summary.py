"""Everything that is known of a network, in the record that each format prints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from archcalc.algebra import Dim
from archcalc.analyses.check import Expectation
from archcalc.analyses.cost import Cost, DType
from archcalc.analyses.field import Field
from archcalc.diagnostics import Diagnostic
from archcalc.layers import Shape

Status = Literal["ok", "failed", "unreadable"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals(Cost):
    """The whole network: the sum of its rows, its depth in weight layers and the bytes of its input."""

    depth: int
    input_bytes: Dim


@dataclass(frozen=True, slots=True, kw_only=True)
class Row(Cost):
    """One layer: where it stands, what it is, and its cost.

    ``output`` is its shape, ``(C, H, W)``, ``(N, C)`` or ``(F,)``; ``tensors`` are the shapes of what it stores.
    ``shares`` names the layer whose weights it uses; ``line`` is the line of the text that wrote it.
    """

    name: str
    block: str
    kind: str
    attributes: Mapping[str, Any]
    inputs: tuple[str, ...]
    output: Shape
    tensors: Mapping[str, Shape]
    shares: str | None
    aux: bool
    field: Field | None
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A network's figures. ``status``: ``failed`` where a claim or check is wrong, ``unreadable`` without a network.

    ``input`` is the shape of the first input, ``inputs`` of each by name. ``totals`` is None where there is no network.
    """

    network: str | None
    title: str = ""
    file: str
    status: Status
    input: Shape | None = None
    inputs: Mapping[str, Shape] = field(default_factory=dict)
    output: Shape | None = None
    batch: int = 1
    dtype: DType = "fp32"
    on: str = "cpu"
    optimizer: str = "sgd"
    aux: bool = False
    convention: str | None = None
    settings: Mapping[str, Dim] = field(default_factory=dict)
    totals: Totals | None = None
    layers: tuple[Row, ...] = ()
    expectations: tuple[Expectation, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
