"""Calibrations made by hand, in a history of their own."""

import random

from archcalc.analyses.latency.calibration import ANY, Calibration, Routine, document
from archcalc.analyses.latency.work import IDLE
from archcalc.history import History

#: Those that libraries have ways of their own for; others are taken for any other.
MEASURED = (
    "conv", "conv 1x1", "depthwise conv", "grouped conv", "fc", "relu in place", "relu", "max pool", "sum", IDLE, ANY
)  # fmt: skip
WHOLE = 1.07


def calibration(dtype="fp32", threads=2):
    """Rules that no two routines share, nor dtypes."""
    chance = random.Random(f"{dtype} {threads}")
    routines = tuple(
        Routine(
            name=name, overhead=chance.uniform(1e3, 9e4), operation=chance.uniform(0.01, 0.2),
            byte=chance.uniform(0.05, 0.5), rows=20, error=0.1, below=0.4, above=3.0,
            all_below=chance.uniform(0.5, 0.9), all_above=chance.uniform(1.1, 2),
        )
        for name in MEASURED
    )  # fmt: skip
    return Calibration(
        device="cpu", machine="a processor", dtype=dtype, threads=threads, channels_last=False,
        started="2026-11-20T10:00:00+00:00", networks=("one", "another"), routines=routines, whole=WHOLE, spread=1.3,
        noisy=False, facts={"name": "a processor"},
    )  # fmt: skip


RULES = {dtype: calibration(dtype) for dtype in ("fp32", "bf16")}


def kept(path):
    """A history that has them."""
    for each in RULES.values():
        History(path).add("calibration", document(each))
    return path
