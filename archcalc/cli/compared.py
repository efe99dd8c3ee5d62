"""Which networks ``archcalc compare`` compares, and by which quantities."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import typer

from archcalc.cli.options import input_shape_of

if TYPE_CHECKING:
    from archcalc.cli.swaps import Swapping
    from archcalc.graph import Graph

#: Networks that a person can still look at.
MOST = 500


def graphs_of(
    specs: Sequence[str], options: Mapping[str, Any], vary: Sequence[str], printer: Any, swaps: Sequence[Swapping] = ()
) -> tuple[list[Graph], list[str]]:
    """The networks of all specs, each under every combination of what varies, and with kernels swapped, and what is
    special about each.

    Whatever gives no network is said by ``printer``. Raises BadParameter.
    """
    from archcalc.cli.specs import named_by
    from archcalc.network import Network

    graphs, told = [], []
    variants = [*_variants(vary)]
    twice = [name for name in variants[0][1]["settings"] if name in options["settings"]]
    if twice:
        raise typer.BadParameter(f"{twice[0]} is set and varied: leave one out", param_hint="--set")
    if "input_shape" in variants[0][1] and options["input_shape"]:
        raise typer.BadParameter("input is given and varied: leave one out", param_hint="--input")
    for spec in specs:
        for said, changes in variants:
            settings = {**options["settings"], **changes["settings"]}
            asked = {"settings": settings, "input_shape": changes.get("input_shape", options["input_shape"])}
            for network in named_by(spec, asked):
                if not isinstance(network, Network):
                    printer.add(network)
                    continue
                for graph, what in _swapped(network.graph, swaps, printer):
                    graphs.append(graph)
                    told.append(" ".join(filter(None, (said, what))))
                if len(graphs) > MOST:
                    raise typer.BadParameter(f"more than {MOST} networks: archcalc sweep is for so many")
    return graphs, told


def _swapped(graph: Graph, swaps: Sequence[Swapping], printer: Any) -> Iterator[tuple[Graph, str]]:
    """A network as it is, and with its kernels swapped in each way that keeps its shapes."""
    yield graph, ""
    for swapping in swaps:
        from archcalc.cli.swaps import complain
        from archcalc.diagnostics import Fault

        try:
            yield swapping.made(graph), swapping.text
        except Fault as fault:
            complain(fault.diagnostic)
            printer.status = 2


def _variants(vary: Sequence[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each combination: how it is told, and the settings and the input that it means."""
    from itertools import product

    axes = [[*_values(text)] for text in vary]
    for chosen in product(*axes):
        pairs = dict(chosen)
        made: dict[str, Any] = {"settings": {name: value for name, value in pairs.items() if name != "input"}}
        if "input" in pairs:
            made["input_shape"] = input_shape_of(pairs["input"])
        yield " ".join(f"{name}={value}" for name, value in pairs.items()), made


def _values(text: str) -> Iterator[tuple[str, Any]]:
    """``width=32,64`` as pairs; of ``input`` shapes. Raises BadParameter."""
    from archcalc.analyses.sweep.variables import NoValues, variable_of

    name, _, values = text.partition("=")
    if name.strip() == "input":
        yield from (("input", each.strip()) for each in values.split(",") if input_shape_of(each) is not None)
        return
    try:
        found = variable_of(text)
    except NoValues as error:
        raise typer.BadParameter(str(error), param_hint="--vary") from None
    if len(found.values) > MOST:
        raise typer.BadParameter(f"{len(found.values):,} values: archcalc sweep is for so many", param_hint="--vary")
    yield from ((found.name, value) for value in found.values)


def quantities_of(text: str, option: str) -> tuple[str, ...]:
    """``params,training peak`` as quantities. Raises BadParameter."""
    from archcalc.analyses.comparison import COMPARED
    from archcalc.analyses.quantities import quantity_named
    from archcalc.diagnostics import nearest

    found = []
    for word in filter(None, (word.strip() for word in text.split(","))):
        meant = quantity_named(word)
        if meant not in COMPARED:
            hint = nearest(word, COMPARED) or f"known: {', '.join(COMPARED)}"
            raise typer.BadParameter(f"no quantity '{word}'; {hint}", param_hint=option)
        found.append(meant)
    return tuple(dict.fromkeys(found))
