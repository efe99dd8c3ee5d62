"""``archcalc roofline``: what a device's ceilings leave open."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archcalc.cli.options import Aux, Batch, InputShape, Settings, input_shape_of, settings_of
from archcalc.cli.paper import paper
from archcalc.cli.recorded import Database

if TYPE_CHECKING:
    from archcalc.analyses.latency.roofline import Roof
    from archcalc.report.roofline.rows import Shown


class Format(StrEnum):
    text = "text"
    json = "json"
    csv = "csv"
    markdown = "markdown"


class DType(StrEnum):
    fp32 = "fp32"
    tf32 = "tf32"
    bf16 = "bf16"
    fp16 = "fp16"
    int8 = "int8"


def roofline(
    specs: Annotated[
        list[str],
        typer.Argument(metavar="SPEC...", help="Files, FILE:NETWORK for one of several, directories, - for input."),
    ],
    device: Annotated[
        str,
        typer.Option(metavar="NAME", help="A published device, a100-80gb, h200, rtx 4090; or cpu, once calibrated."),
    ],
    output: Annotated[
        str, typer.Option("-o", "--output", metavar="FILE.svg", help="Draw into this file; {} is the network's name.")
    ] = "",
    depth: Annotated[
        int | None, typer.Option(min=0, metavar="N", help="Fold groups N deep into a row each; 0 folds none.")
    ] = None,
    measured: Annotated[
        int | None, typer.Option(min=1, metavar="ID", help="Show what a measurement of the history took, too.")
    ] = None,
    db: Database = None,
    batch: Batch = 1,
    dtype: Annotated[
        DType, typer.Option(help="What numbers are stored as; tf32 is fp32 in short products.")
    ] = DType.fp32,
    tf32: Annotated[bool, typer.Option("--tf32/--no-tf32", help="Whether convolutions in fp32 are in tf32.")] = True,
    set_: Settings = None,
    input_: InputShape = "",
    aux: Aux = False,
    format_: Annotated[Format, typer.Option("--format", help="What to print.")] = Format.text,
) -> None:
    """Print what a device's published peaks leave open: what bounds each layer, and what no program is faster than.

    Exit status: 0 all well, 2 no network or a bad command line.
    """
    from archcalc.cli import roofed
    from archcalc.cli.output import Printer
    from archcalc.cli.specs import named_by
    from archcalc.report.roofline.rows import shown

    ceilings = roof_of(device, dtype.value, tf32, db)
    if output and output != "-" and not output.lower().endswith(".svg"):
        raise typer.BadParameter(f"'{output}' is not FILE.svg, or - for standard output", param_hint="--output")
    options: dict[str, Any] = {"settings": settings_of(set_ or []), "input_shape": input_shape_of(input_)}
    printer = Printer("text")
    read = (network for spec in specs for network in named_by(spec, options))
    pairs = [*roofed.under(read, ceilings, batch, aux, printer)]
    found = [each for _, each in pairs]
    times, said = roofed.measured(measured, found, db) if measured is not None else ({}, "")
    all_shown = [shown(each, depth, times, said) for each in found]
    if output:
        roofed.draw(all_shown, [network for network, _ in pairs], output)
    if output != "-":
        sys.stdout.write(_written(all_shown, format_, drawn=not output))
    raise typer.Exit(printer.status)


def roof_of(device: str, dtype: str, tf32: bool = True, db: Path | None = None) -> Roof:
    """The ceilings of the device that a person names, published or, of ``cpu`` and ``cuda``, found by a calibration.
    Raises BadParameter; ends where there is no calibration."""
    from archcalc.analyses.latency.roofline import NoCeiling, roof
    from archcalc.devices import PLAIN, device_named

    if device.strip().casefold() in PLAIN:
        return _found(device, dtype, db)
    try:
        found = device_named(device)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--device") from None
    try:
        return roof(found, dtype, tf32=tf32)
    except NoCeiling as error:
        raise typer.BadParameter(str(error), param_hint="--dtype") from None


def _found(device: str, dtype: str, db: Path | None) -> Roof:
    """What a calibration found."""
    from archcalc.analyses.latency.ceilings import measured_roof
    from archcalc.cli.predicted import target_of

    calibration = target_of(device, dtype, db).calibration
    assert calibration is not None  # or the command has ended: such a device has no published roof
    return measured_roof(calibration)


def _written(all_shown: Sequence[Shown], format_: Format, drawn: bool) -> str:
    from archcalc.report.roofline import files
    from archcalc.report.roofline.text import text

    if format_ is Format.json:
        return files.dumps(all_shown, many=len(all_shown) != 1)
    if format_ is Format.csv:
        return files.comma_separated(all_shown)
    if format_ is Format.markdown:
        return "\n".join(map(files.markdown, all_shown))
    return "\n".join(text(each, paper=paper(bars=False), drawn=drawn) for each in all_shown)
