"""How long a network would run on a calibrated device, layer by layer, with a band that nine of ten lie in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from archcalc.analyses.latency.calibration import Band, Calibration, root_of_squares
from archcalc.analyses.latency.work import by_routine, works
from archcalc.graph import Graph
from archcalc.layers import Shape
from archcalc.record import Configuration

#: How much more a layer may move than any that its rule was learnt from.
_FAR = 2


class PredictedLayer(Configuration):
    """A layer's time in nanoseconds, and between which it lies nine times of ten. ``known``: its routine was measured;
    ``beyond``: on far smaller layers alone. ``line`` is where it is written."""

    name: str
    block: str
    kind: str
    line: int
    routine: str
    flops: int
    moved_bytes: int
    time: int
    low: int
    high: int
    known: bool
    beyond: bool = False


class Prediction(Configuration):
    """A network's time in nanoseconds, for a whole batch; ``low`` and ``high`` are its band, as a layer's."""

    network: str
    title: str
    file: str
    inputs: tuple[Shape, ...]
    batch: int
    time: int
    low: int
    high: int
    layers: tuple[PredictedLayer, ...]
    calibration: Calibration

    @property
    def other(self) -> int:
        """What the network takes beside its layers."""
        return self.time - sum(layer.time for layer in self.layers)

    @property
    def unknown(self) -> tuple[str, ...]:
        """Routines that were not measured, and are taken for any other."""
        return tuple(dict.fromkeys(layer.routine for layer in self.layers if not layer.known))

    @property
    def beyond(self) -> tuple[str, ...]:
        """Layers that are far larger than any that was measured of their routine: bands tell nothing of those."""
        return tuple(layer.name for layer in self.layers if layer.beyond)


def predict(graph: Graph, calibration: Calibration, *, batch: int = 1) -> Prediction:
    """A network's time in inference. Raises OpenSize where a size is an open symbol."""
    layers, done = [], works(graph, batch=batch, dtype=calibration.dtype)
    for node, work in zip(graph.nodes, done, strict=True):
        rule = calibration.routine(work.routine)
        time = rule.time(work)
        layers.append(
            PredictedLayer(
                name=node.name, block=node.block, kind=node.layer.kind, line=node.span.line, routine=work.routine,
                flops=work.flops, moved_bytes=work.moved_bytes, time=round(time), low=round(time * rule.below),
                high=round(time * rule.above), known=calibration.knows(work.routine),
                beyond=work.moved_bytes > _FAR * rule.most_bytes,
            )
        )  # fmt: skip
    band = calibration.network(by_routine(done))
    return Prediction(
        network=graph.name,
        title=graph.title,
        file=graph.file,
        inputs=tuple(graph.nodes[index].shape for index in graph.inputs),
        batch=batch,
        time=round(band.time),
        low=round(band.low),
        high=round(band.high),
        layers=tuple(layers),
        calibration=calibration,
    )


def group(layers: Sequence[PredictedLayer]) -> Band:
    """What layers take one after the other, in nanoseconds: their sum, and between which it lies nine times of ten."""
    time = sum(layer.time for layer in layers)
    return Band(time, max(time - _reach(layers, "low"), 0), time + _reach(layers, "high"))


def _reach(layers: Iterable[PredictedLayer], side: str) -> int:
    """How far their sum may lie to one side."""
    sides: dict[str, int] = {}
    for layer in layers:
        sides[layer.routine] = sides.get(layer.routine, 0) + abs(getattr(layer, side) - layer.time)
    reach: float = root_of_squares(sides.values())
    return round(reach)
