"""A clock that only stands still or is moved on by hand: what a run takes is known to the nanosecond."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager

from torch import nn
from torch.nn.modules.module import register_module_forward_hook

from archcalc.pytorch.twin import Twin

MS = 1_000_000


class Clock:
    """``takes``: nanoseconds of each type of module (or of each module), beside what its parts take; ``log`` has what
    ran, in order."""

    def __init__(self, takes) -> None:
        self.now = 0
        self.takes = takes
        self.log = []

    def tick(self, taken) -> None:
        self.now += taken

    def ran(self, module, _inputs, _output) -> None:
        self.log.append(module)
        taken = self.takes.get(type(module), 0)
        self.now += taken(self) if callable(taken) else taken

    def runs(self, kind=Twin):
        return [module for module in self.log if isinstance(module, kind)]


@contextmanager
def virtual(monkeypatch, takes):
    """While it lasts, nothing but modules takes time."""
    clock = Clock(takes)
    monkeypatch.setattr(time, "perf_counter_ns", lambda: clock.now)
    handle = register_module_forward_hook(clock.ran)
    try:
        yield clock
    finally:
        handle.remove()
        monkeypatch.undo()


def module(name, factory):
    """The factory under a name that ``package.module:factory`` finds."""
    made = type(sys)(name)
    made.factory = factory
    sys.modules[name] = made
    return f"{name}:factory"


class Block(nn.Module):
    """Convolves, and does more in its own code: both by the clock that it is given."""

    def __init__(self, clock, before, after) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 3, padding=1)
        self.clock, self.before, self.after = clock, before, after

    def forward(self, image):
        self.clock.tick(self.before)
        made = self.conv(image)
        self.clock.tick(self.after)
        return made + image
