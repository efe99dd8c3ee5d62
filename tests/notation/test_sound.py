"""What is still said of a text with a fault: wrong figures above it, and never a right one that the fault spoils."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from archcalc.cli.specs import examined
from archcalc.network import ArchcalcError, build, document
from archcalc.source import Source

ROOT = Path(__file__).parents[2]
FILES = [*sorted(ROOT.glob("specs/*.arch")), *sorted(ROOT.glob("tests/cases/*.arch"))]
FIGURES = ("A201", "A202", "A203", "A204", "A205")


def told(text):
    """The codes of what is told, of each network that cannot be built."""
    read = document(Source("case.arch", text))
    for name in read.names or (None,):
        try:
            build(read, name)
        except ArchcalcError as error:
            yield from ((diagnostic.code, diagnostic.span.line) for diagnostic in error.diagnostics)


def spoilt(line):
    """A line that cannot be read, in three ways."""
    blank = line[: len(line) - len(line.lstrip())]
    return (f"{blank}zzz qqq", f"{line} zzz", line.replace("conv", "covn").replace("pool", "poll"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_fault_makes_no_right_figure_wrong(path):
    lines = path.read_text(encoding="utf-8").split("\n")
    places = [index for index, line in enumerate(lines) if line.strip() and not line.lstrip().startswith("#")]
    for index in random.Random(path.stem).sample(places, 2):
        for bad in spoilt(lines[index]):
            found = list(told("\n".join([*lines[:index], bad, *lines[index + 1 :]])))
            assert not [each for each in found if each[0] in FIGURES], (index + 1, bad, found)


ABOVE = "input 8x8x3\nconv 3x3, 8, pad 1 -> 8x8x9\n"


@pytest.mark.parametrize("below", ["zzz", "param k = conv", "fc 10, stride 2", "max pool 2x2; zzz"])
def test_a_wrong_shape_above_a_fault_is_told_with_it(below):
    codes = list(told(ABOVE + below))
    assert codes[0] == ("A201", 2) and [line for _, line in codes[1:]] == [3]
    assert not {code for code, _ in told(f"zzz\n{ABOVE}")} & {*FIGURES}


def test_params_are_not_held_where_a_line_below_may_say_that_biases_are_not_counted():
    above = "input 8x8x3\nconv 3x3, 8, pad 1  params: 216\n"
    assert list(told(f"{above}zzz")) == [("A203", 2), ("A105", 3)]
    assert list(told(f"{above}zzz  params: 5 (not counting biases)")) == [("A105", 3)]


def test_no_network_is_built_of_a_block_at_fault(tmp_path):
    """A fault met twice is told once, but what the second call laid is no call's layers."""
    path = tmp_path / "case.arch"
    block = "block unit(c):\n    conv 3x3, c, pad 1\n    zzz\n"
    path.write_text(f"{block}network a\ninput 8x8x3\nunit(8) x 3\nnetwork b\ninput 8x8x8\nunit(8)\n", encoding="utf-8")
    reports = examined([str(path)], {}, {}, strict=False)
    found = [(report.status, [each.code for each in report.diagnostics]) for report in reports]
    assert found == [("unreadable", ["A105"]), ("unreadable", ["A105"])]


@pytest.mark.parametrize(("cell", "code"), [("1024x1000 of a long cell", "A110"), ("1024 x 1000 / s1", "A302")])
def test_a_fault_of_another_cell_of_the_row_is_told_there(cell, code):
    assert list(told(f"input 8x8x3\n| type | filter shape |\n| conv | 3x3x3x8 |\n| fc | {cell} |\n")) == [(code, 4)]


def test_a_claim_that_cannot_be_read_hides_no_other(tmp_path):
    path = tmp_path / "case.arch"
    path.write_text(
        "input 32x32x3\n"
        "conv1: conv 3x3, 8, pad 1  params: 225\n"
        "expect out at conv1 = 28x28x9\n"
        "expect params at conv2 = 3\n"
        "expect flops <= 1 GFLOPs\n"
        "expect parms = 224\n"
        "expect params = 224 with k = 2\n"
        "expect params of other = 224\n"
        "expect params = 224\n",
        encoding="utf-8",
    )
    (report,) = examined([str(path)], {}, {}, strict=False)
    said = [(each.span.line, each.code) for each in report.diagnostics]
    assert said == [(2, "A203"), (3, "A204"), (4, "A401"), (5, "A107"), (6, "A105"), (7, "A409"), (8, "A408")]
    assert report.status == "failed" and report.totals.params == 224
    assert [each.holds for each in report.expectations] == [False, False, False, True]


def test_a_claim_that_cannot_be_read_is_told_beside_a_fault_of_the_layers():
    assert list(told(f"{ABOVE}expect parms = 3\nzzz\n")) == [("A201", 2), ("A105", 3), ("A105", 4)]
