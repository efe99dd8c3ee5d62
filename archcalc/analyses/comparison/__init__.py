"""Networks side by side: what each comes to, in total and stage by stage, and how often the first one's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from os.path import basename, splitext
from typing import TYPE_CHECKING, Any, Literal

from archcalc.analyses.comparison.stages import Stage, aligned, stages
from archcalc.analyses.conditions import ONE_IMAGE, TRAINED, Under
from archcalc.analyses.latency.band import Latency
from archcalc.analyses.memory.setting import OpenSize
from archcalc.analyses.quantities import COUNTED, FIELDS, QUANTITIES, Measure, Region
from archcalc.graph import Graph
from archcalc.layers import Shape
from archcalc.record import Configuration

if TYPE_CHECKING:
    from archcalc.analyses.latency.asked import Target

Best = Literal["least"] | None

#: What one would have less of; of all else, nothing is best.
LEAST = frozenset(
    {
        "params", "weights", "trainable", "macs", "flops", "training flops", "activations", "weights bytes",
        "activations bytes", "memory", "inference memory", "inference peak bytes", "inference arena bytes",
        "training memory", "training peak bytes", "saved bytes", "gradients bytes", "optimizer bytes", "latency",
    }
)  # fmt: skip
#: What is compared if nobody chooses: of whole networks, and of stages.
TOTALS = (
    "params", "macs", "flops", "training flops", "weights bytes", "activations bytes", "inference peak bytes",
    "saved bytes", "training peak bytes", "depth", "weight layers", "field", "intensity",
)  # fmt: skip
OF_STAGES = ("out", "params", "macs")
#: What can be compared: the largest batch is a question about a device.
COMPARED = (*(name for name in QUANTITIES if not name.startswith("largest")), "latency")
#: Letters of a name that says something where there are other files: VGG's networks are called A to E.
_TELLING = 3
#: What a part of a network has too.
_PARTIAL = frozenset({*COUNTED, *FIELDS, "depth", "out", "intensity", "saved bytes", "latency"})


class Line(Configuration):
    """One quantity of each network, in order; None where it has none, or lacks the stage.

    ``best``: what the best is, if anything, and ``marked`` who has it; nobody where all have the same, or where they
    are not ``alike``: a pool that multiplies nothing is no better than a convolution.
    """

    quantity: str
    values: tuple[Any, ...]
    alike: bool = True

    @property
    def best(self) -> Best:
        return "least" if self.quantity in LEAST else None

    @property
    def marked(self) -> tuple[int, ...]:
        times = {place: value for place, value in enumerate(self.values) if isinstance(value, Latency)}
        if times:
            return self._fastest(times)
        known = {place: value for place, value in enumerate(self.values) if isinstance(value, int)}
        if self.best is None or not self.alike or len(set(known.values())) < 2:
            return ()
        return tuple(place for place, value in known.items() if value == min(known.values()))

    def _fastest(self, times: Mapping[int, Latency]) -> tuple[int, ...]:
        """Who is faster than all others, errors included; where bands overlap, nobody."""
        for place, time in times.items():
            others = [value for other, value in enumerate(self.values) if other != place and value is not None]
            if self.alike and others and all(time.beats(other) for other in others):
                return (place,)
        return ()

    @property
    def ratios(self) -> tuple[Fraction | None, ...]:
        """How often the first one's value each is; None where one of them is no number, or the first is 0."""
        first = self.values[0]
        if isinstance(first, Latency):
            return tuple(value.ratio(first) if isinstance(value, Latency) else None for value in self.values)
        return tuple(
            Fraction(value) / Fraction(first)
            if isinstance(value, int | Fraction) and isinstance(first, int | Fraction) and first
            else None
            for value in self.values
        )


class Aligned(Configuration):
    """A stage that networks have in common: what each calls it (None: it has none), and its figures."""

    names: tuple[str | None, ...]
    lines: tuple[Line, ...]

    @property
    def name(self) -> str:
        return next(name for name in self.names if name is not None)


class Contender(Configuration):
    """One of the networks: what it is called here, and its graph."""

    name: str
    graph: Graph

    @property
    def input(self) -> Shape:
        return self.graph.nodes[self.graph.inputs[0]].shape


def named(graphs: Sequence[Graph], told: Sequence[str]) -> tuple[Contender, ...]:
    """The graphs with names that tell them apart.

    ``told``: what is special about each, as ``width=32``; that alone where they are otherwise one network. Of several
    files, the names of one with a name that another has, or that says nothing alone, have the file's before them.
    """
    networks = dict.fromkeys((graph.file, graph.name) for graph in graphs)
    shared = Counter(name for _, name in networks)
    unclear = {file for file, name in networks if len(name) < _TELLING or shared[name] > 1}
    several = len({file for file, _ in networks}) > 1

    def plain(graph: Graph) -> str:
        if several and graph.file in unclear:
            return f"{splitext(basename(graph.file))[0]}:{graph.name}"
        return graph.name

    if len(networks) == 1 and all(told):
        names = [*told]
    else:
        names = [" ".join(filter(None, (plain(graph), what))) for graph, what in zip(graphs, told, strict=True)]
    if len(set(names)) < len(names):
        names = [f"{number} {name}" for number, name in enumerate(names, 1)]
    return tuple(Contender(name=name, graph=graph) for name, graph in zip(names, graphs, strict=True))


class Comparison(Configuration):
    """Networks side by side, under one set of conditions."""

    contenders: tuple[Contender, ...]
    under: Under = ONE_IMAGE
    aux: bool = False
    target: Target | None = None
    totals: tuple[Line, ...] = ()
    stages: tuple[Aligned, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(contender.name for contender in self.contenders)


def compare(
    contenders: Sequence[Contender],
    quantities: Sequence[str] = (),
    *,
    under: Under = ONE_IMAGE,
    aux: bool = False,
    depth: int = 1,
    target: Target | None = None,
) -> Comparison:
    """The networks' ``quantities``, of ``COMPARED``, by default those that most ask for; wherever they come from.

    With a ``target`` latencies are on it, and asked for too. Stages are groups ``depth`` names deep (0: none is
    compared) and, between them, layers of one output size.
    """
    graphs = [contender.graph if aux else contender.graph.without_aux() for contender in contenders]
    measures = [Measure(graph, under, target) for graph in graphs]
    more = ("latency",) if target is not None and "latency" not in quantities else ()
    totals = (
        _line(quantity, measures, [each.whole for each in measures]) for quantity in (*(quantities or TOTALS), *more)
    )
    rows = aligned([stages(graph, depth) for graph in graphs]) if depth else []
    more = more if target is not None and target.calibration is not None else ()
    partial = [quantity for quantity in (*(quantities or OF_STAGES), *more) if quantity in _PARTIAL]
    return Comparison(
        contenders=tuple(contenders),
        under=under,
        aux=aux,
        target=target,
        totals=tuple(totals),
        stages=tuple(_stage(row, partial, measures) for row in rows) if partial else (),
    )


def _stage(row: Sequence[Stage | None], quantities: Sequence[str], measures: Sequence[Measure]) -> Aligned:
    regions = [None if stage is None else Region(stage.nodes, stage.nodes[-1]) for stage in row]
    multiplies = {value != 0 for value in _line("macs", measures, regions).values if value is not None}
    return Aligned(
        names=tuple(None if stage is None else stage.name for stage in row),
        lines=tuple(_line(quantity, measures, regions).but(alike=len(multiplies) < 2) for quantity in quantities),
    )


def _line(quantity: str, measures: Sequence[Measure], regions: Sequence[Region | None]) -> Line:
    values = (
        None if region is None else _value(quantity, measure, region)
        for measure, region in zip(measures, regions, strict=True)
    )
    return Line(quantity=quantity, values=tuple(values))


def _value(quantity: str, measure: Measure, region: Region) -> Any:
    if quantity in TRAINED and measure.under.dtype == "int8":
        return None  # that is not trained
    if quantity == "latency":
        return _latency(measure, region)
    return measure.answer(quantity, region).value


def _latency(measure: Measure, region: Region) -> Latency | None:
    try:
        found = measure.latency(region)
    except OpenSize:
        return None
    return None if found == Latency() else found
