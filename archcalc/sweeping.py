"""Sweeps in Python: of a spec file's network, over values of its parameters and sizes."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from archcalc.algebra import Dim
from archcalc.analyses.sweep import SWEPT, USUAL, Asked, Objective, Request, Sweep
from archcalc.analyses.sweep.figures import named
from archcalc.analyses.sweep.structure import Build
from archcalc.analyses.sweep.variables import Value, Variable, variable
from archcalc.diagnostics import Diagnostic, Fault, nearest
from archcalc.files import read_source, split
from archcalc.graph import Graph
from archcalc.network import document, only

if TYPE_CHECKING:
    from archcalc.layers import Shape
    from archcalc.source import Source

#: Makes another network of one, as ``archcalc.rewriting.swap`` does. Raises Fault where it cannot.
Rewrite = Callable[[Graph], Graph]
SWAP = "swap"


def sweep(
    spec: str | os.PathLike[str],
    vary: Mapping[str, Sequence[Value] | range],
    *,
    columns: Sequence[str] = USUAL,
    where: Sequence[str] = (),
    minimize: Sequence[str] = (),
    maximize: Sequence[str] = (),
    top: int = 0,
    sample: int = 0,
    seed: int = 0,
    settings: Mapping[str, int | Fraction] | None = None,
    input_shape: Shape | None = None,
    rewrites: Sequence[Rewrite] = (),
    **asked: Any,
) -> Sweep:
    """The sweep of a file's network, ``resnet.arch:resnet-50`` of one of several: go through its ``rows()``.

    As the options of ``archcalc sweep``; ``rewrites`` make others of each network (``archcalc.rewriting``), which a
    variable ``swap`` numbers from 1, 0 being the network as it is; ``asked`` are ``batch``, ``dtype``, ``on``,
    ``optimizer`` and ``aux``, and of a latency ``device``, ``threads`` and ``db``. Raises ArchcalcError where there is
    no network, Fault where a condition cannot be read, ValueError for a variable or a quantity that it has not.
    """
    path, name = split(os.fspath(spec))
    source, fixed = read_source(path), dict(settings or {})
    graph = only(document(source), name, settings=fixed, input_shape=input_shape).graph
    swapped = [swap_variable(len(rewrites))] if rewrites else []
    request = Request(
        variables=(*swapped, *(variable(each, values) for each, values in vary.items())),
        asked=Asked(**asked),
        where=tuple(where),
        objectives=tuple(
            [Objective("minimize", _known(each, vary)) for each in minimize]
            + [Objective("maximize", _known(each, vary)) for each in maximize]
        ),
        top=top,
        sample=sample,
        seed=seed,
        quantities=tuple(_known(each, vary) for each in columns),
    )
    return Sweep(builder(source, graph.name, fixed, input_shape, rewrites), request)


def _known(word: str, variables: Mapping[str, object] | Sequence[str]) -> str:
    known = named(word, variables)
    if known is None:
        raise ValueError(f"'{word}' is no quantity of a sweep: {nearest(word, SWEPT) or ', '.join(SWEPT)}")
    return known


def swap_variable(rewrites: int) -> Variable:
    """What numbers so many ways to rewrite a network, 0 being the network as it is."""
    return variable(SWAP, tuple(range(rewrites + 1)))


def builder(
    source: Source,
    name: str | None,
    fixed: Mapping[str, int | Fraction],
    shape: Shape | None,
    rewrites: Sequence[Rewrite] = (),
) -> Build:
    """Makes a text's network anew under other settings; with ``rewrites`` the setting ``swap`` chooses one of them."""

    def build(settings: Mapping[str, Dim | Fraction], input_shape: Shape | None) -> Graph | tuple[Diagnostic, ...]:
        chosen = settings.get(SWAP, 0) if rewrites else 0
        if not isinstance(chosen, int):
            return (Diagnostic("A407", "which kernels are swapped hangs on an open symbol"),)
        own = {each: value for each, value in settings.items() if each != SWAP or not rewrites}
        read = document(source)  # anew: what one that was read knows of layers, it would not say again
        graph, wrong = read.build(name, {**fixed, **own}, shape if input_shape is None else input_shape)
        if graph is None:
            return (*wrong, *read.diagnostics)
        try:
            return rewrites[chosen - 1](graph) if chosen else graph
        except Fault as fault:
            return (fault.diagnostic,)

    return build
