"""The calibration that predictions are made with: the newest that this machine's history has."""

from __future__ import annotations

from pathlib import Path

from archcalc.analyses.latency.calibration import Calibration, calibration_of
from archcalc.devices import Device, UnknownDevice, device_named
from archcalc.history import History

KIND = "calibration"
#: What layers are run in: int8 is counted, and not run.
RUN = ("fp32", "tf32", "bf16", "fp16")


class NotCalibrated(Exception):
    """There is no calibration for what is asked: one line, with the command that makes one."""


def calibrated(
    device: str = "cpu",
    dtype: str = "fp32",
    *,
    threads: int | None = None,
    channels_last: bool = False,
    machine: str | None = None,
    path: Path | None = None,
    gpu: Device | None = None,
) -> Calibration:
    """The newest calibration of a device, ``cpu`` or ``cuda``, for a dtype and a layout, and for a number of threads, a
    ``machine`` by its full name or a ``gpu`` if told.

    ``path``: of the history, if not the usual one. Raises NotCalibrated, and history.Unusable where it cannot be read.
    """
    for row in History(path).rows(KIND, device=device, machine=machine):
        try:
            found = calibration_of(row.document)
        except (KeyError, TypeError):
            continue  # of another version of archcalc, or imported from elsewhere
        way = found.dtype == dtype and found.channels_last == channels_last and threads in (None, found.threads)
        if way and (gpu is None or _is(found.machine, gpu)):
            return found
    name = device if gpu is None else gpu.name
    if dtype not in RUN:
        raise NotCalibrated(f"no prediction of {name} in {dtype}: layers are run in {', '.join(RUN)}")
    more = [f"--device {device}"] * (device != "cpu") + [f"--dtype {dtype}"] * (dtype != "fp32")
    more += [f"--threads {threads}"] * (threads is not None)
    command = " ".join(["archcalc calibrate", *more])
    where = "" if gpu is None else " there"
    raise NotCalibrated(f"no calibration of {name} in {dtype}: {command}{where} makes one")


def _is(machine: str, gpu: Device) -> bool:
    """Whether a machine's name, as its driver gives it, is that of a device."""
    try:
        return device_named(machine).id == gpu.id
    except UnknownDevice:
        return False
