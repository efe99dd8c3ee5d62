"""A measured network: the records that a run gives, a report shows and the history keeps."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from archcalc.analyses.latency.timing import Timing
from archcalc.record import Configuration, Record

#: Ends the name of what a person's own module does between other modules in it.
OWN = " (its own code)"


#: What layers are run in: int8 is counted, and not run.
RUN = ("fp32", "tf32", "bf16", "fp16")


class Setting(Configuration):
    """How a network is run. ``threads`` None: as many as PyTorch takes by itself.

    ``device``: ``cpu``, ``cuda`` or ``cuda:1``; ``dtype``: ``fp32``, ``tf32``, ``bf16`` or ``fp16``; ``train``: a whole
    step, forward, backward and the optimizer's, in place of inference; ``seconds``: how long samples are taken.
    """

    device: str = "cpu"
    batch: int = 1
    dtype: str = "fp32"
    channels_last: bool = False
    compile: bool = False
    cuda_graph: bool = False
    threads: int | None = None
    train: bool = False
    optimizer: str = "sgd"
    seconds: float = 5.0


class LayerTime(Configuration):
    """The time of one layer, from the stamp before it to the stamp behind it, in the instrumented passes.

    ``macs``, ``flops`` and ``moved_bytes`` are of the whole batch, None for a part of a person's own module that has no
    count; ``bound``: ``compute``, ``memory`` or ``launch``, "" where it cannot be told. ``line``: None without a spec.
    ``routine`` is what a spec's layer is run as, for a calibration to learn from. ``launch_ns``: how long the CPU took
    to ask a GPU for it; None where the CPU does it itself.
    """

    name: str
    block: str
    kind: str
    line: int | None
    time: Timing
    macs: int | None
    flops: int | None
    moved_bytes: int | None
    bound: str = ""
    routine: str = ""
    launch_ns: int | None = None


class Noise(Record):
    """One reason not to believe a measurement: ``sign`` as ``drift``, ``spread``, ``stolen``, ``load`` or ``clocks``,
    and what was seen, in a sentence."""

    sign: str
    seen: str


class MemoryUse(Record):
    """Bytes at the peak beyond weights, measured, and what archcalc says; None where it cannot be measured."""

    measured: int | None
    predicted: int | None


class Phase(Record):
    """A part of a training step: ``forward``, ``backward`` or ``step``."""

    name: str
    time: Timing


class Profile(Configuration):
    """What was measured of one network under one setting. Times are integer nanoseconds.

    ``whole`` sums up ``samples``, the uninstrumented runs in the order in which they were taken, over all blocks
    (``blocks`` has the length of each). ``other`` is ``whole`` less the sum of the layers, exactly; ``instrumented``
    the median of the stamped passes. ``machine`` says everything else that the figures hang on: processor or GPU,
    clocks, power limit, versions, flags. ``digest`` is the SHA-256 of the spec's text, "" for a person's own module.
    ``millijoules`` an image, an estimate. ``interrupted``: fewer samples than were asked for. ``inputs``: one image's
    shapes, ``(C, H, W)``; ``within``: what share of a stamped pass its layers make, the median; ``values``: what the
    network's own parameters are set to, numbers as a report tells them.
    """

    network: str
    title: str
    file: str
    digest: str
    setting: Setting
    machine: Mapping[str, Any]
    started: str
    whole: Timing
    samples: tuple[int, ...]
    blocks: tuple[int, ...]
    warmup: int
    noise: tuple[Noise, ...]
    layers: tuple[LayerTime, ...]
    phases: tuple[Phase, ...]
    instrumented: int | None
    macs: int | None
    flops: int | None
    memory: MemoryUse
    millijoules: float | None = None
    interrupted: bool = False
    inputs: tuple[tuple[int, ...], ...] = ()
    values: Mapping[str, int | str] = MappingProxyType({})
    within: float | None = None

    @property
    def noisy(self) -> bool:
        return bool(self.noise)

    @property
    def other(self) -> int | None:
        """What the uninstrumented whole takes beyond its layers; below 0 where stamps cost more than lies between."""
        return self.whole.median - sum(each.time.median for each in self.layers) if self.layers else None
