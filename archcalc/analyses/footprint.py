"""Memory as a quantity of a network: of how many bytes, of what most, and for how many images it is enough."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Literal

from archcalc.analyses.conditions import TRAINED, Under
from archcalc.analyses.memory.budget import Memory, largest_running, largest_training, memory
from archcalc.analyses.memory.inference import running_peak
from archcalc.analyses.memory.items import ITEMS
from archcalc.analyses.memory.training import TrainingMemory, at_peak
from archcalc.graph import Graph
from archcalc.record import Record

_Trained = Callable[[TrainingMemory], int]
#: Of a run, and of a step that trains: the bytes that each quantity is.
RUNNING: Mapping[str, Callable[[Memory], int]] = {
    "inference memory": lambda held: held.weights + held.running.peak,
    "inference peak bytes": lambda held: held.running.peak,
    "inference arena bytes": lambda held: held.running.arena,
}
TRAINING: Mapping[str, _Trained] = {
    "training memory": lambda step: step.peak,
    "training peak bytes": lambda step: step.peak,
    "saved bytes": lambda step: sum(step.saved),
    "gradients bytes": lambda step: step.gradients,
    "optimizer bytes": lambda step: step.optimizer,
}
LARGEST = ("largest batch", "largest inference batch")
HELD = (*RUNNING, *TRAINING, *LARGEST)
_PEAKS: Mapping[str, Literal["inference", "training"]] = {
    "inference memory": "inference", "training memory": "training", "training peak bytes": "training",
}  # fmt: skip


class Explained(Record):
    """What a peak is most made of: a kind of bytes and how many; when and where it is."""

    what: str
    bytes: int
    when: str


class Footprint:
    """A network's memory under one set of conditions, analysed once. Raises OpenSize where a size is a symbol."""

    def __init__(self, graph: Graph, under: Under) -> None:
        self.graph, self.under = graph, under
        self._held: Memory | None = None

    @property
    def held(self) -> Memory:
        if self._held is None:
            under = self.under
            self._held = memory(self.graph, under.setting, under.optimizer, segments=under.segments)
        return self._held

    def answer(self, quantity: str, nodes: Iterable[int] | None) -> int:
        """One of ``HELD``; what is saved may be of some nodes only."""
        if quantity in LARGEST:
            return self.largest(quantity in TRAINED, self.under.room)
        if quantity in RUNNING:
            return RUNNING[quantity](self.held)
        step = self._step
        if quantity == "saved bytes" and nodes is not None:  # training's network may lack the last
            return sum(step.saved[index] for index in nodes if index < len(step.saved))
        return TRAINING[quantity](step)

    @property
    def _step(self) -> TrainingMemory:
        assert self.held.training is not None  # int8 is refused where conditions are read
        return self.held.training

    def largest(self, trains: bool, room: int) -> int:
        """The most images at once for which so many bytes are enough."""
        under = self.under
        if trains:
            return largest_training(self.graph, under.setting, under.optimizer, under.segments, room)
        return largest_running(self.graph, under.setting, room)

    def explained(self, quantity: str) -> Explained | None:
        """What the peak that a quantity is, if it is one, is most made of."""
        kind = _PEAKS.get(quantity)
        if kind is None:
            return None
        setting, held = self.under.setting, self.held
        if kind == "training":
            items, node, phase = at_peak(self.graph, setting, self._step).items, self._step.node, self._step.phase
        else:
            running = held.running
            items = {"weights": held.weights, **running_peak(self.graph, setting, running).items}
            node, phase = running.node, "forward"
        most = max(items, key=lambda kind: items[kind])
        place = "" if node is None else f", at {self.graph.nodes[node].name}"
        return Explained(ITEMS[most], items[most], f"{_PHASES[phase]}{place}")

    def fitting(self, quantity: str, room: int) -> int | None:
        """The largest batch that holds a bound on a quantity; None where it is no whole budget."""
        kind = _PEAKS.get(quantity)
        return None if kind is None else self.largest(kind == "training", room)


_PHASES = {"forward": "in the forward pass", "backward": "in the backward pass", "optimizer": "in the optimizer's step"}
