"""Calibrations made by hand, in a history of their own."""

import random

from latency.calibrations import calibration as made_up
from latency.calibrations import keep

from archcalc.analyses.latency.calibration import ANY, Routine
from archcalc.analyses.latency.work import IDLE

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
            all_below=chance.uniform(0.5, 0.9), all_above=chance.uniform(1.1, 2), most_bytes=10**12,
        )
        for name in MEASURED
    )  # fmt: skip
    return made_up(dtype=dtype, threads=threads, whole=WHOLE).but(routines=routines, spread=1.3)


RULES = {dtype: calibration(dtype) for dtype in ("fp32", "bf16")}


def kept(path):
    """A history that has them."""
    return keep(path, *RULES.values())
