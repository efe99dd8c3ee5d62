"""Verifications as they come: one in full, several a line each, or JSON; progress on a terminal meanwhile."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import typer

from archcalc.cli.output import STATUS
from archcalc.cli.paper import paper
from archcalc.report.progress import Progress
from archcalc.report.style import coloured, terminal_width

if TYPE_CHECKING:
    from archcalc.analyses.agreement import Verification
    from archcalc.network import Network


def chosen(text: str, quick: bool) -> tuple[str, ...]:
    """``macs,shapes`` as names of checks. Raises BadParameter, also where ``quick`` leaves one of them out."""
    from archcalc.diagnostics import nearest
    from archcalc.pytorch.verify import NAMES, QUICK

    names = tuple(name.strip().casefold().replace("-", "_") for name in text.split(",") if name.strip())
    for name in names:
        if name not in NAMES:
            hint = nearest(name, NAMES) or f"known: {', '.join(NAMES)}"
            raise typer.BadParameter(f"no quantity '{name}'; {hint}", param_hint="--only")
    slow = [name for name in names if quick and name not in {check.__name__ for check in QUICK}]
    if slow:
        raise typer.BadParameter(f"--quick leaves {slow[0]} out", param_hint="--only")
    return names


def against_torch(only: tuple[str, ...], quick: bool, turn: Turn) -> Callable[[Network], Verification]:
    """Compares a network with what PyTorch does with it."""
    from archcalc.pytorch.verify import verify

    return lambda network: verify(network, only=only, quick=quick, say=turn.step)


def beside(name: str, only: str, quick: bool) -> Callable[[Network], Verification]:
    """Compares a network with a person's own module. Raises ModuleFault where that cannot be had, and BadParameter."""
    from archcalc.pytorch.module import found, verify_module

    if only or quick:
        raise typer.BadParameter("--only and --quick are for figures against PyTorch", param_hint="--module")
    module = found(name)
    return lambda network: verify_module(network, module, name)


class Turn:
    """Which network is being verified, and what of it, told on a terminal."""

    def __init__(self) -> None:
        self.line = Progress(sys.stderr)
        self.count, self.name = 0, ""

    def network(self, name: str) -> None:
        self.count, self.name = self.count + 1, name

    def step(self, quantity: str) -> None:
        self.line.tell(f"{self.count}: {self.name}, {quantity.replace('_', ' ')}")


class Sheet:
    """Takes verifications one by one. The first waits for a second: alone it is drawn in full, several have a line
    each."""

    def __init__(self, format_: str, turn: Turn) -> None:
        from archcalc.report.agreements import Summary

        self.json, self.line, self.status, self.count = format_ == "json", turn.line, 0, 0
        self.paper = paper(bars=False)
        self.summary = Summary(self.paper)
        self.first: Any = None

    def add(self, found: Any) -> None:
        """Prints what is known by now of the networks, and why one of them could not be compared."""
        self.line.wipe()
        self.status = max(self.status, STATUS[found.status])
        self._complain(found)
        if found.status == "unreadable" and not self.json:
            return
        self.count += 1
        if self.count == 1:
            self.first = found
            return
        if self.count == 2:
            self._one_of_several(self.first, "[\n" if self.json else self.summary.head())
        self._one_of_several(found, ",\n" if self.json else "")

    def finish(self) -> int:
        """Prints what is left; the exit status."""
        if self.count == 1:
            self._write(self._document(self.first) + "\n" if self.json else self._whole(self.first))
        elif self.json:
            self._write("\n]\n" if self.count else "[]\n")
        elif self.count:
            self._write("".join(f"{line}\n" for line in ("", *self.summary.foot())))
        return self.status

    def _one_of_several(self, found: Any, before: str) -> None:
        self._write(before + (self._document(found) if self.json else self.summary.line(found)))

    @staticmethod
    def _document(found: Any) -> str:
        from archcalc.report.agreements import document

        return document(found)

    def _whole(self, found: Any) -> str:
        from archcalc.report.agreement import text

        return text(found, self.paper)

    @staticmethod
    def _write(text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()

    @staticmethod
    def _complain(found: Any) -> None:
        from archcalc.report.diagnostics import draw_all

        if found.diagnostics:
            drawn = draw_all(found.diagnostics, colour=coloured(sys.stderr), width=terminal_width(sys.stderr))
            sys.stderr.write(drawn)
        if found.message:
            sys.stderr.write(f"error: {found.file}:{found.network}: {found.message}\n")
