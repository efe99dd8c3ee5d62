"""``--swap`` and ``--swap-at``: kernels swapped for others before anything is asked of a network."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from archcalc.record import Record

if TYPE_CHECKING:
    from archcalc.diagnostics import Diagnostic
    from archcalc.graph import Graph
    from archcalc.rewriting import Swap


class Swapping(Record):
    """Rules that follow each other, ``at`` the layers of these names, everywhere if there are none."""

    rules: tuple[Swap, ...]
    at: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The rules in short: ``5x5->3x3,3x3``."""
        return ";".join(rule.text.replace(" -> ", "->").replace(", ", ",") for rule in self.rules)

    def made(self, graph: Graph) -> Graph:
        """The graph with its kernels swapped. Raises Fault where it cannot be done, and says why."""
        from archcalc.rewriting import swap

        for rule in self.rules:
            graph = swap(graph, rule, self.at)
        return graph


def swaps_of(texts: Sequence[str], at: Sequence[str]) -> tuple[Swapping, ...]:
    """One for each ``--swap``, whose rules are parted by semicolons. Ends the run where one is no rule."""
    if at and not texts:
        raise typer.BadParameter("what is to be swapped there? --swap '5x5 -> 3x3, 3x3'", param_hint="--swap-at")
    if not texts:
        return ()
    from archcalc.diagnostics import Fault
    from archcalc.rewriting import swap_of

    try:
        return tuple(Swapping(tuple(map(swap_of, text.split(";"))), tuple(at)) for text in texts)
    except Fault as fault:
        complain(fault.diagnostic)
        raise typer.Exit(2) from None


def complain(diagnostic: Diagnostic) -> None:
    """Draws why kernels cannot be swapped to standard error."""
    from archcalc.report.diagnostics import draw_all
    from archcalc.report.style import coloured, terminal_width

    sys.stderr.write(draw_all([diagnostic], colour=coloured(sys.stderr), width=terminal_width(sys.stderr)))


def specs_of(graphs: Sequence[Graph]) -> str:
    """Swapped networks as one text that reads back, each by a name of its own. Ends the run where one has no words."""
    from collections import Counter
    from dataclasses import replace

    from archcalc.formats.numbers import Unwritable
    from archcalc.formats.spec import write

    seen: Counter[str] = Counter()
    texts = []
    try:
        for graph in graphs:
            name = f"{graph.name}-swapped"
            seen[name] += 1
            texts.append(write(replace(graph, name=name if seen[name] == 1 else f"{name}-{seen[name]}")))
        return "\n".join(texts)
    except Unwritable as error:
        sys.stderr.write(f"error: it cannot be written as a spec: {error}\n")
        raise typer.Exit(2) from None
