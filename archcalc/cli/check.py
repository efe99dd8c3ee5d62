"""``archcalc check``: spec files as a tested part of a repository."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Format(StrEnum):
    text = "text"
    json = "json"
    junit = "junit"
    sarif = "sarif"
    github = "github"
    markdown = "markdown"


def check(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PATH]...", help="Files, FILE:NETWORK, folders and all below them, - for input; else this folder."
        ),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings are errors.")] = False,
    explain: Annotated[
        str, typer.Option(metavar="CODE", help="Say what a diagnostic's code means, instead; all lists them.")
    ] = "",
    format_: Annotated[Format, typer.Option("--format", help="What to print.")] = Format.text,
    watch: Annotated[bool, typer.Option("--watch", help="Check again whenever a file is saved.")] = False,
    cache: Annotated[bool, typer.Option("--cache/--no-cache", help="Keep what is found until a file changes.")] = True,
    jobs: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Processes for several files; as many as there are cores.")
    ] = None,
) -> None:
    """Check that every spec reads, and that every figure it prints or expects is right.

    Exit status: 0 all well, 1 a figure is wrong, 2 no network or a bad command line.
    """
    if explain:
        _explain(explain)
        return
    from archcalc.checking.cache import FOLDER, Cache
    from archcalc.checking.file import Asked
    from archcalc.checking.files import specs_in
    from archcalc.cli.checked import Checker, Teller

    asked = Asked(strict=strict)
    checker = Checker(lambda path: asked, Cache(Path(FOLDER)) if cache else Cache(None) if watch else None, jobs)

    def once() -> int:
        specs, wrong = specs_in(paths or ["."])
        teller = Teller(format_.value)
        for each in wrong:
            teller.take(each)
        checker.run(specs, teller.take)
        return teller.finish()

    if not watch:
        raise typer.Exit(once())
    from archcalc.cli.watching import watch as watching

    if format_ is not Format.text or "-" in (paths or []):
        raise typer.BadParameter("it prints text, and reads files", param_hint="--watch")
    raise typer.Exit(watching(lambda: checker.files(specs_in(paths or ["."])[0]), once))


def _explain(code: str) -> None:
    from archcalc.report.check.explain import explained
    from archcalc.report.style import coloured, terminal_width

    out = sys.stdout
    try:
        out.write(explained(code, width=terminal_width(out), colour=coloured(out)))
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--explain") from None
