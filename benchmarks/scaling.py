"""How time and memory grow with a text: a repeat of up to 100,000 layers, a listing of up to 10,000 lines.

    python benchmarks/scaling.py

Each size runs in a process of its own; the exponent is the slope of the logarithms (1 is linear).
"""

from __future__ import annotations

import math
import resource
import subprocess
import sys
import time

TURN = "conv 3x3, 16, pad 1, no bias; bn; relu"
SHAPE = "[32x32x16]"


def repeat(layers: int) -> str:
    """A residual network of so many layers, in a text of a few lines."""
    # each turn: two of three layers, a sum, a relu
    return f"input 32x32x16\n({TURN}; {TURN}) x {layers // 6}\nglobal average pool; fc 10\n"


def listing(lines: int) -> str:
    """A slide of so many lines, each with the figures that a slide prints."""
    lines_ = [
        f"{SHAPE} CONV{number}: 16 3x3 filters at stride 1, pad 1   params: (3*3*16)*16 + 16 = 2,320"
        for number in range(1, lines)
    ]
    return "\n".join(["[32x32x16] INPUT", *lines_, ""])


CASES = {
    "repeat": (repeat, (12_500, 25_000, 50_000, 100_000)),
    "listing": (listing, (1_250, 2_500, 5_000, 10_000)),
}


def measure(case: str, size: int) -> None:
    """Prints the seconds from text to a printed report, and the memory at its peak over that of the imports, in KiB."""
    import archcalc
    from archcalc.report.text import Paper, text

    source = CASES[case][0](size)
    archcalc.parse("input 1x1x1\nrelu\n").report()
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    found = archcalc.parse(source).report()
    middle = time.perf_counter()
    made = text(found, paper=Paper(100))
    end = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert len(made.splitlines()) > len(found.layers)
    print(len(found.layers), middle - start, end - middle, peak - before)


def slope(points: list[tuple[float, float]]) -> float:
    """The least-squares slope of log y over log x."""
    logs = [(math.log(x), math.log(max(y, 1e-9))) for x, y in points]
    mean_x, mean_y = (sum(values) / len(logs) for values in zip(*logs, strict=True))
    return sum((x - mean_x) * (y - mean_y) for x, y in logs) / sum((x - mean_x) ** 2 for x, _ in logs)


def main() -> None:
    """Prints a table a case, and the exponents."""
    for case, (_, sizes) in CASES.items():
        print(f"{case:<8} {'layers':>8} {'calculate':>10} {'print':>8} {'memory':>10}")
        times, memory = [], []
        for size in sizes:
            done = subprocess.run(
                [sys.executable, __file__, case, str(size)], capture_output=True, text=True, check=True
            )
            layers, calculate, print_, kib = map(float, done.stdout.split())
            print(f"{'':<8} {layers:8,.0f} {calculate:8.2f} s {print_:6.2f} s {kib / 1024:6.0f} MiB")
            times.append((layers, calculate + print_))
            memory.append((layers, kib))
        print(f"{'':<8} exponents: time {slope(times):.2f}, memory {slope(memory):.2f}")


if __name__ == "__main__":
    if len(sys.argv) == 3:
        measure(sys.argv[1], int(sys.argv[2]))
    else:
        main()
