"""Whole reports, as a person sees them; ``UPDATE_GOLDEN=1 pytest -n0 tests/golden`` writes them anew."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import archcalc
from archcalc.report.conventions import text as compared
from archcalc.report.diagnostics import draw_all
from archcalc.report.fold import folded
from archcalc.report.text import Paper, text

HERE = Path(__file__).parent
SPECS = HERE.parents[1] / "specs"
#: A spec, and how deep its groups are shown: a listing, a table of networks, blocks, branches.
REPORTS = {
    "alexnet": ("alexnet.arch", None),
    "vgg-d": ("vgg.arch:D", None),
    "resnet-50": ("resnet.arch:resnet-50", 2),
    "googlenet": ("googlenet.arch", 1),
}


def same(path, made):
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(made, encoding="utf-8")
    assert made == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("width", [80, 200])
@pytest.mark.parametrize("name", REPORTS)
def test_reports_look_as_before(name, width, monkeypatch):
    monkeypatch.chdir(SPECS.parent)
    spec, depth = REPORTS[name]
    report = archcalc.load(f"specs/{spec}").report()
    report = report if depth is None else folded(report, depth)
    same(HERE / f"{name}-{width}.txt", text(report, paper=Paper(width, bars=True)))


@pytest.mark.parametrize("width", [80, 200])
def test_another_tools_count_looks_as_before(width, monkeypatch):
    monkeypatch.chdir(SPECS.parent)
    report = archcalc.load("specs/googlenet.arch").report(convention="ptflops")
    same(HERE / f"as-ptflops-{width}.txt", text(folded(report, 1), paper=Paper(width, bars=True)))


@pytest.mark.parametrize("width", [80, 200])
def test_conventions_look_as_before(width):
    graph = archcalc.load(SPECS / "resnet.arch:resnet-50").graph
    same(HERE / f"conventions-{width}.txt", compared([graph], paper=Paper(width)))


@pytest.mark.parametrize("width", [40, 80])
def test_faults_look_as_before(width):
    report = archcalc.parse(FAULTY).report()
    made = text(report, paper=Paper(width)) + "\n" + draw_all(report.diagnostics, width=width)
    same(HERE / f"faults-{width}.txt", made)


FAULTY = """\
network hasty "a slide typed in haste"
[224x224x3] INPUT
[55x55x96]  CONV1: 96 11x11 filters at stride 4, pad 0   # fits 227
[27x27x96]  POOL1: max pool 3x3, stride 2   params: 3*3*96 = 864
FC: 1000 neurons
erratum "Table 9 prints 70M" params = 64,931,944
expect params = 61M
"""
