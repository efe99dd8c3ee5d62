"""Quantities of a traced network as closed forms, and their values over blocks of points."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from archcalc.algebra import Dim, Expr, evaluate_many
from archcalc.analyses.conditions import TRAINED, Under
from archcalc.analyses.cost import BYTES
from archcalc.analyses.footprint import HELD, LARGEST, RUNNING
from archcalc.analyses.memory.forms import Forms, open_setting, running_forms, training_forms
from archcalc.analyses.quantities import QUANTITIES, Answer, Measure, quantity_named
from archcalc.analyses.sweep.grid import Block, spread
from archcalc.graph import Graph
from archcalc.layers import IMAGE
from archcalc.record import Record

if TYPE_CHECKING:
    from archcalc.algebra.bounded import Array

#: What a sweep can tell of each point.
SWEPT = tuple(name for name in QUANTITIES if name != "out" and name not in LARGEST)
#: The sides of the first input, where no parameter has the name.
SIDES: tuple[Literal["H", "W"], ...] = ("H", "W")
TELLABLE = (*SWEPT, *SIDES)


def named(word: str, variables: Collection[str]) -> str | None:
    """The variable, or what a sweep can tell, that a word means."""
    known = word if word in variables or word in SIDES else quantity_named(word)
    return known if known in variables or known in TELLABLE else None


class Asked(Record):
    """What figures are of, as the options of ``archcalc report``; a ``batch`` may be an open symbol."""

    batch: Dim = 1
    dtype: str = "fp32"
    on: str = "cpu"
    optimizer: str = "sgd"
    aux: bool = False

    def graph(self, graph: Graph) -> Graph:
        return graph if self.aux else graph.without_aux()

    @property
    def under(self) -> Under:
        given: Any = {name: getattr(self, name) for name in ("batch", "dtype", "on", "optimizer")}
        return Under(**given)


class Form(NamedTuple):
    """The largest of some closed forms or, with ``below``, the quotient of the one."""

    of: Forms
    below: Dim | None = None


#: Nothing, at all points; or no closed form: each point is worked out for itself.
Known = Form | None
POINTWISE = "point by point"


def plain(answer: Answer) -> int | float | None:
    """A figure of one network as a number; None where it has none, or one an axis."""
    value = answer.value
    if isinstance(value, Fraction):
        return float(value) if value.denominator != 1 else value.numerator
    return value if isinstance(value, int) else None


def figures(graph: Graph, quantities: Iterable[str], asked: Asked) -> dict[str, int | float | None]:
    """Of a network without open symbols, as its report has them."""
    measure = Measure(asked.graph(graph), asked.under)
    untrained = TRAINED if asked.dtype == "int8" else ()
    return {name: None if name in untrained else _exact(name, _answer(measure, name)) for name in quantities}


def _answer(measure: Measure, name: str) -> Answer:
    return Answer(_side(measure.graph, name)) if name in SIDES else measure.answer(name, measure.whole)


def _side(graph: Graph, name: str) -> Dim | None:
    sides = input_sides(graph)
    return graph.settings.get(name, sides[1 + (name == "W")] if len(sides) == IMAGE else None)


def _exact(name: str, answer: Answer) -> int | float | None:
    found = plain(answer)
    return float(found) if name == "intensity" and found is not None else found


def closed(graph: Graph, quantities: Iterable[str], asked: Asked) -> dict[str, Known | str]:
    """Of a network with open symbols: closed forms, or ``POINTWISE``."""
    graph = asked.graph(graph)
    measure, found = Measure(graph, asked.under), dict[str, Known | str]()
    memory: dict[str, Forms] = {}
    for name in quantities:
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


def evaluated(forms: Mapping[str, Known], block: Block) -> dict[str, Any]:
    """A number for all points of a block, or a flat array with one for each; None where there is none."""
    known = {name: form for name, form in forms.items() if form is not None}
    dims = [dim for form in known.values() for dim in (*form.of, *([] if form.below is None else [form.below]))]
    values: Sequence[Any] = evaluate_many(dims, block.values)
    left = iter(values)
    found: dict[str, Any] = dict.fromkeys(forms)
    for name, form in known.items():
        number = _largest([next(left) for _ in form.of], block.shape)
        if form.below is not None:
            below = next(left)
            number = _quotient(number, below)
        found[name] = number if isinstance(number, int | float) or number is None else spread(number, block.shape)
    return found


def _largest(values: list[Any], shape: tuple[int, ...]) -> Any:
    if len(values) == 1:
        return values[0]
    import numpy as np

    arrays = [value for value in values if not isinstance(value, int)]
    least = max((value for value in values if isinstance(value, int)), default=None)
    if not arrays:
        return least
    whole = all(array.dtype.kind != "O" for array in arrays)
    made: Array = np.array(np.broadcast_to(arrays[0], shape), dtype=np.int64 if whole else object)
    for array in arrays[1:]:
        np.maximum(made, array, out=made)
    return made if least is None else np.maximum(made, least)


def _quotient(above: Any, below: Any) -> Any:
    """As Python divides integers: correctly rounded, though they exceed what a float holds."""
    if isinstance(above, int) and isinstance(below, int):
        return above / below if below else None
    import numpy as np

    exact = all(isinstance(each, int) or each.dtype.kind != "O" for each in (above, below))
    if exact and max(int(np.max(above)), int(np.max(below))) < 2**53:
        return np.true_divide(above, below)
    shape = np.broadcast_shapes(np.shape(above), np.shape(below))
    pairs = (np.broadcast_to(np.asarray(each, dtype=object), shape).ravel().tolist() for each in (above, below))
    return np.array([one / other for one, other in zip(*pairs, strict=True)]).reshape(shape)


def input_sides(graph: Graph) -> tuple[Dim, ...]:
    """The shape of the first input."""
    return graph.nodes[graph.inputs[0]].shape


def dtypes() -> tuple[str, ...]:
    return tuple(BYTES)
