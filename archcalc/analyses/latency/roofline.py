"""The roofline (Williams, Waterman, Patterson 2009, doi 10.1145/1498765.1498785): what a device's ceilings leave open.

A layer *at the roof* takes the longest of its matrix products at their peak, its element operations at theirs, and
its bytes at the memory's bandwidth. Caches, fused layers and fast algorithms of convolution may beat that sum; nothing
beats ``Roofline.bound`` (docs/decisions/0015-lower-bounds.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from archcalc.analyses.cost import BYTES, Cost, costs, stored_as
from archcalc.analyses.latency.work import runs
from archcalc.analyses.memory.setting import numeric
from archcalc.graph import Graph
from archcalc.layers import Shape
from archcalc.record import Configuration

if TYPE_CHECKING:
    from archcalc.analyses.latency.measured import LayerTime
    from archcalc.devices import Device, Fact

#: What arithmetic may be in: tf32 is fp32 with short factors in every matrix product.
DTYPES = ("fp32", "tf32", "bf16", "fp16", "int8")
_SECOND = 10**9


class NoCeiling(ValueError):
    """A device has no published rate for what is asked, in one line."""


class Ceiling(NamedTuple):
    """A rate that nothing exceeds: operations or bytes a second, and its name."""

    name: str
    rate: int


class Roof(Configuration):
    """The ceilings of a device, published or measured.

    ``convolution`` and ``matrix`` are of multiply-adds, two operations each, in convolutions and in all else;
    ``element`` of other operations. ``cache``: bytes that stay beside the processor from run to run; None: not known.
    ``measured``: what layers reached, where no peak is published; that bounds nothing.
    """

    name: str
    dtype: str
    convolution: Ceiling
    matrix: Ceiling
    element: Ceiling
    bandwidth: Ceiling
    cache: int | None = None
    measured: bool = False

    def is_of(self, machine: str) -> bool:
        """Whether a machine, as its driver or itself names it, is this device."""
        from archcalc.devices import UnknownDevice, device_named

        try:
            return machine == self.name if self.measured else device_named(machine).name == self.name
        except UnknownDevice:
            return False


def roof(device: Device, dtype: str = "fp32", *, tf32: bool = True) -> Roof:
    """The published ceilings of a device for numbers of ``dtype``.

    In fp32 convolutions are in tf32 where the device has it and matrix products are not, PyTorch's defaults; ``tf32``
    False: neither is. Element operations are in fp32, whatever is stored. Raises NoCeiling.
    """
    plain = _peak(device, "fp32")
    matrix = plain if dtype == "fp32" else _peak(device, dtype)
    short = dtype == "fp32" and tf32 and device.peaks.tf32 is not None
    if device.bandwidth is None:
        raise NoCeiling(f"the bandwidth of {device.name} is not published")
    return Roof(
        name=device.name,
        dtype=dtype,
        convolution=_peak(device, "tf32") if short else matrix,
        matrix=matrix,
        element=plain,
        bandwidth=Ceiling("memory", device.bandwidth.value),
        # published in MB, made in MiB: the larger of both
        cache=None if device.l2 is None else device.l2.value * 2**20 // 10**6,
    )


def _peak(device: Device, dtype: str) -> Ceiling:
    fact: Fact | None = getattr(device.peaks, dtype, None)
    if fact is None:
        known = [name for name in DTYPES if getattr(device.peaks, name) is not None]
        raise NoCeiling(f"no {dtype} peak of {device.name} is published: it has {', '.join(known)}")
    return Ceiling(dtype, fact.value)


class Times(NamedTuple):
    """Nanoseconds at each ceiling; what is longest is the time at the roof, as all three may go on at once."""

    matrix: Fraction
    element: Fraction
    memory: Fraction

    @property
    def longest(self) -> Fraction:
        return max(self)

    @property
    def bound(self) -> str:
        """``compute`` or ``memory``; nothing where there is nothing to do."""
        if not self.longest:
            return ""
        return "memory" if self.memory == self.longest else "compute"


def times(macs: int, flops: int, moved: int, roof: Roof, *, convolves: bool = False) -> Times:
    """What so many multiply-adds, operations in all (two a multiply-add) and bytes take."""
    products = roof.convolution if convolves else roof.matrix
    return Times(
        Fraction(2 * macs * _SECOND, products.rate),
        Fraction((flops - 2 * macs) * _SECOND, roof.element.rate),
        Fraction(moved * _SECOND, roof.bandwidth.rate),
    )


def bound_of(least: Fraction, bound: str, time_ns: int | None = None, launch_ns: int | None = None) -> str:
    """What bounds a layer that takes at the ``least`` so long at its roof, for the ``bound`` there: that, or ``launch``
    where starting it takes longer, and at least half of what was measured."""
    if launch_ns is not None and launch_ns > least and (time_ns is None or 2 * launch_ns >= time_ns):
        return "launch"
    return bound


class RoofedLayer(Configuration):
    """A layer, or several in a row, at the roof: counts of the whole batch, and nanoseconds.

    ``block`` is the path of groups around it, ``line`` where it is written; ``bound`` what of ``time`` is most.
    """

    name: str
    block: str
    kind: str
    line: int
    macs: int
    flops: int
    moved_bytes: int
    time: Fraction
    bound: str

    @property
    def intensity(self) -> Fraction | None:
        """Operations a byte; None where nothing is moved."""
        return Fraction(self.flops, self.moved_bytes) if self.moved_bytes else None

    @property
    def attainable(self) -> Fraction | None:
        """Operations a second at the roof; None where there is nothing to do."""
        return self.flops * _SECOND / self.time if self.time else None


class Roofline(Configuration):
    """A network under a roof. Nanoseconds: ``time`` is the sum of its layers at the roof, one after the other.

    ``bound`` is what no program goes below: the longer of ``products``, the fewest that convolutions and matrix
    products can do with, at their peak, and ``reading``, the weights beyond the cache; None where that is not known.
    """

    network: str
    title: str
    file: str
    inputs: tuple[Shape, ...]
    batch: int
    aux: bool
    roof: Roof
    layers: tuple[RoofedLayer, ...]
    time: Fraction
    products: Fraction
    reading: Fraction | None

    @property
    def bound(self) -> Fraction | None:
        """None under measured ceilings: another program may reach more."""
        return None if self.roof.measured else max(self.products, self.reading or Fraction(0))

    def has(self, layers: Sequence[LayerTime]) -> bool:
        """Whether layers that were measured are the layers of it; what does nothing moves nothing here."""
        return len(layers) == len(self.layers) and all(
            (one.name, one.kind, one.flops) == (other.name, other.kind, other.flops)
            and other.moved_bytes in (0, one.moved_bytes)
            for one, other in zip(layers, self.layers, strict=True)
        )


def roofline(graph: Graph, roof: Roof, *, batch: int = 1) -> Roofline:
    """A network in inference under a roof, in numbers of its dtype. Raises OpenSize where a size is a symbol."""
    found = costs(graph, batch=batch, dtype=stored_as(roof.dtype))
    layers = tuple(_layers(graph, found, roof))
    products, reading = _fewest(graph, roof, batch), _reading(found, roof)
    return Roofline(
        network=graph.name,
        title=graph.title,
        file=graph.file,
        inputs=tuple(graph.nodes[index].shape for index in graph.inputs),
        batch=batch,
        aux=any(node.aux for node in graph.nodes),
        roof=roof,
        layers=layers,
        time=sum((layer.time for layer in layers), Fraction(0)),
        products=products,
        reading=reading,
    )


def _layers(graph: Graph, found: Sequence[Cost], roof: Roof) -> Iterator[RoofedLayer]:
    for node, cost in zip(graph.nodes, found, strict=True):
        macs, flops = numeric(cost.macs), numeric(cost.flops)
        moved = numeric(cost.moved_bytes) if runs(graph, node) else 0
        taken = times(macs, flops, moved, roof, convolves=node.layer.convolves)
        yield RoofedLayer(
            name=node.name, block=node.block, kind=node.layer.kind, line=node.span.line, macs=macs, flops=flops,
            moved_bytes=moved, time=taken.longest, bound=taken.bound,
        )  # fmt: skip


def _fewest(graph: Graph, roof: Roof, batch: int) -> Fraction:
    """The fewest products of all layers, each at its peak."""
    each = {True: 0, False: 0}
    for node in graph.nodes:
        if node.inputs:
            each[node.layer.convolves] += batch * numeric(node.layer.fewest_macs(*graph.input_shapes(node)))
    return sum((times(macs, 2 * macs, 0, roof, convolves=kind).matrix for kind, macs in each.items()), Fraction(0))


def _reading(found: Sequence[Cost], roof: Roof) -> Fraction | None:
    """The weights once, less what the cache may have kept of the run before; None where that is not known."""
    if roof.cache is None:
        return None
    weights = BYTES[stored_as(roof.dtype)][0] * sum(numeric(cost.weights) for cost in found)
    return times(0, 0, max(weights - roof.cache, 0), roof).memory
