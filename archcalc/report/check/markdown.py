"""A check as Markdown, for a comment on a pull request or GitHub's summary of a job."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archcalc.analyses.checked import CheckedFile, summed
from archcalc.analyses.difference import FileDifference
from archcalc.diagnostics import Diagnostic
from archcalc.record import Record
from archcalc.report.check.cases import cases
from archcalc.report.check.figures import computed, printed
from archcalc.report.check.places import from_root, said
from archcalc.report.check.text import verdict
from archcalc.report.diagnostics import draw
from archcalc.report.markdown import COMMENT, fitting
from archcalc.report.style import visible


class _Section(Record):
    """Parts of one kind, each whole in itself, between what opens and closes them."""

    of: str
    parts: Sequence[str]
    opening: str = ""
    closing: str = ""


def render(files: Sequence[CheckedFile], against: Sequence[FileDifference] = (), room: int = COMMENT) -> str:
    """The verdict, a table of the figures that are wrong, every error drawn, the warnings folded away; and what changed
    since a revision. At most ``room`` characters: what is too much is left out, and counted at the end."""
    made = f"### archcalc: {verdict(summed(files))}\n"
    room -= len(made)
    left: list[str] = []
    for section in filter(lambda each: each.parts, _sections(files, against)):
        kept, room = fitting(section.parts, room - len(section.opening) - len(section.closing))
        if len(kept) < len(section.parts):
            left.append(f"{len(section.parts) - len(kept):,} {section.of}")
        if kept:
            made += section.opening + "".join(kept) + section.closing
    return f"{made}\nLeft out, as there is no room: {', '.join(left)}. `archcalc check` says all.\n" if left else made


def _sections(files: Sequence[CheckedFile], against: Sequence[FileDifference]) -> Iterator[_Section]:
    found = [diagnostic for _, diagnostic in said(files)]
    errors = [each for each in found if each.severity == "error"]
    others = [each for each in found if each.severity != "error"]
    heading = "\n| where | network | printed | the layers give |\n| --- | --- | --- | --- |\n"
    yield _Section("wrong figures", [f"{row}\n" for row in _rows(files)], heading)
    yield _Section("errors", [_fenced(each) for each in errors])
    yield _folded("warnings", _title(others), [_fenced(each) for each in others])
    if against:
        from archcalc.report.difference.markdown import sections

        changes = [f"\n{each}" for each in sections(against)]
        yield _folded("changed networks", "what changed", changes)


def _folded(of: str, title: str, parts: Sequence[str]) -> _Section:
    return _Section(of, parts, f"\n<details><summary>{title}</summary>\n", "\n</details>\n")


def _title(others: Sequence[Diagnostic]) -> str:
    counts = {kind: sum(each.severity == kind for each in others) for kind in ("warning", "note")}
    return ", ".join(f"{count:,} {kind}{'' if count == 1 else 's'}" for kind, count in counts.items() if count)


def _rows(files: Sequence[CheckedFile]) -> Iterator[str]:
    for file, each in cases(files):
        for case in each:
            if case.claim is not None and case.outcome == "failed":
                where = f"{from_root(file.file)}:{case.claim.line}"
                cells = (where, case.network or "", printed(case.claim), computed(case.claim))
                yield f"| {' | '.join(map(_cell, cells))} |"


def _cell(text: str) -> str:
    """Text as code, in which no sign means anything: neither a bar, nor a tag, nor the name of a person."""
    safe = "".join(sign if sign.isalnum() or sign in " ,.=/-" else f"&#{ord(sign)};" for sign in visible(text))
    return f"<code>{safe}</code>"


def _fenced(diagnostic: Diagnostic) -> str:
    """A diagnostic as it stands: each of its lines begins with a word or a margin, so none ends the block."""
    return f"\n```\n{draw(diagnostic)}\n```\n"
