"""``archcalc sizes``: which inputs a network takes, and what larger ones give."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archcalc.cli.options import Aux, InputShape, Settings, input_shape_of, settings_of
from archcalc.cli.paper import paper

if TYPE_CHECKING:
    from archcalc.analyses.sizes import Sizes
    from archcalc.graph import Graph
    from archcalc.layers import Shape
    from archcalc.network import Network

_LARGEST = 10**6
_SCALES = "1.1,1.5,3,5,10"


class Format(StrEnum):
    text = "text"
    json = "json"
    markdown = "markdown"
    csv = "csv"


def sizes(
    spec: Annotated[str, typer.Argument(metavar="SPEC", help="A file, FILE:NETWORK for one of several, - for input.")],
    scales: Annotated[
        str,
        typer.Option(
            metavar="A,B,C", help=f"Times the text's own size, rounded down; {_SCALES} if no size is asked for."
        ),
    ] = "",
    sizes_: Annotated[str, typer.Option("--sizes", metavar="A,B,C", help="These sizes, as 256 or 256x320.")] = "",
    set_: Settings = None,
    input_: InputShape = "",
    aux: Aux = False,
    format_: Annotated[Format, typer.Option("--format", help="What to print.")] = Format.text,
) -> None:
    """Print the smallest input, the sizes that weights fit and that are read to the end, and what other sizes give.

    Exit status: 0 all well, 1 a size that was asked for does not fit, 2 no network or a bad command line.
    """
    from archcalc.analyses.sizes import NoImage
    from archcalc.cli.output import Printer
    from archcalc.cli.specs import named_by
    from archcalc.network import Network

    factors, wanted = scales_of(scales or ("" if sizes_ else _SCALES)), sizes_of(sizes_)
    options: dict[str, Any] = {"settings": settings_of(set_ or []), "input_shape": input_shape_of(input_)}
    printer, found = Printer("text"), list[Any]()
    for network in named_by(spec, options):
        if not isinstance(network, Network):
            printer.add(network)
            continue
        try:
            found.append(of_network(network, factors, wanted, aux=aux))
        except NoImage as error:
            printer.refuse(network.graph, str(error))
    sys.stdout.write(_written(found, format_.value))
    misfit = any(row.why for each in found for row in each.rows if row.size in wanted)
    raise typer.Exit(max(printer.status, int(misfit)))


def of_network(network: Network, scales: Sequence[Fraction], wanted: Sequence[tuple[int, int]], *, aux: bool) -> Sizes:
    """What a network makes of other sizes. Raises NoImage."""
    from archcalc.analyses.sizes import sizes
    from archcalc.files import ArchcalcError

    def build(shape: Shape) -> Graph | str:
        try:
            graph = network.at(input_shape=shape).graph
        except ArchcalcError as error:
            return error.diagnostics[0].message
        return graph if aux else graph.without_aux()

    graph = network.graph if aux else network.graph.without_aux()
    made = sizes(graph, build, scales=scales, others=wanted)
    heads = any(node.aux for node in network.graph.nodes)
    return made.but(side_heads="counted" if aux else "left out") if heads else made


def scales_of(text: str) -> tuple[Fraction, ...]:
    """``1.1,3/2`` as exact numbers. Raises BadParameter."""
    found = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        try:
            scale = Fraction(part.removesuffix("x"))
        except (ValueError, ZeroDivisionError):
            raise typer.BadParameter(f"'{part}' is no scale: a number, as 1.5", param_hint="--scales") from None
        if not 0 < scale <= 1000:
            raise typer.BadParameter(f"{part}: a scale is more than 0 and at most 1000", param_hint="--scales")
        found.append(scale)
    return tuple(found)


def sizes_of(text: str) -> tuple[tuple[int, int], ...]:
    """``224,256x320`` as height and width. Raises BadParameter."""
    found = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        match = re.fullmatch(r"(\d{1,18})(?:[x×](\d{1,18}))?", part)
        if match is None:
            raise typer.BadParameter(f"'{part}' is no size: 256, or height x width as 256x320", param_hint="--sizes")
        height = int(match[1])
        width = int(match[2] or height)
        if not 0 < min(height, width) <= max(height, width) <= _LARGEST:
            message = f"{part}: a side is at least 1 and at most {_LARGEST:,}"
            raise typer.BadParameter(message, param_hint="--sizes")
        found.append((height, width))
    return tuple(found)


def _written(found: list[Sizes], format_: str) -> str:
    if format_ == "json":
        from archcalc.report.sizes.data import dumps

        return dumps(found, many=len(found) != 1)
    if format_ == "csv":
        from archcalc.report.sizes.data import rows

        return rows(found)
    from archcalc.report.sizes import text

    if format_ == "markdown":
        return "\n".join(map(text.markdown, found))
    return "\n".join(text.text(each, paper=paper(bars=False)) for each in found)
