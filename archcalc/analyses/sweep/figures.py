"""Quantities of a network: of one with open symbols as closed forms, of one without as numbers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

from archcalc.algebra import Dim, Expr
from archcalc.analyses.conditions import TRAINED, Under
from archcalc.analyses.cost import BYTES
from archcalc.analyses.footprint import HELD, LARGEST, RUNNING
from archcalc.analyses.memory.forms import Forms, open_setting, running_forms, training_forms
from archcalc.analyses.quantities import QUANTITIES, Answer, Measure, quantity_named
from archcalc.analyses.sweep.forms import POINTWISE, Form, Known
from archcalc.analyses.sweep.latency import LATENCY, Clock, latency_named
from archcalc.graph import Graph
from archcalc.layers import IMAGE
from archcalc.record import Record

#: What a sweep can tell of each point.
SWEPT = (*(name for name in QUANTITIES if name not in ("out", *LARGEST, *LATENCY)), *LATENCY)
#: The sides of the first input, where no parameter has the name.
SIDES: tuple[Literal["H", "W"], ...] = ("H", "W")
TELLABLE = (*SWEPT, *SIDES)


def named(word: str, variables: Collection[str]) -> str | None:
    """The variable, or what a sweep can tell, that a word means."""
    known = word if word in variables or word in SIDES else latency_named(word) or quantity_named(word)
    return known if known in variables or known in TELLABLE else None


class Asked(Record):
    """What figures are of, as the options of ``archcalc report``; a ``batch`` may be an open symbol.

    Latency is of a ``device``, as the history at ``db`` knows it, with so many ``threads`` of a CPU, or as the newest
    calibration; a ``clock`` of these predicts it.
    """

    batch: Dim = 1
    dtype: str = "fp32"
    on: str = "cpu"
    optimizer: str = "sgd"
    aux: bool = False
    device: str = "cpu"
    db: Path | None = None
    threads: int | None = None
    clock: Clock | None = None

    def timed(self, dtypes: Sequence[str]) -> Asked:
        """The same with what predicts latency in such dtypes. Raises as ``Clock``."""
        return self.but(clock=Clock(self.device, dtypes, self.db, self.threads))

    def clock_for(self, quantities: Iterable[str]) -> Clock | None:
        """What predicts latency, where it is among these."""
        return None if LATENCY.keys().isdisjoint(quantities) else self.clock

    def graph(self, graph: Graph) -> Graph:
        return graph if self.aux else graph.without_aux()

    @property
    def under(self) -> Under:
        given: Any = {name: getattr(self, name) for name in ("batch", "dtype", "on", "optimizer")}
        return Under(**given)


def plain(answer: Answer) -> int | float | None:
    """A figure of one network as a number; None where it has none, or one an axis."""
    value = answer.value
    if isinstance(value, Fraction):
        return float(value) if value.denominator != 1 else value.numerator
    return value if isinstance(value, int) else None


def figures(graph: Graph, quantities: Collection[str], asked: Asked) -> dict[str, int | float | None]:
    """Of a network without open symbols, as its report has them."""
    graph, clock = asked.graph(graph), asked.clock_for(quantities)
    measure, found = Measure(graph, asked.under), dict[str, int | float | None]()
    if clock is not None:
        found |= clock.figures(graph, asked.batch, asked.dtype)
    untrained = TRAINED if asked.dtype == "int8" else ()
    for name in (name for name in quantities if name not in LATENCY):
        found[name] = None if name in untrained else _exact(name, _answer(measure, name))
    return found


def _answer(measure: Measure, name: str) -> Answer:
    return Answer(_side(measure.graph, name)) if name in SIDES else measure.answer(name, measure.whole)


def _side(graph: Graph, name: str) -> Dim | None:
    sides = input_sides(graph)
    return graph.settings.get(name, sides[1 + (name == "W")] if len(sides) == IMAGE else None)


def _exact(name: str, answer: Answer) -> int | float | None:
    found = plain(answer)
    return float(found) if name == "intensity" and found is not None else found


def closed(graph: Graph, quantities: Collection[str], asked: Asked) -> dict[str, Known | str]:
    """Of a network with open symbols: closed forms, or ``POINTWISE``."""
    graph, clock = asked.graph(graph), asked.clock_for(quantities)
    measure, found = Measure(graph, asked.under), dict[str, Known | str]()
    if clock is not None:
        found |= clock.closed(graph, asked.batch, asked.dtype)
    memory: dict[str, Forms] = {}
    for name in (name for name in quantities if name not in LATENCY):
        if name in HELD:
            if name not in memory:
                memory |= _memory(graph, asked, name in RUNNING)
            found[name] = Form(memory[name]) if name in memory else None
        elif name == "intensity":
            found[name] = Form((measure.total.flops,), measure.total.moved_bytes)
        else:
            found[name] = _form(_answer(measure, name))
    return found


def _memory(graph: Graph, asked: Asked, running: bool) -> dict[str, Forms]:
    setting = open_setting(asked.batch, asked.dtype, cuda=asked.on == "cuda")
    if running:
        return running_forms(graph, setting)
    return {} if asked.dtype == "int8" else training_forms(graph, setting, asked.optimizer)


def _form(answer: Answer) -> Known | str:
    value = answer.value
    if isinstance(value, int | Expr):
        return Form((value,))
    if isinstance(value, tuple):  # one an axis: they may agree at some points
        return POINTWISE if any(isinstance(part, Expr) for part in value) else None
    return POINTWISE if answer.undecided or value is not None else None


def input_sides(graph: Graph) -> tuple[Dim, ...]:
    """The shape of the first input."""
    return graph.nodes[graph.inputs[0]].shape


def dtypes() -> tuple[str, ...]:
    return tuple(BYTES)
