"""Predicted latency over a grid: the work of each routine as closed forms, under the rules of a calibration."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from archcalc.algebra import Dim
from archcalc.algebra.real import Real, evaluate_reals
from archcalc.analyses.latency.calibration import Calibration, reaches, together
from archcalc.analyses.latency.work import by_routine, open_works
from archcalc.analyses.sweep.grid import Block
from archcalc.graph import Graph

#: What is predicted, in nanoseconds, and between which it lies nine times of ten; what a prediction calls each.
LATENCY = {"latency": "time", "latency low": "low", "latency high": "high"}


def latency_named(word: str) -> str | None:
    """Which of them a word means, or None."""
    known = " ".join(word.casefold().replace("_", " ").replace("-", " ").split())
    return known if known in LATENCY else None


class Timed(NamedTuple):
    """What a network takes, as a closed form; with ``up`` an end of its band, as far as its parts have ``reaches``."""

    calibration: Calibration
    time: Real
    up: bool | None = None
    reaches: Sequence[Real] = ()

    def dims(self) -> Sequence[Dim]:
        return ()

    def number(self, values: Iterator[Any], block: Block) -> Any:
        time, *reaches = evaluate_reals([self.time, *self.reaches], block.values)
        return _whole(time if self.up is None else self.calibration.edge(time, reaches, self.up))


def _whole(time: Any) -> Any:
    """Rounded as Python rounds: half to even."""
    if not hasattr(time, "dtype"):
        return round(time)
    import numpy as np

    rounded = np.rint(time)
    if rounded.size and float(rounded.max()) >= 2.0**63:
        return np.array([int(each) for each in rounded.flat], dtype=object).reshape(rounded.shape)
    return rounded.astype(np.int64)


class Untimed(ValueError):
    """Latency is asked for that cannot be predicted: a line that says why, and what can be done."""


class Clock:
    """Calibrations of one device, one a dtype, all with as many threads as the first, and what they know nothing of.

    Raises Untimed where one is missing.
    """

    def __init__(
        self, device: str, dtypes: Sequence[str], path: Path | None = None, threads: int | None = None
    ) -> None:
        self.calibrations: dict[str, Calibration] = {}
        for dtype in dtypes:
            self.calibrations[dtype] = found = _calibration(device, dtype, threads, path)
            threads = found.threads
        #: routines that were met and not measured
        self.unknown: dict[str, None] = {}

    def closed(self, graph: Graph, batch: Dim, dtype: str) -> dict[str, Timed]:
        """``LATENCY`` of a network with open symbols."""
        calibration, works = self.calibrations[dtype], by_routine(open_works(graph, batch=batch, dtype=dtype))
        self.unknown |= dict.fromkeys(work.routine for work in works if not calibration.knows(work.routine))
        parts = calibration.parts(
            work.but(flops=Real.of(work.flops), moved_bytes=Real.of(work.moved_bytes)) for work in works
        )
        time = together(parts)
        low, high = (Timed(calibration, time, up, reaches(parts, up)) for up in (False, True))
        return dict(zip(LATENCY, (Timed(calibration, time), low, high), strict=True))

    def figures(self, graph: Graph, batch: Any, dtype: str) -> dict[str, int]:
        """The same of one without, as ``archcalc predict`` has it."""
        from archcalc.analyses.latency.predict import predict

        found = predict(graph, self.calibrations[dtype], batch=batch)
        self.unknown |= dict.fromkeys(found.unknown)
        return {name: getattr(found, side) for name, side in LATENCY.items()}


def _calibration(device: str, dtype: str, threads: int | None, path: Path | None) -> Calibration:
    """A device's, as a person names it. Raises Untimed."""
    from archcalc.analyses.latency.asked import target
    from archcalc.devices import UnknownDevice
    from archcalc.history import Unusable

    try:
        found = target(device, dtype, threads=threads, path=path)
    except UnknownDevice as error:
        raise Untimed(f"{error}, or cpu") from None
    except Unusable as error:
        raise Untimed(str(error)) from None
    if found.calibration is None:
        bound = "" if found.roof is None else "; a sweep has no lower bounds"
        raise Untimed(f"{found.missing}{bound}")
    return found.calibration
