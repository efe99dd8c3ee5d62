"""Closed forms: every figure of a network as a formula in symbols, and the conditions under which it holds."""

from __future__ import annotations

import keyword
from collections.abc import Collection, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from archcalc.algebra import Assumption, Dim, assuming, largest, symbol, symbols_of
from archcalc.analyses.footprint import RUNNING
from archcalc.analyses.formula.conditions import Conditions, reduced
from archcalc.analyses.quantities import COUNTED, FIELDS, Measure, Region
from archcalc.diagnostics import nearest
from archcalc.graph import Graph
from archcalc.layers import IMAGE, Shape
from archcalc.record import Configuration, Record

#: What has a closed form, in the order of telling.
CLOSED = (*COUNTED, "depth", "input bytes", *FIELDS)
_STEP = ("saved bytes", "gradients bytes", "optimizer bytes")
#: What the whole network alone has, told if it is asked for: a run's peak is the largest of a few sums. That of a
#: training step is the largest of so many that nobody would read them.
PEAKS = (*RUNNING, *_STEP)
Number = Dim | Fraction
Value = Number | tuple[Number, ...]
#: What an input's sides are called, by its rank, in the order of a shape.
SIDES = {IMAGE: ("C", "H", "W"), 2: ("N", "C"), 1: ("F",)}


class UnknownSymbol(ValueError):
    """A name stands for no parameter and no side of the input; its text says which there are."""


class Opening(NamedTuple):
    """What to give a network so that some of its numbers are symbols; ``own`` are the values that they replace."""

    settings: Mapping[str, Dim]
    shape: Shape | None
    own: Mapping[str, int]


class Forms(Configuration):
    """The closed forms of a layer, or of the whole network: ``values`` by quantity, one or, where they differ, an axis.

    ``notes`` say why a quantity has none: the field of what sees everything.
    """

    name: str
    kind: str = ""
    output: Shape
    values: Mapping[str, Value]
    notes: Mapping[str, str]


class Formula(Configuration):
    """A network in symbols. ``symbols`` are its open numbers and the text's own values of them, where it has any.

    ``family``: forms in a parameter that decides which layers there are, fitted to some of its values.
    """

    network: str
    title: str
    file: str
    aux: bool
    symbols: Mapping[str, int | None]
    settings: Mapping[str, Dim]
    input: Shape
    place: str | None
    whole: Forms
    layers: tuple[Forms, ...]
    conditions: Conditions
    family: Family | None = None


class Family(Record):
    """A ``parameter`` is ``step`` times ``symbol`` and ``rest``; ``checked`` are the values at which forms that were
    fitted to some of them were held against a network."""

    parameter: str
    symbol: str
    step: int
    rest: int
    checked: tuple[int, ...]

    @property
    def form(self) -> Dim:
        """The parameter in its symbol."""
        return self.step * symbol(self.symbol) + self.rest


def opened(graph: Graph, wanted: Sequence[str]) -> Opening:
    """How to open a network's parameters and its input's sides by name.

    Without a name: what the text leaves open, or else height and width (of tokens their number, of a vector its
    length). Raises UnknownSymbol.
    """
    shape = graph.nodes[graph.inputs[0]].shape
    sides = SIDES[len(shape)]
    already = {name for dims in (shape, graph.settings.values()) for dim in dims for name in symbols_of(dim)}
    if not wanted:
        wanted = () if already else sides[1:] if len(sides) == IMAGE else sides[:1]
    settings: dict[str, Dim] = {}
    own: dict[str, int] = {}
    open_sides = list(shape)
    for name in wanted:
        if name in already:
            continue
        if keyword.iskeyword(name) or name in ("max", "min"):
            raise UnknownSymbol(f"'{name}' cannot be a symbol: Python keeps the word; give it a value with --set")
        if name in graph.settings:
            settings[name], value = symbol(name), graph.settings[name]
        elif name in sides:
            place = sides.index(name)
            open_sides[place], value = symbol(name), shape[place]
        else:
            known = [*graph.settings, *sides]
            listed = f"it has {', '.join(known)}"
            raise UnknownSymbol(f"no parameter or side '{name}' in {graph.name}: {nearest(name, known) or listed}")
        if isinstance(value, int):
            own[name] = value
    return Opening(settings, None if tuple(open_sides) == shape else tuple(open_sides), own)


def formula(
    graph: Graph,
    *,
    own: Mapping[str, int] | None = None,
    assumed: Iterable[Assumption] = (),
    aux: bool = False,
    place: str | None = None,
    layers: bool = False,
    also: Iterable[str] = (),
) -> Formula:
    """The closed forms of a network with open symbols, for one image, bytes in fp32, on a CPU, trained with sgd.

    ``own`` are values that the text itself gives to some; ``assumed`` what its shapes took for granted when it was
    built. ``place`` names a layer or group that alone is told; ``layers``: every layer is, too; ``also`` are some of
    ``PEAKS``. Raises KeyError where there is no such place.
    """
    with assuming() as noted:
        shown = graph if aux else graph.without_aux()
        measure = Measure(shown)
        whole = _forms(measure, *_region(measure, place))
        peaks = _peaks(shown, set(also)) if place is None else {}
        whole = whole.but(values={**whole.values, **peaks})
        each = tuple(_layer(measure, index) for index in range(len(shown.nodes))) if layers else ()
    shape = shown.nodes[shown.inputs[0]].shape
    names = _open_names(shown)
    return Formula(
        network=graph.name,
        title=graph.title,
        file=graph.file,
        aux=aux,
        symbols={name: (own or {}).get(name) for name in names},
        settings={name: value for name, value in graph.settings.items() if isinstance(value, int)},
        input=shape,
        place=place,
        whole=whole,
        layers=each,
        conditions=reduced(graph.conditions, (*assumed, *noted), names),
    )


def _peaks(graph: Graph, wanted: Collection[str]) -> Mapping[str, Dim]:
    """The closed forms of memory that are wanted."""
    from archcalc.analyses.memory.forms import open_setting, running_forms, training_forms

    setting = open_setting(1, "fp32", cuda=False)
    found = running_forms(graph, setting) if any(name in RUNNING for name in wanted) else {}
    found |= training_forms(graph, setting, "sgd") if any(name in _STEP for name in wanted) else {}
    return {name: largest(*forms) for name, forms in found.items() if name in wanted}


def _open_names(graph: Graph) -> list[str]:
    """The symbols that a network is open in: of its inputs as their sides stand in a text, then of its parameters."""
    shapes = (graph.nodes[index].shape for index in graph.inputs)
    dims = [dim for shape in shapes for dim in (*shape[1:], shape[0])]
    names = dict.fromkeys(name for dim in dims for name in sorted(symbols_of(dim)))
    return list(names | dict.fromkeys(n for dim in graph.settings.values() for n in sorted(symbols_of(dim))))


def _region(measure: Measure, place: str | None) -> tuple[str, str, Region]:
    graph = measure.graph
    if place is None:
        return graph.name, "", measure.whole
    found = graph.place(place)
    if found is None:
        known = [*graph.places, *(node.name for node in graph.nodes)]
        raise KeyError(nearest(place, known) or f"it has {', '.join(known[:8])} ...")
    kind = graph.nodes[found.first].layer.kind if found.stop == found.first + 1 else ""
    return place, kind, measure.region(found.first, found.stop, found.output)


def _layer(measure: Measure, index: int) -> Forms:
    node = measure.graph.nodes[index]
    return _forms(measure, node.name, node.layer.kind, Region((index,), index))


def _forms(measure: Measure, name: str, kind: str, region: Region) -> Forms:
    values: dict[str, Value] = {}
    notes: dict[str, str] = {}
    for quantity in CLOSED:
        if quantity == "input bytes" and not region.whole:
            continue
        value, note, _ = measure.answer(quantity, region)
        parts = [part for part in (value if isinstance(value, tuple) else (value,)) if part is not None]
        if isinstance(value, tuple) and len(parts) == len(value):
            values[quantity] = tuple(parts)
        elif parts and not isinstance(value, tuple):
            values[quantity] = parts[0]
        else:
            notes[quantity] = note or ""
    return Forms(name=name, kind=kind, output=measure.graph.nodes[region.output].shape, values=values, notes=notes)
