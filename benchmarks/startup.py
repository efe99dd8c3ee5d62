"""How long a report takes, as ratios within one run: every command in turn, again and again, medians compared.

    python benchmarks/startup.py [--runs N] [--only NAME,...]

A ratio of two medians taken side by side means the same on a fast and a slow machine; seconds do not.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).parent
SPECS = HERE.parent / "specs"
REPORT = [sys.executable, "-m", "archcalc", "report"]
RESNET = f"{SPECS / 'resnet.arch'}:resnet-50"
COMMANDS = {
    "floor": [sys.executable, str(HERE / "floor.py"), "report", RESNET],
    "text": [*REPORT, RESNET],
    "json": [*REPORT, "--format", "json", RESNET],
    "small": [*REPORT, str(SPECS / "lenet5.arch")],
    "all specs": [*REPORT, str(SPECS)],
    "one core": [*REPORT, str(SPECS), "--jobs", "1"],
    "torchinfo": [sys.executable, str(HERE / "resnet50.py")],
}
RATIOS = (
    ("text", "floor", "ResNet-50's report over an empty typer command with a rich table of as many rows"),
    ("json", "floor", "the same as JSON"),
    ("all specs", "small", "every spec of specs/ over LeNet-5 alone"),
    ("one core", "all specs", "the same on one core over all of them"),
    ("torchinfo", "text", "torchinfo on ResNet-50 as a PyTorch module over archcalc on its table"),
)


def measured(names: Sequence[str], runs: int) -> dict[str, float]:
    """The median seconds of each command, run in turn ``runs`` times after a first turn that fills caches."""
    times: dict[str, list[float]] = {name: [] for name in names}
    environment = {**os.environ, "COLUMNS": "100", "NO_COLOR": "1"}
    for turn in range(runs + 1):
        for name in names:
            start = time.perf_counter()
            done = subprocess.run(COMMANDS[name], capture_output=True, env=environment)
            if done.returncode:
                raise SystemExit(f"{name}: {done.stderr.decode()}")
            if turn:
                times[name].append(time.perf_counter() - start)
    return {name: statistics.median(found) for name, found in times.items()}


def main() -> None:
    """Prints medians, then the ratios that they give."""
    parser = argparse.ArgumentParser(description="Measure what a report costs, as ratios within one run.")
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--only", default=",".join(COMMANDS))
    arguments = parser.parse_args()
    names = [name for name in COMMANDS if name in arguments.only.split(",")]
    if importlib.util.find_spec("torchinfo") is None and "torchinfo" in names:
        print("torchinfo is not installed: left out")
        names.remove("torchinfo")
    medians = measured(names, arguments.runs)
    for name, seconds in medians.items():
        print(f"{name:<10} {seconds * 1000:7.0f} ms")
    for above, below, what in RATIOS:
        if above in medians and below in medians:
            print(f"{medians[above] / medians[below]:6.2f}  {what}")


if __name__ == "__main__":
    main()
