"""``archcalc draw`` as a person sees it: files, notes and what is wrong with a command line."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from draw.seen import Seen
from typer.testing import CliRunner

from archcalc.cli import app

ROOT = Path(__file__).parents[2]
ALEXNET = str(ROOT / "specs/alexnet.arch")
RESNET = str(ROOT / "specs/resnet.arch")


def run(*arguments, code=0, text=None):
    result = CliRunner().invoke(app, ["draw", *map(str, arguments)], catch_exceptions=False, input=text)
    assert result.exit_code == code, result.output
    return result


def refused(*arguments):
    """What is said of a bad command line, in one line."""
    said = run(*arguments, code=2)
    assert not said.stdout
    return " ".join(re.sub(r"[│╭╮╰╯─]", " ", said.stderr).split())


@pytest.mark.parametrize(
    ("name", "start"),
    [("n.svg", "<svg "), ("n.SVG", "<svg "), ("n.dot", "digraph "), ("n.gv", "digraph "), ("n.mmd", "---\ntitle: "),
     ("n.mermaid", "---\ntitle: ")],
)  # fmt: skip
def test_the_ending_says_what_is_written(tmp_path, name, start):
    made = run(ALEXNET, "-o", tmp_path / name)
    assert (made.stdout, made.stderr) == ("", "")
    assert (tmp_path / name).read_text(encoding="utf-8").startswith(start)


def test_standard_output_takes_any_format():
    assert run(ALEXNET, "-o", "-", "--format", "dot").stdout.startswith("digraph ")
    assert Seen(run(ALEXNET, "-o", "-", "--format", "svg").stdout).boxes
    assert "--format" in refused(ALEXNET, "-o", "-")


def test_a_format_that_is_asked_for_counts(tmp_path):
    run(ALEXNET, "-o", tmp_path / "net.txt", "--format", "mermaid")
    assert (tmp_path / "net.txt").read_text(encoding="utf-8").startswith("---")


@pytest.mark.parametrize(("name", "why"), [("net", "'net' has no ending"), ("net.png", "'.png' is no picture")])
def test_another_ending_is_refused(name, why):
    said = refused(ALEXNET, "-o", name)
    assert why in said and ".svg, .dot, .gv, .mmd, .mermaid" in said


def test_a_file_that_cannot_be_written(tmp_path):
    said = refused(ALEXNET, "-o", tmp_path / "no" / "net.svg")
    assert said == f"error: cannot write {tmp_path / 'no' / 'net.svg'}: no such file or directory"
    assert "is a directory" in refused(ALEXNET, "-o", tmp_path, "--format", "dot")


def test_each_of_several_networks_has_its_file(tmp_path):
    said = refused(RESNET, "-o", tmp_path / "net.svg")
    assert "5networksandoneoutput" in said.replace(" ", "") and "net-{}.svg" in said.replace(" ", "")
    assert "resnet.arch:resnet-18" in said.replace(" ", "")
    run(RESNET, "--depth", 1, "-o", tmp_path / "net-{}.svg")
    layers = ("101", "152", "18", "34", "50")
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"net-resnet-{each}.svg" for each in layers]
    assert "5 networks" in refused(RESNET, "-o", "-", "--format", "dot")
    assert "two networks would be written to" in refused(ALEXNET, ALEXNET, "-o", tmp_path / "{}.svg")


def test_a_name_is_no_path(tmp_path):
    run("-", "-o", tmp_path / "{}.dot", text="network a/../b\ninput 8x8x3\nrelu\n")
    assert [path.name for path in tmp_path.iterdir()] == ["a_.._b.dot"]


def test_long_networks_are_folded_and_it_is_said(tmp_path):
    made = run(f"{RESNET}:resnet-152", "-o", tmp_path / "n.svg")
    boxes = len(Seen((tmp_path / "n.svg").read_text(encoding="utf-8")).boxes)
    assert boxes <= 200 and f"note: resnet-152: 516 layers are drawn as {boxes} boxes" in made.stderr
    made = run(f"{RESNET}:resnet-152", "-o", tmp_path / "n.svg", "--depth", 0)
    assert len(Seen((tmp_path / "n.svg").read_text(encoding="utf-8")).boxes) == 516 and not made.stderr


def test_mermaid_is_told_to_fold(tmp_path):
    made = run(f"{RESNET}:resnet-152", "-o", tmp_path / "n.mmd", "--depth", 0)
    arrows = (tmp_path / "n.mmd").read_text(encoding="utf-8").count("-->|")
    assert f"Mermaid draws at most 500 arrows, here are {arrows}" in made.stderr


def test_labels_are_columns():
    spec = "input 8x8x3\nc: conv 3x3, 4, pad 1\n"

    def shown(label):
        text = run("-", "-o", "-", "--format", "mermaid", "--label", label, text=spec).stdout
        return re.search('n1\\["(.*?)"\\]', text)[1].split("<br/>")[2:]

    assert shown("params") == ["112 params"]
    assert shown("params,macs,field,activations_bytes") == ["112 params · 6.91 K MACs · field 3 · 1.00 KiB act. mem"]
    assert shown("output") == ["8x8x4"]
    assert shown("none") == []
    assert "no column 'parms'" in refused(ALEXNET, "-o", "x.svg", "--label", "parms")


@pytest.mark.parametrize("text", ["3:2", "3/2", "1.5"])
def test_aspects_are_ratios(text):
    assert run(ALEXNET, "-o", "-", "--format", "svg", "--aspect", text).stdout.startswith("<svg")


@pytest.mark.parametrize("text", ["0", "wide", "1:0", "-1", "1:2:3", "1000", "", "1e99999999"])
def test_an_aspect_that_is_none(text):
    assert "--aspect" in refused(ALEXNET, "-o", "x.svg", "--aspect", text)


def test_networks_that_cannot_be_read(tmp_path):
    assert "A101" in run(tmp_path / "none.arch", "-o", tmp_path / "n.svg", code=2).stderr
    (tmp_path / "bad.arch").write_text("input 8x8x3\nconv 11x11, 4\n", encoding="utf-8")
    assert "A30" in run(tmp_path / "bad.arch", "-o", tmp_path / "n.svg", code=2).stderr
    assert not (tmp_path / "n.svg").exists()


def test_without_the_library(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    said = refused(ALEXNET, "-o", tmp_path / "n.svg")
    assert said.startswith("error: ") and "pip install 'archcalc[draw]'" in said
    run(ALEXNET, "-o", tmp_path / "n.dot")
    run(ALEXNET, "-o", tmp_path / "n.mmd")


def test_the_picture_of_the_pages_is_what_is_drawn(tmp_path):
    kept = ROOT / "docs/googlenet.svg"
    run(ROOT / "specs/googlenet.arch", "--depth", 1, "-o", tmp_path / "n.svg")
    made = (tmp_path / "n.svg").read_text(encoding="utf-8")
    if os.environ.get("UPDATE_GOLDEN"):
        kept.write_text(made, encoding="utf-8")
    assert kept.read_text(encoding="utf-8") == made


def test_a_picture_is_legible_on_dark_ground_too():
    style = ElementTree.fromstring(run(ALEXNET, "-o", "-", "--format", "svg").stdout).find(
        "{http://www.w3.org/2000/svg}style"
    )
    light, dark = style.text.split("@media (prefers-color-scheme: dark)")
    for rules in (light, dark):
        ground = re.search(r"\.ground \{ fill: (#\w+)", rules)[1]
        letters = re.search(r"^\s*text \{[^}]*fill: (#\w+)", rules, re.M)[1]
        fills = re.findall(r"\.k-\w+ \{ fill: (#\w+)", rules)
        assert len(fills) >= 4
        # 4.5 to 1 is what the Web Content Accessibility Guidelines ask of small text
        assert all(contrast(letters, each) > 4.5 for each in (ground, *fills))


def contrast(one, other):
    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def luminance(colour):
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
