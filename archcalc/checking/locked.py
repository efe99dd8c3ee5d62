"""Spec files held against a lock file."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence

from archcalc.analyses.difference import Difference, difference
from archcalc.analyses.difference.layers import LayerChange
from archcalc.checking.lock import Entry, entry, read, write
from archcalc.checking.pairs import Side, Wanted, side
from archcalc.diagnostics import Diagnostic
from archcalc.files import ArchcalcError, read_source, split
from archcalc.network import Network
from archcalc.record import Configuration
from archcalc.report.difference.words import became, happened, per_cent
from archcalc.source import Span

#: Totals that are noted under a network whose figures changed.
_MOST = 8


class Extent(Configuration):
    """How much of a project the spec files are: all below ``folders``, and nothing else where they are ``whole``."""

    folders: tuple[str, ...] = (".",)
    whole: bool = True


class Locked(Configuration):
    """What a lock file has to say of each spec file, those that are gone and itself included, by name.

    Where it was written: how many networks it has now, how many of them it was not asked about and ``kept``, and how
    many it ``dropped``.
    """

    diagnostics: Mapping[str, tuple[Diagnostic, ...]]
    written: int | None = None
    kept: int = 0
    dropped: int = 0


def locked(
    files: Sequence[str], path: str, *, update: bool = False, begin: bool = True, extent: Extent | None = None
) -> Locked:
    """Compares every network of spec files with a lock file, or writes it: to ``update`` it, or to ``begin`` that of a
    whole project where there is none.

    An update keeps what the file has of specs that are not among these or cannot be read, and drops those that are no
    more. Files at fault are left to the check that tells so, and those that are gone from elsewhere to another.
    """
    extent = extent or Extent()
    folder = os.path.dirname(os.path.abspath(path))
    specs = [split(spec) for spec in files if split(spec)[0] != "-"]
    sides = {(file, name): _side(file, name) for file, name in specs}
    try:
        known = _known(path, update and extent.whole)
        if update or (known is None and begin and extent.whole):
            return _written(path, folder, known or {}, sides)
        if known is None:
            raise ArchcalcError([_missing(path)])
    except ArchcalcError as error:
        return Locked(diagnostics={path: error.diagnostics})
    found: dict[str, tuple[Diagnostic, ...]] = {}
    for (file, name), made in sides.items():
        if made is not None:
            said = _held(made, known, _inside(file, folder), path, whole=name is None)
            found[file] = (*found.get(file, ()), *said)
    for file in sorted({key[0] for key in known if not os.path.lexists(os.path.join(folder, key[0]))}):
        shown = os.path.normpath(os.path.join(os.path.dirname(path), file))
        if not _below(shown, extent.folders):
            continue
        found[shown] = (Diagnostic("A207", f"{shown} is in {path}, and is no more", help=_accepting(path)),)
    return Locked(diagnostics=found)


def _missing(path: str) -> Diagnostic:
    """A gate that begins by itself is passed by whoever leaves its lock out."""
    message = f"there is no lock file {path}, so nothing is held against it"
    return Diagnostic("A602", message, help="--update-lock writes it; then commit it")


def _below(path: str, folders: Sequence[str]) -> bool:
    whole = os.path.abspath(path)
    return any(os.path.commonpath((whole, above)) == above for above in map(os.path.abspath, folders))


def _known(path: str, anew: bool) -> dict[tuple[str, str], Entry] | None:
    """The lock's networks; a broken one has none where it is to be written ``anew``, which a part of a project is not
    enough for."""
    try:
        return read(path)
    except ArchcalcError:
        if anew and os.path.isfile(path):
            return {}
        raise


def _side(file: str, name: str | None) -> Side | None:
    try:
        return side(read_source(file), name, Wanted())
    except ArchcalcError:
        return None


def _inside(file: str, folder: str) -> str:
    """A spec's path as the lock has it."""
    return os.path.relpath(os.path.abspath(file), folder).replace(os.sep, "/")


def _written(
    path: str, folder: str, known: Mapping[tuple[str, str], Entry], sides: Mapping[tuple[str, str | None], Side | None]
) -> Locked:
    kept = {key: each for key, each in known.items() if os.path.lexists(os.path.join(folder, key[0]))}
    made_now = set()
    for (file, name), made in sides.items():
        inside = _inside(file, folder)
        if made is None or made.diagnostics:
            continue
        if name is None:
            kept = {key: each for key, each in kept.items() if key[0] != inside}
        for network in made.networks:
            new = entry(inside, network.report())
            kept[new.key] = new
            made_now.add(new.key)
    write(path, kept)
    return Locked(
        diagnostics={}, written=len(kept), kept=len(kept.keys() - made_now), dropped=len(known.keys() - kept.keys())
    )


def _held(
    made: Side, known: Mapping[tuple[str, str], Entry], inside: str, path: str, *, whole: bool
) -> Iterator[Diagnostic]:
    """What is said of one file's networks."""
    left = {key for key in known if key[0] == inside}
    for network in made.networks:
        head = made.head(network.name)
        now = entry(inside, network.report())
        was = known.get(now.key)
        left.discard(now.key)
        if was is None:
            message = f"{network.name} is not in {path}: nothing to compare with"
            yield Diagnostic("A602", message, head, "warning", help=f"--update-lock adds it to {path}")
        else:
            yield from _changed(network, difference(was.report, now.report), path, head)
    if whole and not made.diagnostics:
        for _, name in sorted(left):
            yield Diagnostic("A207", f"{inside} has no network {name} any more, {path} has", help=_accepting(path))


def _changed(network: Network, found: Difference, path: str, head: Span | None) -> Iterator[Diagnostic]:
    """What changed in a network: in all at its head, and each cause where it stands."""
    if not found.figures_differ:
        return
    causes = [each for each in found.layers if each.state in ("changed", "added") and each.row.kind != "input"]
    removed = [each.row.name for each in found.layers if each.state == "removed"]
    affected = [each for each in found.layers if each.figures and each.state not in ("changed", "added", "removed")]
    shapes = [each for each in (found.input, found.output) if each is not None]
    notes = [f"{became(each)}{f' ({per_cent(each)})' if per_cent(each) else ''}" for each in found.totals]
    notes = notes[:_MOST] + ([f"and {len(notes) - _MOST} more totals"] if len(notes) > _MOST else [])
    notes += [f"removed: {', '.join(removed[:_MOST])}"] if removed else []
    notes += [f"layers with other figures because of this: {len(affected):,}"] if affected else []
    said = [became(each) for each in shapes] or ["other figures"]
    message = f"{network.name} is not what {path} says: {', '.join(said)}"
    yield Diagnostic("A207", message, head, notes=tuple(notes), help=_accepting(path))
    # without a cause in the text it is archcalc that counts otherwise
    yield from _at_lines(network, found, causes or ([] if removed or found.input else affected), path)


def _at_lines(network: Network, found: Difference, causes: Sequence[LayerChange], path: str) -> Iterator[Diagnostic]:
    """The layers that changed, once a line of the text: a repeat makes many of one."""
    nodes = network.graph.without_aux().nodes
    spans = {node.name: node.span for node in nodes}
    lines: dict[Span, list[LayerChange]] = {}
    for layer in causes:
        lines.setdefault(spans[layer.row.name], []).append(layer)
    for span, layers in lines.items():
        first = layers[0]
        more = f" (and {len(layers) - 1} more of this line)" if len(layers) > 1 else ""
        figures = [f"{became(each)}" for each in first.figures if each.name not in ("output", "trainable", "field")]
        said = f"{first.row.name} is not what {path} says: {happened(first)}{more}"
        yield Diagnostic("A207", said, span, notes=tuple(figures[:_MOST]))


def _accepting(path: str) -> str:
    return f"if it is meant, --lock {path} --update-lock accepts it"
