"""``archcalc verify``: every figure against PyTorch."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archcalc.cli.options import InputShape, Settings, input_shape_of, settings_of

if TYPE_CHECKING:
    from archcalc.analyses.agreement import Verification
    from archcalc.cli.verified import Turn
    from archcalc.network import Network


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
    module: Annotated[
        str, typer.Option(metavar="PACKAGE.MODULE:FACTORY", help="Compare with this nn.Module of yours instead.")
    ] = "",
    set_: Settings = None,
    input_: InputShape = "",
    format_: Annotated[Format, typer.Option("--format", help="What to print.")] = Format.text,
) -> None:
    """Compare every figure, layer by layer, with what PyTorch does with the network.

    Exit status: 0 all agree, 1 a figure differs, 2 nothing could be compared or a bad command line.
    """
    from archcalc.cli.verified import Sheet, Turn, against_torch, beside, chosen
    from archcalc.pytorch import TorchMissing, require

    options: dict[str, Any] = {"settings": settings_of(set_ or []), "input_shape": input_shape_of(input_)}
    try:
        require()
    except TorchMissing as error:
        sys.stderr.write(f"error: {error}\n")
        raise typer.Exit(2) from None
    turn = Turn()
    try:
        compare = beside(module, only, quick) if module else against_torch(chosen(only, quick), quick, turn)
    except ValueError as fault:  # a module that cannot be found or made
        sys.stderr.write(f"error: {fault}\n")
        raise typer.Exit(2) from None
    sheet = Sheet(format_.value, turn)
    for found in _verified(specs, options, compare, turn):
        sheet.add(found)
    raise typer.Exit(sheet.finish())


def _verified(
    specs: list[str], options: dict[str, Any], compare: Callable[[Network], Verification], turn: Turn
) -> Iterator[Verification]:
    """A verification of each network of each spec, an ``unreadable`` one for whatever gives none."""
    from archcalc.analyses.agreement import Verification
    from archcalc.analyses.summary import Report
    from archcalc.cli.specs import named_by

    for spec in specs:
        for network in named_by(spec, options):
            if isinstance(network, Report):
                name, file, why = network.network, network.file, network.diagnostics
                yield Verification(network=name, file=file, status="unreadable", diagnostics=why)
                continue
            turn.network(f"{network.graph.file}:{network.name}")
            try:
                yield compare(network)
            except ValueError as error:
                name, file, message = network.name, network.graph.file, str(error)
                yield Verification(network=name, file=file, status="unreadable", message=message)
