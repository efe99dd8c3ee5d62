"""Ways to reach a receptive field for programs: CSV and JSON (docs/schema/kernels-1.json)."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

from archcalc.report.numbers import shape
from archcalc.version import __version__

if TYPE_CHECKING:
    from archcalc.analyses.kernels import Kernel, Kernels
    from archcalc.analyses.latency.band import Latency

SCHEMA = 1


def comma_separated(found: Kernels) -> str:
    """Raw numbers under a header of keys, a row a way."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    rows = [_plain(way) | {"group": group.key} for group in found.groups for way in group.ways]
    keys = ["group", *(key for key in rows[0] if key not in ("group", "weights", "layers", "output", "field"))]
    writer.writerow([*keys, "field_height", "field_width", "output"])
    for each in rows:
        writer.writerow([*(each[key] for key in keys), *each["field"], shape(tuple(each["output"]))])
    return out.getvalue()


def dumps(found: Kernels) -> str:
    """One JSON object."""
    asked: dict[str, Any] = {
        "field": found.field, "channels": [found.into, found.out], "size": list(found.size), "bias": found.bias,
        "bn": found.bn, "reduce": found.reduce, "batch": found.batch, "dtype": found.dtype,
    }  # fmt: skip
    if found.target is not None:
        known = found.target.calibration
        asked["device"] = {"name": found.target.name, "calibrated": known and known.started}
    groups = [
        {
            "group": group.key, "title": group.title, "one": group.one, "objectives": dict(group.objectives),
            "notes": list(group.notes), "ways": [_plain(way) for way in group.ways],
        }
        for group in found.groups
    ]  # fmt: skip
    document = {"schema": SCHEMA, "archcalc": __version__, **asked, "groups": groups}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _plain(way: Kernel) -> dict[str, Any]:
    return {
        "number": way.number, "family": way.family, "name": way.name, "best": way.best, "params": way.params,
        "params_ratio": str(way.params_ratio), "macs": way.macs, "macs_ratio": str(way.macs_ratio),
        "activations_bytes": way.activations_bytes, "saved_bytes": way.saved_bytes, "depth": way.depth,
        "layers": [node.layer.kind for node in way.graph.nodes[1:]], "weight_layers": way.layers,
        "field": list(way.field), "reads": way.reads, "output": list(way.output),
        "weights": [list(each) for each in way.weights], **_predicted(way.latency),
    }  # fmt: skip


def _predicted(latency: Latency | None) -> dict[str, Any]:
    if latency is None:
        return {}
    if latency.time is None:
        return {"latency_bound_ns": latency.bound}
    return {"latency_ns": latency.time, "latency_low_ns": latency.low, "latency_high_ns": latency.high}
