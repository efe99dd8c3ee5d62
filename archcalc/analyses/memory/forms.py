"""Memory as closed forms, where sizes are open symbols: the same simulations, which compare nothing.

Which moment is the largest hangs on the sizes, so a peak is a tuple of closed forms of which it is the largest.
"""

from __future__ import annotations

from typing import Any

from archcalc.algebra import Dim, lower_bound
from archcalc.analyses.memory.heap import Heap
from archcalc.analyses.memory.inference import Run
from archcalc.analyses.memory.logits import ends, logits
from archcalc.analyses.memory.optimizers import OPTIMIZERS
from archcalc.analyses.memory.plan import plan
from archcalc.analyses.memory.setting import Setting, program, taped
from archcalc.analyses.memory.step import TrainingStep
from archcalc.analyses.memory.stored import stored
from archcalc.graph import Graph

#: Closed forms, of which a figure is the largest.
Forms = tuple[Dim, ...]
#: Moments that are all held against each other: the work grows with their square.
_FEW = 150


class OpenSetting(Setting):
    """A setting under which sizes, and the batch, may be open symbols."""

    def allocated(self, size: Dim) -> Any:
        return self.rounded(size)


def open_setting(batch: Dim, dtype: str, *, cuda: bool) -> OpenSetting:
    """A setting of any batch. What is known of layers is forgotten: it may rest on what nobody has noted."""
    taped.cache_clear()
    program.cache_clear()
    number: Any = batch
    return OpenSetting(number, dtype, cuda)


class Moments:
    """Every moment that it is told of, each once."""

    def __init__(self) -> None:
        self._told: dict[Dim, None] = {}

    def __call__(self, live: Dim) -> None:
        self._told[live] = None

    @property
    def largest(self) -> Forms:
        """Those that none near them is sure to reach or, where they are few, none at all."""
        kept: list[Dim] = []
        for moment in self._told:
            while kept and _reaches(moment, kept[-1]):
                kept.pop()
            if not kept or not _reaches(kept[-1], moment):
                kept.append(moment)
        if len(kept) > _FEW:
            return tuple(kept)
        best: list[Dim] = []
        for moment in reversed(kept):
            if not any(_reaches(other, moment) for other in best):
                best = [other for other in best if not _reaches(moment, other)] + [moment]
        return tuple(best)


def _reaches(one: Dim, other: Dim) -> bool:
    bound = lower_bound(one - other)
    return bound is not None and bound >= 0


def running_forms(graph: Graph, setting: OpenSetting) -> dict[str, Forms]:
    """Of a run: the quantities of ``footprint.RUNNING``."""
    most, arena = Moments(), Moments()
    Run(graph, setting, plan(graph, ends(graph)), Heap(), most, arena).go()
    weights = stored(graph, setting).weights
    peak = most.largest
    return {
        "inference peak bytes": peak,
        "inference arena bytes": arena.largest,
        "inference memory": tuple(weights + moment for moment in peak),
    }


class _Step(TrainingStep):
    def watching(self, stop: int) -> Any:
        self.moments = Moments()
        return self.moments


def training_forms(graph: Graph, setting: OpenSetting, optimizer: str) -> dict[str, Forms]:
    """Of a step that trains: the quantities of ``footprint.TRAINING``."""
    graph = logits(graph)
    run, store, steps = _Step(graph, setting), stored(graph, setting), OPTIMIZERS[optimizer]
    saved = run.forward()
    run.backward()
    base = store.weights + steps.state(store.trained, cuda=setting.cuda)
    run.moments(run.heap.live + steps.temporaries(store.trained, cuda=setting.cuda))
    peak = tuple(base + moment for moment in run.moments.largest)
    granted: Dim = sum(run.heap.sizes[block] for block in run.autograd.granted.values())
    return {
        "training peak bytes": peak,
        "training memory": peak,
        "saved bytes": (sum(saved),),
        "gradients bytes": (granted,),
        "optimizer bytes": (steps.state(store.trained, cuda=setting.cuda),),
    }
