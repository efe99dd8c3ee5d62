"""What bounds each layer of a measured network: compute, memory, or that it has to be started."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

from archcalc.analyses.latency.calibration import Calibration
from archcalc.analyses.latency.ceilings import measured_roof
from archcalc.analyses.latency.kept import NotCalibrated, calibrated
from archcalc.analyses.latency.measured import LayerTime, Profile
from archcalc.analyses.latency.roofline import NoCeiling, Roof, bound_of, roof, roofline
from archcalc.analyses.latency.work import IDLE, Work
from archcalc.devices import UnknownDevice, device_named
from archcalc.graph import Graph


def bounded(profile: Profile, graph: Graph, calibration: Calibration | None = None) -> Profile:
    """The measurement of this network with what bounds each layer.

    On a GPU whose peaks are published, what is longest at its roof, or asking for the layer where that takes longer;
    else what is longest by the rules of a ``calibration`` of this device; without one it cannot be told.
    """
    ceilings = roof_of(profile)
    if not profile.layers or (ceilings is None and calibration is None):
        return profile
    if ceilings is not None:
        bounds = _at_roof(profile, graph.without_aux(), ceilings)
    else:
        assert calibration is not None
        bounds = (_by_rule(layer, calibration) for layer in profile.layers)
    layers = (layer.but(bound=bound) for layer, bound in zip(profile.layers, bounds, strict=True))
    return profile.but(layers=tuple(layers))


def _at_roof(profile: Profile, graph: Graph, ceilings: Roof) -> Iterator[str]:
    least = roofline(graph, ceilings, batch=profile.setting.batch).layers
    for layer, roofed in zip(profile.layers, least, strict=True):
        idle = layer.routine == IDLE
        yield "" if idle else bound_of(roofed.time, roofed.bound, layer.time.median, layer.launch_ns)


def _by_rule(layer: LayerTime, calibration: Calibration) -> str:
    if layer.routine == IDLE or not calibration.knows(layer.routine):
        return ""
    work = Work(layer.routine, layer.flops or 0, layer.moved_bytes or 0)
    return calibration.routine(layer.routine).bound(work)


def roof_of(profile: Profile) -> Roof | None:
    """The published ceilings of the GPU that it was measured on; None of a CPU, and where there are none."""
    if profile.setting.device == "cpu":
        return None
    try:
        # a measurement's fp32 is fp32 in convolutions too
        return roof(device_named(str(profile.machine.get("name"))), profile.setting.dtype, tf32=False)
    except (UnknownDevice, NoCeiling):
        return None


def at_roof(profile: Profile, graph: Graph, calibration: Calibration | None = None) -> Fraction | None:
    """Nanoseconds that the layers take at that roof, or at the best that layers reached in a ``calibration``; None
    where there is neither, or it trains."""
    if profile.setting.train:
        return None
    ceilings = roof_of(profile) or (None if calibration is None else measured_roof(calibration))
    return None if ceilings is None else roofline(graph.without_aux(), ceilings, batch=profile.setting.batch).time


def calibration_for(profile: Profile, path: Path | None = None) -> Calibration | None:
    """The newest calibration of the very device and way in which it was measured, in the history at ``path``. Raises
    history.Unusable."""
    setting, machine = profile.setting, profile.machine
    kind = setting.device.partition(":")[0]
    try:
        return calibrated(
            kind, setting.dtype, threads=machine.get("threads") if kind == "cpu" else None,
            channels_last=setting.channels_last, machine=str(machine.get("name", "")), path=path,
        )  # fmt: skip
    except NotCalibrated:
        return None
