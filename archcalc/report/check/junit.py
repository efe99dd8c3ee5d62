"""A check as JUnit's XML: a suite a file, a case a claim, valid against the schema of Jenkins (junit-10.xsd)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from archcalc.analyses.checked import CheckedFile
from archcalc.report.check.cases import Case, Outcome, cases
from archcalc.report.check.figures import sentence
from archcalc.report.check.places import from_root
from archcalc.report.diagnostics import draw, drawn
from archcalc.report.style import visible

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

#: What an outcome is called in a case, and in the counts above it.
_WORDS: dict[Outcome, tuple[str, str]] = {
    "failed": ("failure", "failures"),
    "unreadable": ("error", "errors"),
    "undecided": ("skipped", "skipped"),
}


def render(files: Sequence[CheckedFile]) -> str:
    """XML text in ASCII, a newline at its end. Times are 0: what is checked takes none of its own."""
    from xml.etree.ElementTree import Element, indent, tostring

    suites = list(cases(files))
    every = [case for _, each in suites for case in each]
    root = Element("testsuites", {"name": "archcalc", **_counts(every, "tests", "failures", "errors")})
    for file, each in suites:
        _suite(root, file, each)
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="us-ascii").decode()}\n'


def _counts(found: Sequence[Case], *names: str) -> dict[str, str]:
    counts = {plural: sum(case.outcome == outcome for case in found) for outcome, (_, plural) in _WORDS.items()}
    counts["tests"] = len(found)
    return {name: str(counts[name]) for name in names} | {"time": "0"}


def _suite(root: Element, file: CheckedFile, found: Sequence[Case]) -> None:
    from xml.etree.ElementTree import SubElement

    path = visible(from_root(file.file))
    counts = _counts(found, "tests", "failures", "errors", "skipped")
    suite = SubElement(root, "testsuite", {"name": path, "file": path, **counts})
    for case in found:
        made = SubElement(
            suite, "testcase", {"classname": path.removesuffix(".arch"), "name": visible(case.title), "time": "0"}
        )
        if case.outcome != "passed":
            _verdict(made, case)
    warnings = [each for each in file.diagnostics if each.severity != "error"]
    if warnings:
        SubElement(suite, "system-out").text = "".join(drawn(warnings))


def _verdict(made: Element, case: Case) -> None:
    """Why a case is not passed: the error, or the figure and what it follows from."""
    from xml.etree.ElementTree import SubElement

    word = _WORDS[case.outcome][0]
    if case.fault is not None:
        told = SubElement(made, word, {"type": case.fault.code, "message": visible(case.fault.message)})
        told.text = draw(case.fault)
        return
    kind = "undecided" if case.outcome == "undecided" else "consequence"
    told = SubElement(made, word, {"type": kind, "message": visible(sentence(case))})
    if case.because is not None:
        told.text = draw(case.because)
