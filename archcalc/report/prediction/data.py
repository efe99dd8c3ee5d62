"""Predictions for programs: JSON (docs/schema/predict-1.json) and CSV. Times are whole nanoseconds."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from archcalc.version import __version__

if TYPE_CHECKING:
    from archcalc.analyses.latency.asked import Forecast
    from archcalc.analyses.latency.predict import Prediction
    from archcalc.graph import Graph

    Found = tuple[Graph, Forecast]

SCHEMA = 1
_LAYER = ("name", "block", "kind", "line", "routine", "known", "flops", "moved_bytes")
_TIMES = ("time", "low", "high")
KEYS = (
    "network", "file", "device", "machine", "dtype", "threads", "channels_last", "batch", "part", *_LAYER,
    *(f"{name}_ns" for name in _TIMES), "bound_ns",
)  # fmt: skip


def dumps(found: Sequence[Found], *, several: bool) -> str:
    """One object, or an array of several."""
    objects = [_object(*each) for each in found]
    return json.dumps(objects if several else objects[0], indent=2, ensure_ascii=False) + "\n"


def _object(graph: Graph, forecast: Forecast) -> dict[str, Any]:
    made = {
        "schema": SCHEMA,
        "archcalc": __version__,
        "network": graph.name,
        "title": graph.title,
        "file": graph.file,
        "inputs": [list(graph.nodes[index].shape) for index in graph.inputs],
        **_where(forecast),
    }
    found = forecast.prediction
    if found is None:
        return made | {"bound_ns": forecast.whole.bound, "missing": forecast.target.missing}
    return made | {
        "calibrated": found.calibration.started,
        "calibration_noisy": found.calibration.noisy,
        **_nanoseconds(found),
        "other_ns": found.other,
        "unknown": list(found.unknown),
        "beyond": list(found.beyond),
        "layers": [{name: getattr(each, name) for name in _LAYER} | _nanoseconds(each) for each in found.layers],
    }


def _where(forecast: Forecast) -> dict[str, Any]:
    calibration, on = forecast.target.calibration, forecast.target
    if calibration is None:
        return {"device": on.name, "dtype": on.dtype, "batch": forecast.batch}
    names = ("device", "machine", "dtype", "threads", "channels_last")
    return {**{name: getattr(calibration, name) for name in names}, "batch": forecast.batch}


def _nanoseconds(timed: Any) -> dict[str, int]:
    return {f"{name}_ns": getattr(timed, name) for name in _TIMES}


def table(found: Sequence[Found]) -> str:
    """A row a layer, and one each for what lies between the layers and for the whole; of a device that is not
    calibrated a row with the bound."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(KEYS)
    for graph, forecast in found:
        beside = {"network": graph.name, "file": graph.file, **_where(forecast)}
        for row in _rows(forecast.prediction) if forecast.prediction else [_bound(forecast)]:
            writer.writerow([_plain((beside | row).get(key, "")) for key in KEYS])
    return out.getvalue()


def _rows(found: Prediction) -> Iterator[dict[str, Any]]:
    for layer in found.layers:
        yield {"part": "layer"} | {name: getattr(layer, name) for name in _LAYER} | _nanoseconds(layer)
    yield {"part": "other", "time_ns": found.other}
    yield {"part": "whole"} | _nanoseconds(found)


def _bound(forecast: Forecast) -> dict[str, Any]:
    return {"part": "whole", "bound_ns": forecast.whole.bound}


def _plain(value: Any) -> Any:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else value
