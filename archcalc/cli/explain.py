"""``archcalc explain``: the arithmetic of a network or a layer, worked with its numbers."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated, Any

import typer

from archcalc.cli.options import DType, InputShape, Numbers, Settings, input_shape_of, settings_of
from archcalc.cli.paper import paper


class Format(StrEnum):
    text = "text"
    json = "json"
    markdown = "markdown"


def explain(
    spec: Annotated[str, typer.Argument(metavar="SPEC", help="A file, FILE:NETWORK for one of several, - for input.")],
    layer: Annotated[
        str, typer.Argument(metavar="[LAYER]", help="A layer or a block; all of the network if none.")
    ] = "",
    set_: Settings = None,
    input_: InputShape = "",
    dtype: Numbers = DType.fp32,
    aux: Annotated[bool, typer.Option("--aux", help="Explain side heads too.")] = False,
    format_: Annotated[Format, typer.Option("--format", help="What to print.")] = Format.text,
) -> None:
    """Work out the figures of a layer or a network: output size, parameters, multiply-adds, memory, receptive field.

    Exit status: 0 all well, 2 no network, no such layer or a bad command line.
    """
    from archcalc.analyses import explain as explaining
    from archcalc.cli.output import Printer
    from archcalc.cli.specs import named_by
    from archcalc.network import Network

    options: dict[str, Any] = {"settings": settings_of(set_ or []), "input_shape": input_shape_of(input_)}
    printer, found = Printer("text", (), "hwc", None), []
    for network in named_by(spec, options):
        if not isinstance(network, Network):
            printer.add(network)
            continue
        graph = network.graph
        try:
            with printer.sized(graph):
                found.append(explaining.explain(graph, layer.strip() or None, dtype=dtype.value, aux=aux))
        except explaining.NoLayer as error:
            printer.refuse(graph, str(error))
    sys.stdout.write(_page(found, format_.value))
    raise typer.Exit(printer.status)


def _page(found: list[Any], format_: str) -> str:
    if format_ == "json":
        from archcalc.report.explain.json import dumps

        return dumps(found, many=len(found) != 1)
    if format_ == "markdown":
        from archcalc.report.explain.markdown import markdown

        return "\n".join(map(markdown, found))
    from archcalc.report.explain.text import text

    return "\n".join(text(each, paper(bars=False)) for each in found)
