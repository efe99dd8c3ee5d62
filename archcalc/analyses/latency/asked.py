"""How long a network takes on the device that a person names: predicted where that is calibrated, else a bound."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from archcalc.analyses.latency.band import Latency
from archcalc.analyses.latency.calibration import Calibration
from archcalc.analyses.latency.kept import NotCalibrated, calibrated
from archcalc.analyses.latency.predict import PredictedLayer, Prediction, group, predict
from archcalc.analyses.latency.roofline import NoCeiling, Roof, roof, roofline
from archcalc.analyses.latency.work import open_works
from archcalc.devices import PLAIN, device_named
from archcalc.graph import Graph
from archcalc.history import Unusable
from archcalc.record import Configuration, Record


class Target(Configuration):
    """A device as a person names it, for numbers of ``dtype``: calibrated; or known by the peaks of its ``roof``.

    ``missing``: why it is not calibrated, with the command that changes that, in a line.
    """

    name: str
    dtype: str
    calibration: Calibration | None = None
    roof: Roof | None = None
    missing: str = ""

    def unknown(self, graphs: Iterable[Graph]) -> tuple[str, ...]:
        """Routines of networks that its calibration did not measure, and takes for any other."""
        known = self.calibration
        if known is None:
            return ()
        routines = dict.fromkeys(work.routine for graph in graphs for work in open_works(graph))
        return tuple(routine for routine in routines if not known.knows(routine))


class Forecast(Record):
    """What is known of a network's time on a target."""

    target: Target
    batch: int
    whole: Latency
    prediction: Prediction | None = None

    def part(self, nodes: Iterable[int]) -> Latency:
        """The time of some of its layers: nothing where only a bound of the whole is known."""
        if self.prediction is None:
            return Latency()
        return of_layers([self.prediction.layers[index] for index in nodes])


def target(name: str, dtype: str = "fp32", *, threads: int | None = None, path: Path | None = None) -> Target:
    """The device called ``cpu``, ``cuda``, ``RTX 4090``, ``a100-80gb``; ``path``: of the history of calibrations.

    Raises UnknownDevice, and history.Unusable where the history cannot be read, or is not where it is said to be.
    """
    if path is not None and not path.exists():
        raise Unusable(f"there is no file {path}; archcalc calibrate --db {path} makes it")
    word = name.strip().casefold()
    gpu = None if word in PLAIN else device_named(name)
    kind = word if gpu is None else "cuda"
    called = word if gpu is None else gpu.name
    try:
        found = calibrated(kind, dtype, threads=threads, path=path, gpu=gpu)
        return Target(name=called, dtype=dtype, calibration=found)
    except NotCalibrated as error:
        missing = str(error)
    if gpu is None:
        return Target(name=called, dtype=dtype, missing=missing)
    try:
        return Target(name=called, dtype=dtype, roof=roof(gpu, dtype), missing=missing)
    except NoCeiling as error:
        why, colon, repair = missing.partition(": ")
        unpublished = str(error).partition(": ")[0]
        return Target(name=called, dtype=dtype, missing=f"{why}, and {unpublished}{colon}{repair}")


def forecast(graph: Graph, target: Target, *, batch: int = 1) -> Forecast:
    """A network's time in inference, as far as it is known. Raises OpenSize where a size is an open symbol."""
    if target.calibration is not None:
        found = predict(graph, target.calibration, batch=batch)
        return Forecast(target, batch, Latency(found.time, found.low, found.high), found)
    bound = int(roofline(graph, target.roof, batch=batch).bound or 0) if target.roof is not None else 0
    return Forecast(target, batch, Latency(bound=bound or None))


def of_layers(layers: Iterable[PredictedLayer]) -> Latency:
    """The time of layers one after the other."""
    return Latency(*group([*layers]))
