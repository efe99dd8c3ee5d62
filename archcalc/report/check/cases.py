"""A check as test cases: each claim of each network one, and each error that is no claim's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Literal

from archcalc.analyses.check import Expectation
from archcalc.analyses.checked import CheckedFile, told_once
from archcalc.claims import asked
from archcalc.diagnostics import CODES, Diagnostic
from archcalc.record import Configuration, Mutable

Outcome = Literal["passed", "failed", "undecided", "unreadable"]
#: What no longer follows from a text that gives no network: its figures, and what is only doubtful.
_OF_A_NETWORK = ("A2", "A5", "A306")


class Case(Configuration):
    """One thing that holds or does not. ``name`` is unique among those of its network (None: the file's own).

    ``fault`` is the error that it fails with, in no other case of the check; ``because`` the one told elsewhere that
    it follows from, if there is one.
    """

    network: str | None
    name: str
    line: int
    outcome: Outcome
    claim: Expectation | None = None
    fault: Diagnostic | None = None
    because: Diagnostic | None = None

    @property
    def title(self) -> str:
        """Its name with that of its network: unique in its file."""
        return self.name if self.network is None else f"{self.network}::{self.name}"


def cases(files: Iterable[CheckedFile]) -> Iterator[tuple[CheckedFile, tuple[Case, ...]]]:
    """Each file and its cases. Every error of the check is the fault of exactly one."""
    for file, told in told_once(files):
        errors = [each for each in file.diagnostics if each.severity == "error"]
        new = [each for each in told if each.severity == "error"]
        yield file, tuple(_unique([*_claimed(file, errors, new), *(_alone(file, each) for each in new)]))


class _Judged(Mutable):
    """A claim on its way to a case."""

    network: str
    claim: Expectation
    fault: Diagnostic | None = None


def _claimed(file: CheckedFile, errors: Sequence[Diagnostic], new: list[Diagnostic]) -> list[Case]:
    """The cases of a file's networks. Takes out of ``new`` the errors that are claims'."""
    judged = [_Judged(_named(each.network), claim) for each in file.networks for claim in each.expectations]
    wrong = [each for each in judged if each.claim.holds is False]
    for is_of in (_is_about, _is_beside):
        for each in wrong:
            each.fault = each.fault or _taken(new, each.claim, is_of)
    made = [_case(each, _behind(errors, each.claim)) for each in judged]
    for network in file.networks:
        if network.built and not network.expectations:
            made.append(Case(network=_named(network.network), name="is read", line=network.line, outcome="passed"))
        elif not network.built and not new:
            name = _named(network.network)
            made.append(Case(network=name, name="is read", line=network.line, outcome="unreadable"))
    return made


def _behind(errors: Sequence[Diagnostic], claim: Expectation) -> Diagnostic | None:
    """What a claim without an error of its own fails with: another's on its line, or the first wrong shape."""
    beside = (each for each in errors if _is_beside(each, claim))
    return next(beside, None) or next((each for each in errors if each.code == "A201"), None)


def _named(network: str | None) -> str:
    return network or "network"


def _taken(
    errors: list[Diagnostic], claim: Expectation, is_of: Callable[[Diagnostic, Expectation], bool]
) -> Diagnostic | None:
    """Takes the first error that is a claim's out of those left."""
    for index, error in enumerate(errors):
        if is_of(error, claim):
            return errors.pop(index)
    return None


def _is_about(error: Diagnostic, claim: Expectation) -> bool:
    """Whether an error underlines a claim's figure."""
    figures = (claim.expected, claim.sic or claim.expected)
    return _is_beside(error, claim) and error.span is not None and any(each in error.span.text for each in figures)


def _is_beside(error: Diagnostic, claim: Expectation) -> bool:
    """Whether an error is of figures, or of a condition or name in a claim, on a claim's line."""
    return error.span is not None and error.span.line == claim.line and error.code[:2] in ("A1", "A2", "A4")


def _case(judged: _Judged, first: Diagnostic | None) -> Case:
    claim = judged.claim
    about = f"{asked(claim.quantity, claim.under)}{f' at {claim.at}' if claim.at else ''}"
    source = "erratum: " if claim.erratum is not None else ""
    true = f" (sic: {claim.sic})" if claim.sic is not None else ""
    name = f"{source}{about} {claim.operator} {claim.expected}{true} [line {claim.line}]"
    outcome: Outcome = "undecided" if claim.holds is None else "passed" if claim.holds else "failed"
    because = first if outcome == "failed" and judged.fault is None else None
    return Case(
        network=judged.network, name=name, line=claim.line, outcome=outcome, claim=claim, fault=judged.fault,
        because=because,
    )  # fmt: skip


def _alone(file: CheckedFile, error: Diagnostic) -> Case:
    """The case of an error that is no claim's."""
    span = error.span
    place = f" [line {span.line}, column {span.column}]" if span else ""
    unread = file.status == "unreadable" and not error.code.startswith(_OF_A_NETWORK)
    return Case(
        network=None, name=f"{error.code} {CODES[error.code]}{place}", line=span.line if span else 1,
        outcome="unreadable" if unread else "failed", fault=error,
    )  # fmt: skip


def _unique(found: Iterable[Case]) -> Iterator[Case]:
    """The cases, those whose name another has numbered."""
    count: dict[str, int] = {}
    taken: set[str] = set()
    for case in found:
        title, name = case.title, case.name
        while case.title in taken:
            count[title] = count.get(title, 1) + 1
            case = case.but(name=f"{name} #{count[title]}")
        taken.add(case.title)
        yield case
