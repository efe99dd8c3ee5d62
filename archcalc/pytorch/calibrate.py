"""Many networks measured in turns, for what a device needs for their layers: nothing is as warm as if it ran alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from archcalc.analyses.latency.measured import Profile, Setting
from archcalc.graph import Graph
from archcalc.pytorch.profile.flags import Flags
from archcalc.pytorch.profile.networks import of_graph
from archcalc.pytorch.profile.prepare import telling
from archcalc.pytorch.profile.profiles import Watch
from archcalc.pytorch.profile.sampling import Sampled, sparing, take

#: Runs of each that do not count: libraries choose how they compute, memory is taken from the system.
_WARM = 2


def measure(
    graphs: Sequence[Graph], setting: Setting, *, say: Callable[[str, float], None] | None = None
) -> list[Profile]:
    """A measurement of each network, side heads left out, all runs in turns for ``setting.seconds`` together.

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
            for place, subject in enumerate(subjects):
                tell("warming up", place / len(subjects))
                with telling(subject):
                    for _ in range(_WARM):
                        subject.sample()
                    subject.stamped()
            watch.begin()
            take(subjects, flags, setting.seconds, sampled, tell)
            if sampled.interrupted:
                raise KeyboardInterrupt
            return watch.profiles(sampled)
