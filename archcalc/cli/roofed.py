"""What ``archcalc roofline`` works out, draws into files, and takes out of the history."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from pathlib import Path

    from archcalc.analyses.latency.roofline import Roof, Roofline
    from archcalc.analyses.summary import Report
    from archcalc.cli.output import Printer
    from archcalc.network import Network
    from archcalc.report.roofline.rows import Shown

#: Points of an SVG that have names.
_NAMED = 16


def under(
    read: Iterable[Network | Report], roof: Roof, batch: int, aux: bool, printer: Printer
) -> Iterator[tuple[Network, Roofline]]:
    """Each network, and itself under a roof; whatever gives none is said by ``printer``."""
    from archcalc.analyses.latency.roofline import roofline
    from archcalc.network import Network

    for network in read:
        if not isinstance(network, Network):
            printer.add(network)
            continue
        graph = network.graph if aux else network.graph.without_aux()
        with printer.sized(graph):
            yield network, roofline(graph, roof, batch=batch)


def draw(all_shown: Sequence[Shown], networks: list[Network], output: str) -> None:
    """An SVG of each network. Raises BadParameter where two have one file, or it cannot be written."""
    from archcalc.cli.draw import places_of
    from archcalc.report.plot import svg
    from archcalc.report.roofline.picture import NoPoint, picture

    for each, place in zip(all_shown, places_of(output, networks), strict=True):
        found = each.roofline
        try:
            points, x, y, lines = picture(each, _NAMED)
        except NoPoint as error:
            raise typer.BadParameter(str(error), param_hint="--output") from None
        title = f"{found.network} on {found.roof.name}, batch {found.batch}, {found.roof.dtype}"
        made = svg(points, x, y, lines=lines, title=title)
        if place == "-":
            sys.stdout.write(made)
            continue
        try:
            with open(place, "w", encoding="utf-8") as file:
                file.write(made)
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise typer.BadParameter(f"cannot write {place}: {why}", param_hint="--output") from None


def measured(number: int, found: Sequence[Roofline], db: Path | None) -> tuple[Mapping[str, int], str]:
    """Nanoseconds of each layer in a measurement of the history, and which it is. Raises BadParameter."""
    from archcalc.history import History, Unusable
    from archcalc.report.numbers import shape
    from archcalc.report.profile.json import profile_of

    try:
        row = History(db).find(number)
        if row is None or row.kind != "profile":
            raise _no(f"no measurement {number} of a network: archcalc history lists those that there are")
        profile = profile_of(row.document)
    except (Unusable, ValueError) as error:
        raise _no(str(error)) from None
    setting = profile.setting
    if setting.train:
        raise _no(f"measurement {number} is of training: a roofline is of inference")
    for each in found:
        if (each.batch, each.roof.dtype) != (setting.batch, setting.dtype):
            asked = f"--batch {setting.batch} --dtype {setting.dtype}"
            raise _no(f"measurement {number} is of batch {setting.batch} in {setting.dtype}: say {asked}")
        machine = str(profile.machine.get("name") or setting.device)
        if not each.roof.is_of(machine):
            raise _no(f"measurement {number} is of {machine}: the roof is that of {each.roof.name}")
        if not each.has(profile.layers):
            inputs = " and ".join(map(shape, profile.inputs))
            whose = f"measurement {number} is of {profile.network}" + (f", input {inputs}" if inputs else "")
            raise _no(f"{whose}: its layers are not those of {each.network}, with these options")
    return (
        {layer.name: layer.time.median for layer in profile.layers},
        f"measurement {number}, {profile.network} on {row.machine or setting.device}, {profile.started}",
    )


def _no(why: str) -> typer.BadParameter:
    return typer.BadParameter(why, param_hint="--measured")
