"""``archcalc report``: the figures of networks."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archcalc.cli.options import (
    Aux,
    Batch,
    DType,
    InputShape,
    Layout,
    Numbers,
    On,
    Settings,
    columns_of,
    convention_of,
    input_shape_of,
    optimizer_of,
    settings_of,
)
from archcalc.cli.predicted import Device, Threads, target_of
from archcalc.cli.recorded import Database

if TYPE_CHECKING:
    from archcalc.analyses.summary import Report
    from archcalc.cli.output import Page


class Format(StrEnum):
    text = "text"
    json = "json"
    markdown = "markdown"
    csv = "csv"


def report(
    specs: Annotated[
        list[str],
        typer.Argument(metavar="SPEC...", help="Files, FILE:NETWORK for one of several, directories, - for input."),
    ],
    columns: Annotated[str, typer.Option(metavar="A,B,C", help="Show these columns: keys of a JSON layer.")] = "",
    depth: Annotated[int | None, typer.Option(min=1, metavar="N", help="Fold groups N deep into a row each.")] = None,
    set_: Settings = None,
    input_: InputShape = "",
    batch: Batch = 1,
    dtype: Numbers = DType.fp32,
    on: Annotated[On, typer.Option(help="Whose memory: a CPU's, or CUDA's allocator and optimizer.")] = On.cpu,
    optimizer: Annotated[
        str, typer.Option(metavar="NAME", help="Of the training step: sgd, momentum, adam, ...")
    ] = "sgd",
    layout: Annotated[Layout, typer.Option(help="Shapes as papers or as PyTorch writes them.")] = Layout.hwc,
    aux: Aux = False,
    as_: Annotated[
        str, typer.Option("--as", metavar="NAME", help="Count as this tool does: archcalc conventions lists them.")
    ] = "",
    device: Device = "",
    threads: Threads = None,
    db: Database = None,
    format_: Annotated[Format, typer.Option("--format", help="What to print.")] = Format.text,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings are errors.")] = False,
    jobs: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Processes for several files; as many as there are cores.")
    ] = None,
) -> None:
    """Print shapes, parameters, MACs, memory and receptive fields, layer by layer.

    Exit status: 0 all well, 1 a printed figure is wrong, 2 no network or a bad command line.
    """
    from archcalc.cli.output import Press, Printer
    from archcalc.cli.specs import by_file, examined, given_up, one_by_one
    from archcalc.network import parse

    keys = columns_of(columns)
    options: dict[str, Any] = {"settings": settings_of(set_ or []), "input_shape": input_shape_of(input_)}
    figures: dict[str, Any] = {
        "batch": batch, "dtype": dtype.value, "aux": aux, "convention": convention_of(as_), "on": on.value,
        "optimizer": optimizer_of(optimizer),
    }  # fmt: skip
    if device or threads or _predicted(keys):
        figures["device"] = target_of(device, dtype.value, db, threads)
    press = Press(format_.value, keys, layout.value, depth)
    printer = Printer(format_.value, keys, convention=figures["convention"])
    files = one_by_one(specs)

    def pages(spec: str) -> list[Page] | Report:
        return press.pages([*examined([spec], options, figures, strict=strict)], several=len(files) > 1)

    def take(made: list[Page] | Report) -> None:
        for page in made if isinstance(made, list) else press.pages([made], several=True):
            printer.put(page)

    def prepare() -> None:
        press.pages([parse("input 8x8x3; conv 3x3, 4").report()], several=True)

    by_file(pages, files, take, lost=given_up, jobs=jobs, prepare=prepare)
    raise typer.Exit(printer.finish())


def _predicted(keys: tuple[str, ...]) -> bool:
    """Whether a column is one of predicted times."""
    if not keys:
        return False
    from archcalc.report.columns import PREDICTED

    return not PREDICTED.isdisjoint(keys)
