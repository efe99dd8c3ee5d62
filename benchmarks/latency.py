"""What ``archcalc profile`` says of whole networks beside ``torch.utils.benchmark.Timer``, as ratios within one run.

    python benchmarks/latency.py [--threads N] [--rounds N] [--only NAME,...] [--device cpu|cuda]

Each round takes samples of both in turn, so that a machine that changes its pace changes both alike. The ratio is of
archcalc's median over the Timer's; beside it, by what share stamped runs take longer, and what of the whole its layers
leave over (``other``), the same two figures as in a profile.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path

import archcalc

HERE = Path(__file__).parent.parent
NETWORKS = {
    "resnet-18": "specs/resnet.arch:resnet-18",
    "densenet-121": "specs/densenet.arch:densenet121",
    "googlenet": "specs/googlenet.arch",
    "mobilenet-v1": "tests/cases/mobilenet-v1.arch",
    "vit-b-16": "tests/cases/vit.arch",
    "lenet-5": "specs/lenet5.arch:lenet5",
}
#: Runs of each in a round.
RUNS = 3


def compared(name: str, device: str, threads: int, rounds: int) -> str:
    """A row of the table."""
    import torch
    from torch.utils.benchmark import Timer

    from archcalc.analyses.latency.measured import Setting
    from archcalc.pytorch.profile.flags import Flags
    from archcalc.pytorch.profile.networks import of_graph
    from archcalc.pytorch.profile.sampling import Taken

    setting = Setting(device=device, threads=threads)
    with Flags() as flags:
        flags.set(setting)
        subject = of_graph(archcalc.load(str(HERE / NETWORKS[name])), setting)
        timer = Timer("module(*images)", globals={"module": subject.module, "images": subject.inputs},
                      num_threads=threads)  # fmt: skip
        taken, theirs, ratios = Taken(), list[float](), list[float]()
        for turn in range(rounds + 1):
            with torch.inference_mode():
                timed = 1e9 * timer.timeit(RUNS).median
            if turn:  # the first warms up
                theirs.append(timed)
                for _ in range(RUNS):
                    taken.add(subject.sample(), subject.stamped())
                ratios.append(statistics.median(taken.samples[-RUNS:]) / timed)
            else:
                subject.sample(), subject.stamped()
    ours = statistics.median(taken.samples)
    layers = sum(statistics.median(each) for each in taken.parts.values())
    figures = (ours / statistics.median(theirs), statistics.median(ratios))
    stamps, other = statistics.median(taken.stamped) / ours - 1, 1 - layers / ours
    return f"{name:<14}{ours / 1e6:>9.2f} ms{figures[0]:>9.3f}{figures[1]:>9.3f}{stamps:>+9.1%}{other:>+9.1%}"


def main(given: Sequence[str] | None = None) -> int:
    """Prints a row a network; the exit status."""
    parser = argparse.ArgumentParser(description="Hold archcalc profile against torch.utils.benchmark.Timer.")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--only", default=",".join(NETWORKS))
    wanted = parser.parse_args(given)
    names = wanted.only.split(",")
    for name in names:
        if name not in NETWORKS:
            parser.error(f"no network {name!r}; known: {', '.join(NETWORKS)}")
    print(f"{'network':<14}{'archcalc':>12}{'/ Timer':>9}{'a round':>9}{'stamps':>9}{'other':>9}")
    for name in names:
        print(compared(name, wanted.device, wanted.threads, wanted.rounds), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
