"""A million variants of ResNet-50 by width and input size, on one core: how fast, and whether each is right.

python benchmarks/sweep.py [variants to check, 1000]

CPU times, after tracing. Beside it the same by a report of each in one process, the front of a billion variants, from a
two-hundredth of them, and, where torchinfo is installed, its summary of one module at other sizes.
"""

from __future__ import annotations

import random
import resource
import sys
import time
from collections.abc import Iterable
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from archcalc.analyses.sweep import SWEPT, Sweep
from archcalc.analyses.sweep.points import Many
from archcalc.network import build, document, read_source
from archcalc.sweeping import sweep

SPEC = Path(__file__).parents[1] / "specs/resnet-width.arch"
SIDES, WIDTHS = range(225, 1225), range(1, 1001)
COUNTS = (
    "params", "weights", "biases", "norms", "trainable", "buffers", "neurons", "connections", "macs", "flops",
    "training flops", "weights bytes", "activations", "activations bytes", "memory", "depth", "field", "stride",
)  # fmt: skip
PEAK = (*COUNTS, "inference peak bytes")
REPORTS, SUMMARIES = 60, 10


def main() -> None:
    million = len(SIDES) * len(WIDTHS)
    for what, quantities in (("totals", COUNTS), ("totals and the inference peak", PEAK)):
        traced, seconds = evaluated(made(quantities))
        print(f"{what}: {seconds:.3f} s for {million:,} variants, {million / seconds:,.0f} a second "
              f"({len(quantities)} figures each; traced in {traced:.3f} s)")  # fmt: skip
    rate = million / seconds
    traced, seconds = evaluated(made((*PEAK, "training peak bytes")))
    print(f"with the training peak: {seconds:.3f} s, {million / seconds:,.0f} a second")
    check(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
    looped = reports(points(REPORTS))
    print(f"a report of each: {looped:,.0f} a second; the sweep is {rate / looped:,.0f} times as fast")
    billion()
    if find_spec("torchinfo") and find_spec("torch"):
        summed = summaries()
        print(f"torchinfo's summary of each: {summed:,.2f} a second; the sweep is {rate / summed:,.0f} times as fast")


def made(quantities: Iterable[str], **options: Any) -> Sweep:
    return sweep(SPEC, {"H": SIDES, "width": WIDTHS}, columns=tuple(quantities), **options)


def evaluated(run: Sweep) -> tuple[float, float]:
    """CPU seconds of tracing, and of all figures of all points."""
    start = time.process_time()
    (stretch,) = run.space.stretches(run.grid, run.told)
    traced = time.process_time() - start
    for block in stretch.points.blocks(1 << 10):  # what is planned once
        Many(stretch, block).columns(run.told)
        break
    start = time.process_time()
    for block in stretch.points.blocks():
        Many(stretch, block).columns(run.told)
    return traced, time.process_time() - start


def points(count: int) -> list[tuple[int, int]]:
    drawn = random.Random(7)
    return [(drawn.choice(SIDES), drawn.choice(WIDTHS)) for _ in range(count)]


def report(read: Any, side: int, width: int) -> Any:
    settings: dict[str, int | Fraction] = {"width": width}
    return build(read, None, settings, (3, side, side)).report().totals


def check(count: int) -> None:
    """Every figure of some variants against their reports, to the integer."""
    names = [name for name in (*PEAK, "training peak bytes") if name not in ("field", "stride", "memory")]
    read = document(read_source(str(SPEC)))
    run = sweep(SPEC, {"H": SIDES, "width": WIDTHS}, columns=names, sample=count, seed=1)
    checked = 0
    for rows in run.rows():
        columns = {name: values.tolist() if hasattr(values, "dtype") else [values] * rows.size
                   for name, values in rows.columns.items()}  # fmt: skip
        for place in range(rows.size):
            totals = report(read, columns["H"][place], columns["width"][place])
            for name in names:
                if columns[name][place] != getattr(totals, name.replace(" ", "_")):
                    raise SystemExit(f"{name} is wrong at {columns['H'][place]}, {columns['width'][place]}")
                checked += 1
    print(f"right: {checked:,} figures of {count:,} random variants, each that of a report")


def reports(chosen: list[tuple[int, int]]) -> float:
    """Variants a second by a report of each; the text is read once."""
    read = document(read_source(str(SPEC)))
    report(read, 224, 64)
    start = time.process_time()
    for side, width in chosen:
        report(read, side, width)
    return len(chosen) / (time.process_time() - start)


def summaries() -> float:
    """Variants a second by torchinfo, of one module at other sizes: one of each width would take longer."""
    import torch
    import torchinfo
    from resnet50 import resnet50

    torch.set_num_threads(1)
    module = resnet50().eval()
    drawn = random.Random(7)
    start = time.process_time()
    for _ in range(SUMMARIES):
        side = drawn.randrange(64, 225)
        torchinfo.summary(module, (1, 3, side, side), verbose=0, device="cpu")
    return SUMMARIES / (time.process_time() - start)


def billion() -> None:
    """The front of 1,000 widths, 1,000 sizes and 1,000 batches, from 5 of the batches."""
    run = sweep(
        SPEC, {"batch": range(1, 6), "H": SIDES, "width": WIDTHS}, columns=("params",),
        minimize=["macs"], maximize=["params"], where=["inference memory < 4GB", "field >= 200"],
    )  # fmt: skip
    start = time.process_time()
    found = sum(rows.size for rows in run.rows())
    seconds = time.process_time() - start
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    whole = 10**9 / run.size * seconds
    print(f"the front of {run.size:,} points ({found:,}) under two conditions: {run.size / seconds:,.0f} a second; "
          f"10^9 would take {whole / 60:.1f} min; at most {held:.0f} MiB held")  # fmt: skip


if __name__ == "__main__":
    assert set(PEAK) <= set(SWEPT)
    main()
