"""``archcalc roofline`` as a person or a program sees it."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from jsonschema import Draft202012Validator
from latency.calibrations import calibration, keep
from typer.testing import CliRunner

from archcalc.analyses.latency.measured import LayerTime, MemoryUse, Profile, Setting
from archcalc.analyses.latency.timing import timing
from archcalc.cli import app
from archcalc.history import History
from archcalc.report.profile.json import document

ROOT = Path(__file__).parents[2]
SCHEMA = Draft202012Validator(json.loads((ROOT / "docs/schema/roofline-1.json").read_text(encoding="utf-8")))
ALEXNET = str(ROOT / "specs/alexnet.arch")
RESNET = str(ROOT / "specs/resnet.arch:resnet-50")
A100 = ("--device", "a100-sxm4-80gb")


def run(*arguments, code=0, command="roofline", env=None):
    result = CliRunner().invoke(app, [command, *map(str, arguments)], catch_exceptions=False, env=env)
    assert result.exit_code == code, result.output
    return result


def told(*arguments):
    found = json.loads(run(*arguments, "--format", "json").stdout)
    SCHEMA.validate(found)
    return found


def said(*arguments):
    """The message of a bad command line, in one line, without its frame."""
    return " ".join(run(*arguments, code=2).stderr.replace("│", " ").split())


@pytest.mark.parametrize("width", [40, 60, 80, 100, 200])
@pytest.mark.parametrize("spec", [ALEXNET, RESNET])
def test_nothing_wraps(spec, width):
    text = run(spec, *A100, "--batch", "8", env={"COLUMNS": str(width)}).stdout
    assert max(map(len, text.splitlines())) <= width
    assert "lower bound  ≥ " in text and "at the roof" in text and "tf32 156 TFLOP/s" in text


def test_rows_are_those_of_the_report_and_sum_to_the_time():
    found = told(RESNET, *A100, "--batch", "4", "--depth", "0")
    report = json.loads(run(RESNET, "--batch", "4", "--format", "json", command="report").stdout)
    counts = [(row["name"], row["line"], row["macs"], row["flops"]) for row in found["layers"]]
    assert counts == [(row["name"], row["line"], row["macs"], row["flops"]) for row in report["layers"]]
    assert sum(row["time_ns"] for row in found["layers"]) == pytest.approx(found["time_ns"])
    assert sum(row["share"] for row in found["layers"]) == pytest.approx(1)
    assert found["bound_ns"] == max(found["products_ns"], found["reading_ns"]) < found["time_ns"]


@pytest.mark.parametrize("depth", [None, 0, 1, 2, 3])
def test_groups_add_up(depth):
    found = told(RESNET, *A100, *(() if depth is None else ("--depth", depth)))
    each = told(RESNET, *A100, "--depth", "0")
    for key in ("macs", "flops", "moved_bytes", "time_ns"):
        assert sum(row[key] for row in found["layers"]) == pytest.approx(sum(row[key] for row in each["layers"]))
    assert len(found["layers"]) <= 40 or depth in (0, 2, 3)
    assert len({row["name"] for row in found["layers"]}) == len(found["layers"])


def test_a_time_by_hand():
    """FC6 of AlexNet at one image: 37,748,736 weights of 4 bytes are what it waits for."""
    rows = {row["name"]: row for row in told(ALEXNET, *A100)["layers"]}
    moved = 4 * (6 * 6 * 256 * 4096 + 4096 + 6 * 6 * 256 + 4096)
    assert rows["FC6.fc"]["moved_bytes"] == moved and rows["FC6.fc"]["bound"] == "memory"
    assert rows["FC6.fc"]["time_ns"] == pytest.approx(moved / 2.039e12 * 1e9)


def test_a_network_may_be_in_tf32_or_in_none():
    products = [told(ALEXNET, *A100, *more)["products_ns"] for more in ((), ("--no-tf32",), ("--dtype", "tf32"))]
    default, none, all_ = products
    assert none > default > all_
    assert none == pytest.approx(8 * all_)  # 156 and 19.5 TFLOP/s


def test_files_of_rows():
    table = [*csv.DictReader(io.StringIO(run(ALEXNET, *A100, "--format", "csv").stdout))]
    rows = told(ALEXNET, *A100)["layers"]
    assert [(row["name"], int(row["flops"])) for row in table] == [(row["name"], row["flops"]) for row in rows]
    two = [*csv.DictReader(io.StringIO(run(ALEXNET, RESNET, *A100, "--format", "csv").stdout))]
    assert {row["network"] for row in two} == {"alexnet", "resnet-50"}
    assert [each["network"] for each in told(ALEXNET, RESNET, *A100)] == ["alexnet", "resnet-50"]
    page = run(ALEXNET, *A100, "--format", "markdown").stdout
    assert page.startswith("### alexnet\n") and "Lower bound ≥ " in page and "| FC6.fc | fc | " in page


def test_a_picture_is_written(tmp_path):
    text = run(ALEXNET, RESNET, *A100, "-o", tmp_path / "{}.svg").stdout
    assert "●" not in text and "FC6.fc" in text
    for name in ("alexnet", "resnet-50"):
        root = ElementTree.parse(tmp_path / f"{name}.svg").getroot()
        words = [each.text for each in root.iter("{http://www.w3.org/2000/svg}text")]
        assert {"tf32 156 TFLOP/s", "fp32 19.5 TFLOP/s", "memory 2.04 TB/s"} <= {*words}
        assert root.find("{http://www.w3.org/2000/svg}title").text == f"{name} on A100 SXM4 80GB, batch 1, fp32"
    assert run(ALEXNET, *A100, "-o", "-").stdout.startswith("<svg")
    assert "2 networks and one output" in said(ALEXNET, RESNET, *A100, "-o", tmp_path / "one.svg")
    assert "is not FILE.svg" in said(ALEXNET, *A100, "-o", "roof.png")
    assert "cannot write" in said(ALEXNET, *A100, "-o", tmp_path / "none" / "roof.svg")


def test_equal_peaks_are_one_ceiling():
    text = run(ALEXNET, "--device", "rtx 4090").stdout
    assert "tf32, fp32 82.6 TFLOP/s" in text


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("--device", "a100"), "'a100' is several devices of different memory"),
        (("--device", "a1000"), "no device 'a1000'"),
        (("--device", "k40", "--dtype", "fp16"), "no fp16 peak of Tesla K40 is published: it has fp32"),
        ((*A100, "--measured", "7"), "no measurement 7 of a network: archcalc history"),
    ],
)
def test_what_cannot_be_is_said(arguments, why, tmp_path):
    assert why in said(ALEXNET, *arguments, "--db", tmp_path / "history.sqlite")


def test_an_open_size_is_said(tmp_path):
    spec = tmp_path / "open.arch"
    spec.write_text("input HxWx3\nconv 3x3, 8\n", encoding="utf-8")
    assert "give it one with --set or --input" in run(spec, *A100, code=2).stderr
    assert [run(spec, *A100, "--format", name, code=2).stdout.strip() for name in ("json", "csv", "markdown")] == [
        "[]",
        "",
        "",
    ]
    assert run(spec, *A100, "--input", "32x32x3").stdout
    assert run(spec, ALEXNET, *A100, code=2).stdout.startswith("alexnet")


def test_a_network_without_work_is_no_picture(tmp_path):
    spec = tmp_path / "flat.arch"
    spec.write_text("input 8x8x3\nflatten\n", encoding="utf-8")
    assert "no layer has operations" in run(spec, *A100).stdout
    assert "no layer has operations" in said(spec, *A100, "-o", tmp_path / "a.svg")


def measured(rows, machine="NVIDIA A100-SXM4-80GB", device="cuda", **changes):
    """A measurement of such layers as the command tells, the first taking a microsecond, the second two."""
    layers = [
        LayerTime(block="", line=1, time=timing([1000 * place] * 9), **{key: row[key] for key in COUNTED})
        for place, row in enumerate(rows, 1)
    ]
    return Profile(
        network="alexnet", title="", file="alexnet.arch", digest="", setting=Setting(device=device, **changes),
        machine={"name": machine}, started="2026-03-01T10:00:00+00:00", whole=timing([10**6] * 9),
        samples=(10**6,) * 9, blocks=(9,), warmup=3, noise=(), phases=(), layers=tuple(layers), instrumented=10**6,
        macs=1, flops=2, memory=MemoryUse(None, None), inputs=((3, 227, 227),),
    )  # fmt: skip


COUNTED = ("name", "kind", "macs", "flops", "moved_bytes")


def kept(db, *all_measured):
    return [History(db).add("profile", document(each)) for each in all_measured]


def test_what_was_measured_stands_beside(tmp_path):
    db = tmp_path / "history.sqlite"
    rows = told(ALEXNET, *A100)["layers"]
    (number,) = kept(db, measured(rows))
    found = told(ALEXNET, *A100, "--measured", number, "--db", db)
    assert [row["measured_ns"] for row in found["layers"]] == [
        1000 * place if row["time_ns"] else None for place, row in enumerate(rows, 1)
    ]
    assert found["measured"] == f"measurement {number}, alexnet on NVIDIA A100-SXM4-80GB, 2026-03-01T10:00:00+00:00"
    text = run(ALEXNET, *A100, "--measured", number, "--db", db).stdout
    assert "○" in text and "of roof" in text and found["measured"] in " ".join(text.split())


def test_a_measurement_of_something_else_is_refused(tmp_path):
    db = tmp_path / "history.sqlite"
    rows = told(ALEXNET, *A100)["layers"]
    names = [dict(row, flops=row["flops"] + 1) if row["name"] == "FC8" else row for row in rows]
    others = (
        (measured(rows, batch=8), "say --batch 8 --dtype fp32"),
        (measured(rows, train=True), "a roofline is of inference"),
        (measured(rows[:-1]), "input 227x227x3: its layers are not those of alexnet"),
        (measured(names), "its layers are not those of alexnet"),
        (measured(told(ALEXNET, *A100, "--input", "259x259x3")["layers"]), "its layers are not those of alexnet"),
        (measured(rows, "NVIDIA A100-SXM4-40GB"), "the roof is that of A100 SXM4 80GB"),
        (measured(rows, "AMD EPYC", "cpu"), "is of AMD EPYC: the roof is that of A100 SXM4 80GB"),
    )
    for number, (_, why) in zip(kept(db, *(each for each, _ in others)), others, strict=True):
        assert why in said(ALEXNET, *A100, "--measured", number, "--db", db)


def test_it_starts_without_numerical_libraries():
    seen = "import sys; from archcalc.cli import app; app(standalone_mode=False); "
    seen += "print({'torch', 'numpy', 'sqlite3'} & {*sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", seen, "roofline", ALEXNET, *A100], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.endswith("set()\n")


class TestOfACalibratedDevice:
    @pytest.fixture
    def db(self, tmp_path):
        return keep(tmp_path / "history.sqlite", calibration())

    def test_the_best_that_layers_reached_is_the_roof_and_bounds_nothing(self, db):
        found = told(ALEXNET, "--device", "cpu", "--db", db)
        assert (found["roof"]["convolution"]["rate"], found["roof"]["measured"]) == (80 * 10**9, True)
        assert found["bound_ns"] is None
        for format_ in ("text", "markdown"):
            text = run(ALEXNET, "--device", "cpu", "--db", db, "--format", format_).stdout
            assert "o lower bound: these are rates that layers reached, not peaks" in " ".join(text.split())
            assert "≥" not in text and "the best that layers reached" in " ".join(text.split())

    def test_only_what_was_measured_on_it_stands_beside(self, db):
        rows = told(ALEXNET, "--device", "cpu", "--db", db)["layers"]
        ours, other = kept(db, measured(rows, "a processor", "cpu"), measured(rows, "another", "cpu"))
        assert told(ALEXNET, "--device", "cpu", "--db", db, "--measured", ours)["layers"][1]["measured_ns"] == 2000
        assert "the roof is that of a processor" in said(ALEXNET, "--device", "cpu", "--db", db, "--measured", other)

    def test_without_a_calibration_the_command_is_named(self, tmp_path):
        (tmp_path / "none.sqlite").touch()
        said = run(ALEXNET, "--device", "cpu", "--db", tmp_path / "none.sqlite", code=2).stderr
        assert said == "error: no calibration of cpu in fp32: archcalc calibrate makes one\n"
