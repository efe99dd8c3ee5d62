"""A network as a list of layers in written order, each naming the earlier ones it reads, with every shape inferred."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from archcalc.algebra import Assumption, Dim, assume, assuming
from archcalc.claims import Claim
from archcalc.diagnostics import Diagnostic, Fault, fault
from archcalc.layers import NAMES_OF_RANKS, Axis, Layer, Rule, Shape, Sliding, shown
from archcalc.source import Span

#: characters of a name that are one
ALIKE = re.compile(r"[\s_\-./]+")


@lru_cache(maxsize=1 << 15)
def same_name(name: str) -> str:
    """A name as it is compared: capitals do not matter, and ``_ - . /`` and blank are one character."""
    return ALIKE.sub(".", name.strip().casefold())


class Node(NamedTuple):
    """One layer in its place. ``inputs`` and ``shares`` (whose weights it uses) are indices of earlier nodes."""

    name: str
    block: str
    layer: Layer
    inputs: tuple[int, ...]
    shape: Shape
    span: Span
    aux: bool = False
    shares: int | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """What a name covers: nodes ``first`` to ``stop`` (exclusive); ``output`` is the one whose shape it has."""

    first: int
    stop: int
    output: int


@dataclass(frozen=True)
class Graph:
    """A whole network: nodes in written (topological) order, shapes included, and what its text claims."""

    name: str
    title: str
    file: str
    nodes: tuple[Node, ...]
    inputs: tuple[int, ...]
    output: int
    settings: Mapping[str, Dim] = field(default_factory=dict)
    places: Mapping[str, Place] = field(default_factory=dict)
    conditions: tuple[Rule, ...] = ()
    claims: tuple[Claim, ...] = ()
    warnings: tuple[Diagnostic, ...] = ()

    def input_shapes(self, node: Node) -> tuple[Shape, ...]:
        """The shapes that a node reads, in order."""
        nodes = self.nodes
        return tuple([nodes[index].shape for index in node.inputs])

    @cached_property
    def alike(self) -> tuple[int, ...]:
        """For each node, the first one with the same layer on equal inputs: what follows from these is worked out
        once."""
        first: dict[tuple[int, tuple[Shape, ...]], int] = {}
        return tuple(  # a builder gives equal layers one object
            [first.setdefault((id(node.layer), self.input_shapes(node)), i) for i, node in enumerate(self.nodes)]
        )

    @cached_property
    def worked_out(self) -> dict[str, Any]:
        """What analyses have found of each node, in order, that others of them need too."""
        return {}

    @cached_property
    def _named(self) -> tuple[Mapping[str, Place], Mapping[str, Place]]:
        """Every name as it is compared: of what the text names, and of single layers."""
        layers = {same_name(node.name): Place(index, index + 1, index) for index, node in enumerate(self.nodes)}
        return {same_name(name): place for name, place in self.places.items()}, layers

    def place(self, name: str) -> Place | None:
        """What a name covers: as written, or as the end of one path where that is the only one; else None."""
        key = same_name(name)
        exact = [named[key] for named in self._named if key in named]
        if exact:
            return exact[0]
        ends = [[place for path, place in named.items() if path.endswith("." + key)] for named in self._named]
        return next((found[0] for found in ends if len(found) == 1), None)

    def without_last(self) -> Graph:
        """The network without its last node; what that read first is the output."""
        made = replace(self, nodes=self.nodes[:-1], output=self.nodes[-1].inputs[0])
        # both are known: who looks at the rest need not work them out
        made.__dict__["alike"] = self.alike[:-1]
        made.worked_out.update({what: found[:-1] for what, found in self.worked_out.items()})
        return made

    def without_aux(self) -> Graph:
        """The network without its side heads; indices of nodes, places and claims follow."""
        if not any(node.aux for node in self.nodes):
            return self
        kept = [index for index, node in enumerate(self.nodes) if not node.aux]
        new = {old: position for position, old in enumerate(kept)}
        # a place inside a side head is gone; one around it shrinks
        before = [0]
        for node in self.nodes:
            before.append(before[-1] + (not node.aux))

        def move(node: Node) -> Node:
            shares = None if node.shares is None else new.get(node.shares)
            inputs = tuple(new[i] for i in node.inputs)
            return Node(node.name, node.block, node.layer, inputs, node.shape, node.span, False, shares)

        places = {
            name: Place(before[p.first], before[p.stop], new[p.output])
            for name, p in self.places.items()
            if p.output in new
        }
        return replace(
            self,
            nodes=tuple(move(self.nodes[i]) for i in kept),
            inputs=tuple(new[i] for i in self.inputs),
            output=new[self.output],
            places=places,
        )


class Inferred(NamedTuple):
    """What follows from a layer on given inputs."""

    shape: Shape
    conditions: tuple[Rule, ...]  # rules that open symbols leave undecided
    assumed: tuple[Assumption, ...]
    unread: tuple[str, tuple[str, ...]] | None


class Known:
    """What has been inferred of layers on given inputs: the networks of one text share it."""

    def __init__(self) -> None:
        self.layers: dict[Layer, Layer] = {}  # one object for equal layers
        self.inferred: dict[tuple[int, tuple[Shape, ...]], Inferred] = {}  # by that object, which hashes at once


class Builder:
    """Adds layers one by one, infers each shape and checks every rule as it goes.

    A layer met again on equal inputs costs a dictionary look-up: a deep repeat is not inferred anew at every turn.
    """

    def __init__(self, known: Known | None = None) -> None:
        self.layers: list[tuple[Layer, tuple[int, ...], Span, bool, int | None]] = []
        self.shapes: list[Shape] = []
        self.warnings: dict[tuple[str, int], Diagnostic] = {}
        self.conditions: dict[Rule, None] = {}
        self._known = known or Known()
        self.warned = 0  # how often something was warned of, the same place again or not

    def add(
        self,
        layer: Layer,
        inputs: tuple[int, ...],
        span: Span,
        aux: bool = False,
        shares: int | None = None,
        also: tuple[Span, ...] = (),
    ) -> int:
        """The index of a new node. Raises Fault where a rule is broken or the layer cannot take such an input."""
        shapes = tuple([self.shapes[index] for index in inputs])
        layer = self._known.layers.setdefault(layer, layer)
        key = (id(layer), shapes)
        found = self._known.inferred.get(key)
        if found is None:
            found = self._known.inferred[key] = _inferred(layer, shapes, span, also)
        if found.assumed:
            assume(found.assumed)
        for rule in found.conditions:
            self.conditions[rule] = None
        if found.unread is not None:
            message, notes = found.unread
            self.warn(Diagnostic("A306", message, span, "warning", notes))
        self.layers.append((layer, inputs, span, aux, shares))
        self.shapes.append(found.shape)
        return len(self.shapes) - 1

    def warn(self, diagnostic: Diagnostic) -> None:
        """Keeps a warning, once per place."""
        self.warned += 1
        start = diagnostic.span.start if diagnostic.span else -1
        self.warnings.setdefault((diagnostic.code, start), diagnostic)


def _inferred(layer: Layer, shapes: tuple[Shape, ...], span: Span, also: tuple[Span, ...]) -> Inferred:
    """What follows from a layer on these inputs. Raises Fault."""
    with assuming() as assumed:
        conditions = tuple(_undecided(layer, shapes, span, also))
        output = layer.output(*shapes)
    return Inferred(output, conditions, tuple(assumed), unread(layer, shapes))


def _undecided(layer: Layer, shapes: tuple[Shape, ...], span: Span, also: tuple[Span, ...]) -> Iterator[Rule]:
    """The rules of a layer that open symbols leave undecided. Raises Fault where one is broken."""
    for shape in shapes:
        if len(shape) not in layer.ranks:
            wanted = " or ".join(NAMES_OF_RANKS[rank] for rank in layer.ranks)
            got = f"{NAMES_OF_RANKS.get(len(shape), 'a shape')} of {shown(shape)}"
            raise fault("A304", f"{layer.kind} takes {wanted}; here it gets {got}", span)
    for rule in layer.rules(*shapes):
        held = rule.holds()
        if held is None:
            yield rule
        elif not held:
            notes = tuple(f"the input is {shown(shape)}" for shape in shapes[:1]) if len(shapes) == 1 else ()
            disagree = tuple(also[number - 1] for number in rule.branches if number <= len(also))
            raise Fault(Diagnostic(rule.code, rule.message, span, notes=notes, also=disagree), rule.part)


def windows_over(layer: Layer, shapes: tuple[Shape, ...]) -> tuple[Axis, ...]:
    """How a layer's windows lie along height and width, if they may leave inputs at the end unread."""
    return layer.axes(shapes[0]) if isinstance(layer, Sliding) and layer.kind != "deconv" else ()


def unread(layer: Layer, shapes: tuple[Shape, ...]) -> tuple[str, tuple[str, ...]] | None:
    """What of the real input no window of this layer reads, and the arithmetic; None where all is read.

    Gaps from a stride larger than the kernel are another matter, and meant.
    """
    lost: list[str] = []
    notes: dict[str, None] = {}
    for name, axis in zip(("row", "column"), windows_over(layer, shapes), strict=False):
        rest = axis.unread
        if isinstance(rest, int) and isinstance(axis.size, int) and rest > 0 and axis.gapless:
            lost.append(name if rest == 1 else f"{rest} {name}s")
            notes[axis.worked] = None
    if not lost:
        return None
    one = len(lost) == 1 and " " not in lost[0]
    verb = "is" if one else "are"
    return f"the last {' and '.join(lost)} {verb} never read: the {layer.kind} does not fit its input", tuple(notes)
