"""Calibrations made up so that times can be told by hand: a layer takes what its routine does, whatever its size."""

from __future__ import annotations

from archcalc.analyses.latency.calibration import ANY, Calibration, Peaks, Routine, document
from archcalc.analyses.latency.kept import KIND
from archcalc.analyses.latency.work import IDLE
from archcalc.history import History

#: Nanoseconds of a layer.
TAKES = {"conv": 1_000_000, "relu": 100_000, "relu in place": 100_000, "fc": 2_000_000, ANY: 500_000, IDLE: 0}
#: Of convolutions, matrix products and all else, operations a second; bytes a second.
PEAKS = Peaks(80 * 10**9, 60 * 10**9, 5 * 10**9, 20 * 10**9)
#: Each lies between half and twice of that; all of a network between nine tenths and eleven.
BAND = {"below": 0.5, "above": 2.0, "all_below": 0.9, "all_above": 1.1}
#: Of which a network has one: as sure alone.
ALONE = BAND | {"below": 0.9, "above": 1.1}


def calibration(device="cpu", machine="a processor", dtype="fp32", threads=2, each_byte=0.0, whole=1.0, **takes):
    rules = {**TAKES, **takes}
    return Calibration(
        device=device, machine=machine, dtype=dtype, threads=threads, channels_last=False, networks=("a", "b"),
        started="2026-03-01T10:00:00+00:00", whole=whole, spread=1.0, peaks=PEAKS, noisy=False, facts={"name": machine},
        routines=tuple(
            Routine(
                name=name, overhead=time, operation=0.0, byte=0.0 if name == IDLE else each_byte, rows=50, error=0.1,
                most_bytes=10**12, **(ALONE if name == "fc" else BAND),
            )
            for name, time in rules.items()
        ),
    )  # fmt: skip


def keep(path, *made):
    for each in made:
        History(path).add(KIND, document(each))
    return path
