"""``archcalc conventions``: how other tools count, and one network counted every way."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated, Any

import typer

from archcalc.cli.options import Aux, InputShape, Settings, input_shape_of, settings_of
from archcalc.cli.paper import paper


class Format(StrEnum):
    text = "text"
    json = "json"
    markdown = "markdown"


def conventions(
    spec: Annotated[
        str, typer.Argument(metavar="[SPEC]", help="A network to count every way, as for report; a small one if none.")
    ] = "",
    set_: Settings = None,
    input_: InputShape = "",
    aux: Aux = False,
    format_: Annotated[Format, typer.Option("--format", help="What to print.")] = Format.text,
) -> None:
    """Explain how papers and other tools count: what each takes for an operation and a parameter.

    Exit status: 0 all well, 2 no network or a bad command line.
    """
    from archcalc.cli.output import Printer
    from archcalc.cli.specs import named_by
    from archcalc.network import Network, parse
    from archcalc.report import conventions as shown

    options: dict[str, Any] = {"settings": settings_of(set_ or []), "input_shape": input_shape_of(input_)}
    found = [*named_by(spec, options)] if spec else [parse(EXAMPLE)]
    printer = Printer("text", (), "hwc", None)
    for unreadable in found:
        if not isinstance(unreadable, Network):
            printer.add(unreadable)
    whole = [network.graph for network in found if isinstance(network, Network)]
    graphs = whole if aux else [graph.without_aux() for graph in whole]
    if format_ is Format.json:
        made = shown.dumps(graphs, many=len(found) != 1 or not graphs)
    elif format_ is Format.markdown:
        made = "\n".join(map(shown.markdown, graphs))
    else:
        made = shown.text(graphs, paper=paper(bars=False)) if graphs else ""
    sys.stdout.write(made)
    raise typer.Exit(printer.status)


#: A layer of every kind that tools disagree on.
EXAMPLE = """\
network example "a layer of each kind that tools disagree on"
input 32x32x3
conv 5x5, 16, pad 2
batch norm
relu
max pool 2x2
depthwise conv 3x3, pad 1
conv 1x1, 32
batch norm
relu
deconv 4x4, 16, stride 2, pad 1
average pool 2x2
global average pool
fc 10
softmax
"""
