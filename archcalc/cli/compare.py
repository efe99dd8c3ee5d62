"""``archcalc compare``: networks side by side."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from archcalc.cli.compared import graphs_of, quantities_of
from archcalc.cli.options import (
    Aux,
    Batch,
    DType,
    InputShape,
    Numbers,
    On,
    Settings,
    input_shape_of,
    optimizer_of,
    settings_of,
)
from archcalc.cli.paper import paper
from archcalc.cli.predicted import Device, Threads, target_of
from archcalc.cli.recorded import Database
from archcalc.cli.swaps import specs_of, swaps_of

if TYPE_CHECKING:
    from archcalc.analyses.comparison import Comparison


class Format(StrEnum):
    text = "text"
    json = "json"
    markdown = "markdown"
    csv = "csv"


def compare(
    specs: Annotated[
        list[str],
        typer.Argument(metavar="SPEC...", help="Files, FILE:NETWORK for one of several, directories, - for input."),
    ],
    columns: Annotated[str, typer.Option(metavar="A,B,C", help="Compare these quantities, as expect knows them.")] = "",
    depth: Annotated[
        int | None, typer.Option(min=0, metavar="N", help="Stages are groups N deep; 0: totals only.")
    ] = None,
    vary: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUES", help="Each network with these values: width=32,64 or k=1..8:1; repeatable."
        ),
    ] = None,
    swap: Annotated[
        list[str] | None, typer.Option(metavar="RULE", help="And with kernels swapped: '5x5 -> 3x3, 3x3'; repeatable.")
    ] = None,
    swap_at: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Swap only in this layer or group; repeatable.")
    ] = None,
    as_spec: Annotated[bool, typer.Option("--spec", help="Print the swapped networks as specs instead.")] = False,
    set_: Settings = None,
    input_: InputShape = "",
    batch: Batch = 1,
    dtype: Numbers = DType.fp32,
    on: Annotated[On, typer.Option(help="Whose memory: a CPU's, or CUDA's allocator and optimizer.")] = On.cpu,
    optimizer: Annotated[str, typer.Option(metavar="NAME", help="Of the training step.")] = "sgd",
    aux: Aux = False,
    device: Device = "",
    threads: Threads = None,
    db: Database = None,
    plot: Annotated[str, typer.Option(metavar="X,Y", help="Draw the networks by two quantities.")] = "",
    output: Annotated[str, typer.Option("-o", "--output", metavar="FILE.svg", help="Draw into this file.")] = "",
    format_: Annotated[Format, typer.Option("--format", help="What to print.")] = Format.text,
) -> None:
    """Print networks side by side: in total and stage by stage, with ratios to the first.

    Exit status: 0 all well, 2 no network or a bad command line.
    """
    from archcalc.analyses import comparison
    from archcalc.analyses.conditions import Under
    from archcalc.cli.output import Printer

    drawn = _axes(plot, output, format_)
    quantities = drawn or quantities_of(columns, "--columns")
    printer = Printer("text")
    options = {"settings": settings_of(set_ or []), "input_shape": input_shape_of(input_)}
    swaps = swaps_of(swap or [], swap_at or [])
    if as_spec and not swaps:
        raise typer.BadParameter("it prints swapped networks: --swap '5x5 -> 3x3, 3x3'", param_hint="--spec")
    graphs, told = graphs_of(specs, options, vary or [], printer, swaps)
    if as_spec:
        swapped = tuple(each.text for each in swaps)
        sys.stdout.write(specs_of([graph for graph, what in zip(graphs, told, strict=True) if what.endswith(swapped)]))
    if as_spec or not graphs or (swaps and len(graphs) == 1):
        raise typer.Exit(printer.finish())
    if len(graphs) == 1 and not printer.status:
        raise typer.BadParameter("one network: name another to compare it with, or give --vary", param_hint="SPEC...")
    if depth is None:
        depth = 1 if len(graphs) <= _FEW else 0
    target = target_of(device, dtype.value, db, threads) if device or threads or "latency" in quantities else None
    under = Under(batch=batch, dtype=dtype.value, on=on.value, optimizer=optimizer_of(optimizer))
    contenders = comparison.named(graphs, told)
    found = comparison.compare(contenders, quantities, under=under, aux=aux, depth=0 if drawn else depth, target=target)
    if drawn:
        _draw(found, output)
    else:
        sys.stdout.write(_written(found, format_))
    raise typer.Exit(printer.finish())


#: So many networks are compared by stage too, unless --depth says so.
_FEW = 6


def _axes(plot: str, output: str, format_: Format) -> tuple[str, ...]:
    """The two quantities to draw; none if nothing is. Raises BadParameter."""
    if not plot:
        if output:
            raise typer.BadParameter("what is to be drawn? --plot params,macs", param_hint="--output")
        return ()
    axes = quantities_of(plot, "--plot")
    if len(axes) != 2:
        raise typer.BadParameter(f"'{plot}' is not two quantities, as in params,macs", param_hint="--plot")
    if format_ is not Format.text:
        raise typer.BadParameter(f"a picture is no {format_.value}: leave one out", param_hint="--plot")
    if output and output != "-" and not output.lower().endswith(".svg"):
        raise typer.BadParameter(f"'{output}' is not FILE.svg, or - for standard output", param_hint="--output")
    return axes


def _draw(found: Comparison, output: str) -> None:
    from archcalc.report.comparison.plot import points
    from archcalc.report.plot import scatter, svg

    try:
        made = points(found)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--plot") from None
    if not output:
        on = paper(bars=False)
        sys.stdout.write(scatter(*made, width=on.width or 100, colour=on.colour, ascii_only=on.ascii_only))
    elif output == "-":
        sys.stdout.write(svg(*made))
    else:
        _save(svg(*made), output)


def _save(text: str, path: str) -> None:
    try:
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise typer.BadParameter(f"cannot write {path}: {why}", param_hint="--output") from None


def _written(found: Comparison, format_: Format) -> str:
    from archcalc.report.comparison import plain
    from archcalc.report.comparison.text import text

    if format_ is not Format.text:
        return {"json": plain.document, "csv": plain.rows, "markdown": plain.markdown}[format_.value](found)
    return text(found, paper(bars=False))
