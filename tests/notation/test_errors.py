"""Bad texts: each fault told once, where it stands, with the reason and the repair.

A case holds what it expects as comments, as type checkers' tests do: ``# error: A301 some words`` on the line at fault,
where the words, if any, stand in the message, a note or the help; several on a line follow each other.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest
from typer.testing import CliRunner

from archcalc.cli import app
from archcalc.cli.specs import examined
from archcalc.diagnostics import CODES, Diagnostic
from archcalc.report.diagnostics import draw, draw_all

CASES = sorted(Path(__file__).parents[1].joinpath("cases", "errors").glob("*.arch"))
MARK = re.compile(r"#\s*(?P<severity>error|warning): (?P<code>A\d+)(?P<words>[^#\n]*)")


def told_of(path: Path) -> list[Diagnostic]:
    """Every diagnostic of a file and of each of its networks, as the command line tells them."""
    reports = examined([str(path)], {}, {}, strict=False)
    return list(dict.fromkeys(diagnostic for report in reports for diagnostic in report.diagnostics))


@pytest.fixture
def told(tmp_path: Path) -> Callable[[str | bytes], list[Diagnostic]]:
    """Every diagnostic of a text that is no file yet."""

    def of(text: str | bytes) -> list[Diagnostic]:
        path = tmp_path / "case.arch"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return told_of(path)

    return of


def line_of(diagnostic: Diagnostic) -> int:
    return diagnostic.span.line if diagnostic.span else 0


def all_words(diagnostic: Diagnostic) -> str:
    return "\n".join((diagnostic.message, *diagnostic.notes, diagnostic.help or ""))


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_each_fault_is_told_where_it_stands(case: Path) -> None:
    found = told_of(case)
    lines = case.read_text(encoding="utf-8").split("\n")
    marks = [(number, mark) for number, line in enumerate(lines, 1) for mark in MARK.finditer(line)]
    wanted = Counter((number, mark["severity"], mark["code"]) for number, mark in marks)
    given = Counter((line_of(diagnostic), diagnostic.severity, diagnostic.code) for diagnostic in found)
    assert given == wanted, f"too much: {given - wanted}, too little: {wanted - given}\n{draw_all(found)}"
    for number, mark in marks:
        said = [d for d in found if (line_of(d), d.code) == (number, mark["code"])]
        assert any(mark["words"].strip() in all_words(d) for d in said), f"line {number}, {mark[0]}:\n{draw_all(said)}"


def test_every_case_expects_something() -> None:
    assert len(CASES) > 15
    assert all(MARK.search(case.read_text(encoding="utf-8")) for case in CASES)


def test_the_cases_hold_most_codes() -> None:
    """A code that no case has is one that nobody has seen drawn."""
    seen = {mark["code"] for case in CASES for mark in MARK.finditer(case.read_text(encoding="utf-8"))}
    elsewhere = {"A102", "A103"}  # bytes and empty texts: below
    unseen = set(CODES) - seen - elsewhere
    project = {"A206", "A207", "A507", "A601", "A602"}  # of the project around a text: tests/checking
    assert unseen <= project, unseen


# -- what is drawn ----------------------------------------------------------------------------------------------------

Told = Callable[[str | bytes], list[Diagnostic]]


def drawn(diagnostics: list[Diagnostic]) -> str:
    """The pictures, under a file's bare name."""
    text = "\n\n".join(draw(diagnostic) for diagnostic in diagnostics)
    return re.sub(r"(--> ).*/", r"\1", text)


def test_of_what_a_phrase_means_the_layer_that_makes_the_shape_is_named(told: Told) -> None:
    for rule in ("conv; relu", "conv, no bias; bn; relu", "conv, pad half"):
        (found,) = told(f"conv means {rule}\ninput 8x8x3\nCONV3-16: [8x8x17]\n")
        assert found.message == "this line says 8x8x17, the convolution gives 8x8x16"


def test_a_printed_shape_is_drawn_with_its_arithmetic_and_its_repair(told: Told) -> None:
    """The picture that the notation's description shows."""
    text = """\
        [224x224x3] INPUT
        [55x55x96]  CONV1: 96 11x11 filters at stride 4, pad 0
        """
    assert drawn(told(dedent(text))) == dedent(
        """\
        error[A201]: this line says 55x55x96, the convolution gives 54x54x96
          --> case.arch:2:2
           |
         1 | [224x224x3] INPUT
         2 | [55x55x96]  CONV1: 96 11x11 filters at stride 4, pad 0
           |  ^^^^^^^^             ^^^^^            ^^^^^^^^
           = (224 - 11 + 2*0)/4 + 1 = 54.25, floored to 54
           = help: a 227x227 input gives 55; so does pad 2 on 224"""
    )


def test_branches_that_disagree_are_both_underlined(told: Told) -> None:
    text = """\
        input 32x32x3
        sum:
            | conv 3x3, 64, pad 1; bn; relu
              conv 3x3, 60, pad 1
            | conv 1x1, 60
            | conv 1x1, 32
        """
    assert drawn(told(dedent(text))) == dedent(
        """\
        error[A303]: sum needs equal shapes: branch 1 gives 32x32x60, branch 3 gives 32x32x32
          --> case.arch:2:1
           |
         1 | input 32x32x3
         2 | sum:
           | ^^^^
         3 |     | conv 3x3, 64, pad 1; bn; relu
           |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        ...
         6 |     | conv 1x1, 32
           |       ^^^^^^^^^^^^"""
    )


def test_the_word_at_fault_is_underlined_behind_tabs_and_wide_characters(told: Told) -> None:
    assert drawn(told("input 32x32x3\n重み:\tcovn 3×3, 64\n")).splitlines()[-2:] == [
        " 2 | 重み:   covn 3×3, 64",
        "   | ^^",
    ]
    assert drawn(told("input 32x32x3\nc:\tconv 3×3, 64,\tstrid 2\n")).splitlines()[-3:] == [
        " 2 | c:  conv 3×3, 64,   strid 2",
        "   |                     ^^^^^",
        "   = help: did you mean 'stride'?",
    ]


@pytest.mark.parametrize(("line", "word"), [
    ("conv 3x3, 64, stride 0", "stride 0"),
    ("conv 3x3, 0", "0"),
    ("conv 99x99, 64", "99x99"),
    ("conv 3x3, 64, groups 2", "groups 2"),
    ("conv 3x3, 64, dilation 0", "dilation 0"),
    ("conv 3x3, 5x5, 64", "5x5"),
    ("conv 3, 64", "3, 64"),
    ("conv 5x5/256", "/256"),
    ("conv 3x3x64", "3x3x64"),
    ("conv 64", "64"),
    ("relu, stride 2", "stride 2"),
    ("relu 3x3", "3x3"),
    ("dropout 2", "2"),
    ("conv 3x3, 64, share nobody", "nobody"),
    ("crop 2 to nobody", "nobody"),
    ("from nobody", "nobody"),
    ("conv 3x3, (64/7)", "64/7"),
    ("conv 3x3, 64, padd 1", "padd"),
])  # fmt: skip
def test_the_span_is_the_word_at_fault(told: Told, line: str, word: str) -> None:
    [diagnostic] = told(f"input 32x32x3\n{line}\n")
    assert diagnostic.span is not None and diagnostic.span.text == word


# -- files that are no spec -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("data", "code", "words"), [
    (b"", "A103", "the file is empty"),
    (b" \n\t\r\n", "A103", "the file is empty"),
    (b"# only\n  # comments\n", "A103", "nothing here but comments"),
    (b"\x7fELF\x02\x01\x01\x00\xff", "A102", "not a text file"),
    (b"input 8x8x3\nrelu\0\n", "A102", "NUL"),
    (b"input 8x8x3\nrelu \xff\n", "A102", "UTF-8"),
    (b"\xff\xfei", "A102", "not a text file"),
    (b"param k = 3\n", "A103", "holds no network"),
    (b"block f(c): conv 1x1, c\nnetwork\n", "A104", "a network line is"),
])  # fmt: skip
def test_a_file_that_is_no_spec_is_told_once(told: Told, data: bytes, code: str, words: str) -> None:
    [diagnostic] = told(data)
    assert diagnostic.code == code and words in diagnostic.message


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_encoding_and_line_end_gives_the_same_places(told: Told, encoding: str, end: str) -> None:
    data = end.join(("input 32x32x3", "conv 3×3, 64", "covn 3x3, 64", "")).encode(encoding)
    [diagnostic] = told(data)
    assert diagnostic.span is not None
    assert (diagnostic.code, diagnostic.span.line, diagnostic.span.column) == ("A105", 3, 1)


@pytest.mark.parametrize("text", [
    "input 8x8x3\nconv 3x3, " + "(" * 20_000 + "q" + ")" * 20_000,
    "input 8x8x3\n" + "[" * 20_000,
    "input 8x8x3\n" + "".join(" " * depth + "sum:\n" + " " * depth + "|\n" for depth in range(600)),
    "input 8x8x3\nconv 3x3, " + "1 + " * 20_000 + "q",
    "input 8x8x3\n" + "relu; " * 20_000 + "covn",
    "input 8x8x3\n" + "x" * 300_000,
], ids=["parentheses", "brackets", "indentation", "sum", "layers", "word"])  # fmt: skip
def test_what_is_deep_or_long_is_told_in_a_line_and_soon(told: Told, text: str) -> None:
    found = told(text)
    assert found and all(len(diagnostic.message) < 200 for diagnostic in found)
    assert len(draw_all(found, width=80)) < 4000


# -- what a program sees -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_json_stays_valid_and_the_exit_status_says_the_worst(case: Path) -> None:
    result = CliRunner().invoke(app, ["report", str(case), "--format", "json"], catch_exceptions=False)
    found = json.loads(result.stdout)
    reports = found if isinstance(found, list) else [found]
    statuses = {report["status"] for report in reports}
    assert all((report["status"] == "unreadable") == (report.get("totals") is None) for report in reports)
    assert result.exit_code == (2 if "unreadable" in statuses else 1 if "failed" in statuses else 0)
    expects = {mark["severity"] for mark in MARK.finditer(case.read_text(encoding="utf-8"))}
    assert (result.exit_code > 0) == ("error" in expects)


@pytest.mark.parametrize(("case", "status"), [
    ("printed", 1), ("expected", 1), ("in-the-wild-224", 1), ("in-the-wild-alexnet", 1),
    ("doubtful", 0), ("ten", 2), ("two-readings", 2), ("sizes", 2),
])  # fmt: skip
def test_a_wrong_figure_leaves_a_network_and_a_wrong_line_does_not(case: str, status: int) -> None:
    path = CASES[0].with_name(f"{case}.arch")
    assert CliRunner().invoke(app, ["report", str(path)], catch_exceptions=False).exit_code == status


@pytest.mark.parametrize(("options", "words"), [
    (("--set", "widht=3"), "did you mean 'width'?"),
    (("--set", "width=0"), "0 output channels: it must be at least 1"),
    (("--input", "32x32"), "the input asked for, 32x32, is tokens; the network takes an image"),
    (("--input", "3x3x3"), "a window of 5 does not fit height 3"),
])  # fmt: skip
def test_options_that_a_network_cannot_take(tmp_path: Path, options: tuple[str, str], words: str) -> None:
    path = tmp_path / "case.arch"
    path.write_text("param width = 3\ninput 32x32x3\nconv 5x5, width\nrelu\n", encoding="utf-8")
    result = CliRunner().invoke(app, ["report", str(path), *options], catch_exceptions=False)
    assert result.exit_code == 2
    assert words in result.stderr and result.stderr.count("error[") == 1
