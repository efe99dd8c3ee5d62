"""The memory analyses of a deep network beside all others, in one process: the ratio of their CPU times.

python benchmarks/memory.py
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import archcalc
from archcalc.analyses.check import evaluate
from archcalc.analyses.cost import depth, total
from archcalc.analyses.memory.budget import memory
from archcalc.analyses.memory.setting import Setting
from archcalc.analyses.quantities import Measure
from archcalc.graph import Graph

SPEC = Path(__file__).parents[1] / "specs/preact-resnet.arch:preact-1001"
RUNS = 9


def others(graph: Graph) -> None:
    """Counts, receptive fields, depth, sums and the text's claims."""
    measure = Measure(graph)
    total(measure.costs)
    _ = measure.fields
    depth(graph)
    evaluate(measure, graph.claims, None)


def seconds(run: Callable[..., object], *given: object) -> float:
    """CPU seconds."""
    start = time.process_time()
    run(*given)
    return time.process_time() - start


def main() -> None:
    """Prints both times and their ratio."""
    graph = archcalc.load(str(SPEC)).graph
    gc.disable()
    runs = []
    for _ in range(RUNS):
        fresh = replace(graph)  # nothing worked out yet, as in a report
        _ = fresh.alike
        runs.append((seconds(others, fresh), seconds(memory, fresh, Setting())))
    rest, ours = (min(times) for times in zip(*runs, strict=True))
    print(f"{len(graph.nodes):,} layers: memory {ours * 1e3:.1f} ms, all others {rest * 1e3:.1f} ms")
    print(f"{ours / rest:6.2f}  memory over all others (at most 1)")


if __name__ == "__main__":
    main()
