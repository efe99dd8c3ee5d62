"""Runs taken until enough are: each subject warmed up, then all of them in turn, so that drift hits all alike."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from archcalc.analyses.latency.steady import LONGEST_WARM, Sampling, WarmUp
from archcalc.pytorch.profile.flags import Flags
from archcalc.pytorch.profile.prepare import telling
from archcalc.pytorch.profile.subject import Stamped, Subject

#: Told what is done and how much of it, of 1.
Say = Callable[[str, float], None]
#: No more often than this is anything said: a bar takes time from what is measured.
_SAY_EVERY = 0.1


class Taken:
    """What the runs of one subject took, in nanoseconds and in order: ``samples`` whole, without stamps, and ``cpu``
    time of this process in all of them; ``stamped`` whole with stamps, ``parts`` of those and their ``launches``."""

    def __init__(self) -> None:
        self.warmup = 0
        self.warming: float | None = None  # by what share runs still changed when the warm-up was given up
        self.samples: list[int] = []
        self.cpu = 0
        self.stamped: list[int] = []
        self.parts: dict[str, list[int]] = {}
        self.launches: dict[str, list[int]] = {}

    def add(self, sample: tuple[int, int], stamped: Stamped | None) -> int:
        """One more of each; the time that both took."""
        taken, busy = sample
        self.samples.append(taken)
        self.cpu += busy
        if stamped is None:
            return taken
        for all_, now in ((self.parts, stamped.parts), (self.launches, stamped.launches)):
            for name in now.keys() - all_.keys():
                all_[name] = [0] * len(self.stamped)  # it did not run before
            for name, each in all_.items():
                each.append(now.get(name, 0))
        self.stamped.append(stamped.whole)
        return taken + stamped.whole


class Sampled:
    """All that was taken, a ``Taken`` a subject, in turns of which ``blocks`` tells how many each block has."""

    def __init__(self, count: int) -> None:
        self.taken = [Taken() for _ in range(count)]
        self.blocks: tuple[int, ...] = ()
        self.interrupted = False


def sparing(say: Callable[[str, float], object]) -> Say:
    """The same, told as often as an eye follows."""
    said = 0.0

    def tell(what: str, share: float) -> None:
        nonlocal said
        if time.monotonic() - said >= _SAY_EVERY:
            say(what, share)
            said = time.monotonic()

    return tell


def warm_up(subjects: Sequence[Subject], flags: Flags, into: Sampled, say: Say) -> None:
    """Each subject run until its times settle; then once with stamps, whose events and hooks are made there."""
    for subject, taken in zip(subjects, into.taken, strict=True):
        flags.set(subject.setting)
        warm = WarmUp()
        with telling(subject):
            while not warm.over:
                warm.add(subject.sample()[0])
                say("warming up", warm.elapsed / LONGEST_WARM)
            if not subject.opaque:
                subject.stamped()
        taken.warmup = warm.runs
        taken.warming = None if warm.settled else warm.moved


def take(subjects: Sequence[Subject], flags: Flags, seconds: float, into: Sampled, say: Say) -> None:
    """Samples of all subjects, in turns, for so long. Ctrl-C ends it with the turns that are complete; raises
    KeyboardInterrupt where none is."""
    sampling = Sampling(seconds)
    try:
        with _no_collection():
            while not sampling.over:
                if sampling.block_over:
                    gc.collect()
                sampling.add(_turn(subjects, flags, into))
                into.blocks = sampling.blocks
                say("measuring", sampling.share)
    except KeyboardInterrupt:
        if not into.blocks:
            raise
        into.interrupted = True


def _turn(subjects: Sequence[Subject], flags: Flags, into: Sampled) -> int:
    """One run of each without stamps, then one of each with; nothing is kept of a turn that breaks off.

    Every other turn goes backwards: who runs behind another, or later in a steady drift, is each as often.
    """
    turn = [*zip(subjects, into.taken, strict=True)][:: -1 if len(into.taken[0].samples) % 2 else 1]
    samples, stamped = [], []
    for subject, _ in turn:
        with telling(subject):
            _arrange(subject, flags)
            samples.append(subject.sample())
    for subject, _ in turn:
        with telling(subject):
            _arrange(subject, flags)
            stamped.append(None if subject.opaque else subject.stamped())
    together = zip((taken for _, taken in turn), samples, stamped, strict=True)
    return sum(taken.add(sample, stamps) for taken, sample, stamps in together)


def _arrange(subject: Subject, flags: Flags) -> None:
    if flags.set(subject.setting):
        subject.sample()  # threads start and end in the first run after their number changed


@contextmanager
def _no_collection() -> Iterator[None]:
    """Python collects no garbage in a sample; between blocks it does, of what was made since."""
    enabled = gc.isenabled()
    gc.disable()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
        if enabled:
            gc.enable()
