"""A report with times: what each layer and the network take on a device, beside their other figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, TypeVar

from archcalc.analyses.latency.asked import Forecast, Target, forecast, of_layers, target
from archcalc.analyses.latency.band import Latency
from archcalc.analyses.latency.predict import PredictedLayer
from archcalc.analyses.memory.setting import OpenSize
from archcalc.analyses.summary import Report, Row, Totals
from archcalc.graph import Graph
from archcalc.record import Configuration

Kind = TypeVar("Kind", bound=Configuration)


class TimedRow(Row):
    """A layer, or several in a row, and how long each is ``predicted`` to take."""

    place: ClassVar[tuple[str, ...]] = (*Row.place, "predicted")

    predicted: tuple[PredictedLayer, ...]

    @property
    def latency(self) -> Latency:
        return of_layers(self.predicted)

    @property
    def latency_ns(self) -> int | None:
        return self.latency.time

    @property
    def latency_low_ns(self) -> int | None:
        return self.latency.low

    @property
    def latency_high_ns(self) -> int | None:
        return self.latency.high

    @property
    def routine(self) -> str:
        """As what it is run; of several layers, what takes most."""
        taken: dict[str, int] = {}
        for layer in self.predicted:
            taken[layer.routine] = taken.get(layer.routine, 0) + layer.time
        return max(taken, key=lambda routine: taken[routine])

    def more(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in KEYS}

    def summed(self, members: Sequence[Any]) -> dict[str, Any]:
        return {"predicted": tuple(layer for member in members for layer in member.predicted)}


#: What a timed row says more than others; the first three a network too.
KEYS = ("latency_ns", "latency_low_ns", "latency_high_ns", "routine")


class TimedTotals(Totals):
    """A network's totals, with what it takes: the sum of its rows, and what lies between them."""

    latency_ns: int
    latency_low_ns: int
    latency_high_ns: int

    @property
    def latency(self) -> Latency:
        return Latency(self.latency_ns, self.latency_low_ns, self.latency_high_ns)


class BoundedTotals(Totals):
    """A network's totals, with what no program goes below; None where even that is not known."""

    latency_bound_ns: int | None

    @property
    def latency(self) -> Latency:
        return Latency(bound=self.latency_bound_ns)


class TimedReport(Report):
    """``device``: what the times are of, and by which calibration."""

    device: Mapping[str, Any]


def timed(report: Report, graph: Graph, device: str | Target) -> Report:
    """The report of a graph with its times on a device; the report as it is where a size is an open symbol.

    Raises UnknownDevice, and history.Unusable where no calibration can be read.
    """
    if report.totals is None:
        return report
    on = target(device, report.dtype) if isinstance(device, str) else device
    try:
        found = forecast(graph, on, batch=report.batch)
    except OpenSize:
        return report
    layers: tuple[Row, ...] = report.layers
    if found.prediction is not None:
        layers = tuple(
            _as(TimedRow, row, predicted=(layer,))
            for row, layer in zip(report.layers, found.prediction.layers, strict=True)
        )
    return _as(TimedReport, report, layers=layers, totals=_totals(report.totals, found.whole), device=_device(found))


def _totals(totals: Totals, whole: Latency) -> Totals:
    if whole.time is None:
        return _as(BoundedTotals, totals, latency_bound_ns=whole.bound)
    return _as(TimedTotals, totals, latency_ns=whole.time, latency_low_ns=whole.low, latency_high_ns=whole.high)


def _device(found: Forecast) -> dict[str, Any]:
    target, calibration = found.target, found.target.calibration
    if calibration is None:
        return {"name": target.name, "calibrated": None}
    return {
        "name": target.name,
        "machine": calibration.machine,
        "threads": calibration.threads,
        "calibrated": calibration.started,
        "noisy": calibration.noisy,
        "other_ns": found.prediction.other if found.prediction else None,
        "unknown": list(found.prediction.unknown) if found.prediction else [],
    }


def _as(kind: type[Kind], record: Any, **more: Any) -> Kind:
    """A record as one of a kind that has more fields."""
    return kind(**{**{name: getattr(record, name) for name in record.fields}, **more})
