"""``archcalc formula``: figures as closed forms in symbols."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archcalc.cli.options import Aux, InputShape, Settings, input_shape_of, settings_of
from archcalc.cli.paper import paper

if TYPE_CHECKING:
    from archcalc.analyses.formula import Formula
    from archcalc.analyses.summary import Report
    from archcalc.network import Network


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
    asymptotic: Annotated[
        bool, typer.Option("--asymptotic", help="What leads as symbols grow; a depth may be among them.")
    ] = False,
    set_: Settings = None,
    input_: InputShape = "",
    aux: Aux = False,
    format_: Annotated[Format, typer.Option("--format", help="What to print.")] = Format.text,
) -> None:
    """Print figures as closed forms in height, width or any parameter, and the conditions under which they hold.

    Exit status: 0 all well, 1 a quantity of --only has no closed form to write, 2 no network or a bad command line.
    """
    from archcalc.analyses.summary import Report
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
            how: dict[str, Any] = {"aux": aux, "place": at or None, "layers": layers, "also": wanted}
            made = of_network(network, names, asymptotic, how)
            if isinstance(made, Report):
                printer.add(made)
            elif made is not None:
                found.append(made)
            printer.status = printer.status or 2 * (made is None)
        else:
            printer.add(network)
    sys.stdout.write(_written(found, wanted, format_.value, asymptotic))
    formless = format_ is not Format.text and any([_formless(each, wanted) for each in found])
    raise typer.Exit(max(printer.status, int(formless)))


def of_network(
    network: Network, names: Sequence[str], asymptotic: bool, how: dict[str, Any]
) -> Formula | Report | None:
    """A network's formula; where it has none with these symbols an unreadable report, or None with a line that says
    why. Raises BadParameter."""
    from archcalc.analyses.formula import UnknownSymbol
    from archcalc.analyses.formula.families import NoFamily
    from archcalc.analyses.summary import unreadable
    from archcalc.files import ArchcalcError

    try:
        return network.formula(*names, **how)
    except UnknownSymbol as error:
        broken = next((name for name in names if _fractional(network, name)), None)
        why = f"'{broken}' is a fraction in the text and a symbol a whole number: give it a value with --set"
        raise typer.BadParameter(why if broken else str(error), param_hint="--symbolic") from None
    except KeyError as error:
        message = f"no layer named '{how['place']}': {error.args[0]}"
        raise typer.BadParameter(message, param_hint="--at") from None
    except ArchcalcError as error:
        deciding = [name for name in names if _decides(network, name)]
        if not deciding:
            return unreadable(network.name, network.graph.file, error.diagnostics)
        if not asymptotic or len(deciding) > 1:
            _say(network, _advice(deciding))
            return unreadable(network.name, network.graph.file, error.diagnostics)
    try:
        return _family(network, deciding[0], [name for name in names if name not in deciding], how)
    except NoFamily as error:
        _say(network, str(error))
        return None


def _decides(network: Network, name: str) -> bool:
    """Whether a parameter, alone, cannot be a symbol."""
    from archcalc.files import ArchcalcError

    if not isinstance(network.graph.settings.get(name), int):
        return False
    try:
        network.formula(name)
    except ArchcalcError:
        return True
    return False


def _fractional(network: Network, name: str) -> bool:
    """Whether a name is of a parameter whose value is no whole number: a multiplier."""
    from archcalc.files import ArchcalcError

    if name in network.graph.settings:
        return False
    try:
        network.at({name: 1})
    except ArchcalcError as error:
        return all(each.code != "A409" for each in error.diagnostics)
    return True


def _advice(deciding: Sequence[str]) -> str:
    if len(deciding) > 1:
        return f"{' and '.join(deciding)} decide which layers there are: at most one of them can be fitted at a time"
    return (
        f"'{deciding[0]}' decides which layers there are, so it cannot be a symbol: leave it out, give it with --set, "
        "or let --asymptotic fit a polynomial in it"
    )


def _say(network: Network, why: str) -> None:
    sys.stderr.write(f"error: {network.graph.file}: {network.name}: {why}\n")


def _family(network: Network, parameter: str, others: Sequence[str], how: dict[str, Any]) -> Formula:
    """The formula in a parameter that decides which layers there are. Raises NoFamily."""
    from archcalc.analyses.formula import formula as of_numbers
    from archcalc.analyses.formula.families import NoFamily, family
    from archcalc.files import ArchcalcError

    if how["layers"]:
        raise NoFamily(f"the layers themselves hang on '{parameter}': leave --layers out")

    def at(value: int) -> Formula | None:
        try:
            other = network.at({parameter: value})
            return other.formula(*others, **how) if others else of_numbers(other.graph, **how)
        except (ArchcalcError, KeyError):
            return None

    own = network.graph.settings[parameter]
    assert isinstance(own, int), "what decides has a value"
    return family(parameter, own, at)


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


def _formless(found: Formula, wanted: Sequence[str]) -> bool:
    """Whether a quantity that was asked for has no form, said in a line: formats for programs have no place for it."""
    missing = [name for name in wanted if name not in found.whole.values]
    for name in missing:
        why = found.whole.notes.get(name) or "it has none"
        sys.stderr.write(f"error: {found.file}: {found.network}: no closed form of {name}: {why}\n")
    return bool(missing)


def _written(found: list[Formula], wanted: tuple[str, ...], format_: str, grown: bool) -> str:
    if format_ == "json":
        from archcalc.report.formula import json

        return json.dumps(found, wanted, many=len(found) != 1, grown=grown)
    if format_ == "python":
        from archcalc.report.formula import python

        return "\n\n".join(python.module(each, wanted) for each in found)
    if format_ == "latex":
        from archcalc.report.formula import latex

        return "\n".join(latex.section(each, wanted) for each in found)
    from archcalc.report.formula import text

    return "\n".join(text.text(each, wanted, paper=paper(bars=False), grown=grown) for each in found)
