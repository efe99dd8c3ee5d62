"""``archcalc verify``: every figure against PyTorch."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any

import typer

from archcalc.cli.options import input_shape_of, settings_of


class Format(StrEnum):
    text = "text"
    json = "json"


def verify(
    specs: Annotated[
        list[str],
        typer.Argument(metavar="SPEC...", help="Files, FILE:NETWORK for one of several, directories, - for input."),
    ],
    only: Annotated[str, typer.Option(metavar="A,B,C", help="Compare these quantities alone.")] = "",
    quick: Annotated[bool, typer.Option("--quick", help="Leave out what takes more than one pass.")] = False,
    set_: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Give a parameter a value; repeatable.")
    ] = None,
    input_: Annotated[str, typer.Option("--input", metavar="HxWxC", help="Replace the input's shape.")] = "",
    format_: Annotated[Format, typer.Option("--format", help="What to print.")] = Format.text,
) -> None:
    """Compare every figure, layer by layer, with what PyTorch does with the network.

    Exit status: 0 all agree, 1 a figure differs, 2 nothing could be compared or a bad command line.
    """
    from archcalc.cli.verified import Progress, Sheet, chosen
    from archcalc.pytorch import TorchMissing, require

    options: dict[str, Any] = {"settings": settings_of(set_ or []), "input_shape": input_shape_of(input_)}
    try:
        require()
    except TorchMissing as error:
        sys.stderr.write(f"error: {error}\n")
        raise typer.Exit(2) from None
    quantities, progress = chosen(only), Progress()
    sheet = Sheet(format_.value, progress)
    for found in _verified(specs, options, quantities, quick, progress):
        sheet.add(found)
    raise typer.Exit(sheet.finish())


def _verified(
    specs: list[str], options: dict[str, Any], only: tuple[str, ...], quick: bool, progress: Any
) -> Iterator[Any]:
    """A verification of each network of each spec, an ``unreadable`` one for whatever gives none."""
    from archcalc.analyses.agreement import Verification
    from archcalc.analyses.summary import Report
    from archcalc.cli.specs import named_by
    from archcalc.pytorch.verify import verify as verified

    for spec in specs:
        for network in named_by(spec, options):
            if isinstance(network, Report):
                yield Verification(
                    network=network.network, file=network.file, status="unreadable", diagnostics=network.diagnostics
                )
                continue
            progress.network(f"{network.graph.file}:{network.name}")
            try:
                yield verified(network, only=only, quick=quick, say=progress.step)
            except ValueError as error:
                yield Verification(
                    network=network.name, file=network.graph.file, status="unreadable", message=str(error)
                )
