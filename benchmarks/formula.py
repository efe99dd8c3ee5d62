"""What closed forms cost: ``archcalc formula`` of ResNet-152 beside its report, as a ratio of whole commands.

    python benchmarks/formula.py [--runs N]

CPU seconds of each command and all that it starts, run in turn; the medians' ratio means the same on any machine.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
from pathlib import Path

SPEC = f"{Path(__file__).parent.parent / 'specs' / 'resnet.arch'}:resnet-152"
COMMANDS = {
    "report": ["report", SPEC],
    "formula": ["formula", SPEC],
    "formula --layers": ["formula", SPEC, "--layers"],
    "formula as Python": ["formula", SPEC, "--format", "python"],
    "sizes": ["sizes", SPEC],
}


def seconds(arguments: list[str]) -> float:
    """CPU seconds of one run."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([sys.executable, "-m", "archcalc", *arguments], capture_output=True, env={**os.environ})
    if done.returncode:
        raise SystemExit(done.stderr.decode())
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Prints the median of each command, and its ratio to the report's."""
    parser = argparse.ArgumentParser(description="Measure what closed forms cost beside a report.")
    parser.add_argument("--runs", type=int, default=7)
    runs = parser.parse_args().runs
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for turn in range(runs + 1):  # the first fills caches
        for name, arguments in COMMANDS.items():
            took = seconds(arguments)
            if turn:
                times[name].append(took)
    report = statistics.median(times["report"])
    for name, found in times.items():
        middle = statistics.median(found)
        print(f"{name:<18} {middle:6.2f} s CPU  {middle / report:5.2f} times the report")


if __name__ == "__main__":
    main()
