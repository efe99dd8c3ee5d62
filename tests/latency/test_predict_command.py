"""``archcalc predict`` and ``archcalc calibrate`` as a person or a program sees them."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest
from calibrations import calibration, keep
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from archcalc import parse
from archcalc.analyses.latency.kept import KIND, calibrated
from archcalc.analyses.latency.measured import Noise
from archcalc.cli import app
from archcalc.history import History

ROOT = Path(__file__).parents[2]
SCHEMA = Draft202012Validator(json.loads((ROOT / "docs/schema/predict-1.json").read_text(encoding="utf-8")))
RESNET = str(ROOT / "specs/resnet.arch:resnet-50")
SMALL = "input 16x16x3\na: conv 3x3, 8; relu\nb: conv 3x3, 8; relu\nfc 10\n"


@pytest.fixture
def db(tmp_path):
    return keep(tmp_path / "history.sqlite", calibration(), calibration(dtype="bf16", conv=500_000))


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "small.arch"
    path.write_text(SMALL, encoding="utf-8")
    return path


def run(*arguments, code=0, command="predict", env=None):
    result = CliRunner().invoke(app, [command, *map(str, arguments)], catch_exceptions=False, env=env)
    assert result.exit_code == code, result.output
    return result


def told(*arguments, code=0):
    found = json.loads(run(*arguments, "--format", "json", code=code).stdout)
    SCHEMA.validate(found)
    return found


class TestPredict:
    def test_layers_and_what_lies_between_add_up(self, db, small):
        found = told(small, "--db", keep(db, calibration(whole=1.5)))
        assert [layer["time_ns"] for layer in found["layers"]] == [0, *[1_000_000, 100_000] * 2, 2_000_000]
        assert found["time_ns"] == 6_300_000 == sum(layer["time_ns"] for layer in found["layers"]) + found["other_ns"]
        assert found["low_ns"] < 6_300_000 < found["high_ns"]

    def test_the_newest_calibration_of_the_dtype_is_used(self, db, small):
        assert told(small, "--db", db, "--dtype", "bf16")["time_ns"] < told(small, "--db", db)["time_ns"]

    def test_the_number_of_threads_chooses_a_calibration(self, db, small):
        keep(db, calibration(threads=1, conv=9_000_000))
        one, two = (told(small, "--db", db, "--threads", count) for count in (1, 2))
        assert (one["threads"], two["threads"]) == (1, 2)
        assert one["time_ns"] > two["time_ns"]

    @pytest.mark.parametrize(("command", "arguments", "threads"), [
        ("report", ("--columns", "name,latency"), True), ("report", (), False), ("compare", ("--vary", "k=8,9"), False),
        ("sweep", ("--vary", "k=8,9", "--columns", "latency"), True),
    ])  # fmt: skip
    def test_other_commands_choose_one_so_too(self, db, tmp_path, command, arguments, threads):
        path = tmp_path / "wide.arch"
        path.write_text(f"param k = 8\n{SMALL.replace(', 8;', ', k;')}", encoding="utf-8")
        keep(db, calibration(threads=1, conv=9_000_000).but(started="2026-01-01T10:00:00+00:00"))
        told = {
            count: run(path, *arguments, *more, "--db", db, command=command, env={"COLUMNS": "200"}).stdout
            for count, more in ((None, ()), (1, ("--threads", 1)), (2, ("--threads", 2)))
        }
        assert "20.2" in told[1] and "20.2" not in told[2]  # 2 x 9 + 0.2 + 2 ms, and 2 x 1 + 0.2 + 2
        assert "4.2" in told[2] and (not threads or told[None] == told[2])
        refused = run(path, *arguments, "--device", "h200", "--threads", 1, "--db", db, command=command, code=2).stderr
        assert "threads are of a CPU" in " ".join(refused.replace("│", " ").split())

    @pytest.mark.parametrize("width", [40, 60, 80, 100, 200])
    @pytest.mark.parametrize("options", [(), ("--depth", "1")])
    def test_nothing_wraps(self, db, width, options):
        text = run(RESNET, "--db", db, *options, env={"COLUMNS": str(width)}).stdout
        assert max(map(len, text.splitlines())) <= width

    def test_the_column_adds_up_as_it_is_printed(self, db):
        keep(db, calibration(conv=33_333, each_byte=0.00123, whole=1.0407))
        lines = run(RESNET, "--db", db, env={"COLUMNS": "200"}).stdout.splitlines()
        (head,) = (line for line in lines if line.startswith("layer "))
        end = head.index("time, µs") + len("time, µs")
        cells = [line[:end].split()[-1].replace(",", "") for line in lines[lines.index(head) + 2 :]]
        tenths = [round(10 * float(cell)) for cell in cells if re.fullmatch(r"-?[\d.]+", cell)]
        *layers, total, other, whole = tenths
        assert (len(layers), sum(layers), total + other) == (176, total, whole)

    def test_a_large_batch_has_separators(self, db, small):
        assert "batch 1,048,576, fp32" in run(small, "--db", db, "--batch", 2**20).stdout

    def test_folded_groups_sum_up(self, db):
        text = run(RESNET, "--db", db, "--depth", "1", env={"COLUMNS": "120"}).stdout
        assert re.search(r"^conv2_x +33 layers", text, re.M)

    def test_csv_has_a_row_a_layer_then_the_rest_and_the_whole(self, db, small):
        rows = list(csv.DictReader(io.StringIO(run(small, "--db", db, "--format", "csv").stdout)))
        assert [row["part"] for row in rows] == ["layer"] * 6 + ["other", "whole"]
        assert sum(int(row["time_ns"]) for row in rows[:-1]) == int(rows[-1]["time_ns"])

    def test_several_networks_are_an_array(self, db):
        found = told(ROOT / "specs/vgg.arch", "--db", db)
        assert [each["network"] for each in found] == ["A", "A-LRN", "B", "C", "D", "E"]

    def test_what_was_not_measured_is_told(self, db, tmp_path):
        path = tmp_path / "odd.arch"
        path.write_text("input 8x8x3\nconv 3x3, 8; gelu\n", encoding="utf-8")
        assert "not calibrated: gelu" in run(path, "--db", db).stdout
        assert told(path, "--db", db)["unknown"] == ["gelu"]

    def test_layers_larger_than_any_that_was_calibrated_are_told(self, tmp_path, small):
        made = calibration()
        few = made.but(routines=tuple(rule.but(most_bytes=4_000) for rule in made.routines))
        db = keep(tmp_path / "few.sqlite", few)
        assert told(small, "--db", db)["beyond"] == ["a.conv", "a.relu", "b.conv", "b.relu", "fc"]
        text = " ".join(run(small, "--db", db, env={"COLUMNS": "80"}).stdout.split())
        assert "5 layers are, as a.conv, more than twice as large as any that was calibrated" in text


class TestOfAnUncalibratedDevice:
    def test_a_published_one_has_a_bound_and_no_estimate(self, db):
        text = run(RESNET, "--db", db, "--device", "RTX 4090").stdout
        assert re.search(r"time +≥ [\d.]+ µs", text)
        assert "predicted" not in text
        assert "archcalc calibrate --device cuda" in text
        found = told(RESNET, "--db", db, "--device", "RTX 4090")
        assert found["bound_ns"] > 0 and "time_ns" not in found

    def test_the_processor_has_none_and_is_refused_in_a_line(self, tmp_path, small):
        (tmp_path / "none.sqlite").touch()
        said = run(small, "--db", tmp_path / "none.sqlite", code=2).stderr
        assert said == "error: no calibration of cpu in fp32: archcalc calibrate makes one\n"

    def test_a_file_that_is_not_there_is_told_as_such(self, tmp_path, small):
        path = tmp_path / "none.sqlite"
        for device in ("cpu", "rtx 4090"):
            said = run(small, "--db", path, "--device", device, code=2).stderr
            assert said == f"error: there is no file {path}; archcalc calibrate --db {path} makes it\n"
        assert not path.exists()

    def test_threads_of_another_calibration_are_told(self, db, small):
        keep(db, calibration(threads=1), calibration(dtype="fp16"))
        said = run(small, "--db", db, "--threads", "3", code=2).stderr
        assert said == (
            "error: no calibration of cpu in fp32 with 3 threads (there is one with 1 and 2 threads): "
            "archcalc calibrate --threads 3 makes one\n"
        )

    def test_a_peak_that_is_not_published_is_told_too(self, db, small):
        said = run(small, "--db", db, "--device", "k40", "--dtype", "bf16", code=2).stderr
        assert said == (
            "error: no calibration of Tesla K40 in bf16, and no bf16 peak of Tesla K40 is published: "
            "archcalc calibrate --device cuda --dtype bf16 there makes one\n"
        )

    def test_an_unknown_name_is_a_usage_error_that_names_known_ones(self, db, small):
        said = run(small, "--db", db, "--device", "abacus", code=2).stderr
        assert "rtx 4090" in " ".join(said.replace("│", " ").split())

    @pytest.mark.parametrize(("options", "said"), [
        (("--dtype", "fp31"), "is not one of"),
        (("--depth", "1", "--format", "csv"), "csv has every layer"),
        (("--batch", "0"), "1<=x<=1048576"),
        (("--batch", "1048577"), "1<=x<=1048576"),
        (("--device", "rtx 4090", "--threads", "2"), "threads are of a CPU, and 'rtx 4090' is none"),
    ])  # fmt: skip
    def test_flags_that_make_no_sense(self, db, small, options, said):
        assert said in " ".join(run(small, "--db", db, *options, code=2).stderr.replace("│", " ").split())

    def test_an_open_size_is_told_with_its_repair(self, db, tmp_path):
        path = tmp_path / "open.arch"
        path.write_text("input HxWx3\nconv 3x3, 8\n", encoding="utf-8")
        assert "--input" in run(path, "--db", db, code=2).stderr
        assert told(path, "--db", db, "--input", "9x9x3")["time_ns"] == 1_000_000

    def test_a_file_that_is_no_history_is_left_alone(self, tmp_path, small):
        path = tmp_path / "notes.txt"
        path.write_text("not a database", encoding="utf-8")
        assert run(small, "--db", path, code=2).stderr.startswith("error: ")
        assert path.read_text(encoding="utf-8") == "not a database"


class TestCalibrate:
    @pytest.fixture(autouse=True)
    def _few_probes(self, monkeypatch):
        """Two small networks in place of the real ones: what they take is not asked, that they are run is."""
        graphs = [parse(SMALL, name=None).graph, parse("input 9x9x4\nconv 3x3, 5\nsum: | relu | identity\n").graph]
        monkeypatch.setattr("archcalc.cli.calibrated.probes", lambda: graphs)
        pytest.importorskip("torch")

    def test_rules_are_kept_and_predict_uses_them(self, tmp_path, small):
        db = tmp_path / "new.sqlite"
        text = run("--time", "1s", "--threads", "1", "--db", db, command="calibrate").stdout
        found = calibrated(path=db)
        assert {rule.name for rule in found.routines} >= {"conv", "fc", "relu in place", "relu", "any other"}
        assert (found.threads, found.device, len(found.networks)) == (1, "cpu", 2)
        assert all(rule.below < 1 < rule.above for rule in found.routines)
        assert "kept as no. 1" in text and "conv" in text
        assert told(small, "--db", db)["time_ns"] > 0

    def test_networks_can_be_added(self, tmp_path, small):
        db = tmp_path / "new.sqlite"
        made = json.loads(run("--time", "1s", "--threads", "1", "--nets", small, "--db", db, "--format", "json",
                              command="calibrate").stdout)  # fmt: skip
        assert made["networks"][-1] == "small"
        assert History(db).latest(KIND).document == made

    def test_quiet_measurements_of_this_machine_are_learnt_from(self, tmp_path, small, monkeypatch):
        db = tmp_path / "new.sqlite"
        monkeypatch.setattr("archcalc.pytorch.profile.profiles.noise", lambda evidence: ())
        for batch in ("1", "2", "2"):
            run(small, "--threads", "1", "--time", "10ms", "--batch", batch, "--db", db, command="profile")
        options = ("--time", "1s", "--threads", "1", "--db", db, "--format", "json")
        without, beside = (json.loads(run(*options, *more, command="calibrate").stdout) for more in ([], ["--history"]))
        assert beside["networks"] == [*without["networks"], "small", "small"]

    def test_noisy_measurements_and_those_of_other_ways_are_not(self, tmp_path, small, monkeypatch):
        db = tmp_path / "new.sqlite"
        doubt = (Noise("load", "other processes used 1.0 cores"),)
        monkeypatch.setattr("archcalc.pytorch.profile.profiles.noise", lambda evidence: doubt)
        run(small, "--threads", "1", "--time", "10ms", "--db", db, command="profile")
        monkeypatch.setattr("archcalc.pytorch.profile.profiles.noise", lambda evidence: ())
        run(small, "--threads", "2", "--time", "10ms", "--db", db, command="profile")
        run(small, "--threads", "1", "--train", "--time", "10ms", "--db", db, command="profile")
        options = ("--time", "1s", "--threads", "1", "--db", db, "--format", "json", "--history")
        assert len(json.loads(run(*options, command="calibrate").stdout)["networks"]) == 2

    @pytest.mark.parametrize(("options", "said"), [
        (("--dtype", "tf32"), "tf32 is of GPUs"),
        (("--dtype", "fp32,bf16"), "each is calibrated for itself"),
        (("--time", "soon"), "is not a time"),
        (("--device", "tpu"), "is not cpu, cuda"),
    ])  # fmt: skip
    def test_flags_that_make_no_sense(self, options, said):
        text = run(*options, command="calibrate", code=2).stderr
        assert said in " ".join(text.replace("│", " ").split())

    def test_without_a_gpu_the_cpu_is_named(self, tmp_path):
        import torch

        if torch.cuda.is_available():
            pytest.skip("there is a GPU")
        said = run("--device", "cuda", "--db", tmp_path / "none.sqlite", command="calibrate", code=2).stderr
        assert "--device cpu" in said
        assert History(tmp_path / "none.sqlite").count() == 0

    def test_what_cannot_be_kept_or_read_is_told_before_anything_is_measured(self, tmp_path, monkeypatch):
        monkeypatch.setattr("archcalc.cli.calibrated.measured", lambda *_: pytest.fail("it was measured"))
        (tmp_path / "file").write_text("", encoding="utf-8")
        said = run("--db", tmp_path / "file" / "x.sqlite", command="calibrate", code=2).stderr
        assert said.startswith("error: ")
        said = run("--nets", tmp_path / "no.arch", "--db", tmp_path / "a.sqlite", command="calibrate", code=2).stderr
        assert "A101" in said

    def test_a_noisy_calibration_says_what_was_seen(self, tmp_path, monkeypatch):
        doubt = (Noise("load", "other processes used 1.1 cores"), Noise("few", "5 samples"))
        monkeypatch.setattr("archcalc.pytorch.profile.profiles.noise", lambda evidence: doubt)
        said = run("--time", "1s", "--threads", "1", "--db", tmp_path / "a.sqlite", command="calibrate").stderr
        assert "2 of 2 networks were measured in noise, as other processes used 1.1 cores; 5 samples" in said
