"""One spec file checked: every diagnostic of its text, every claim of its networks, every budget of the project."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace

from archcalc.analyses.checked import CheckedFile, CheckedNetwork
from archcalc.analyses.summary import said_once
from archcalc.checking.fence import fenced
from archcalc.checking.ignores import ignores, in_vain, quieted, unheard, unheeded
from archcalc.claims import Claim
from archcalc.diagnostics import Diagnostic
from archcalc.files import ArchcalcError, read_source, split
from archcalc.network import Network, build, document
from archcalc.notation import Document
from archcalc.record import Configuration
from archcalc.source import Source


class Asked(Configuration):
    """What is asked of a file besides its own claims: warnings as errors, a project's budgets, codes not told of."""

    strict: bool = False
    budgets: tuple[Claim, ...] = ()
    ignored: frozenset[str] = frozenset()


def check_file(spec: str, asked: Asked | None = None) -> CheckedFile:
    """Checks a file, or ``FILE:NETWORK``; a file that cannot be read is one of the things that are told."""
    path, name = split(spec)
    try:
        source = read_source(path)
    except ArchcalcError as error:
        return unreadable(path, error.diagnostics)
    return check_source(source, name, asked)


def check_source(source: Source, name: str | None = None, asked: Asked | None = None) -> CheckedFile:
    """Checks a text, or one network of it."""
    asked = asked or Asked()
    source = fenced(source)
    read = document(source)
    networks: list[CheckedNetwork] = []
    fatal: list[Diagnostic] = []
    said: list[Diagnostic] = []
    library = bool(read.blocks) and not read.names and not read.diagnostics  # blocks that other texts use
    wanted: list[str | None] = [name] if name is not None else [*read.names] or ([] if library else [None])
    for each in wanted:
        try:
            network = build(read, each)
        except ArchcalcError as error:
            networks.append(CheckedNetwork(network=each, title="", line=1, built=False))
            fatal += error.diagnostics
            continue
        checked, found = _held(network, read, asked.budgets)
        networks.append(checked)
        said += found
    comments, wrong = ignores(source)
    # nothing can make a network of a text that gives none: what stands in its way is told whatever is asked
    told, quiet = quieted(list(dict.fromkeys(said)), comments, asked.ignored)
    wrong += in_vain(comments) if all(each.built for each in networks) else unheeded(comments, fatal)
    spoken = dict.fromkeys((*fatal, *told, *(each for each in wrong if each.code not in asked.ignored)))
    diagnostics = sorted(spoken, key=lambda each: each.order)
    return CheckedFile(
        file=source.name,
        networks=tuple(each.but(expectations=unheard(each.expectations, quiet)) for each in networks),
        diagnostics=tuple(map(as_error, diagnostics) if asked.strict else diagnostics),
        quieted=len(quiet),
    )


def unreadable(name: str, diagnostics: Iterable[Diagnostic]) -> CheckedFile:
    """What a check says of a file that gives no text."""
    there = name.startswith("<") or (os.path.exists(name) and not os.path.isdir(name))
    return CheckedFile(file=name, diagnostics=tuple(diagnostics), spec=there)


def strictly(found: CheckedFile) -> CheckedFile:
    """What ``--strict`` makes of what is no text of its own: a folder, a configuration, a lock."""
    errors = any(each.severity == "error" for each in found.diagnostics)
    return found.but(diagnostics=tuple(map(as_error, found.diagnostics)), doubtful=not errors)


def as_error(diagnostic: Diagnostic) -> Diagnostic:
    """A warning as the error that ``--strict`` makes of it."""
    return replace(diagnostic, severity="error") if diagnostic.severity == "warning" else diagnostic


def _held(network: Network, read: Document, budgets: tuple[Claim, ...]) -> tuple[CheckedNetwork, list[Diagnostic]]:
    """A network's claims and budgets, and all that is to be said of it."""
    expectations, found = network.check()
    if budgets:
        from archcalc.checking.budgets import held

        more, exceeded = held(network, budgets)
        expectations, found = (*expectations, *more), (*found, *exceeded)
    head = read.head(network.name)
    checked = CheckedNetwork(
        network=network.name,
        title=network.graph.title,
        line=head.line if head else 1,
        built=True,
        expectations=expectations,
    )
    return checked, said_once(found)
