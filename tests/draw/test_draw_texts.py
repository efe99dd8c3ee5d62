"""Pictures as text: read back by Graphviz's own parser, and by the rules of Mermaid's flowcharts."""

from __future__ import annotations

import html
import json
import re
from collections import Counter
from pathlib import Path

import pygraphviz
import pytest
from draw.seen import Seen

import archcalc
from archcalc.layers import FUNCTIONS, LAYERS
from archcalc.report.draw import dot, drawing, mermaid, svg
from archcalc.report.draw.families import BLOCK, FAMILIES, FAMILY_OF

SPECS = Path(__file__).parents[2] / "specs"
ODD = [
    'a"b', "x<b>y</b>", "1. list", "`md`", "a]] -->|c",
    "#35; &amp; \\n\\", "end", "a\x1bb\ud800 網é", "%% {x};", "\\N|G",
]  # fmt: skip
#: A box and an arrow of a flowchart, as its documentation writes them.
BOX = re.compile(r'  (n\d+)(?:\["([^"]*)"\]|\[\["([^"]*)"\]\])')
ARROW = re.compile(r'  (n\d+) (-->|-\.->)\|"([^"]*)"\| (n\d+)')


@pytest.fixture(scope="module")
def odd():
    """A network whose layers have names that mean something to somebody."""
    text = 'network n "a <title> & ]]\\n"\ninput 8x8x3\n' + "relu\n" * (len(ODD) - 1)
    report = archcalc.parse(text).report(aux=True)
    names = dict(zip([row.name for row in report.layers], ODD, strict=True))
    rows = [row.but(name=names[row.name], inputs=tuple(names[each] for each in row.inputs)) for row in report.layers]
    return report.but(network='odd "n" <x>', layers=tuple(rows))


def shown(name):
    return name.replace("\x1b", "␛").replace("\ud800", "<U+D800>")


def test_every_kind_has_a_family():
    kinds = {kind for layer in LAYERS if isinstance(kind := layer.kind, str)} | set(FUNCTIONS)
    assert kinds == set(FAMILY_OF)
    assert set(FAMILY_OF.values()) | {BLOCK} == set(FAMILIES)


@pytest.mark.parametrize("spec", ["googlenet.arch", "resnet.arch:resnet-18", "stn.arch", "fcn.arch:fcn-8s"])
@pytest.mark.parametrize("depth", [0, 1])
def test_graphviz_reads_what_the_svg_shows(spec, depth):
    picture = drawing(archcalc.load(SPECS / spec).report(aux=True), depth)
    read, seen = pygraphviz.AGraph(dot(picture)), Seen(svg(picture))
    labels = {node: node.attr["label"].replace("\\n", "\n").split("\n")[0].split("  ")[0] for node in read.nodes()}
    assert sorted(labels.values()) == sorted(seen.boxes)
    arrows = Counter((labels[edge[0]], labels[edge[1]], edge.attr["label"]) for edge in read.edges())
    assert arrows == Counter(each[:3] for each in seen.arrows)
    assert {labels[node] for node in read.nodes() if "dashed" in (node.attr["style"] or "")} == seen.side
    read.draw(format="json0", prog="dot")  # Graphviz lays it out too


@pytest.mark.parametrize("spec", ["googlenet.arch", "resnet.arch:resnet-18", "stn.arch", "fcn.arch:fcn-8s"])
@pytest.mark.parametrize("depth", [0, 1])
def test_mermaid_has_what_the_svg_shows(spec, depth):
    picture = drawing(archcalc.load(SPECS / spec).report(aux=True), depth)
    boxes, arrows = read_flowchart(mermaid(picture))
    seen = Seen(svg(picture))
    names = {box: re.match("<b>(.*?)</b>", text)[1] for box, text in boxes.items()}
    assert sorted(names.values()) == sorted(seen.boxes)
    shown = Counter((names[start], names[end], text) for start, _, text, end in arrows)
    assert shown == Counter(each[:3] for each in seen.arrows)
    assert Counter(line == "-.->" for _, line, *_ in arrows) == Counter(arrow.side for arrow in seen.arrows)


def read_flowchart(text):
    """Boxes and arrows; every line must be one that a flowchart has."""
    first, title, last, kind, *lines = text.splitlines()
    assert (first, last, kind) == ("---", "---", "flowchart TD")
    json.loads(title.removeprefix("title: "))
    boxes, arrows = {}, []
    for line in lines:
        if found := BOX.fullmatch(line):
            assert found[1] not in boxes
            boxes[found[1]] = found[2] or found[3]
        elif found := ARROW.fullmatch(line):
            assert {found[1], found[4]} <= set(boxes)
            arrows.append(found.groups())
        else:
            assert re.fullmatch(r"  (classDef \w+ [\w#:, -]+|class n\d+(,n\d+)* \w+)", line), line
    return boxes, arrows


def test_mermaid_escapes_what_means_something(odd):
    boxes, arrows = read_flowchart(mermaid(drawing(odd)))
    plain = [re.sub(r"#(\d+);", lambda match: chr(int(match[1])), text) for text in boxes.values()]
    assert [text.removeprefix("<b>").rsplit("</b>", 1)[0] for text in plain] == [*map(shown, ODD)]
    # what is left to Mermaid is its own: bold, line ends, and a blank
    left = re.sub(r"</?b>|<br/>|&ensp;|#\d+;", "", "".join(boxes.values()))
    assert not re.search(r'["<>&#`\[\]{}\\%]|\d\. ', left)
    assert len(arrows) == len(ODD) - 1


def test_graphviz_escapes_what_means_something(odd):
    text = dot(drawing(odd))
    read = pygraphviz.AGraph(text)
    # its own escapes taken back, then its entities
    labels = [re.sub(r"\\(.)", r"\1", node.attr["label"]) for node in read.nodes()]
    assert [html.unescape(label).split("  ")[0] for label in labels] == [*map(shown, ODD)]
    assert len(read.edges()) == len(ODD) - 1


def test_svg_escapes_what_means_something(odd):
    picture = drawing(odd)
    assert [box.name for box in picture.boxes] == [*map(shown, ODD)]
    root = Seen.parsed(svg(picture))
    texts = [each.text for each in root.iter() if each.tag.endswith("}text")]
    assert {*map(shown, ODD), 'odd "n" <x>'} <= set(texts)


def test_a_mermaid_title_is_any_text(odd):
    assert json.loads(mermaid(drawing(odd)).splitlines()[1].removeprefix("title: ")) == 'odd "n" <x>'
