"""``archcalc memory``: what a network takes to run and to train."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated, Any

import typer

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


class Format(StrEnum):
    text = "text"
    json = "json"
    markdown = "markdown"


def memory(
    specs: Annotated[
        list[str],
        typer.Argument(metavar="SPEC...", help="Files, FILE:NETWORK for one of several, directories, - for input."),
    ],
    batch: Batch = 1,
    dtype: Numbers = DType.fp32,
    optimizer: Annotated[str, typer.Option(metavar="NAME", help="sgd, momentum, adam, adamw, ...")] = "sgd",
    amp: Annotated[
        bool, typer.Option("--amp", help="Mixed precision: autocast to two bytes over fp32 weights.")
    ] = False,
    checkpoint: Annotated[
        int, typer.Option(min=1, metavar="K", help="Train in K segments that are run again for their backward pass.")
    ] = 1,
    on: Annotated[On | None, typer.Option(help="Whose allocator and optimizer: cpu, or cuda.")] = None,
    fit: Annotated[
        str, typer.Option(metavar="SIZE|DEVICE", help="The largest batches that fit: 24GB, 80GiB, a100-80gb.")
    ] = "",
    set_: Settings = None,
    input_: InputShape = "",
    aux: Aux = False,
    format_: Annotated[Format, typer.Option("--format", help="What to print.")] = Format.text,
) -> None:
    """Print what a network takes to run and to train: budgets, what lives when, and what makes the peaks.

    Exit status: 0 all well, 2 no network or a bad command line.
    """
    from archcalc.analyses.memory.account import account
    from archcalc.analyses.memory.setting import Setting
    from archcalc.cli.output import Printer
    from archcalc.cli.specs import named_by
    from archcalc.network import Network
    from archcalc.report import memory as shown

    chosen, (room, gpu) = optimizer_of(optimizer), room_of(fit)
    cuda = on is On.cuda or (on is None and gpu)
    if amp and dtype is not DType.fp32:
        raise typer.BadParameter("it is autocast over fp32: leave --dtype out", param_hint="--amp")
    setting = Setting(batch, dtype.value, cuda, amp)
    options: dict[str, Any] = {"settings": settings_of(set_ or []), "input_shape": input_shape_of(input_)}
    printer, accounts = Printer("text", (), "hwc", None), []
    for spec in specs:
        for network in named_by(spec, options):
            if not isinstance(network, Network):
                printer.add(network)
                continue
            graph = network.graph if aux else network.graph.without_aux()
            with printer.sized(graph):
                accounts.append(account(graph, setting, chosen, segments=checkpoint, room=room))
    if format_ is Format.json:
        sys.stdout.write(shown.dumps(accounts, many=len(accounts) != 1))
    elif format_ is Format.markdown:
        sys.stdout.write("\n".join(map(shown.markdown, accounts)))
    else:
        sys.stdout.write("\n".join(shown.text(each, paper=paper()) for each in accounts))
    raise typer.Exit(printer.status)


def room_of(text: str) -> tuple[int, bool]:
    """Bytes of a size or of a device's memory, and whether it is a CUDA device's; 0 for none. Raises BadParameter."""
    if not text.strip():
        return 0, False
    from archcalc.devices import device_named
    from archcalc.sizes import bytes_of

    try:
        device = device_named(text)
    except ValueError as error:
        if text.strip()[0] not in "0123456789.":
            raise typer.BadParameter(str(error), param_hint="--fit") from None
        try:
            return bytes_of(text), False
        except ValueError as wrong:
            raise typer.BadParameter(str(wrong), param_hint="--fit") from None
    if device.memory_bytes is None:
        raise typer.BadParameter(f"the memory of {device.name} is not known: give a size", param_hint="--fit")
    return device.memory_bytes, device.cuda
