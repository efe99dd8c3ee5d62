"""Many networks measured in turns, for what a device needs for their layers."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Sequence

from archcalc.analyses.latency.measured import Profile, Setting
from archcalc.graph import Graph
from archcalc.pytorch.profile.flags import Flags
from archcalc.pytorch.profile.networks import of_graph
from archcalc.pytorch.profile.profiles import Watch
from archcalc.pytorch.profile.sampling import Sampled, sparing
from archcalc.pytorch.profile.subject import Subject

#: However short the time: of three, one odd run does not move a median.
_FEWEST = 3


def measure(
    graphs: Sequence[Graph], setting: Setting, *, say: Callable[[str, float], None] | None = None
) -> list[Profile]:
    """A measurement of each network, side heads left out, in turns for ``setting.seconds`` together: what slows the
    machine down slows all alike.

    ``say`` is told what is done and how much of it, of 1. Raises Unmeasurable, and KeyboardInterrupt.
    """
    tell = sparing(say or (lambda *_: None))
    with Flags() as flags:
        subjects = []
        for place, graph in enumerate(graphs):
            tell("building", place / len(graphs))
            flags.set(setting)
            subjects.append(of_graph(graph, setting))
        sampled = Sampled(len(subjects))
        with Watch(subjects, flags) as watch:
            # uncounted: libraries choose how they compute, memory is taken from the system
            _turn(subjects, Sampled(len(subjects)))
            watch.begin()
            _turns(subjects, setting.seconds, sampled, tell)
            return watch.profiles(sampled)


def _turns(subjects: Sequence[Subject], seconds: float, into: Sampled, say: Callable[[str, float], None]) -> None:
    begun, turns = time.monotonic(), 0
    while turns < _FEWEST or time.monotonic() - begun < seconds:
        gc.collect()
        _turn(subjects, into)
        turns += 1
        into.blocks = (turns,)
        say("measuring", min((time.monotonic() - begun) / seconds, 1.0))


def _turn(subjects: Sequence[Subject], into: Sampled) -> None:
    """Each runs once uncounted: then it finds its memory as a network does that runs again and again."""
    for subject, taken in zip(subjects, into.taken, strict=True):
        subject.sample()
        taken.add(subject.sample(), subject.stamped())
