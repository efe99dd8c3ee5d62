"""The ceilings that a calibration found, for devices whose peaks nobody publishes: processors above all."""

from __future__ import annotations

from archcalc.analyses.latency.calibration import Calibration
from archcalc.analyses.latency.roofline import Ceiling, Roof


def measured_roof(calibration: Calibration) -> Roof:
    """The best that layers reached when a device was calibrated: what a network may get near to, and no bound."""
    best = calibration.peaks
    return Roof(
        name=calibration.machine,
        dtype=calibration.dtype,
        convolution=Ceiling("best convolution", best.convolution),
        matrix=Ceiling("best matrix product", best.matrix),
        element=Ceiling("best of the rest", best.element),
        bandwidth=Ceiling("best memory or cache", best.bandwidth),
        measured=True,
    )
