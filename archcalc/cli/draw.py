"""``archcalc draw``: pictures of networks."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archcalc.cli.options import InputShape, Layout, Settings, columns_of, input_shape_of, settings_of

if TYPE_CHECKING:
    from archcalc.report.draw.picture import Drawing


class Format(StrEnum):
    svg = "svg"
    dot = "dot"
    mermaid = "mermaid"


_ENDINGS = {
    ".svg": Format.svg, ".dot": Format.dot, ".gv": Format.dot, ".mmd": Format.mermaid, ".mermaid": Format.mermaid,
}  # fmt: skip


def draw(
    specs: Annotated[
        list[str],
        typer.Argument(metavar="SPEC...", help="Files, FILE:NETWORK for one of several, directories, - for input."),
    ],
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="FILE", help="A .svg, .dot or .mmd; {} is the network's name; -.")
    ],
    depth: Annotated[
        int | None, typer.Option(min=0, metavar="N", help="Fold groups N deep into a box each; 0 folds none.")
    ] = None,
    label: Annotated[
        str, typer.Option(metavar="A,B,C", help="Figures in each box: keys of a JSON layer, or none.")
    ] = "params,macs",
    aspect: Annotated[str, typer.Option(metavar="W:H", help="Width to height, by wrapping long chains.")] = "3:2",
    set_: Settings = None,
    input_: InputShape = "",
    layout: Annotated[Layout, typer.Option(help="Shapes as papers or as PyTorch writes them.")] = Layout.hwc,
    format_: Annotated[Format | None, typer.Option("--format", help="What to write; else FILE's ending says.")] = None,
) -> None:
    """Draw a network: its layers or groups of them, with the shape of what goes from one to the next.

    Exit status: 0 all well, 2 no network, no picture or a bad command line.
    """
    from archcalc.cli.output import Printer
    from archcalc.cli.specs import named_by
    from archcalc.network import Network
    from archcalc.report.draw import drawing

    kind, ratio = format_of(output, format_), aspect_of(aspect)
    keys = () if label.strip() in ("", "none") else columns_of(label, "--label")
    options: dict[str, Any] = {"settings": settings_of(set_ or []), "input_shape": input_shape_of(input_)}
    printer = Printer("text")
    networks = []
    for found in (network for spec in specs for network in named_by(spec, options)):
        if isinstance(found, Network):
            networks.append(found)
        else:
            printer.add(found)
    for network, place in zip(networks, places_of(output, networks), strict=True):
        picture = drawing(network.report(aux=True), depth, label=keys, layout=layout.value)
        _note(network, picture, depth, kind)
        _put(place, _written(picture, kind, ratio))
    raise typer.Exit(printer.status)


def _written(picture: Drawing, kind: Format, ratio: float) -> str:
    from archcalc.report.draw import NoLayout, dot, mermaid, svg

    if kind is Format.svg:
        try:
            return svg(picture, aspect=ratio)
        except NoLayout as error:
            raise _stopped(str(error)) from None
    return dot(picture) if kind is Format.dot else mermaid(picture)


def format_of(output: str, wanted: Format | None) -> Format:
    """What is written: what is asked for, or what the file's ending says. Raises BadParameter."""
    if wanted is not None:
        return wanted
    if output == "-":
        raise typer.BadParameter("to standard output: say what, svg, dot or mermaid", param_hint="--format")
    ending = Path(output).suffix.lower()
    if ending not in _ENDINGS:
        why = f"'{output}' has no ending" if not ending else f"'{ending}' is no picture that can be drawn"
        raise typer.BadParameter(f"{why}: {', '.join(_ENDINGS)}, or --format", param_hint="--output")
    return _ENDINGS[ending]


def aspect_of(text: str) -> float:
    """``3:2``, ``16/9`` or ``1.5`` as a number. Raises BadParameter."""
    import re
    from fractions import Fraction

    sides = re.fullmatch(r"\s*(\d{1,6}(?:\.\d{1,6})?)\s*(?:[:/]\s*(\d{1,6}(?:\.\d{1,6})?)\s*)?", text)
    wide, high = (Fraction(side or 1) for side in sides.groups()) if sides else (Fraction(), Fraction(1))
    ratio = wide / high if high else Fraction()
    if not Fraction(1, 20) <= ratio <= 20:
        raise typer.BadParameter(
            f"'{text}' is no width to height between 1:20 and 20:1, as in 3:2", param_hint="--aspect"
        )
    return float(ratio)


def places_of(output: str, networks: list[Any]) -> list[str]:
    """The file of each network: ``{}`` stands for its name. Raises BadParameter where two would be written to one."""
    places = [output.replace("{}", _file_name(each.name)) for each in networks]
    twice = next((place for number, place in enumerate(places) if place in places[:number]), None)
    if twice is None:
        return places
    if "{}" in output:
        why = f"two networks would be written to '{twice}': draw them one by one"
    else:
        path, first = Path(output), networks[0]
        each = "" if output == "-" else f", or draw each, as in -o '{path.with_name(path.stem + '-{}' + path.suffix)}'"
        why = f"{len(places)} networks and one output: name one, as in {first.graph.file}:{first.name}{each}"
    raise typer.BadParameter(why, param_hint="--output")


def _file_name(name: str) -> str:
    """A network's name as part of a file's: letters, digits, and signs that mean nothing to any system."""
    return "".join(each if each.isalnum() or each in "-_." else "_" for each in name)


def _note(network: Any, picture: Drawing, depth: int | None, kind: Format) -> None:
    """Says what was folded without being asked, and what a reader of the file would refuse."""
    from archcalc.report.draw.mermaid import MOST_ARROWS

    layers = sum(box.layers for box in picture.boxes)
    if depth is None and len(picture.boxes) < layers:
        folded = f"{layers:,} layers are drawn as {len(picture.boxes):,} boxes"
        sys.stderr.write(f"note: {network.name}: {folded}; --depth N folds more or less, --depth 0 nothing\n")
    if kind is Format.mermaid and len(picture.arrows) > MOST_ARROWS:
        many = f"Mermaid draws at most {MOST_ARROWS} arrows, here are {len(picture.arrows):,}"
        sys.stderr.write(f"note: {network.name}: {many}: fold with --depth\n")


def _put(place: str, text: str) -> None:
    if place == "-":
        sys.stdout.write(text)
        return
    try:
        Path(place).write_text(text, encoding="utf-8")
    except OSError as error:
        raise _stopped(f"cannot write {place}: {(error.strerror or str(error)).lower()}") from None


def _stopped(why: str) -> typer.Exit:
    sys.stderr.write(f"error: {why}\n")
    return typer.Exit(2)
