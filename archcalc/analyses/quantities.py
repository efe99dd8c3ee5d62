"""Every quantity that a text may make a claim about, measured at any place of a network."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from archcalc.algebra import Dim, product
from archcalc.analyses.conditions import ONE_IMAGE, Under
from archcalc.analyses.cost import BYTES, Cost, costs, depth, input_numbers, total
from archcalc.analyses.field import Field, fields
from archcalc.analyses.footprint import HELD, LARGEST, Footprint
from archcalc.analyses.memory.setting import OpenSize
from archcalc.claims import TIMED
from archcalc.graph import Graph
from archcalc.layers import Shape

if TYPE_CHECKING:
    from archcalc.analyses.latency.asked import Forecast, Target
    from archcalc.analyses.latency.band import Latency

#: Quantities that add up over layers, and the count that they are.
COUNTED: dict[str, str] = {
    "params": "params",
    "weights": "weights",
    "biases": "biases",
    "norms": "norms",
    "others": "others",
    "trainable": "trainable",
    "buffers": "buffers",
    "weight layers": "weight_layers",
    "neurons": "neurons",
    "connections": "connections",
    "macs": "macs",
    "flops": "flops",
    "training flops": "training_flops",
    "weights bytes": "weights_bytes",
    "activations": "activations",
    "activations bytes": "activations_bytes",
}
FIELDS = ("field", "stride", "start")
OPEN = "it depends on open symbols"
QUANTITIES = (*COUNTED, "depth", "memory", "input bytes", "intensity", "out", *FIELDS, *HELD)
#: Quantities whose figure may be one of bytes, by its unit.
IN_BYTES = {"memory": "memory", "activations": "activations bytes"}
#: Quantities that are bytes, whether a figure says so or not.
BYTES_ONLY = frozenset({name for name in QUANTITIES if name.endswith("bytes")} | set(HELD) - set(LARGEST))

_ALIASES = {
    "bias": "biases",
    "parameters": "params",
    "mult adds": "macs",
    "multiply adds": "macs",
    "ops": "macs",
    "output": "out",
    "receptive field": "field",
    "inference peak": "inference peak bytes",
    "inference arena": "inference arena bytes",
    "saved": "saved bytes",
    "training peak": "training peak bytes",
}


def _squeezed(word: str) -> str:
    """A word as it is compared: without capitals, blanks, ``_`` and ``-``, and without the s of a plural."""
    return "".join(letter for letter in word.casefold() if letter.isalnum() and letter != "s")


_OWN = (*QUANTITIES, *TIMED)
_KNOWN = {_squeezed(word): meant for word, meant in (*zip(_OWN, _OWN, strict=True), *_ALIASES.items())}


def quantity_named(word: str) -> str | None:
    """The quantity that a word means, or None."""
    return _KNOWN.get(_squeezed(word))


class Region(NamedTuple):
    """A stretch of a network: its nodes, the one whose output it has, and whether it is all there is."""

    nodes: tuple[int, ...] | range
    output: int
    whole: bool = False


class Answer(NamedTuple):
    """A measured value: a number, a shape, or a number per axis; None, and a note why, where there is none.

    ``undecided``: open symbols hide it.
    """

    value: Dim | Fraction | Shape | tuple[Dim | Fraction | None, ...] | None
    note: str | None = None
    undecided: bool = False


class Measure:
    """What one network comes to, in fp32 and for one image unless told; each analysis runs when first asked for.

    ``target`` is the device that a latency is of, if it is not to be looked for by what ``under`` calls it.
    """

    def __init__(self, graph: Graph, under: Under = ONE_IMAGE, target: Target | None = None) -> None:
        self.graph = graph
        self.under = under
        self.target = target
        self.footprint = Footprint(graph, under)
        self._asked: dict[Under, Measure] = {under: self}

    def asked(self, under: Under) -> Measure:
        """The same network under other conditions."""
        return self._asked.setdefault(under, Measure(self.graph, under))

    @property
    def number_bytes(self) -> int:
        """Bytes of a number that a layer gives."""
        return BYTES[self.under.dtype][0]

    @cached_property
    def costs(self) -> tuple[Cost, ...]:
        return costs(self.graph, batch=self.under.batch, dtype=self.under.dtype)

    @cached_property
    def fields(self) -> tuple[Field | None, ...]:
        return fields(self.graph)

    @cached_property
    def main(self) -> Measure:
        """The same without side heads."""
        graph = self.graph.without_aux()
        return self if graph is self.graph else Measure(graph, self.under, self.target)

    @cached_property
    def forecast(self) -> Forecast:
        """How long it takes. Raises OpenSize, history.Unusable, and UnknownDevice."""
        from archcalc.analyses.latency.asked import forecast, target

        under = self.under
        on = self.target or target(under.device or under.on, under.dtype, threads=under.threads or None)
        return forecast(self.graph, on, batch=under.batch)

    def latency(self, region: Region) -> Latency:
        """How long a region takes, as far as it is known. Raises as ``forecast``."""
        return self.forecast.whole if region.whole else self.forecast.part(region.nodes)

    @cached_property
    def whole(self) -> Region:
        """All of the network, side heads too."""
        return Region(range(len(self.graph.nodes)), self.graph.output, whole=True)

    @cached_property
    def total(self) -> Cost:
        return total(self.costs)

    def region(self, first: int, stop: int, output: int) -> Region:
        """A stretch of nodes, without the side heads in it unless there is nothing else."""
        main = tuple(index for index in range(first, stop) if not self.graph.nodes[index].aux)
        return Region(main or range(first, stop), output)

    def cost(self, region: Region) -> Cost:
        """The sum of a region's layers."""
        return self.total if region.whole else total(self.costs[index] for index in region.nodes)

    def answer(self, quantity: str, region: Region, in_bytes: bool = False) -> Answer:
        """The value of one of ``QUANTITIES``; in bytes where a figure's unit says so and numbers are usual."""
        if in_bytes:
            quantity = IN_BYTES.get(quantity, quantity)
        if quantity in COUNTED:
            return Answer(self._count(COUNTED[quantity], region))
        if quantity == "depth":
            return Answer(depth(self.graph, region.nodes))
        if quantity in HELD:
            return self._held(quantity, region)
        if quantity == "memory":
            numbers = self._numbers_held(region)
            return Answer(numbers * self.number_bytes if in_bytes else numbers)
        if quantity == "input bytes":
            return Answer(self.under.batch * self.number_bytes * input_numbers(self.graph))
        if quantity in TIMED:
            return self._timed(quantity, region)
        if quantity == "out":
            return Answer(self.graph.nodes[region.output].shape)
        return self._intensity(region) if quantity == "intensity" else self._field(quantity, region)

    def _count(self, name: str, region: Region) -> Dim:
        """One count, summed over a region's layers."""
        if region.whole:
            return getattr(self.total, name)  # type: ignore[no-any-return]  # one of COUNTED
        result: Dim = 0
        for index in region.nodes:
            result = result + getattr(self.costs[index], name)
        return result

    def _numbers_held(self, region: Region) -> Dim:
        """A layer's output; of the whole network all that is kept, and the input (as slides add them up)."""
        batch = self.under.batch
        if region.whole:
            return self.total.activations + batch * input_numbers(self.graph)
        return batch * product(self.graph.nodes[region.output].shape)

    def _held(self, quantity: str, region: Region) -> Answer:
        try:
            return Answer(self.footprint.answer(quantity, None if region.whole else region.nodes))
        except OpenSize:
            return Answer(None, OPEN, undecided=True)

    def _timed(self, quantity: str, region: Region) -> Answer:
        try:
            found = self.latency(region)
        except OpenSize:
            return Answer(None, OPEN, undecided=True)
        value = found.throughput(self.under.batch).time if quantity == "throughput" else found.time
        return Answer(value, undecided=value is None)

    def _intensity(self, region: Region) -> Answer:
        cost = self.cost(region)
        if not isinstance(cost.flops, int) or not isinstance(cost.moved_bytes, int):
            return Answer(None, OPEN, undecided=True)
        return Answer(Fraction(cost.flops, cost.moved_bytes)) if cost.moved_bytes else Answer(None, "nothing is moved")

    def _field(self, quantity: str, region: Region) -> Answer:
        field = self._last_window(self.fields) if region.whole else self.fields[region.output]
        if field is None:
            return Answer(None, OPEN, undecided=True)
        if field.size is None or field.stride is None or field.start is None:
            return Answer(None, "a sampler hides what it sees" if field.kind == "none" else "it sees all of the input")
        height, width = {"field": field.size, "stride": field.stride, "start": field.start}[quantity]
        if height == width and height is not None:
            return Answer(height)
        return Answer(
            (height, width), "height and width differ" if height != width else "it is not the same everywhere"
        )

    @staticmethod
    def _last_window(found: Iterable[Field | None]) -> Field | None:
        """The field of the last layer that does not see everything."""
        last: Field | None = None
        for field in found:
            if field is None or field.size is not None:
                last = field
        return last
