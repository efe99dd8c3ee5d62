"""Which input sizes a network takes, which of them it reads whole, and what other sizes give."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Literal

from archcalc.algebra import Dim, Expr, symbol, symbols_of
from archcalc.analyses.formula import solving
from archcalc.analyses.formula.conditions import Condition, Conditions, reduced
from archcalc.analyses.formula.numbers import Numbers
from archcalc.analyses.sizes.rows import Row, at_size, scaled
from archcalc.graph import Graph, windows_over
from archcalc.layers import IMAGE, Shape
from archcalc.layers.base import Rule, equal
from archcalc.record import Configuration, Record

#: The network on an input of this shape, or why there is none.
Build = Callable[[Shape], Graph | str]
#: The lecture's enlargements.
SCALES = (Fraction("1.1"), Fraction("1.5"), Fraction(3), Fraction(5), Fraction(10))


class NoImage(ValueError):
    """A network whose input has no height and width; its text says so."""


class Want(Record):
    """A layer whose weights hang on the input's size: what it reads at the text's own size, if there is one, and at
    any."""

    layer: str
    shape: Shape | None
    form: Shape


class Axis(Record):
    """One side of the input. ``accepted``: sizes with which the network can be built; ``fitting``: those of them at
    which every weight keeps its shape; ``whole``: those of the accepted at which no layer leaves a row of its input
    unread (None: it cannot be told)."""

    name: str
    accepted: Numbers
    fitting: Numbers
    whole: Numbers | None


class Sizes(Configuration):
    """``smallest`` is the least input that fits: it was built, and none could be with one less on a side; None where
    that failed. ``others`` are conditions on both sides at once, ``rows`` what some sizes give, the text's own first.
    ``gapped`` are layers whose strides are wider than their windows: inputs between these are meant to stay unread, and
    ``whole`` does not ask for them. ``side_heads``: what became of those that the text has.
    """

    network: str
    title: str
    file: str
    input: Shape
    axes: tuple[Axis, Axis]
    others: tuple[Condition, ...]
    wants: tuple[Want, ...]
    smallest: tuple[int, int] | None
    gapped: tuple[str, ...]
    rows: tuple[Row, ...]
    side_heads: Literal["none", "counted", "left out"] = "none"


def sizes(
    graph: Graph, build: Build, *, scales: Iterable[Fraction] = SCALES, others: Iterable[tuple[int, int]] = ()
) -> Sizes:
    """What a network makes of other heights and widths: multiples of its own size (rounded down), and any others.

    Its side heads count if its graph has them. Raises NoImage where its input is no image.
    """
    shape = graph.nodes[graph.inputs[0]].shape
    if len(shape) != IMAGE:
        raise NoImage(f"{graph.name} takes no image: it has no height and width to vary")
    made = build((shape[0], symbol("H"), symbol("W")))
    if isinstance(made, str):
        raise NoImage(f"{graph.name} cannot be built for any height and width: {made}")
    own = _own(shape)
    wants = _wants(made, graph)
    accepted = reduced(made.conditions, (), ("H", "W"))
    fixed = [rule for want in wants for rule in _kept(want)]
    fitting = reduced([*made.conditions, *fixed], (), ("H", "W"))
    axes = (_axis(made, "H", accepted, fitting), _axis(made, "W", accepted, fitting))
    told: dict[tuple[int, int], Fraction | None] = {}
    if own:
        for scale in (Fraction(1), *scales):
            told.setdefault(scaled(own, scale), scale)
    for size in others:
        told.setdefault(size, None)
    return Sizes(
        network=graph.name,
        title=graph.title,
        file=graph.file,
        input=shape,
        axes=axes,
        others=fitting.others,
        wants=wants,
        smallest=_proven(axes, shape, build, wants),
        gapped=tuple(_gapped(made)),
        rows=tuple(at_size(size, scale, shape[0], build, _misfit(wants)) for size, scale in told.items()),
    )


def _own(shape: Shape) -> tuple[int, int] | None:
    """The text's own height and width, if it says them."""
    _, height, width = shape
    return (height, width) if isinstance(height, int) and isinstance(width, int) else None


def _wants(made: Graph, own: Graph) -> tuple[Want, ...]:
    """The layers whose weights hang on the input's size: the image that each reads, what lies between left out."""
    found: dict[int, Want] = {}
    for index, node in enumerate(made.nodes):
        stored = node.layer.weights(*made.input_shapes(node)).values() if node.inputs else ()
        if not any(isinstance(dim, Expr) for weight in stored for dim in weight.shape):
            continue
        source = _image_before(made, index)
        if source not in found:
            shape = own.nodes[source].shape
            known = all(isinstance(dim, int) for dim in shape)
            found[source] = Want(node.name, shape if known else None, made.nodes[source].shape)
    return tuple(found.values())


def _image_before(graph: Graph, index: int) -> int:
    """The last image on the way to a node, from which a vector or tokens were made."""
    source = graph.nodes[index].inputs[0]
    while len(graph.nodes[source].shape) != IMAGE and graph.nodes[source].inputs:
        source = graph.nodes[source].inputs[0]
    return source


def _kept(want: Want) -> Iterable[Rule]:
    """What must hold for a layer's weights to stay as they are."""
    return (equal(form, dim, "A304", "") for form, dim in zip(want.form, want.shape or want.form, strict=True))


def _axis(made: Graph, name: str, accepted: Conditions, fitting: Conditions) -> Axis:
    whole: Numbers | None = accepted.ranges[name]
    for unread in dict.fromkeys(_unread(made, 0 if name == "H" else 1)):
        if whole is not None:
            whole = _read_whole(unread, name, whole)
    return Axis(name, accepted.ranges[name], fitting.ranges[name], whole)


def _unread(graph: Graph, axis: int) -> Iterable[Dim]:
    """How many rows, or columns, at the end of its input each layer never reads."""
    for index, node in enumerate(graph.nodes):
        if node.inputs and graph.alike[index] == index:
            windows = windows_over(node.layer, graph.input_shapes(node))
            if windows and windows[axis].gapless:
                yield windows[axis].unread


def _gapped(graph: Graph) -> Iterable[str]:
    """The layers with a stride wider than its window."""
    for node in graph.nodes:
        if node.inputs and any(axis.gapped for axis in windows_over(node.layer, graph.input_shapes(node))):
            yield node.name


def _read_whole(unread: Dim, name: str, sizes: Numbers) -> Numbers | None:
    """Those of some sizes at which nothing is unread."""
    if isinstance(unread, int):
        return sizes if unread <= 0 else Numbers(1, 0)
    gap = 1 - unread
    if symbols_of(unread) != {name} or isinstance(gap, int):
        return None
    found = solving.positive(gap, sizes.least)
    return None if found is None else sizes.meet(found)


def _misfit(wants: Sequence[Want]) -> Callable[[Mapping[str, int]], str]:
    """Why weights do not fit an input of this height and width; nothing where they do."""
    from archcalc.algebra import evaluate
    from archcalc.layers import shown

    def why(values: Mapping[str, int]) -> str:
        for want in wants:
            got = tuple(evaluate(dim, values) for dim in want.form)
            if want.shape is not None and got != want.shape:
                return f"{want.layer} wants {shown(want.shape)}, gets {shown(got)}"
        return ""

    return why


def _proven(axes: tuple[Axis, Axis], shape: Shape, build: Build, wants: Sequence[Want]) -> tuple[int, int] | None:
    """The least height and width, if a network is built with them, and none with one less of either."""
    least = (axes[0].fitting.least, axes[1].fitting.least)
    if any(axis.fitting.empty for axis in axes):
        return None
    why = _misfit(wants)

    def fits(height: int, width: int) -> bool:
        if min(height, width) < 1 or not isinstance(build((shape[0], height, width)), Graph):
            return False
        return not why({"H": height, "W": width})

    height, width = least
    return least if fits(height, width) and not fits(height - 1, width) and not fits(height, width - 1) else None
