"""The calibration that predictions are made with: the newest that this machine's history has."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from archcalc.analyses.latency.calibration import Calibration, calibration_of
from archcalc.analyses.latency.measured import RUN
from archcalc.devices import Device, UnknownDevice, device_named
from archcalc.history import History

KIND = "calibration"


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
    name = device if gpu is None else gpu.name
    if threads is not None and device != "cpu":
        raise NotCalibrated(f"threads are of a CPU, and {name} is none: leave them out")
    others: set[int] = set()
    for row in History(path).rows(KIND, device=device, machine=machine):
        try:
            found = calibration_of(row.document)
        except (KeyError, TypeError):
            continue  # of another version of archcalc, or imported from elsewhere
        way = found.dtype == dtype and found.channels_last == channels_last
        if way and (gpu is None or _is(found.machine, gpu)):
            if threads in (None, found.threads):
                return found
            others.add(found.threads or 0)
    if dtype not in RUN:
        raise NotCalibrated(f"no prediction of {name} in {dtype}: layers are run in {', '.join(RUN)}")
    more = [f"--device {device}"] * (device != "cpu") + [f"--dtype {dtype}"] * (dtype != "fp32")
    more += [f"--threads {threads}"] * (threads is not None)
    command = " ".join(["archcalc calibrate", *more])
    where = "" if gpu is None else " there"
    what = f"{name} in {dtype}" + (_but(threads, others) if threads and others else "")
    raise NotCalibrated(f"no calibration of {what}: {command}{where} makes one")


def _but(threads: int, others: Iterable[int]) -> str:
    """`` with 2 threads (there is one with 1 thread)``."""
    wanted, known = (" and ".join(map(str, sorted(each))) for each in ({threads}, others))
    return f" with {wanted} thread{'s' * (wanted != '1')} (there is one with {known} thread{'s' * (known != '1')})"


def _is(machine: str, gpu: Device) -> bool:
    """Whether a machine's name, as its driver gives it, is that of a device."""
    try:
        return device_named(machine).id == gpu.id
    except UnknownDevice:
        return False
