"""``archcalc formula``: figures as closed forms in symbols."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archcalc.cli.options import input_shape_of, settings_of

if TYPE_CHECKING:
    from archcalc.analyses.formula import Formula


class Format(StrEnum):
    text = "text"
    latex = "latex"
    python = "python"
    json = "json"


def formula(
    spec: Annotated[str, typer.Argument(metavar="SPEC", help="A file, FILE:NETWORK for one of several, - for input.")],
    symbolic: Annotated[
        str, typer.Option(metavar="A,B,C", help="What to leave open: parameters, sides H, W, C. Default: H,W.")
    ] = "",
    only: Annotated[str, typer.Option(metavar="A,B,C", help="Tell these quantities: params, macs, field, ...")] = "",
    at: Annotated[str, typer.Option(metavar="LAYER", help="Tell of this layer or group alone.")] = "",
    layers: Annotated[bool, typer.Option("--layers", help="Tell of every layer too.")] = False,
    set_: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Give a parameter a value; repeatable.")
    ] = None,
    input_: Annotated[str, typer.Option("--input", metavar="HxWxC", help="Replace the input's shape.")] = "",
    aux: Annotated[bool, typer.Option("--aux", help="Count side heads in.")] = False,
    format_: Annotated[Format, typer.Option("--format", help="What to print.")] = Format.text,
) -> None:
    """Print figures as closed forms in height, width or any parameter, and the conditions under which they hold.

    Exit status: 0 all well, 2 no network or a bad command line.
    """
    from archcalc.cli.output import Printer
    from archcalc.cli.specs import named_by
    from archcalc.network import Network

    wanted = quantities_of(only)
    options: dict[str, Any] = {"settings": settings_of(set_ or []), "input_shape": input_shape_of(input_)}
    names = [name.strip() for name in symbolic.split(",") if name.strip()]
    for name in names:
        if name in options["settings"]:
            raise typer.BadParameter(f"'{name}' has a value by --set: choose one of the two", param_hint="--symbolic")
    printer, found = Printer("text"), list[Any]()
    for network in named_by(spec, options):
        if isinstance(network, Network):
            made = of_network(network, names, aux=aux, place=at or None, layers=layers, also=wanted)
            printer.add(made) if hasattr(made, "status") else found.append(made)
        else:
            printer.add(network)
    sys.stdout.write(_written(found, wanted, format_.value))
    raise typer.Exit(printer.status)


def of_network(network: Any, names: Sequence[str], **how: Any) -> Any:
    """A network's formula; an unreadable report where it has none with these symbols. Raises BadParameter."""
    from archcalc.analyses.formula import UnknownSymbol
    from archcalc.analyses.summary import unreadable
    from archcalc.files import ArchcalcError

    try:
        return network.formula(*names, **how)
    except UnknownSymbol as error:
        raise typer.BadParameter(str(error), param_hint="--symbolic") from None
    except KeyError as error:
        message = f"no layer named '{how['place']}': {error.args[0]}"
        raise typer.BadParameter(message, param_hint="--at") from None
    except ArchcalcError as error:
        return unreadable(network.name, network.graph.file, error.diagnostics)


def quantities_of(text: str) -> tuple[str, ...]:
    """``params,macs`` as names of quantities that have closed forms. Raises BadParameter."""
    from archcalc.analyses.formula import CLOSED, PEAKS
    from archcalc.analyses.quantities import quantity_named
    from archcalc.diagnostics import nearest

    found, known = [], (*CLOSED, *PEAKS)
    for word in filter(None, (part.strip() for part in text.split(","))):
        name = quantity_named(word)
        if name == "out":  # which is told in any case
            continue
        if name not in known:
            listed = f"known are {', '.join(known)}"
            hint = nearest(word, known) if name is None else None
            wrong = f"unknown quantity '{word}'" if name is None else f"{name} has no closed form"
            raise typer.BadParameter(f"{wrong}: {hint or listed}", param_hint="--only")
        found.append(name)
    return tuple(found)


def _written(found: list[Formula], wanted: tuple[str, ...], format_: str) -> str:
    if format_ == "json":
        from archcalc.report.formula import json

        return json.dumps(found, wanted, many=len(found) != 1)
    if format_ == "python":
        from archcalc.report.formula import python

        return "\n\n".join(python.module(each, wanted) for each in found)
    if format_ == "latex":
        from archcalc.report.formula import latex

        return "\n".join(latex.section(each, wanted) for each in found)
    from archcalc.report.formula import text
    from archcalc.report.style import coloured, plain_only, terminal_width
    from archcalc.report.text import Paper

    out = sys.stdout
    paper = Paper(terminal_width(out), coloured(out), False, plain_only(out))
    return "\n".join(text.text(each, wanted, paper=paper) for each in found)
