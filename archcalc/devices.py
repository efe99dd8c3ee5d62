"""GPUs and boards: memory, bandwidth and peak rates as published, each fact with its sources.

``devices.json`` beside this file has them. It is read when a device is first asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from archcalc.record import Configuration

#: Devices by what they are, not by their names.
PLAIN = ("cpu", "cuda")


class UnknownDevice(ValueError):
    """A name is that of no device, or of several with different memory."""


class Fact(NamedTuple):
    """A published number in bytes, bytes or operations a second, or watts; a fraction of a peak is a share of 1000.

    ``verified``: two independent sources, or one and the derivation, agree within 3 %.
    """

    value: int
    sources: tuple[str, ...]
    verified: bool
    note: str | None = None


class Peaks(NamedTuple):
    """Operations a second on dense data, a multiply-add as two; fp16 and bf16 summed in fp32. None: not known."""

    fp32: Fact | None = None
    tf32: Fact | None = None
    bf16: Fact | None = None
    fp16: Fact | None = None
    int8: Fact | None = None


class Clock(NamedTuple):
    """Where the peak of dtype ``peak`` comes from: ``units`` (SMs or cores) that each do ``flops`` a clock."""

    units: int
    unit: str
    flops: int
    hertz: int
    peak: str


class Device(Configuration):
    """One device as published; None where that is not known.

    ``models`` are what a name must hold to mean it, ``names`` how drivers and people write it in full. ``page``: where
    most of its facts stand. ``matmul``: thousandths of the bf16 peak that the best matrix product reached.
    """

    id: str
    name: str
    year: int
    cuda: bool
    models: tuple[str, ...]
    names: tuple[str, ...]
    page: str
    memory: Fact | None
    bandwidth: Fact | None
    l2: Fact | None
    power: Fact | None
    peaks: Peaks
    clock: Clock | None
    matmul: Fact | None
    note: str | None

    @property
    def memory_bytes(self) -> int | None:
        """Its memory, 10^9 bytes a GB."""
        return self.memory.value if self.memory else None

    def answers_to(self, name: str) -> bool:
        """Whether ``name``, squashed, is one of its models among words of its names, and nothing else."""
        models = {_squashed(model) for model in self.models}
        words = {_squashed(word) for full in self.names for word in _words(full)} - models
        beside = f"(?:{_any(words)})*"
        return re.fullmatch(f"{beside}(?:{_any(models)}){beside}", name) is not None


@lru_cache(maxsize=1)
def devices() -> tuple[Device, ...]:
    """All devices, in the order of the data: of equal memory, the one that its name mostly means is first."""
    return tuple(map(_device, _data()["devices"]))


@lru_cache(maxsize=1)
def sources() -> Mapping[str, str]:
    """What the sources' keys stand for."""
    return dict(_data()["sources"])


@lru_cache(maxsize=1)
def wrong_elsewhere() -> tuple[str, ...]:
    """What other public tables of devices have wrong."""
    return tuple(_data()["wrong_in_the_wild"])


def device_named(text: str) -> Device:
    """The device that people or drivers call so: ``a100-80gb``, ``NVIDIA A100-SXM4-80GB``, ``rtx 4090``.

    Capitals, blanks, ``-`` and ``_`` make no difference. Raises UnknownDevice, in one line.
    """
    name = _squashed(text)
    found = [device for device in devices() if device.answers_to(name)]
    if len({device.memory_bytes for device in found}) > 1:
        raise UnknownDevice(f"{text!r} is several devices of different memory: {', '.join(d.id for d in found)}")
    if found:
        return found[0]
    from archcalc.diagnostics import nearest

    guess = nearest(text, [spelled for device in devices() for spelled in (device.id, *device.names)])
    known = dict.fromkeys(device.models[0] for device in devices())
    raise UnknownDevice(f"no device {text!r}; {guess or 'known: ' + ', '.join(known)}")


def _words(name: str) -> list[str]:
    return re.split(r"[\s_-]+", name)


def _any(texts: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(texts)))


def _squashed(name: str) -> str:
    return "".join(_words(name)).casefold()


def _data() -> Any:
    """The file, its numbers exact."""
    import json
    from fractions import Fraction
    from importlib.resources import files

    text = (files("archcalc") / "devices.json").read_text(encoding="utf-8")
    return json.loads(text, parse_float=Fraction, parse_int=Fraction)


def _device(entry: Mapping[str, Any]) -> Device:
    rates = {dtype: _fact(fact, 10**12) for dtype, fact in entry["peak_tflops"].items()}
    clock = entry.get("clock")
    return Device(
        id=entry["id"],
        name=entry["name"],
        year=int(entry["year"]),
        cuda=entry["cuda"],
        models=tuple(entry["models"]),
        names=tuple(entry["names"]),
        page=entry["page"],
        memory=_fact(entry.get("memory_gb"), 10**9),
        bandwidth=_fact(entry.get("bandwidth_gbps"), 10**9),
        l2=_fact(entry.get("l2_mb"), 10**6),
        power=_fact(entry.get("power_w"), 1),
        peaks=Peaks(**rates),
        clock=clock
        and Clock(int(clock["units"]), clock["unit"], int(clock["flops"]), int(clock["ghz"] * 10**9), clock["peak"]),
        matmul=_fact(entry.get("matmul_fraction"), 1000),
        note=entry.get("note"),
    )


def _fact(entry: Mapping[str, Any] | None, unit: int) -> Fact | None:
    """A fact in the base unit. Raises ValueError where that would be no whole number."""
    if entry is None:
        return None
    value = entry["value"] * unit
    if value.denominator != 1:
        raise ValueError(f"{entry} is no whole number of its unit")
    return Fact(value.numerator, tuple(entry["sources"]), entry["verified"], entry.get("note"))
