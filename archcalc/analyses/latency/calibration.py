"""What a device was found to need for the work of layers: a rule a routine, each with its error."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import sqrt
from typing import Any, NamedTuple

from archcalc.analyses.latency.work import Work
from archcalc.record import Configuration

SCHEMA = 1
_SETTING = ("device", "dtype", "threads", "channels_last")
#: The rule for what was not among the measured routines.
ANY = "any other"


class Routine(Configuration):
    """How long one routine takes: nanoseconds in any case, for an operation and for a byte.

    Learnt from ``rows`` layers. ``error``: the mean relative error on layers of networks that it was not learnt from;
    between ``below`` and ``above`` times what the rule says lie nine of ten of them, between ``all_below`` and
    ``all_above`` the sum of all of one network, in nine of ten networks. ``most_bytes``: that the largest layer moved.
    """

    name: str
    overhead: float
    operation: float
    byte: float
    rows: int
    error: float
    below: float
    above: float
    all_below: float
    all_above: float
    most_bytes: int

    def of(self, layers: int) -> Routine:
        """The same for a network with so many of its layers: one alone is no surer than any."""
        return self.but(all_below=self.below, all_above=self.above) if layers == 1 else self

    def reach(self, taken: Any, up: bool) -> Any:
        """How much longer, or (not ``up``) quicker by the same factor, all layers of a network may be than the
        nanoseconds that the rule says of them."""
        return (self.all_above - 1 if up else 1 / self.all_below - 1) * taken

    def time(self, work: Work) -> Any:
        """Nanoseconds of some work: a float, or a closed form where its numbers are some (``algebra.real.Real``)."""
        overhead, operations, moved = self.terms(work)
        return overhead + operations + moved

    def terms(self, work: Work) -> tuple[Any, Any, Any]:
        """What that is made of: starting, computing, and reading and writing."""
        return self.overhead * work.layers, self.operation * work.flops, self.byte * work.moved_bytes

    def bound(self, work: Work) -> str:
        """What of some work takes longest: ``launch``, ``compute`` or ``memory``; nothing where nothing does."""
        terms = self.terms(work)
        most = max(terms)
        return ("launch", "compute", "memory")[terms.index(most)] if most > 0 else ""


class Band(NamedTuple):
    """Nanoseconds, floats or arrays of them, and between which they lie nine times of ten."""

    time: Any
    low: Any
    high: Any


Parts = Sequence[tuple[Routine, Any]]


class Peaks(NamedTuple):
    """The most that any layer reached: operations a second in convolutions, in matrix products and in all else, and
    bytes moved a second, caches included; 0 where there was none."""

    convolution: int
    matrix: int
    element: int
    bandwidth: int


class Calibration(Configuration):
    """Rules for one device under one setting.

    ``device`` is ``cpu`` or ``cuda``, ``machine`` its name; ``whole``: how much longer networks take than their layers
    together, ``spread``: how much wider their band is than if rules erred independently; ``networks`` those that it
    learnt from, ``peaks`` the best seen; ``facts`` are versions and settings as a profile's ``machine``.
    """

    device: str
    machine: str
    dtype: str
    threads: int | None
    channels_last: bool
    started: str
    networks: tuple[str, ...]
    routines: tuple[Routine, ...]
    whole: float
    spread: float
    peaks: Peaks
    noisy: bool
    facts: Mapping[str, Any]

    def routine(self, name: str) -> Routine:
        """The rule of a routine, else that of its twin in place (or not), else the one for any other."""
        found = {routine.name: routine for routine in self.routines}
        return found.get(name) or found.get(_twin(name)) or found[ANY]

    def knows(self, name: str) -> bool:
        """Whether a routine, or its twin, was measured."""
        return self.routine(name).name != ANY

    def network(self, works: Iterable[Work]) -> Band:
        """What a network takes that gives each routine such work: of each routine once, in the order of their names."""
        parts = self.parts(works)
        time = together(parts)
        return Band(time, *(self.edge(time, reaches(parts, up), up) for up in (False, True)))

    def parts(self, works: Iterable[Work]) -> Parts:
        """The rule of each routine, and what it takes of the network's nanoseconds."""
        rules = [(self.routine(work.routine).of(work.layers), work) for work in works]
        return [(rule, self.whole * rule.time(work)) for rule, work in rules]

    def edge(self, time: Any, reaches: Iterable[Any], up: bool) -> Any:
        """Where the band of a network ends whose parts may be so much longer (``up``) or quicker."""
        factor = 1 + self.spread * root_of_squares(reaches) / time
        return time * factor if up else time / factor


def together(parts: Parts) -> Any:
    """Nanoseconds of all parts."""
    return sum(taken for _, taken in parts)


def reaches(parts: Parts, up: bool) -> list[Any]:
    """How much longer, or quicker, each may be."""
    return [rule.reach(taken, up) for rule, taken in parts]


def root_of_squares(sides: Iterable[Any]) -> Any:
    """How far a sum may lie from what is said, as parts of it may that have nothing to do with each other: a rule errs
    alike in all layers of its routine, and one rule tells nothing of another."""
    squares = sum(each * each for each in sides)
    if not hasattr(squares, "dtype"):
        return sqrt(squares)
    import numpy as np

    return np.sqrt(squares)


def _twin(name: str) -> str:
    from archcalc.analyses.latency.work import IN_PLACE

    return name.removesuffix(IN_PLACE) if name.endswith(IN_PLACE) else name + IN_PLACE


def document(calibration: Calibration) -> dict[str, Any]:
    """A calibration as plain values, laid out for the history as a measured network is."""
    return {
        "schema": SCHEMA,
        "started": calibration.started,
        "setting": {name: getattr(calibration, name) for name in _SETTING},
        "machine": {**calibration.facts, "name": calibration.machine},
        "networks": list(calibration.networks),
        "routines": [{name: getattr(each, name) for name in each.fields} for each in calibration.routines],
        "whole": calibration.whole,
        "spread": calibration.spread,
        "peaks": calibration.peaks._asdict(),
        "noisy": calibration.noisy,
    }


def calibration_of(document: Mapping[str, Any]) -> Calibration:
    """The calibration that a document holds. Raises KeyError or TypeError where it holds none."""
    machine = document["machine"]
    found = Calibration(
        **{name: document["setting"][name] for name in _SETTING},
        **{name: document[name] for name in ("started", "whole", "spread", "noisy")},
        machine=machine["name"],
        peaks=Peaks(**document["peaks"]),
        networks=tuple(document["networks"]),
        routines=tuple(Routine(**each) for each in document["routines"]),
        facts=machine,
    )
    found.routine(ANY)  # without a rule for what it does not know it predicts nothing
    return found
