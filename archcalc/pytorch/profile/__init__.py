"""Networks measured: how long they run on this machine, layer by layer, and what tells against believing it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from archcalc.analyses.latency.measured import Profile, Setting
from archcalc.graph import Graph
from archcalc.pytorch import HasGraph
from archcalc.pytorch.profile.faults import Unmeasurable
from archcalc.pytorch.profile.flags import Flags
from archcalc.pytorch.profile.networks import of_graph, of_module
from archcalc.pytorch.profile.profiles import Watch
from archcalc.pytorch.profile.sampling import Sampled, sparing, take, warm_up
from archcalc.pytorch.profile.subject import Subject

__all__ = ["Measurable", "Unmeasurable", "alternate", "module", "network", "profile", "profile_module"]


class Measurable(NamedTuple):
    """What can be measured: how it runs, and what makes it, once its turn has come."""

    setting: Setting
    make: Callable[[], Subject]


def network(of: Graph | HasGraph, setting: Setting, *, digest: str = "") -> Measurable:
    """A network, side heads left out, with random weights."""
    return Measurable(setting, lambda: of_graph(of, setting, digest))


def module(factory_name: str, input_shapes: Sequence[Sequence[int]], setting: Setting) -> Measurable:
    """What ``package.module:factory`` makes, on images of these shapes: channels first, without the batch. Its rows are
    its modules, each with its own code."""
    return Measurable(setting, lambda: of_module(factory_name, input_shapes, setting))


def profile(
    of: Graph | HasGraph, setting: Setting, *, digest: str = "", say: Callable[[str, float], None] | None = None
) -> Profile:
    """A network measured on its device, as ``alternate`` tells."""
    return alternate([network(of, setting, digest=digest)], say=say)[0]


def profile_module(
    factory_name: str,
    input_shapes: Sequence[Sequence[int]],
    setting: Setting,
    *,
    say: Callable[[str, float], None] | None = None,
) -> Profile:
    """A person's own module measured, as ``module`` and ``alternate`` tell."""
    return alternate([module(factory_name, input_shapes, setting)], say=say)[0]


def alternate(wanted: Sequence[Measurable], *, say: Callable[[str, float], None] | None = None) -> list[Profile]:
    """Several measured side by side, A B, B A: sample i of one was taken next to sample i of the others. Each has as
    much time as the longest setting asks for.

    ``say`` is told what is done and how much of it, of 1. Ctrl-C while samples are taken gives those that there are.
    Raises Unmeasurable, and KeyboardInterrupt before there are any.
    """
    tell = sparing(say or (lambda *_: None))
    with Flags() as flags:
        subjects: list[Subject] = []
        for place, each in enumerate(wanted):
            tell("building", place / len(wanted))
            flags.set(each.setting)
            subjects.append(each.make())
        sampled = Sampled(len(subjects))
        with Watch(subjects, flags) as watch:
            try:
                warm_up(subjects, flags, sampled, tell)
                watch.begin()
                take(subjects, flags, len(wanted) * max(each.setting.seconds for each in wanted), sampled, tell)
            except Unmeasurable as fault:
                fault.partial = watch.profiles(sampled)[0] if sampled.blocks else None
                raise
            return watch.profiles(sampled, tell)
