"""The calibration that predictions are made with: the newest that this machine's history has."""

from __future__ import annotations

from pathlib import Path

from archcalc.analyses.latency.calibration import Calibration, calibration_of
from archcalc.history import History

KIND = "calibration"


class NotCalibrated(Exception):
    """There is no calibration for what is asked: one line, with the command that makes one."""


def calibrated(
    device: str = "cpu", dtype: str = "fp32", *, threads: int | None = None, path: Path | None = None
) -> Calibration:
    """The newest calibration of a device, ``cpu`` or ``cuda``, for a dtype, and for a number of threads if told.

    ``path``: of the history, if not the usual one. Raises NotCalibrated, and history.Unusable where it cannot be read.
    """
    for row in History(path).rows(KIND, device=device):
        found = calibration_of(row.document)
        if found.dtype == dtype and threads in (None, found.threads):
            return found
    more = [f"--device {device}"] * (device != "cpu") + [f"--dtype {dtype}"] * (dtype != "fp32")
    more += [f"--threads {threads}"] * (threads is not None)
    command = " ".join(["archcalc calibrate", *more])
    raise NotCalibrated(f"no calibration of {device} in {dtype}: {command} makes one")
