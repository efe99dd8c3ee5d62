"""Which inputs a network takes and reads to the end: against building it at every size, and reading its warnings."""

from __future__ import annotations

import csv
import io
import json
import re
from fractions import Fraction
from pathlib import Path

import pytest
from formula.networks import TEXTS
from hypothesis import HealthCheck, assume, given, settings
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

import archcalc
from archcalc.analyses.sizes import sizes
from archcalc.cli import app
from archcalc.report.style import columns

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "docs" / "schema" / "sizes-1.json").read_text(encoding="utf-8"))
SPECS = ["alexnet.arch", "vgg.arch:D", "yolov1.arch", "lenet5.arch:lenet5", "stn.arch", "zfnet.arch"]
UNET = ROOT / "tests" / "cases" / "unet.arch"


def found(network, **how):
    def build(shape):
        try:
            return network.at(input_shape=shape).graph
        except archcalc.ArchcalcError as error:
            return error.diagnostics[0].message

    return sizes(network.graph, build, **how)


def built(network, height, width):
    try:
        return network.at(input_shape=(network.graph.nodes[0].shape[0], height, width))
    except archcalc.ArchcalcError:
        return None


def reads_all(network, line):
    """Whether no warning tells of a row, or column, that is never read."""
    told = [each.message for each in (*network.diagnostics, *network.graph.warnings) if each.code == "A306"]
    return not any(re.search(rf"\b{line}s?\b", message) for message in told)


def weights(network):
    graph = network.graph
    return [node.layer.weights(*graph.input_shapes(node)) for node in graph.nodes if node.inputs]


def agree(network, made, heights, width):
    """The three sets of heights, each against a network that is built."""
    axis = made.axes[0]
    for height in heights:
        one = built(network, height, width)
        assert (one is not None) == (height in axis.accepted), height
        if one is not None:
            assert (weights(one) == weights(network)) == (height in axis.fitting), height
            if axis.whole is not None:
                assert reads_all(one, "row") == (height in axis.whole), height


@pytest.mark.parametrize("spec", SPECS)
def test_sizes_are_those_that_can_be_built(spec):
    network = archcalc.load(ROOT / "specs" / spec)
    own = network.graph.nodes[0].shape[1]
    made = found(network, scales=())
    least = made.axes[0].accepted.least
    near = {*range(max(least - 2, 1), least + 3), *range(max(own - 40, 1), own + 40)}
    agree(network, made, sorted(near), network.graph.nodes[0].shape[2])


@pytest.mark.parametrize("name", ["U-Net", "U-Net-padded"])
def test_branches_that_must_meet_leave_a_progression(name):
    network = archcalc.load(f"{UNET}:{name}")
    made = found(network, scales=())
    agree(
        network, made, range(made.axes[0].accepted.least - 20, made.axes[0].accepted.least + 40), made.smallest[1] * 4
    )
    assert made.wants == () and made.smallest == ((188, 188) if name == "U-Net" else (16, 16))
    first = {"U-Net": [188, 204, 220], "U-Net-padded": [16, 32, 48]}[name]
    assert made.axes[0].whole.first(3) == first


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(TEXTS)
def test_any_network_takes_the_sizes_that_are_told(text):
    try:
        network = archcalc.parse(text)
    except archcalc.ArchcalcError:
        assume(False)
    made = found(network, scales=())
    assert made.others == ()
    agree(network, made, range(1, 41), 16)
    if made.smallest is None:
        assert all(axis.fitting.empty for axis in made.axes)
    else:
        assert weights(built(network, *made.smallest)) == weights(network)


@pytest.mark.parametrize("spec", ["resnet.arch:resnet-50", "fcn.arch:fcn-32s"])
def test_rows_are_reports_at_their_size(spec):
    network = archcalc.load(ROOT / "specs" / spec)
    made = found(network, scales=[Fraction("1.1"), Fraction(2)], others=[(100, 333)])
    own = network.graph.nodes[0].shape[1]
    assert [row.size for row in made.rows] == [(own, own), (own * 11 // 10,) * 2, (own * 2,) * 2, (100, 333)]
    for row in made.rows:
        totals = built(network, *row.size).report().totals
        assert (row.macs, row.activations_bytes) == (totals.macs, totals.activations_bytes)
        assert row.inference_peak_bytes == totals.inference_peak_bytes


def test_a_residual_network_takes_any_image_and_gives_a_growing_map():
    made = found(archcalc.load(ROOT / "specs/resnet.arch:resnet-50"))
    assert [(row.size[0], row.grid[1]) for row in made.rows] == [
        (224, 7), (246, 8), (336, 11), (672, 21), (1120, 35), (2240, 70),
    ]  # fmt: skip
    assert {row.output for row in made.rows} == {(1000,)} and made.smallest == (1, 1)


@pytest.fixture
def run(monkeypatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("COLUMNS", "80")

    def invoke(*arguments, **options):
        return CliRunner().invoke(app, ["sizes", *arguments], catch_exceptions=False, **options)

    return invoke


def test_text_says_what_fits_and_why(run):
    text = run("specs/alexnet.arch").stdout
    assert re.search(r"smallest input +227x227\n", text)
    assert re.search(r"weights fit +227 to 258\n +FC6\.fc wants 6x6x256", text)
    assert "H = 32·n + 3: 67, 99, 131, 163, ...; of those that fit 227" in text
    assert "340x340: FC6.fc wants 6x6x256, gets 9x9x256" in text


def test_sizes_in_a_row_are_told_from_and_to(run):
    """What `report` does not warn of, size by size."""
    network = archcalc.load(ROOT / "specs/zfnet.arch")
    whole = [
        size for size in range(63, 107) if not any(w.code == "A306" for w in built(network, size, size).graph.warnings)
    ]
    assert whole == [*range(63, 67), *range(71, 75), *range(95, 99), *range(103, 107)]
    text = " ".join(run("specs/zfnet.arch").stdout.split())
    assert (
        "read to the end 63 to 66, 71 to 74, 95 to 98, 103 to 106, ...; of those that fit 223 to 226, 231 to 234"
        in text
    )


def test_what_is_not_counted_is_named(run, tmp_path):
    spec = tmp_path / "strided.arch"
    spec.write_text("input 56x56x3\nhalve: conv 1x1, 8, stride 2\nconv 3x3, 8, pad 1\n")
    text = " ".join(run(str(spec)).stdout.split())
    assert "not counted: what a stride wider than its window passes over, in halve" in text and "side heads" not in text
    assert "not counted" not in run("specs/vgg.arch:D").stdout
    assert re.search(r"side heads +left out: --aux counts them", run("specs/googlenet.arch").stdout)
    assert re.search(r"side heads +counted\n", run("specs/googlenet.arch", "--aux").stdout)


def test_columns_have_names_of_their_own_and_those_left_out_are_named(run, monkeypatch):
    assert "no room for output, peak ratio: a wider terminal, or --format csv" in run("specs/alexnet.arch").stdout
    monkeypatch.setenv("COLUMNS", "120")
    wide = run("specs/alexnet.arch").stdout
    assert "MACs ratio" in wide and "peak ratio" in wide and "no room" not in wide


def test_a_size_is_told_once_and_fails_if_it_was_asked_for(run):
    rows = run("specs/vgg.arch:D", "--sizes", "224,224x224", "--format", "csv").stdout.splitlines()
    assert len(rows) == 2
    twice = run("specs/vgg.arch:D", "--sizes", "448", "--scales", "2", "--format", "csv")
    assert len(twice.stdout.splitlines()) == 3 and twice.exit_code == 1


def test_every_format_tells_the_same(run):
    arguments = ("specs/vgg.arch:D", "--sizes", "230,600,20")
    made = json.loads(run(*arguments, "--format", "json").stdout)
    Draft202012Validator.check_schema(SCHEMA)
    Draft202012Validator(SCHEMA).validate(made)
    assert [(row["size"], row["fits"]) for row in made["sizes"]] == [
        ([224, 224], True), ([230, 230], True), ([600, 600], False), ([20, 20], False),
    ]  # fmt: skip
    rows = list(csv.DictReader(io.StringIO(run(*arguments, "--format", "csv").stdout)))
    assert [(int(row["height"]), row["macs"]) for row in rows] == [
        (row["size"][0], "" if row["macs"] is None else str(row["macs"])) for row in made["sizes"]
    ]
    markdown = run(*arguments, "--format", "markdown").stdout
    assert f"| {made['sizes'][1]['macs']:,} |" in markdown and "fc1 wants 7x7x512, gets 18x18x512" in markdown


@pytest.mark.parametrize("width", ["40", "80", "200"])
def test_no_line_is_wider_than_the_terminal(run, width, monkeypatch):
    monkeypatch.setenv("COLUMNS", width)
    for spec in ("specs/yolov1.arch", "specs/resnet.arch:resnet-50", "tests/cases/unet.arch"):
        assert [line for line in run(spec).stdout.splitlines() if columns(line) > int(width)] == []


def test_a_size_that_is_asked_for_and_does_not_fit_fails(run):
    assert run("specs/vgg.arch:D", "--sizes", "224").exit_code == 0
    assert run("specs/vgg.arch:D", "--sizes", "1000").exit_code == 1
    assert run("specs/vgg.arch:D").exit_code == 0


def test_an_open_input_has_sizes_too(run, tmp_path):
    spec = tmp_path / "open.arch"
    spec.write_text("input HxWx3\nconv 3x3, 8\nmax pool 2x2\nfc 10\n")
    text = run(str(spec), "--sizes", "20").stdout
    assert re.search(r"smallest input +4x4\n", text) and "--input says which" in text and "9x9x8" in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--sizes", "0"], "a side is at least 1"),
        (["--sizes", "-5"], "'-5' is no size"),
        (["--sizes", "99999999999999999999"], "is no size"),
        (["--sizes", "10000000"], "at most 1,000,000"),
        (["--sizes", "12x"], "'12x' is no size"),
        (["--scales", "0"], "more than 0"),
        (["--scales", "nan"], "'nan' is no scale"),
        (["--scales", "1e9"], "at most 1000"),
    ],
)
def test_wrong_sizes_are_told_in_a_line(run, arguments, said):
    result = run("specs/alexnet.arch", *arguments)
    assert result.exit_code == 2 and said in re.sub(r"[\s│]+", " ", result.stderr)


def test_what_takes_no_image_is_told(run, tmp_path):
    spec = tmp_path / "vector.arch"
    spec.write_text("input 10\nfc 3\n")
    result = run(str(spec))
    assert result.exit_code == 2 and "takes no image" in result.stderr
