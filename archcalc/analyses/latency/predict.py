"""How long a network would run on a calibrated device, layer by layer, with a band that nine of ten lie in."""

from __future__ import annotations

from math import sqrt

from archcalc.analyses.latency.calibration import Calibration
from archcalc.analyses.latency.work import works
from archcalc.graph import Graph
from archcalc.record import Configuration


class PredictedLayer(Configuration):
    """A layer's time in nanoseconds, and between which it lies nine times of ten; ``known``: its routine was
    measured. ``line`` is where it is written."""

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


class Prediction(Configuration):
    """A network's time in nanoseconds, for a whole batch; ``low`` and ``high`` are its band, as a layer's."""

    network: str
    title: str
    file: str
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


def predict(graph: Graph, calibration: Calibration, *, batch: int = 1) -> Prediction:
    """A network's time in inference. Raises OpenSize where a size is an open symbol."""
    layers = []
    for node, work in zip(graph.nodes, works(graph, batch=batch, dtype=calibration.dtype), strict=True):
        rule = calibration.routine(work.routine)
        time = rule.time(work)
        layers.append(
            PredictedLayer(
                name=node.name, block=node.block, kind=node.layer.kind, line=node.span.line, routine=work.routine,
                flops=work.flops, moved_bytes=work.moved_bytes, time=round(time), low=round(time * rule.below),
                high=round(time * rule.above), known=calibration.knows(work.routine),
            )
        )  # fmt: skip
    total = calibration.whole * sum(layer.time for layer in layers)
    return Prediction(
        network=graph.name,
        title=graph.title,
        file=graph.file,
        batch=batch,
        time=round(total),
        low=round(max(total - calibration.whole * _together(layers, "low"), 0)),
        high=round(total + calibration.whole * _together(layers, "high")),
        layers=tuple(layers),
        calibration=calibration,
    )


def _together(layers: list[PredictedLayer], side: str) -> float:
    """How far a network may lie from the sum of its layers: a rule errs alike in all layers of its routine, and one
    rule tells nothing of another."""
    by_routine: dict[str, float] = {}
    for layer in layers:
        by_routine[layer.routine] = by_routine.get(layer.routine, 0.0) + abs(getattr(layer, side) - layer.time)
    return sqrt(sum(each * each for each in by_routine.values()))
