"""What differs between spec files and what they were at a git revision."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from archcalc.analyses.difference import FileDifference
from archcalc.analyses.difference.condition import Broken
from archcalc.checking.pairs import Side, Wanted, compared, side
from archcalc.checking.revision import Revision, opened
from archcalc.diagnostics import Diagnostic
from archcalc.files import ArchcalcError, read_source, split
from archcalc.notation.using import used
from archcalc.report.difference.words import failing


def against(
    files: Sequence[str], name: str, wanted: Wanted | None = None, folders: Sequence[str] = ()
) -> tuple[FileDifference, ...]:
    """What differs between spec files and what they were at a revision.

    Each file is compared with the one of its path, or the one that git says it was renamed from. One whose text is the
    same has no networks here. Specs below ``folders`` that are gone come at the end. Raises ArchcalcError where there
    is no such revision.
    """
    wanted = wanted or Wanted()
    specs = [split(spec) for spec in files if split(spec)[0] != "-"]
    revision = opened(name, specs[0][0] if specs else next(iter(folders), ""))
    places = {path: revision.place(path) for path, _ in specs}
    renamed = revision.renamed()
    before = {path: renamed.get(place, place) for path, place in places.items() if place is not None}
    revision.fetch(before.values())
    found = [_since(revision, path, network, before.get(path), wanted) for path, network in specs]
    gone = _gone(revision, folders, set(before.values()), wanted)
    return (*(each for each in found if each is not None), *gone)


def _since(revision: Revision, path: str, name: str | None, place: str | None, wanted: Wanted) -> FileDifference | None:
    """What differs between a file and what it was; None of one that cannot be read, which a check tells."""
    try:
        source = read_source(path)
    except ArchcalcError:
        return None
    if place is None or revision.content(place) is None:
        new = side(source, name, wanted)
        made = compared(Side(file=""), new, wanted)
        return made.but(old=None, diagnostics=tuple(_forbidden(made, Side(file=""), new)))
    shown = f"{revision.name}:{place}"
    try:
        before = revision.source(place)
        if before.text == source.text and not used(source):
            return FileDifference(old=shown, new=path)
        old = side(before, name, wanted)
    except ArchcalcError as error:
        old = Side(file=shown, diagnostics=error.diagnostics)
    new = side(source, name, wanted)
    made = compared(old, new, wanted)
    return made.but(diagnostics=(*_doubt(shown, old.diagnostics), *_forbidden(made, old, new)))


def _doubt(shown: str, wrong: Sequence[Diagnostic]) -> Iterator[Diagnostic]:
    """That the old text is at fault is no fault of the new one, which may repair it: not even under ``--strict``."""
    if wrong:
        first = wrong[0]
        line = f"line {first.span.line}, " if first.span else ""
        message = f"{shown} cannot be compared with: {line}{first.code} {first.message}"
        yield Diagnostic("A602", message, severity="note")


def _forbidden(made: FileDifference, old: Side, new: Side) -> Iterator[Diagnostic]:
    """What is not allowed to change and did, at the head of its network."""
    for found in made.networks:
        for broken in found.broken:
            if found.new is None:
                was = old.head(found.network or "")
                place = f"{old.file}, line {was.line}" if was else old.file
                yield Diagnostic("A207", f"network {found.network} is gone (was in {place}): {_allowed(broken)}")
            else:
                span = new.head(found.network or "")
                yield Diagnostic("A207", f"{found.network}: not allowed: {failing(broken, found)}", span)


def _allowed(broken: Broken) -> str:
    return f"'{broken.condition.text}' is not allowed"


def _gone(revision: Revision, folders: Sequence[str], met: set[str], wanted: Wanted) -> Iterator[FileDifference]:
    """The specs that were below the folders, and are there no more."""
    places = [place for place in map(revision.place, folders) if place is not None]
    below = tuple("" if place == "." else f"{place}/" for place in places)
    for place in revision.files() if below else ():
        if not place.endswith(".arch") or not place.startswith(below) or place in met:
            continue
        if os.path.lexists(os.path.join(revision.root, place)):
            continue  # left out, not gone
        shown = f"{revision.name}:{place}"
        try:
            old = side(revision.source(place), None, wanted)
        except ArchcalcError:
            old = Side(file=shown)
        made = compared(old, Side(file=""), wanted)
        yield made.but(new=None, diagnostics=tuple(_forbidden(made, old, Side(file=""))))
