"""The networks of two texts, paired by name and compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from archcalc.analyses.difference import Difference, FileDifference, difference
from archcalc.analyses.difference.condition import Condition, broken
from archcalc.analyses.summary import Report
from archcalc.diagnostics import Diagnostic
from archcalc.files import ArchcalcError
from archcalc.graph import same_name
from archcalc.network import Network, build, document
from archcalc.record import Configuration
from archcalc.source import Source, Span


class Side(Configuration):
    """The networks of one text, or the one that is asked for, the lines that begin them, and what is wrong with those
    that cannot be built.
    """

    file: str
    networks: tuple[Network, ...] = ()
    heads: Mapping[str, Span] = {}
    diagnostics: tuple[Diagnostic, ...] = ()

    def head(self, name: str) -> Span | None:
        """Where a network begins: its line, or its input's."""
        nodes = next((each.graph.nodes for each in self.networks if each.name == name), ())
        return self.heads.get(name) or (nodes[0].span if nodes else None)


class Wanted(Configuration):
    """How both sides are read and counted: what ``Network.report`` takes, the parameters and the input that are given,
    and what is not allowed to happen.
    """

    settings: Mapping[str, Any] = {}
    input_shape: tuple[int, ...] | None = None
    figures: Mapping[str, Any] = {}
    conditions: tuple[Condition, ...] = ()


def side(source: Source, name: str | None, wanted: Wanted) -> Side:
    """The networks of a text, all or one."""
    read = document(source)
    networks: list[Network] = []
    wrong: list[Diagnostic] = []
    library = bool(read.blocks) and not read.diagnostics  # blocks that other texts use are no network
    names: Sequence[str | None] = [name] if name is not None else [*read.names] or ([] if library else [None])
    for each in names:
        try:
            networks.append(build(read, each, dict(wanted.settings), wanted.input_shape))
        except ArchcalcError as error:
            wrong += error.diagnostics
    heads = {each.name: head for each in networks if (head := read.head(each.name)) is not None}
    return Side(file=source.name, networks=tuple(networks), heads=heads, diagnostics=tuple(dict.fromkeys(wrong)))


def compared(old: Side, new: Side, wanted: Wanted) -> FileDifference:
    """Everything that differs between two texts; a network that one of them fails to give is neither new nor gone."""
    pairs = [
        _difference(before, after, wanted)
        for before, after in paired(old.networks, new.networks)
        if (before or not old.diagnostics) and (after or not new.diagnostics)
    ]
    return FileDifference(
        old=old.file, new=new.file, networks=tuple(pairs), diagnostics=(*old.diagnostics, *new.diagnostics)
    )


def paired(old: Sequence[Network], new: Sequence[Network]) -> list[tuple[Network | None, Network | None]]:
    """Networks of one name, in the new order, then those that are gone; one on each side whatever its name."""
    if len(old) == len(new) == 1:
        return [(old[0], new[0])]
    left = {same_name(network.name): network for network in old}
    pairs: list[tuple[Network | None, Network | None]] = [
        (left.pop(same_name(network.name), None), network) for network in new
    ]
    return [*pairs, *((network, None) for network in left.values())]


def _difference(old: Network | None, new: Network | None, wanted: Wanted) -> Difference:
    found = difference(_report(old, wanted), _report(new, wanted))
    graphs = old.graph if old else None, new.graph if new else None
    return found.but(broken=broken(wanted.conditions, found, graphs)) if wanted.conditions else found


def _report(network: Network | None, wanted: Wanted) -> Report | None:
    return None if network is None else network.report(**wanted.figures)
