"""The parts of a person's own network: each of its modules with what runs in its forward but in no module below it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

from torch import Tensor, nn

from archcalc.analyses.latency.measured import OWN
from archcalc.pytorch.module.given import ModuleFault, run
from archcalc.pytorch.profile.boundaries import Part, Stamp
from archcalc.pytorch.verify.flops import Counter


class OwnCode:
    """Hooks around every module charge what lies between two of them to the module that runs innermost then.

    So an ``add`` in a block's forward, or attention written as a function, has a row: the block's own.
    """

    def __init__(self, module: nn.Module) -> None:
        self._module = module
        self._charged: list[str] = []
        self._within: list[str] = []
        self._ran: dict[str, None] = {}
        self.macs: Mapping[str, int] = {}

    def run(self, inputs: Sequence[Tensor], stamp: Stamp) -> Any:
        with self._hooked(self._module, stamp):
            return self._module(*inputs)

    def charged(self) -> Sequence[str]:
        return self._charged

    def raised(self, stamps: int) -> str:
        return self._within[-1] if self._within else ""

    def parts(self) -> Mapping[str, Part]:
        modules = dict(self._module.named_modules())
        ran = self._ran
        above = {path[:end] for path in ran for end, sign in enumerate(path) if sign == "."} | {""}
        return {
            path: Part(
                name=f"{path}{OWN}".lstrip() if path in above and len(ran) > 1 else path or "forward",
                block=path.rpartition(".")[0],
                kind=type(modules[path]).__name__,
                line=None,
                macs=self.macs.get(path, 0) if self.macs else None,
            )
            for path in ran
        }

    def count(self, inputs: Sequence[Tensor]) -> None:
        """The multiply-adds of each module's own code, by torch's counter, in a run of a copy; none are known
        where no copy runs."""
        totals: list[int] = []

        def looking(module: nn.Module, counter: Counter) -> Any:
            totals.clear()
            return self._hooked(module, lambda: totals.append(counter.get_total_flops()))

        try:
            run(self._module, inputs, looking)
        except ModuleFault:
            return
        found: dict[str, int] = {}
        for path, (before, after) in zip(self._charged, pairwise(totals), strict=True):
            found[path] = found.get(path, 0) + (after - before) // 2
        self.macs = found

    @contextmanager
    def _hooked(self, module: nn.Module, stamp: Stamp) -> Iterator[None]:
        """A stamp as each module starts and as it ends."""
        charged, within = list[str](), list[str]()
        self._charged, self._within = charged, within

        def start(path: str) -> Callable[..., None]:
            def hook(*_: Any) -> None:
                if within:
                    charged.append(within[-1])
                within.append(path)
                stamp()

            return hook

        def end(*_: Any) -> None:
            charged.append(within.pop())
            stamp()

        handles = []
        for path, part in module.named_modules():
            handles.append(part.register_forward_pre_hook(start(path), prepend=True))
            handles.append(part.register_forward_hook(end))
        try:
            yield
        finally:
            self._ran.update(dict.fromkeys(charged))
            for handle in handles:
                handle.remove()
