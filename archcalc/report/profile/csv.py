"""Measurements as CSV: a row a layer, and one each for what lies between the layers and for the whole; nanoseconds."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

from archcalc.analyses.latency.measured import LayerTime, Profile, Setting
from archcalc.analyses.latency.timing import Timing

#: ``part`` is ``layer``, ``other`` or ``whole``: what is to be summed is one of these.
_LAYER = ("name", "block", "kind", "line", "macs", "flops", "moved_bytes", "bound")
_TIMES = tuple(name for name in Timing.fields if name != "count")
KEYS = (
    "network", "file", "digest", "started", "machine", *Setting.fields, "noisy", "interrupted", "part", *_LAYER,
    "count", *(f"{name}_ns" for name in _TIMES),
)  # fmt: skip


def header() -> str:
    """The names of the columns."""
    return _written([KEYS])


def rows(profile: Profile) -> str:
    """The lines of one measurement under that header."""
    return _written([row.get(key, "") for key in KEYS] for row in _rows(profile))


def _rows(profile: Profile) -> Iterator[dict[str, Any]]:
    setting = {name: _plain(getattr(profile.setting, name)) for name in Setting.fields}
    beside = {name: getattr(profile, name) for name in ("network", "file", "digest", "started")}
    beside |= {"machine": profile.machine.get("name", ""), **setting}
    beside |= {"noisy": _plain(profile.noisy), "interrupted": _plain(profile.interrupted)}
    for layer in profile.layers:
        yield beside | {"part": "layer", **_layer(layer), **_time(layer.time)}
    if profile.other is not None:
        yield beside | {"part": "other", "median_ns": profile.other}
    yield beside | {"part": "whole", "macs": profile.macs, "flops": profile.flops, **_time(profile.whole)}


def _layer(layer: LayerTime) -> dict[str, Any]:
    return {name: getattr(layer, name) for name in _LAYER}


def _time(time: Timing) -> dict[str, int | None]:
    return {"count": time.count, **{f"{name}_ns": getattr(time, name) for name in _TIMES}}


def _plain(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value


def _written(lines: Iterable[Iterable[Any]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(lines)
    return out.getvalue()
