"""Measured networks as JSON (docs/schema/profile-1.json), there and back. Times are whole nanoseconds."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from archcalc.analyses.latency.measured import LayerTime, MemoryUse, Noise, Phase, Profile, Setting
from archcalc.analyses.latency.timing import Timing
from archcalc.version import __version__

SCHEMA = 1
_ENCODE = json.JSONEncoder(allow_nan=False).encode


def document(profile: Profile) -> dict[str, Any]:
    """All of a measurement as plain values; what follows from others of them beside these."""
    made: dict[str, Any] = {"schema": SCHEMA, "archcalc": __version__}
    for name in profile.fields:
        made[_KEYS.get(name, name)] = _plain(getattr(profile, name))
    layers = sum(layer.time.median for layer in profile.layers) if profile.layers else None
    return made | {"noisy": profile.noisy, "layers_ns": layers, "other_ns": profile.other}


def profile_of(document: Mapping[str, Any]) -> Profile:
    """The measurement of a document. Raises ValueError, in a line, where it is none, or of a later archcalc."""
    try:
        if document["schema"] > SCHEMA:
            raise ValueError(f"it is of a later archcalc, {document['archcalc']}: update this one")
        values = {name: document[_KEYS.get(name, name)] for name in Profile.fields if name not in _LATER}
        values |= {name: document[name] for name in _LATER if name in document}
        return Profile(**{name: _READ.get(name, _same)(value) for name, value in values.items()})
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"it is no measurement of a network: {type(error).__name__} {error}") from None


#: Fields that hold nanoseconds, by their keys; those of a timing but its count follow the same rule.
_KEYS = {"samples": "samples_ns", "instrumented": "instrumented_ns"}
#: Fields with a default: a document may lack them.
_LATER = ("millijoules", "interrupted", "inputs", "values", "within")


def _plain(value: Any) -> Any:
    if isinstance(value, Timing):
        return {_of_timing(name): getattr(value, name) for name in value.fields}
    if hasattr(value, "fields"):
        return {name: _plain(getattr(value, name)) for name in value.fields}
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, tuple | list) else value


def _of_timing(name: str) -> str:
    return name if name == "count" else f"{name}_ns"


def _timing(found: Any) -> Timing:
    values = {name: found[_of_timing(name)] for name in Timing.fields}
    for name, value in values.items():
        if not isinstance(value, int) and (value is not None or name not in _UNSURE):
            raise TypeError(f"{_of_timing(name)} is {value!r}")
    return Timing(**values)


#: What few samples do not tell of a timing.
_UNSURE = ("low", "high", "p95")


def _same(value: Any) -> Any:
    return value


def _each(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda values: tuple(map(read, values))


def _timed(kind: type[LayerTime] | type[Phase]) -> Callable[[Any], Any]:
    return lambda found: kind(**{**found, "time": _timing(found["time"])})


_READ: Mapping[str, Callable[[Any], Any]] = {
    "setting": lambda found: Setting(**found),
    "whole": _timing,
    "samples": tuple,
    "blocks": tuple,
    "noise": _each(lambda found: Noise(**found)),
    "layers": _each(_timed(LayerTime)),
    "phases": _each(_timed(Phase)),
    "memory": lambda found: MemoryUse(**found),
    "inputs": _each(tuple),
}


def dumps(document: Mapping[str, Any]) -> str:
    """A document's text, a key a line, a layer a line; no newline at its end."""
    return "{\n" + ",\n".join(f"{_ENCODE(key)}: {_lines(value)}" for key, value in document.items()) + "\n}"


def _lines(value: Any) -> str:
    """A list of records has a line for each."""
    if isinstance(value, list) and value and isinstance(value[0], Mapping):
        return "[\n" + ",\n".join(_ENCODE(each) for each in value) + "\n]"
    return _ENCODE(value)
