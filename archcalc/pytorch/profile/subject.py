"""What is measured: a network or a person's own module on its device, ready to run as a setting says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from archcalc.analyses.latency.measured import MemoryUse, Setting
from archcalc.pytorch.profile.boundaries import Boundaries
from archcalc.pytorch.profile.clocks import Clock, clock_of
from archcalc.pytorch.profile.device import DTYPES
from archcalc.pytorch.steps import OPTIMIZERS, step
from archcalc.record import Configuration

PHASES = ("forward", "backward", "step")


class About(Configuration):
    """What a subject is, besides how it runs. ``weights``: bytes that it stores, ``predicted``: those beyond them at
    the peak; ``largest``: of so much room, the largest batch that fits. None where nothing predicts it."""

    network: str
    title: str
    file: str
    digest: str
    inputs: tuple[tuple[int, ...], ...]
    values: Mapping[str, int | str]
    macs: int | None
    flops: int | None
    weights: int | None
    predicted: int | None
    largest: Callable[[int], int | None]


class Stamped(NamedTuple):
    """Nanoseconds of a run with stamps, of each of its parts, and of asking a GPU for each: empty of a CPU."""

    whole: int
    parts: dict[str, int]
    launches: dict[str, int]


class Subject:
    """``run`` is one whole run, as a person's program would do it. ``boundaries`` are those of its forward pass;
    ``phased``: a run is a training step, whose parts are its phases; ``opaque``: no part can be seen."""

    def __init__(
        self, about: About, setting: Setting, device: torch.device, module: nn.Module, inputs: list[Tensor]
    ) -> None:
        self.about, self.setting, self.device = about, setting, device
        self.module, self.inputs = module, inputs
        self.clock: Clock = clock_of(device)
        self._stamps = self.clock.stamps()
        self.memory = MemoryUse(None, about.predicted)
        self.boundaries: Boundaries
        self.forward: Callable[..., Any] = module
        self.run: Callable[[], object] = lambda: self.forward(*self.inputs)
        self.room = 0  # bytes that there were when it was made
        self.captured: object = None  # what a CUDA graph writes into
        self.optimizer: torch.optim.Optimizer
        self.targets: Tensor

    @property
    def opaque(self) -> bool:
        """A compiled or captured network has no boundaries between its layers; its phases, where it trains."""
        return not self.setting.train and (self.setting.compile or self.setting.cuda_graph)

    @contextmanager
    def mode(self) -> Iterator[None]:
        """Under what it runs: on its own GPU, and in inference nothing is kept for a backward pass."""
        on = torch.cuda.device(self.device) if self.device.type == "cuda" else nullcontext()
        with on, torch.enable_grad() if self.setting.train else torch.inference_mode():
            yield

    def train(self, output: Tensor) -> None:
        """From now on a run is a training step, to a loss of what the module gives."""
        made = OPTIMIZERS[self.setting.optimizer](self.module.parameters(), self.device.type == "cuda")
        places = (len(output), *output.shape[2:])
        self.optimizer, self.targets = made, torch.zeros(places, dtype=torch.int64, device=self.device)
        self.run = self._step

    def states(self) -> list[Tensor]:
        """What a training step holds throughout besides weights and inputs."""
        if not self.setting.train:
            return []
        values = [value for state in self.optimizer.state.values() for value in state.values()]
        return [self.targets, *(each for each in values if isinstance(each, Tensor) and each.device == self.device)]

    def _step(self, stamp: Callable[[], None] | None = None) -> None:
        step(self.forward, self.optimizer, self.inputs, self.targets, stamp)

    def sample(self) -> tuple[int, int]:
        """Nanoseconds of one run, and the CPU time of this process in it."""
        with self.mode():
            return self.clock.timed(self.run)

    def stamped(self) -> Stamped:
        """One run with stamps."""
        stamp = self._stamps.stamp
        with self.mode():
            if self.setting.train:
                whole, _ = self.clock.timed(lambda: self._step(stamp))
            else:
                whole, _ = self.clock.timed(lambda: self.boundaries.run(self.inputs, stamp))
        names = PHASES if self.setting.train else self.boundaries.charged()
        parts, launches = self._stamps.intervals(), self._stamps.launches()
        return Stamped(whole, _by_name(names, parts), _by_name(names, launches) if launches else {})


def _by_name(names: Sequence[str], taken: Sequence[int]) -> dict[str, int]:
    found: dict[str, int] = {}
    for name, each in zip(names, taken, strict=True):
        found[name] = found.get(name, 0) + each
    return found


def images(shapes: Iterable[Sequence[int]], setting: Setting, device: torch.device) -> list[Tensor]:
    """Random inputs, never zeros: those take less power, and so run faster."""
    made = [torch.randn((setting.batch, *shape), device=device).to(DTYPES[setting.dtype]) for shape in shapes]
    last = torch.channels_last
    return [image.contiguous(memory_format=last) if setting.channels_last and image.dim() == 4 else image
            for image in made]  # fmt: skip


def placed(module: nn.Module, setting: Setting, device: torch.device) -> nn.Module:
    """The module where and as it is to run."""
    module = module.to(device=device, dtype=DTYPES[setting.dtype])
    if setting.channels_last:
        module = module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stubs ask for a device
    return module.train(setting.train)
