"""The arithmetic of a network, or of one of its layers, worked with its numbers."""

from __future__ import annotations

from itertools import accumulate
from typing import NamedTuple

from archcalc.analyses.cost import DType, costs, total
from archcalc.analyses.explain import kept as keeping
from archcalc.analyses.explain.border import edges, told
from archcalc.analyses.explain.layer import Working
from archcalc.analyses.explain.output import output
from archcalc.analyses.explain.path import one_sum
from archcalc.analyses.explain.seen import TITLE as FIELD
from archcalc.analyses.explain.seen import seen
from archcalc.analyses.explain.tree import NAMELESS, Number, added, length
from archcalc.analyses.explain.values import Equation, Explained, Explanation, Part
from archcalc.analyses.field import fields
from archcalc.analyses.memory.setting import numeric
from archcalc.diagnostics import nearest
from archcalc.graph import Graph, Place, same_name

#: A sum of more terms is given by its value alone.
_LONGEST = 12
#: So many names are told where none is near.
_NAMES = 12
_TOTALS = {
    "params": ("parameters", ""), "macs": ("multiply-adds", ""), "flops": ("FLOPs", ""),
    "activations_bytes": ("activations", "B"),
}  # fmt: skip


class Worked(NamedTuple):
    """A layer with what is said of it wherever it stands."""

    working: Working
    parts: tuple[Part, ...]
    border: tuple[Part, ...]


class NoLayer(ValueError):
    """No layer or block has this name; its text says so, and the nearest one."""


def explain(graph: Graph, at: str | None = None, *, dtype: DType = "fp32", aux: bool = False) -> Explanation:
    """How the figures of a network, or of the layers that a name covers, come about; bytes in ``dtype``.

    Side heads are explained under ``aux``, or if ``at`` names them. Raises NoLayer, with the nearest name, where
    nothing has this one; OpenSize where a size is an open symbol.
    """
    main = graph if aux else graph.without_aux()
    place = Place(0, len(main.nodes), main.output)
    if at is not None:
        found = main.place(at)
        if found is None:
            main, found = graph, graph.place(at)
        if found is None:
            raise NoLayer(_unknown(graph, at))
        place = found
    inside = range(place.first, place.stop)
    layers = _layers(main, inside, dtype)
    whole = sum(bool(layer.inputs) for layer in layers) > 1
    if not whole:
        layers = tuple(_in_one_sum(main, index, layer) for index, layer in zip(inside, layers, strict=True))
    return Explanation(
        network=main.name,
        title=main.title,
        file=main.file,
        dtype=dtype,
        input=main.nodes[main.inputs[0]].shape,
        settings=main.settings,
        at=at,
        layers=layers,
        total=_total(main, inside, dtype) if whole else None,
    )


def _in_one_sum(graph: Graph, index: int, layer: Explained) -> Explained:
    """The layer with its receptive field in one sum, where there is one."""
    more = tuple(one_sum(graph, fields(graph), index))
    parts = [part.but(equations=(*part.equations, *more)) if part.title == FIELD else part for part in layer.parts]
    return layer.but(parts=tuple(parts))


def _unknown(graph: Graph, name: str) -> str:
    """Why nothing has this name: the nearest as the text writes it, else those of the network's stages and layers."""
    paths = (path for node in graph.nodes for path in accumulate(node.name.split("."), "{}.{}".format))
    written = {same_name(path): path for path in paths if graph.place(path) is not None}
    known = [*written.values(), *(place for place in graph.places if same_name(place) not in written)]
    whole = [path for path in known if "." not in path] or known
    more = f", ... {len(whole) - _NAMES:,} more" if len(whole) > _NAMES else ""
    hint = nearest(name, known) or f"it has {', '.join(whole[:_NAMES])}{more}"
    return f"no layer named '{name}' in {graph.name}: {hint}"


def _layers(graph: Graph, inside: range, dtype: DType) -> tuple[Explained, ...]:
    """Each layer of a stretch; equal ones on equal inputs are worked once."""
    cost, sees = costs(graph, dtype=dtype), fields(graph)
    storages, firsts = keeping.kept(graph, dtype)
    workings: dict[int, Worked] = {}
    found = []
    for index in inside:
        node, alike = graph.nodes[index], graph.alike[index]
        shapes = graph.input_shapes(node)
        worked = workings.get(alike)
        if worked is None or node.shares is not None or worked.working.cost != cost[index]:
            shares = None if node.shares is None else graph.nodes[node.shares].name
            working = Working(node.layer, shapes, node.shape, cost[index], dtype)
            border = told(edges(node.layer, shapes, node.shape))
            worked = Worked(working, _parts(working, shares), (Part(title="border", notes=border),) if border else ())
            if shares is None:
                workings[alike] = worked
        saved = (
            keeping.saved(graph, index, storages[index], firsts[index])
            if index < len(firsts)
            else Part(title=keeping.TITLE, notes=("the loss holds it" if firsts else "int8 is not trained",))
        )
        found.append(
            Explained(
                name=node.name,
                kind=node.layer.kind,
                attributes=node.layer.attributes(),
                tensors={name: weight.shape for name, weight in worked.working.stored.items()},
                inputs={graph.nodes[source].name: graph.nodes[source].shape for source in node.inputs},
                output=node.shape,
                line=node.span.line,
                parts=(
                    *worked.parts,
                    *([saved] if shapes else []),
                    seen(worked.working, [sees[each] for each in node.inputs], sees[index]),
                    *worked.border,
                ),
            )
        )
    return tuple(found)


def _parts(working: Working, shares: str | None) -> tuple[Part, ...]:
    if not working.shapes:
        return (working.memory(),)
    return (output(working), working.parameters(shares), working.macs(), working.operations(), working.memory())


def _total(graph: Graph, inside: range, dtype: DType) -> Part:
    """The sums of several layers."""
    each = [cost for index, cost in enumerate(costs(graph, dtype=dtype)) if index in inside]
    whole = total(each)
    sums = {}
    for name, (said, unit) in _TOTALS.items():
        tree = added([(1, Number(term, NAMELESS)) for cost in each if (term := numeric(getattr(cost, name)))])
        value = numeric(getattr(whole, name))
        sums[name] = Equation(said, tree if length(tree) <= _LONGEST else Number(value), value, unit)
    macs, flops = sums["macs"].value, sums["flops"].value
    both = added([(2, Number(int(macs), NAMELESS)), (1, Number(int(flops - 2 * macs), NAMELESS))])
    flop = sums["flops"].but(tree=both)
    return Part(
        title="total", equations=(sums["params"], sums["macs"], flop, sums["activations_bytes"]),
        notes=("FLOPs are two for each multiply-add, and element operations",),
    )  # fmt: skip
