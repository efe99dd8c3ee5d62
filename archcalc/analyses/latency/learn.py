"""A calibration out of measured networks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median

from archcalc.analyses.latency.calibration import Calibration, Peaks
from archcalc.analyses.latency.fit import Row, fit
from archcalc.analyses.latency.measured import Profile
from archcalc.analyses.latency.work import IDLE, Work
from archcalc.layers import LAYERS

_SECOND = 10**9
#: Nanoseconds, a hundred times what a stamp takes.
_TOLD = 20_000
_CONVOLVE = {layer.kind for layer in LAYERS if layer.convolves}
#: What a calibration hangs on: of a machine, and of how a network runs on it.
_MACHINE = ("name", "threads", "torch", "mkldnn", "capability", "cuda", "cudnn", "conv_fp32", "matmul_fp32")
_SETTING = ("device", "dtype", "channels_last", "compile", "cuda_graph", "train")


def learn(measured: Sequence[Profile]) -> Calibration:
    """Rules for the device on which these networks were measured, all alike but for the batch.

    Raises ValueError where one has no layers that can be learnt from, or was measured otherwise than the first.
    """
    first = measured[0]
    for profile in measured:
        if not alike(profile, first):
            raise ValueError(f"{profile.network} was measured otherwise than {first.network}")
        if not usable(profile):
            raise ValueError(f"{profile.network} was measured without layers to learn from")
    setting = first.setting
    found = fit([row for profile in measured for row in _rows(profile)])
    return Calibration(
        device=setting.device.partition(":")[0],
        machine=str(first.machine.get("name", "")),
        dtype=setting.dtype,
        threads=first.machine.get("threads", setting.threads),
        channels_last=setting.channels_last,
        started=min(profile.started for profile in measured),
        networks=tuple(profile.network for profile in measured),
        routines=found.routines,
        spread=found.spread,
        peaks=_peaks(measured),
        whole=median([profile.whole.median / _layers(profile) for profile in measured]),
        noisy=2 * sum(profile.noisy for profile in measured) > len(measured),
        facts=first.machine,
    )


def _peaks(measured: Sequence[Profile]) -> Peaks:
    """Of layers that take long enough to be told from their stamps."""
    best = dict.fromkeys(Peaks._fields, 0)
    for layer in (layer for profile in measured for layer in profile.layers):
        if layer.time.median < _TOLD or layer.routine == IDLE:
            continue
        kind = "element" if not layer.macs else "convolution" if layer.kind in _CONVOLVE else "matrix"
        for name, count in ((kind, layer.flops), ("bandwidth", layer.moved_bytes)):
            best[name] = max(best[name], (count or 0) * _SECOND // layer.time.median)
    return Peaks(**best)


def usable(profile: Profile) -> bool:
    """Whether rules can be learnt from it: of a spec's network in inference, its layers timed."""
    return any(layer.routine for layer in profile.layers)


def alike(one: Profile, other: Profile) -> bool:
    """Whether both were measured on one device in one way, so that one rule holds for both."""
    return _way(one) == _way(other)


def _way(profile: Profile) -> tuple[object, ...]:
    machine = [profile.machine.get(name) for name in _MACHINE]
    return (*machine, *(getattr(profile.setting, name) for name in _SETTING))


def _layers(profile: Profile) -> int:
    return max(sum(layer.time.median for layer in profile.layers), 1)


def _rows(profile: Profile) -> Iterator[Row]:
    """A layer that shares its name's network with one of another batch is still of another network."""
    network = f"{profile.network}, batch {profile.setting.batch}"
    for layer in profile.layers:
        counts = (0, 0) if layer.routine == IDLE else (layer.flops or 0, layer.moved_bytes or 0)
        yield Row(Work(layer.routine, *counts), layer.time.median, network)
