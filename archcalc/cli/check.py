"""``archcalc check``: spec files as a tested part of a repository."""

from __future__ import annotations

import sys
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archcalc.analyses.checked import CheckedFile
    from archcalc.checking.cache import Cache
    from archcalc.checking.project import Project
    from archcalc.diagnostics import Diagnostic


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
        str | None, typer.Option(metavar="CODE", help="Say what a diagnostic's code means, instead; all lists them.")
    ] = None,
    format_: Annotated[Format, typer.Option("--format", help="What to print.")] = Format.text,
    watch: Annotated[bool, typer.Option("--watch", help="Check again whenever a file is saved.")] = False,
    cache: Annotated[bool, typer.Option("--cache/--no-cache", help="Keep what is found until a file changes.")] = True,
    against: Annotated[
        str, typer.Option(metavar="REVISION", help="Say what changed since this revision of git, too.")
    ] = "",
    fail_on: Annotated[
        list[str] | None,
        typer.Option(
            "--fail-on", metavar="CONDITION", help="A change since then that is wrong: 'params > +1%', 'any'."
        ),
    ] = None,
    lock: Annotated[str, typer.Option(metavar="FILE", help="Compare with the figures in this file, or begin it.")] = "",
    update_lock: Annotated[bool, typer.Option("--update-lock", help="Write the lock file anew, or begin it.")] = False,
    jobs: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Processes for several files; as many as there are cores.")
    ] = None,
) -> None:
    """Check that every spec reads, and that every figure it prints or expects is right.

    What a project asks of its specs, as budgets and a lock, stands in archcalc.toml or pyproject.toml (tool.archcalc).

    Exit status: 0 all well, 1 a figure is wrong, 2 no network or a bad command line.
    """
    if explain is not None:
        _explain(explain)
        return
    if watch and (format_ is not Format.text or "-" in (paths or [])):
        raise typer.BadParameter("it prints text, and reads files", param_hint="--watch")
    from archcalc.checking.file import strictly
    from archcalc.checking.files import specs_in
    from archcalc.checking.project import project
    from archcalc.cli.checked import Checker, Teller
    from archcalc.cli.since import Since

    since = Since(against=against, fail_on=tuple(fail_on or ()), lock=lock, update=update_lock, strict=strict)
    first, broken = project(paths or [])
    since.but(lock=lock or first.lock or "").meant()
    checker = Checker(_cache(first, cache and not broken, watch), jobs)

    def files() -> list[str]:
        ours, _ = project(paths or [])
        specs, _ = specs_in(paths or ours.there()[0], ours.excludes)
        return [*checker.files(specs), *filter(None, [ours.file])]

    def once(ours: Project, faults: Sequence[Diagnostic]) -> int:
        roots, missing = (paths, []) if paths else ours.there()
        specs, wrong = specs_in(roots, ours.excludes)
        teller = Teller(format_.value)
        before = since.within(ours)
        compared = before.compared(specs, paths or [], ours) if before.asked else None
        if compared and against:
            teller.differ(compared.changes)
        for each in (*_at_fault(ours, (*faults, *missing)), *wrong):
            teller.take(strictly(each) if before.strict else each)
        asked = partial(ours.asked, strict=strict)
        checker.run(specs, asked, compared.into(teller.take, asked) if compared else teller.take)
        if compared:
            compared.rest(teller.take)
        idle = [] if paths or missing or faults else [*ours.idle(specs), *ours.nameless(teller.files)]
        for each in _at_fault(ours, sorted(idle, key=lambda each: each.order)):
            teller.take(strictly(each) if before.strict else each)
        return teller.finish()

    if not watch:
        raise typer.Exit(once(first, broken))
    from archcalc.cli.watching import watch as watching

    raise typer.Exit(watching(files, lambda: once(*project(paths or []))))


def _cache(ours: Project, wanted: bool, watch: bool) -> Cache | None:
    """Where results are kept: in the project, in memory while files are watched, or nowhere."""
    from archcalc.checking.cache import FOLDER, Cache

    if not wanted or ours.cache is False:
        return Cache(None) if watch else None
    return Cache(Path(ours.near(ours.cache if isinstance(ours.cache, str) else FOLDER)))


def _at_fault(ours: Project, faults: Sequence[Diagnostic]) -> list[CheckedFile]:
    """The configuration as one of the files in which something is wrong."""
    from archcalc.analyses.checked import CheckedFile

    return [CheckedFile(file=ours.file or "", diagnostics=tuple(faults), spec=False)] if faults else []


def _explain(code: str) -> None:
    from archcalc.report.check.explain import explained
    from archcalc.report.style import coloured, terminal_width

    out = sys.stdout
    try:
        out.write(explained(code, width=terminal_width(out), colour=coloured(out)))
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--explain") from None
