"""``archcalc paths``: a network as the ensemble of its paths."""

from __future__ import annotations

import re
import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archcalc.cli.options import InputShape, Settings, input_shape_of, settings_of
from archcalc.cli.paper import paper

if TYPE_CHECKING:
    from archcalc.analyses.paths import Unit
    from archcalc.graph import Graph
    from archcalc.report.paths import Told


class Format(StrEnum):
    text = "text"
    json = "json"
    markdown = "markdown"


class Length(StrEnum):
    modules = "modules"
    layers = "layers"


def paths(
    specs: Annotated[
        list[str],
        typer.Argument(metavar="SPEC...", help="Files, FILE:NETWORK for one of several, directories, - for input."),
    ],
    unit: Annotated[
        Length | None, typer.Option(help="Lengths in residual modules, or in weight layers; modules if there are any.")
    ] = None,
    drop: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Say what is left without this module, group or layer; repeatable."),
    ] = None,
    between: Annotated[str, typer.Option(metavar="A..B", help="Say how many paths have these lengths.")] = "",
    choose: Annotated[str, typer.Option(metavar="KINDS", help="Merges where a path takes one branch.")] = "sum,mean",
    set_: Settings = None,
    input_: InputShape = "",
    format_: Annotated[Format, typer.Option("--format", help="What to print.")] = Format.text,
) -> None:
    """Count the paths through a network by length, as an ensemble (Veit, Wilber, Belongie 2016).

    Exit status: 0 all well, 2 no network or a bad command line.
    """
    from archcalc.analyses.paths import TooLong
    from archcalc.cli.output import Printer
    from archcalc.cli.specs import named_by
    from archcalc.network import Network
    from archcalc.report import paths as shown

    asked = between_of(between)
    kinds = kinds_of(choose)
    printer, found = Printer("text"), []
    options: dict[str, Any] = {"settings": settings_of(set_ or []), "input_shape": input_shape_of(input_)}
    for spec in specs:
        for network in named_by(spec, options):
            if not isinstance(network, Network):
                printer.add(network)
                continue
            graph = network.graph
            try:
                found.append(_told(graph, unit.value if unit else None, kinds, drop or [], asked))
            except TooLong as error:
                printer.refuse(graph, f"{graph.name}: {error}")
    if found and format_ is Format.json:
        sys.stdout.write(shown.dumps(found, many=len(found) > 1))
    elif format_ is Format.markdown:
        sys.stdout.write("\n".join(map(shown.markdown, found)))
    else:
        sys.stdout.write("\n".join(shown.text(each, paper(bars=False)) for each in found))
    raise typer.Exit(printer.finish())


def _told(
    graph: Graph, unit: Unit | None, kinds: tuple[str, ...], drop: list[str], between: tuple[int, int] | None
) -> Told:
    """What there is to tell of a network. Raises BadParameter."""
    from archcalc.analyses.paths import UnknownPlace, ensemble
    from archcalc.report.paths import Told

    whole = ensemble(graph, unit=unit or "modules", choose=kinds)
    if unit is None and not whole.modules:
        whole = ensemble(graph, unit="layers", choose=kinds)
    try:
        left = ensemble(graph, unit=whole.unit, choose=kinds, drop=drop) if drop else None
    except UnknownPlace as error:
        raise typer.BadParameter(str(error), param_hint="--drop") from None
    return Told(graph, whole, left, between)


def between_of(text: str) -> tuple[int, int] | None:
    """``19..35`` as both ends. Raises BadParameter."""
    if not text.strip():
        return None
    match = re.fullmatch(r"\s*(\d+)\s*(?:\.\.|-|–)\s*(\d+)\s*", text)
    if match is None or int(match[1]) > int(match[2]):
        raise typer.BadParameter(f"'{text}' is not a range of lengths, as in 19..35", param_hint="--between")
    return int(match[1]), int(match[2])


def kinds_of(text: str) -> tuple[str, ...]:
    """Kinds of merges. Raises BadParameter, with the nearest one."""
    from archcalc.diagnostics import nearest

    found = tuple(kind.strip().casefold() for kind in text.split(",") if kind.strip())
    for kind in found:
        if kind not in MERGES:
            hint = nearest(kind, MERGES) or f"known are {', '.join(MERGES)}"
            raise typer.BadParameter(f"'{kind}' is no merge: {hint}", param_hint="--choose")
    return found


MERGES = ("sum", "mean", "max", "product", "concat")
