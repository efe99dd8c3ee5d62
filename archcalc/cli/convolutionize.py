"""``archcalc convolutionize``: fully connected layers as convolutions, and the grid of outputs on larger images."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archcalc.cli.options import Settings, input_shape_of, settings_of
from archcalc.cli.paper import paper

if TYPE_CHECKING:
    from archcalc.analyses.grid import Convolution
    from archcalc.graph import Graph


class Format(StrEnum):
    text = "text"
    json = "json"


def convolutionize(
    spec: Annotated[str, typer.Argument(metavar="SPEC", help="A file, FILE:NETWORK for one of several, - for input.")],
    input_: Annotated[
        list[str] | None, typer.Option("--input", metavar="HxWxC", help="Show the grid on this input; repeatable.")
    ] = None,
    set_: Settings = None,
    as_spec: Annotated[bool, typer.Option("--spec", help="Print the rewritten network as a spec.")] = False,
    output: Annotated[str, typer.Option("-o", metavar="FILE", help="Write the spec there.")] = "",
    format_: Annotated[Format, typer.Option("--format", help="What to print.")] = Format.text,
) -> None:
    """Rewrite fully connected layers as convolutions, and show what grid of outputs larger inputs give.

    Exit status: 0 all well, 2 nothing to rewrite, an input that does not fit, or a bad command line.
    """
    from archcalc.analyses.grid import NothingToRewrite, convolution
    from archcalc.cli.output import Printer
    from archcalc.cli.specs import named_by
    from archcalc.network import Network

    options: dict[str, Any] = {"settings": settings_of(set_ or []), "input_shape": None}
    shapes = [shape for shape in map(input_shape_of, input_ or []) if shape is not None]
    printer, found = Printer("text"), []
    for network in named_by(spec, options):
        if not isinstance(network, Network):
            printer.add(network)
            continue
        try:
            found.append(convolution(network.graph, shapes))
        except NothingToRewrite as error:
            printer.refuse(network.graph, str(error))
    _print(found, as_spec, output, format_)
    wrong = [grid.wrong for each in found for grid in each.grids if grid.wrong is not None]
    _complain(wrong)
    raise typer.Exit(2 if wrong else printer.status)


def _print(found: list[Convolution], as_spec: bool, output: str, format_: Format) -> None:
    """The rewritten networks as specs, or what became of them; to a file their specs go, too."""
    from archcalc.report import grid

    if output:
        _write(output, "\n".join(_spec(each.graph) for each in found))
    if as_spec:
        sys.stdout.write("\n".join(_spec(each.graph) for each in found))
    elif format_ is Format.json and found:
        sys.stdout.write(grid.dumps(found))
    else:
        sys.stdout.write("\n".join(grid.text(each, paper=paper(bars=False)) for each in found))


def _spec(graph: Graph) -> str:
    from archcalc.formats.numbers import Unwritable
    from archcalc.formats.spec import write

    try:
        return write(graph)
    except Unwritable as error:
        sys.stderr.write(f"error: {graph.file}: {graph.name} cannot be written as a spec: {error}\n")
        raise typer.Exit(2) from None


def _write(path: str, text: str) -> None:
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise typer.BadParameter(f"cannot write {path}: {error.strerror}", param_hint="-o") from None


def _complain(wrong: list[Any]) -> None:
    from archcalc.report.diagnostics import draw_all
    from archcalc.report.style import coloured, terminal_width

    if wrong:
        sys.stderr.write(draw_all(wrong, colour=coloured(sys.stderr), width=terminal_width(sys.stderr)))
