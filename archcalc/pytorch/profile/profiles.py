"""What was taken, made records: timings of the whole and of its parts, and the reasons not to believe them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from itertools import accumulate, pairwise
from statistics import median
from typing import Any, Self

from archcalc.analyses.latency.measured import LayerTime, Noise, Phase, Profile
from archcalc.analyses.latency.noise import Evidence, noise
from archcalc.analyses.latency.timing import timing
from archcalc.pytorch.profile.energy import millijoules
from archcalc.pytorch.profile.flags import Flags
from archcalc.pytorch.profile.machine import machine, state, usable_cores
from archcalc.pytorch.profile.nvml import nvml
from archcalc.pytorch.profile.sampling import Sampled, Say, Taken
from archcalc.pytorch.profile.subject import PHASES, Subject
from archcalc.pytorch.profile.surroundings import Seen, Surroundings


class Watch:
    """The machine, while subjects are measured on it."""

    def __init__(self, subjects: Sequence[Subject], flags: Flags) -> None:
        self._subjects, self._flags = subjects, flags
        self._stack = ExitStack()
        self._started = datetime.now(UTC).isoformat(timespec="seconds")

    def __enter__(self) -> Self:
        self._gpus = [self._stack.enter_context(nvml(subject.device)) for subject in self._subjects]
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def begin(self) -> None:
        """All are warm: clocks are as they are at work."""
        self._before = [state(gpu) for gpu in self._gpus]
        self._surroundings = Surroundings()

    def profiles(self, sampled: Sampled, say: Say | None = None) -> list[Profile]:
        """A record of each; with ``say``, energy is measured where it can be."""
        seen, after = self._surroundings.seen(), [state(gpu) for gpu in self._gpus]
        found = []
        for place, (subject, taken) in enumerate(zip(self._subjects, sampled.taken, strict=True)):
            self._flags.set(subject.setting)
            about = machine(subject.device) | _changes(self._before[place], after[place])
            energy = None
            if say is not None and not sampled.interrupted and self._gpus[place] is not None:
                say("energy", place / len(self._subjects))
                energy = millijoules(subject, self._gpus[place])
            evidence = _evidence(taken, sampled.blocks, about, seen, subject.device.type == "cpu")
            found.append(_profile(subject, taken, sampled, about, self._started, noise(evidence), energy))
        return found


def _changes(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """What did not change, as it is; a clock or a load that may, before and after."""
    return {name: [value, after[name]] if name in _MOVING else value for name, value in before.items()}


_MOVING = ("load", "cpu_clock", "sm_clock", "memory_clock", "celsius")


def _evidence(taken: Taken, blocks: Sequence[int], about: dict[str, Any], seen: Seen, on_cpu: bool) -> Evidence:
    ends = [0, *accumulate(blocks)]
    wall = sum(taken.samples)
    before, after = about.get("sm_clock") or (None, None)
    return Evidence(
        blocks=tuple(tuple(taken.samples[start:end]) for start, end in pairwise(ends)),
        wall=wall,
        threads=about["threads"] if on_cpu else 1,
        cpu=taken.cpu if on_cpu else None,
        # of the whole while, stamped runs and what comes between included: the share of the samples
        waited=None if seen.waited is None else round(seen.waited / seen.wall * wall),
        stolen=seen.stolen,
        others=seen.others,
        cores=usable_cores(),
        clocks=None if before is None or after is None else (before, after),
        warming=taken.warming,
    )


def _profile(
    subject: Subject,
    taken: Taken,
    sampled: Sampled,
    about: dict[str, Any],
    started: str,
    reasons: tuple[Noise, ...],
    energy: float | None,
) -> Profile:
    of, phased = subject.about, subject.setting.train
    return Profile(
        network=of.network, title=of.title, file=of.file, digest=of.digest, setting=subject.setting, machine=about,
        started=started, whole=timing(taken.samples), samples=tuple(taken.samples), blocks=sampled.blocks,
        warmup=taken.warmup, noise=reasons, layers=() if phased else tuple(_layers(subject, taken)),
        phases=tuple(Phase(name, timing(taken.parts[name])) for name in PHASES) if phased else (),
        instrumented=round(median(taken.stamped)) if taken.stamped else None,
        macs=of.macs, flops=of.flops, memory=subject.memory, millijoules=energy, interrupted=sampled.interrupted,
        inputs=of.inputs, values=of.values, within=None if phased else _within(taken),
    )  # fmt: skip


def _within(taken: Taken) -> float | None:
    """What share of a pass with stamps its parts make: of each pass by itself, so that it is no matter what held up
    some of them."""
    sums = [sum(part[place] for part in taken.parts.values()) for place in range(len(taken.stamped))]
    shares = [parts / whole for parts, whole in zip(sums, taken.stamped, strict=True) if whole]
    return median(shares) if shares else None


def _layers(subject: Subject, taken: Taken) -> Iterator[LayerTime]:
    """In the order in which they run."""
    if subject.opaque:
        return
    for key, part in subject.boundaries.parts().items():
        yield LayerTime(
            name=part.name, block=part.block, kind=part.kind, line=part.line, time=timing(taken.parts[key]),
            macs=part.macs, flops=part.flops, moved_bytes=part.moved_bytes, routine=part.routine,
            launch_ns=round(median(taken.launches[key])) if key in taken.launches else None,
        )  # fmt: skip
