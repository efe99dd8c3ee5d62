"""``archcalc predict``: how long a network would run on a calibrated device."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archcalc.cli.options import InputShape, RunBatch, Settings, input_shape_of, settings_of

# Shape, Settings, input_shape_of, settings_of
from archcalc.cli.recorded import Database

if TYPE_CHECKING:
    from archcalc.analyses.latency.asked import Forecast
    from archcalc.graph import Graph


class Run(StrEnum):
    fp32 = "fp32"
    tf32 = "tf32"
    bf16 = "bf16"
    fp16 = "fp16"


class Format(StrEnum):
    text = "text"
    json = "json"
    csv = "csv"


def predict(
    specs: Annotated[
        list[str],
        typer.Argument(metavar="SPEC...", help="Files, FILE:NETWORK for one of several, directories, - for input."),
    ],
    device: Annotated[
        str, typer.Option(metavar="cpu|cuda|NAME", help="A calibrated device; of any other only a lower bound is told.")
    ] = "cpu",
    batch: RunBatch = 1,
    dtype: Annotated[Run, typer.Option(help="What it runs in.")] = Run.fp32,
    threads: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Threads on a CPU; those of the newest calibration.")
    ] = None,
    set_: Settings = None,
    input_: InputShape = "",
    depth: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Fold groups N names deep into a row each.")
    ] = None,
    db: Database = None,
    format_: Annotated[Format, typer.Option("--format", help="What to print.")] = Format.text,
) -> None:
    """Predict how long a network and each of its layers would run in inference, with a band that nine of ten lie in.

    Exit status: 0 all well, 2 no network, nothing to predict with, or a bad command line.
    """
    from archcalc.analyses.latency.asked import forecast
    from archcalc.cli.output import Printer
    from archcalc.cli.predicted import target_of
    from archcalc.cli.specs import named_by
    from archcalc.network import Network

    if depth is not None and format_ is not Format.text:
        raise typer.BadParameter(f"{format_.value} has every layer: leave one out", param_hint="--depth")
    on = target_of(device, dtype.value, db, threads)
    options: dict[str, Any] = {"settings": settings_of(set_ or []), "input_shape": input_shape_of(input_)}
    printer, found = Printer("text"), []
    for network in (network for spec in specs for network in named_by(spec, options)):
        if not isinstance(network, Network):
            printer.add(network)
            continue
        graph = network.graph.without_aux()
        with printer.sized(graph):
            found.append((graph, forecast(graph, on, batch=batch)))
    sys.stdout.write(_written(found, format_, depth))
    raise typer.Exit(printer.status)


def _written(found: Sequence[tuple[Graph, Forecast]], format_: Format, depth: int | None) -> str:
    """All forecasts; of several networks each text is folded unless a ``depth`` is told."""
    from archcalc.cli.paper import paper
    from archcalc.report.prediction import data, text

    if format_ is Format.json:
        return data.dumps(found, several=len(found) != 1)
    if format_ is Format.csv:
        return data.table(found)
    depth = 1 if depth is None and len(found) > 1 else depth
    return "\n".join(text.text(graph, forecast, paper(), depth=depth) for graph, forecast in found)
