"""A check as Markdown, for a comment on a pull request or GitHub's summary of a job."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archcalc.analyses.checked import CheckedFile, summed
from archcalc.analyses.difference import FileDifference
from archcalc.diagnostics import Diagnostic
from archcalc.report.check.cases import cases
from archcalc.report.check.figures import computed, printed
from archcalc.report.check.places import from_root, said
from archcalc.report.check.text import verdict
from archcalc.report.diagnostics import draw
from archcalc.report.style import visible


def render(files: Sequence[CheckedFile], against: Sequence[FileDifference] = ()) -> str:
    """The verdict, a table of the figures that are wrong, every error drawn, the warnings folded away; and what changed
    since a revision."""
    checked = "\n".join(_lines(files)) + "\n"
    if not against:
        return checked
    from archcalc.report.difference.markdown import markdown

    return "\n".join(filter(None, (checked, markdown(against))))


def _lines(files: Sequence[CheckedFile]) -> Iterator[str]:
    found = [diagnostic for _, diagnostic in said(files)]
    errors = [each for each in found if each.severity == "error"]
    others = [each for each in found if each.severity != "error"]
    yield f"### archcalc: {verdict(summed(files))}"
    rows = list(_rows(files))
    if rows:
        yield from ("", "| where | network | printed | the layers give |", "| --- | --- | --- | --- |", *rows)
    for error in errors:
        yield ""
        yield from _fenced(error)
    if others:
        count = "1 warning" if len(others) == 1 else f"{len(others):,} warnings"
        yield from ("", f"<details><summary>{count}</summary>")
        for each in others:
            yield ""
            yield from _fenced(each)
        yield from ("", "</details>")


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


def _fenced(diagnostic: Diagnostic) -> Iterator[str]:
    """A diagnostic as it stands: each of its lines begins with a word or a margin, so none ends the block."""
    yield from ("```", draw(diagnostic), "```")
