"""``archcalc history``: what was measured, listed, compared and exported."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archcalc.cli.recorded import Database, end, warn

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path


class Action(StrEnum):
    list = "list"
    show = "show"
    compare = "compare"
    export = "export"
    import_ = "import"
    delete = "delete"


class Format(StrEnum):
    text = "text"
    json = "json"
    markdown = "markdown"
    csv = "csv"


class Kind(StrEnum):
    profile = "profile"
    calibration = "calibration"


#: What can be printed of what, the usual first; what is given besides; and which options mean something.
_FORMATS = {
    Action.list: "text json csv", Action.show: "text json markdown csv", Action.compare: "text json",
    Action.export: "json csv", Action.import_: "text", Action.delete: "text",
}  # fmt: skip
_GIVEN = {
    Action.list: "", Action.show: "ID", Action.compare: "ID ID", Action.export: "", Action.import_: "FILE...",
    Action.delete: "ID...",
}  # fmt: skip
_OPTIONS = {
    Action.list: "network device since limit kind", Action.show: "depth", Action.compare: "limit",
    Action.export: "network device since limit kind", Action.import_: "", Action.delete: "",
}  # fmt: skip
_LISTED, _MOVED = 20, 10
_AGO = {"h": "hours", "d": "days", "w": "weeks"}


def history(
    action: Annotated[
        Action, typer.Argument(metavar="[ACTION]", help="list, show, compare, export, import or delete.")
    ] = Action.list,
    given: Annotated[
        list[str] | None, typer.Argument(metavar="[ID|FILE]...", help="Numbers as listed; files to import.")
    ] = None,
    network: Annotated[str, typer.Option(metavar="GLOB", help="Networks of such names, as 'resnet-*'.")] = "",
    device: Annotated[str, typer.Option(metavar="NAME", help="cpu, cuda, cuda:1, or a pattern of its name.")] = "",
    since: Annotated[str, typer.Option(metavar="DATE", help="Not before: 2026-03-01, or 7d, 12h, 2w ago.")] = "",
    limit: Annotated[int | None, typer.Option(min=1, metavar="N", help="The newest N; of compare, N layers.")] = None,
    kind: Annotated[Kind | None, typer.Option(help="profile, of networks, is listed; all kinds are exported.")] = None,
    depth: Annotated[int | None, typer.Option(min=1, metavar="N", help="show: fold blocks to N levels.")] = None,
    db: Database = None,
    format_: Annotated[Format | None, typer.Option("--format", help="What to print.")] = None,
) -> None:
    """List, show, compare, export, import and delete what was measured and kept.

    Exit status: 0 all well, 2 a file that cannot be read or a bad command line.
    """
    from archcalc.cli import kept
    from archcalc.history import History, Unusable

    chosen = _format(action, format_).value
    files = given or []
    numbers = _numbers(action, files)
    filters: dict[str, Any] = {"network": network or None, "device": device or None, "since": _since(since)}
    _fitting(action, filters | {"limit": limit, "kind": kind, "depth": depth})
    if db is not None and action is not Action.import_ and _missing(db):
        end(f"there is no file {db}; archcalc profile SPEC --db {db} makes it")
    found = History(db, warn)
    try:
        if action is Action.list and chosen == "text":
            kept.list_(found, (kind or Kind.profile).value, filters, limit or _LISTED)
        elif action is Action.list:
            kept.export(found.rows((kind or Kind.profile).value, **filters, limit=limit or _LISTED), chosen)
        elif action is Action.export:
            kept.export(found.rows(kind and kind.value, **filters, limit=limit), chosen)
        elif action is Action.show:
            kept.show(kept.rows_of(found, numbers)[0], chosen, depth)
        elif action is Action.compare:
            kept.compare(kept.rows_of(found, numbers), chosen, limit or _MOVED)
        elif action is Action.import_:
            kept.import_(found, files)
        else:
            kept.delete(found, numbers)
    except Unusable as error:
        end(str(error))


def _format(action: Action, wanted: Format | None) -> Format:
    """What to print of it. Raises BadParameter."""
    known = _FORMATS[action].split()
    if wanted is None:
        return Format(known[0])
    if wanted.value not in known:
        raise typer.BadParameter(f"{action.value} prints {' or '.join(known)}", param_hint="--format")
    return wanted


def _fitting(action: Action, options: Mapping[str, Any]) -> None:
    """Whether the options that are given mean something there. Raises BadParameter."""
    for name, value in options.items():
        if value is not None and name not in _OPTIONS[action].split():
            taken = " and ".join(f"--{each}" for each in _OPTIONS[action].split()) or "none of these"
            raise typer.BadParameter(f"{action.value} takes {taken}", param_hint=f"--{name}")


def _numbers(action: Action, given: Sequence[str]) -> list[int]:
    """The numbers given, none to what takes no numbers. Raises BadParameter where they are not what it takes."""
    wanted = _GIVEN[action]
    least = len(wanted.split())
    if len(given) < least or (len(given) > least and not wanted.endswith("...")):
        takes = wanted + (", numbers as listed" if "ID" in wanted else "")
        raise typer.BadParameter(f"{action.value} takes {takes or 'nothing more'}", param_hint=wanted or "ID")
    if "ID" not in wanted:
        return []
    for text in given:
        if not re.fullmatch(r"\d{1,18}", text, re.ASCII):
            raise typer.BadParameter(f"'{text}' is no number of a measurement, as listed", param_hint=wanted)
    return [int(text) for text in given]


def _missing(path: Path) -> bool:
    """Whether there is no such file; one that may not be looked at is told of by whoever opens it."""
    try:
        path.stat()
    except OSError as error:
        return isinstance(error, FileNotFoundError)
    return False


def _since(text: str) -> datetime | None:
    """A date or a time, where we are, or so long ago. Raises BadParameter."""
    from datetime import datetime, timedelta

    if not text.strip():
        return None
    ago = re.fullmatch(r"\s*(\d{1,5})\s*([hdw])\s*", text)
    try:
        if ago:
            return datetime.now().astimezone() - timedelta(**{_AGO[ago[2]]: int(ago[1])})
        return datetime.fromisoformat(text.strip()).astimezone()
    except (ValueError, OverflowError):
        wanted = "a date as 2026-03-01, a time as 2026-03-01T14:00, or 12h, 7d, 2w ago"
        raise typer.BadParameter(f"'{text}' is not {wanted}", param_hint="--since") from None
