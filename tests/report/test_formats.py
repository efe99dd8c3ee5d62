"""JSON, CSV, Markdown and HTML: what a program reads, held against the published schema and parsers of their own."""

from __future__ import annotations

import csv
import io
import json
from fractions import Fraction
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from samples import BLOCKS, report

import archcalc
from archcalc.algebra import symbol
from archcalc.analyses.summary import unreadable
from archcalc.diagnostics import Diagnostic
from archcalc.report import csv as csv_report
from archcalc.report import json as json_report
from archcalc.report import markdown
from archcalc.report.fold import folded
from archcalc.report.html import fragment
from archcalc.source import Source, Span

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "schema" / "report-1.json").read_text(encoding="utf-8"))


def read(*reports, many=False):
    """JSON text read back, after it passed the schema."""
    found = json.loads(json_report.dumps(reports, many=many))
    Draft202012Validator.check_schema(SCHEMA)
    Draft202012Validator(SCHEMA).validate(found)
    return found


def test_json_is_the_published_object():
    found = read(report())
    assert found["schema"] == 1 and found["archcalc"] == archcalc.__version__
    assert (found["network"], found["status"], found["input"], found["output"]) == ("slide", "ok", [3, 227, 227], [10])
    assert found["as"] is None and "convention" not in found
    conv = found["layers"][1]
    assert conv["name"] == "CONV1" and conv["tensors"] == {"weight": [96, 3, 11, 11], "bias": [96]}
    assert conv["attributes"]["kernel"] == [11, 11] and conv["inputs"] == [found["layers"][0]["name"]]
    assert conv["field"] == {"kind": "window", "size": [11, 11], "stride": [4, 4], "start": [0, 0], "aligned": True}


STORED = """input 12x12x4
a: conv 3x5, 8, groups 2
b: deconv 3x5, 6, stride 2
c: local 3x5, 7
d: bn
e: fc 10
"""


@pytest.mark.parametrize(("layout", "shapes"), [
    # PyTorch's Conv2d, ConvTranspose2d and Linear; a local layer has a convolution's weights at each of 19x15 places
    ("chw", ["weight 8x2x3x5; bias 8", "weight 8x6x3x5; bias 6", "weight 19x15x7x6x3x5; bias 7x19x15",
             "weight 7; bias 7; running_mean 7; running_var 7", "weight 10x1995; bias 10"]),
    # Keras's Conv2D (rows, columns, in of a group, out), Conv2DTranspose (rows, columns, out, in), Dense (in, out)
    ("hwc", ["weight 3x5x2x8; bias 8", "weight 3x5x6x8; bias 6", "weight 19x15x3x5x6x7; bias 19x15x7",
             "weight 7; bias 7; running_mean 7; running_var 7", "weight 1995x10; bias 10"]),
])  # fmt: skip
def test_shapes_of_weights_as_pytorch_or_keras_writes_them(layout, shapes):
    made = archcalc.parse(STORED).report()
    rows = [*csv.DictReader(io.StringIO(csv_report.dumps([made], keys=["name", "tensors"], layout=layout)))]
    assert [row["tensors"] for row in rows] == ["", *shapes]
    assert all(f"| {shape.replace('_', chr(92) + '_')} |" in markdown.dumps([made], keys=["tensors"], layout=layout)
               for shape in shapes)  # fmt: skip


def test_what_a_lecture_says_of_the_filters_of_its_first_layers():
    path = Path(__file__).parents[2] / "specs" / "lecture.arch"
    made = csv_report.dumps([archcalc.load(f"{path}:keras-b").report()], keys=["name", "tensors"])
    assert "conv1.conv,weight 3x3x1x32; bias 32\n" in made and "conv2.conv,weight 3x3x32x64; bias 64\n" in made


def test_rows_sum_to_totals():
    found = read(report(BLOCKS))
    for key in ("params", "weights", "biases", "norms", "macs", "flops", "activations_bytes", "weights_bytes"):
        assert sum(row[key] for row in found["layers"]) == found["totals"][key] != 0


def test_the_schema_knows_every_key_that_is_printed():
    found, known = read(report(BLOCKS)), SCHEMA["$defs"]
    assert set(found) <= set(known["report"]["properties"])
    predicted = {"latency_ns", "latency_low_ns", "latency_high_ns", "latency_bound_ns", "routine"}  # if asked for
    assert set(found["totals"]) == set(known["totals"]["properties"]) - predicted
    assert set(found["layers"][0]) == set(known["layer"]["properties"]) - predicted


def test_an_unreadable_text_is_still_valid_json_without_totals():
    span = Span(Source("a.arch", "one\ntwo"), 4, 7)
    found = read(unreadable(None, "a.arch", [Diagnostic("A104", "cannot be read", span, help="write it")]))
    assert found["status"] == "unreadable" and "totals" not in found
    assert found["diagnostics"] == [
        {
            "code": "A104", "severity": "error", "message": "cannot be read", "notes": [], "help": "write it",
            "line": 2, "column": 1, "end_line": 2, "end_column": 4,
        }
    ]  # fmt: skip


def test_several_networks_are_an_array():
    assert [found["network"] for found in read(report(), report(BLOCKS), many=True)] == ["slide", "blocks"]


def test_fractions_and_closed_forms_are_text():
    base = report()
    row = base.layers[1]
    field = row.field.but(kind="phased", stride=(Fraction(1, 2), 1))
    found = read(base.but(layers=(row.but(params=symbol("H") * 3, field=field),)))
    assert found["layers"][0]["params"] == "3·H" or "H" in found["layers"][0]["params"]
    assert found["layers"][0]["field"]["stride"] == ["1/2", 1]


def test_a_folded_group_sums_its_layers_and_gives_the_last_ones_output():
    whole, shallow, deep = report(BLOCKS), folded(report(BLOCKS), 1), folded(report(BLOCKS), 2)
    assert [row.name for row in shallow.layers] == ["input", "conv1", "stage", "fc"]
    assert [row.name for row in deep.layers] == ["input", "conv1", "stage.a", "stage.b", "stage.deep", "fc"]
    for made in (shallow, deep):
        for key in ("params", "macs", "flops", "activations_bytes"):
            assert sum(getattr(row, key) for row in made.layers) == getattr(whole.totals, key)
    stage = shallow.layers[2]
    assert stage.output == (8, 32, 32) and stage.inputs == ("conv1.relu",)
    assert stage.kind == "6 layers: 4 conv, 2 relu"
    read(shallow)


def test_csv_has_raw_numbers_under_keys():
    rows = list(
        csv.DictReader(io.StringIO(csv_report.dumps([report()], keys=("name", "params", "output", "field.size"))))
    )
    assert rows[1] == {"name": "CONV1", "params": "34944", "output": "55x55x96", "field.size": "11"}
    assert rows[0]["name"] and len(rows) == 4


def test_csv_of_several_networks_names_them():
    rows = list(csv.reader(io.StringIO(csv_report.dumps([report(), report(BLOCKS)]))))
    assert rows[0][0] == "network" and {row[0] for row in rows[1:]} == {"slide", "blocks"}


def test_csv_quotes_what_a_name_may_hold():
    base = report()
    odd = base.but(layers=(base.layers[1].but(name='a,"b"\nc'),))
    assert next(csv.DictReader(io.StringIO(csv_report.dumps([odd]))))["name"] == 'a,"b"\nc'


def test_markdown_is_one_table_whose_signs_are_escaped():
    base = report()
    odd = base.but(layers=(*base.layers[:1], base.layers[1].but(name="a|b*c_d")))
    lines = markdown.dumps([odd]).splitlines()
    table = [line for line in lines if line.startswith("|")]
    assert lines[0] == "### slide"
    assert {line.replace("\\|", "").count("|") for line in table} == {8}
    assert table[1].count("---:") == 4
    assert "a\\|b\\*c\\_d" in table[3]
    assert "**734,794** params (735 K, 2.80 MiB)" in lines[-1]


class Cells(HTMLParser):
    """Collects the texts of cells, row by row."""

    def __init__(self):
        super().__init__()
        self.rows, self.open = [], []

    def handle_starttag(self, tag, attributes):
        self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        while self.open.pop() != tag:
            pass

    def handle_data(self, data):
        if self.open and self.open[-1] in ("td", "th"):
            self.rows[-1][-1] += data


def test_a_notebook_shows_a_table_in_which_no_text_is_markup():
    base = report()
    odd = base.but(title="<script>", layers=(*base.layers, base.layers[1].but(name="<b>&")))
    made = fragment(odd)
    cells = Cells()
    cells.feed(made)
    assert "<script>" not in made
    assert cells.rows[0] == ["layer", "what", "output", "params", "MACs", "act. mem", "field"]
    assert cells.rows[2][:4] == ["CONV1", "conv 11x11, 96, /4", "55x55x96", "34,944"]
    assert cells.rows[-2][0] == "<b>&" and cells.rows[-1][3] == "734,794"
    assert {len(row) for row in cells.rows} == {7}


@pytest.mark.parametrize("write", [lambda r: markdown.dumps([r]), fragment])
def test_no_figures_without_a_network(write):
    assert "nreadable" in write(unreadable(None, "x.arch", []))


def test_folded_rows_have_names_of_their_own_and_sum_to_totals():
    made = archcalc.load(str(Path(__file__).parents[2] / "specs" / "resnet.arch:resnet-18")).report()
    for depth in (1, 2, 3):
        rows = folded(made, depth).layers
        assert len({row.name for row in rows}) == len(rows)
        for key in ("params", "macs", "saved_bytes"):
            assert sum(getattr(row, key) for row in rows) == getattr(made.totals, key)
