"""What a check finds in spec files: one record a file, which every format of ``archcalc check`` draws."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from archcalc.analyses.check import Expectation
from archcalc.diagnostics import Diagnostic
from archcalc.record import Configuration

Status = Literal["ok", "failed", "unreadable"]


class CheckedNetwork(Configuration):
    """One network of a file and what became of its claims: printed figures, expectations, errata, budgets.

    ``network`` is None of a file that names none. ``built`` is False where faults left no network to hold claims
    against; ``line`` is where it begins.
    """

    network: str | None
    title: str
    line: int
    built: bool
    expectations: tuple[Expectation, ...] = ()


class CheckedFile(Configuration):
    """One file: its networks, and everything that is to be said of it, in order of place.

    ``quieted`` counts diagnostics that the text or the project asks not to be told of. ``spec`` is False of what is no
    spec that was found: a configuration, a lock, a path where nothing is. ``doubtful``: its errors are warnings
    unless somebody is strict.
    """

    file: str
    networks: tuple[CheckedNetwork, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    quieted: int = 0
    spec: bool = True
    doubtful: bool = False

    @property
    def status(self) -> Status:
        """``unreadable`` where a network is not built, or a text that has none is at fault; ``failed`` on an error,
        as the loss of a file of which figures were kept."""
        errors = any(each.severity == "error" for each in self.diagnostics)
        unread = any(each.severity == "error" and each.code != "A207" for each in self.diagnostics)
        if not all(each.built for each in self.networks) or (unread and not self.networks and not self.doubtful):
            return "unreadable"
        return "failed" if errors else "ok"

    @property
    def expectations(self) -> tuple[Expectation, ...]:
        """Those of all its networks, in order."""
        return tuple(claim for each in self.networks for claim in each.expectations)


class Summary(Configuration):
    """The counts of a whole check. ``files``: specs that were found; ``claims``: those decided; ``held`` of them;
    ``errata``: held, and a correction; ``undecided``: claims that an open symbol leaves open.
    """

    files: int
    networks: int
    claims: int
    held: int
    errata: int
    undecided: int
    errors: int
    warnings: int
    quieted: int
    status: Status


_WORST: tuple[Status, ...] = ("ok", "failed", "unreadable")


def summed(files: Iterable[CheckedFile]) -> Summary:
    """The counts of several files; a diagnostic that two files share, of a text both use, counts once."""
    files = tuple(files)
    claims = [claim for file in files for claim in file.expectations]
    decided = [claim for claim in claims if claim.holds is not None]
    held = [claim for claim in decided if claim.holds]
    said = [diagnostic for _, new in told_once(files) for diagnostic in new]
    return Summary(
        files=sum(file.spec for file in files),
        networks=sum(each.built for file in files for each in file.networks),
        claims=len(decided),
        held=len(held),
        errata=sum(claim.erratum is not None or claim.sic is not None for claim in held),
        undecided=len(claims) - len(decided),
        errors=sum(each.severity == "error" for each in said),
        warnings=sum(each.severity == "warning" for each in said),
        quieted=sum(file.quieted for file in files),
        status=max((file.status for file in files), key=_WORST.index, default="ok"),
    )


def told_once(files: Iterable[CheckedFile]) -> Iterator[tuple[CheckedFile, tuple[Diagnostic, ...]]]:
    """Each file with those of its diagnostics that neither it nor a file before it has said."""
    said: set[tuple[object, ...]] = set()
    for file in files:
        new: dict[tuple[object, ...], Diagnostic] = {}
        for each in file.diagnostics:
            new.setdefault(_identity(file, each), each)
        yield file, tuple(each for key, each in new.items() if key not in said)
        said.update(new)


def _identity(file: CheckedFile, diagnostic: Diagnostic) -> tuple[object, ...]:
    """What tells a diagnostic from others, in whichever process its source was read."""
    span = diagnostic.span
    place = (span.source.name, span.start, span.end) if span else (file.file,)
    return (diagnostic.code, diagnostic.message, *place)
