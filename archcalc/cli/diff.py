"""``archcalc diff``: what changed between two networks, or two files of them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from archcalc.cli.options import Batch, DType, InputShape, Numbers, Settings, input_shape_of, settings_of
from archcalc.cli.paper import paper

if TYPE_CHECKING:
    from archcalc.analyses.difference import FileDifference
    from archcalc.analyses.difference.condition import Condition
    from archcalc.checking.pairs import Side, Wanted
    from archcalc.diagnostics import Diagnostic


class Format(StrEnum):
    text = "text"
    json = "json"
    markdown = "markdown"


def diff(
    old: Annotated[str, typer.Argument(metavar="OLD", help="FILE, FILE:NETWORK, REVISION:PATH of git, - for input.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The same.")],
    fail_on: Annotated[
        list[str] | None,
        typer.Option(
            "--fail-on", metavar="CONDITION", help="'params > +1%', 'shape', 'any': exit 1 if so; repeatable."
        ),
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="Show each layer, equal ones too.")] = False,
    set_: Settings = None,
    input_: InputShape = "",
    batch: Batch = 1,
    dtype: Numbers = DType.fp32,
    format_: Annotated[Format, typer.Option("--format", help="What to print.")] = Format.text,
) -> None:
    """Say what changed between two networks: in total, layer by layer, and in what their texts claim.

    Exit status: 0 all well, 1 a change that --fail-on forbids, 2 a side that cannot be read or a bad command line.
    """
    from archcalc.checking.pairs import Wanted, compared

    wanted = Wanted(
        settings=settings_of(set_ or []),
        input_shape=input_shape_of(input_),
        figures={"batch": batch, "dtype": dtype.value},
        conditions=conditions_of(fail_on or []),
    )
    if old == new == "-":
        raise typer.BadParameter("only one side can be standard input", param_hint="OLD NEW")
    found = compared(_side(old, wanted), _side(new, wanted), wanted)
    _complain(found.diagnostics)
    if found.status != "unreadable" or format_ is Format.json:
        sys.stdout.write(_drawn(found, format_, all_))
    raise typer.Exit({"ok": 0, "failed": 1, "unreadable": 2}[found.status])


def conditions_of(texts: Sequence[str]) -> tuple[Condition, ...]:
    """Conditions as ``--fail-on`` has them. Raises BadParameter."""
    from archcalc.checking.allowed import UnknownCondition, condition

    try:
        return tuple(map(condition, texts))
    except UnknownCondition as error:
        raise typer.BadParameter(str(error), param_hint="--fail-on") from None


def _side(spec: str, wanted: Wanted) -> Side:
    """One side's networks, whatever is wrong with it among its diagnostics."""
    import os

    from archcalc.checking.pairs import Side, side
    from archcalc.checking.revision import FOLDERS
    from archcalc.cli.specs import source_of
    from archcalc.files import ArchcalcError, split

    path, name = split(spec)
    try:
        if os.path.isdir(path):
            from archcalc.diagnostics import Diagnostic

            raise ArchcalcError([Diagnostic("A101", f"{path} is a folder: a side is one file", help=FOLDERS)])
        if path != "-" and ":" in path and not os.path.lexists(path):
            from archcalc.checking.revision import named

            revision, place = named(path)
            return _with_networks(side(revision.source(place), name, wanted))
        return _with_networks(side(source_of(path), name, wanted))
    except ArchcalcError as error:
        return Side(file=path, diagnostics=error.diagnostics)


def _with_networks(found: Side) -> Side:
    """The side, at fault if its text has only blocks for others to use."""
    if found.networks or found.diagnostics:
        return found
    from archcalc.diagnostics import Diagnostic

    return found.but(diagnostics=(Diagnostic("A103", f"{found.file} holds blocks and no network to compare"),))


def _complain(diagnostics: Sequence[Diagnostic]) -> None:
    from archcalc.report.diagnostics import draw_all
    from archcalc.report.style import coloured, terminal_width

    # both sides may have the same to say, as of a parameter that neither has
    diagnostics = list({(each.code, each.message, each.span): each for each in diagnostics}.values())
    if diagnostics:
        sys.stderr.write(draw_all(diagnostics, colour=coloured(sys.stderr), width=terminal_width(sys.stderr)))


def _drawn(found: FileDifference, format_: Format, everything: bool) -> str:
    if format_ is Format.json:
        from archcalc.report.difference.json import document

        return document(found, everything=everything) + "\n"
    if format_ is Format.markdown:
        from archcalc.report.difference.markdown import markdown

        return markdown([found], everything=everything)
    from archcalc.report.difference.text import text

    return text([found], paper(bars=False), everything=everything)
