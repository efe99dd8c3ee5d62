"""Limits on times held against predictions whose every nanosecond is known."""

from __future__ import annotations

import json

import pytest
from latency.calibrations import calibration, keep
from typer.testing import CliRunner

from archcalc import parse
from archcalc.analyses.latency.predict import predict
from archcalc.checking.cache import FOLDER, Cache
from archcalc.checking.file import Asked, check_file
from archcalc.cli import app
from archcalc.history import VARIABLE
from archcalc.notation.expectations import read_claim
from archcalc.notation.text import Line
from archcalc.notation.tokens import Unreadable
from archcalc.source import Source

#: Two convolutions, a relu and a fully connected layer: 1 + 0.1 + 1 + 2 ms
NET = "network net\ninput 8x8x3\nstem: conv 3x3, 4, pad 1; relu\nbody: conv 3x3, 4, pad 1\nfc 10\n"


@pytest.fixture
def calibrated(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(keep(tmp_path / "h.sqlite", calibration())))
    return tmp_path / "h.sqlite"


def said(expectation, net=NET):
    report = parse(f"{net}expect {expectation}\n").report()
    (claim,) = report.expectations
    return claim.holds, claim.computed, report.diagnostics


@pytest.mark.parametrize(
    ("limit", "holds", "code"),
    [
        ("latency (cpu) <= 5 ms", True, None),
        ("latency (cpu) <= 4.1 ms", True, "A208"),  # as predicted: the band goes beyond
        ("latency (cpu) < 4.1 ms", False, "A204"),
        ("latency (cpu) <= 4,099 us", False, "A204"),
        ("latency < 5ms", True, None),
        ("latency (threads 2) >= 3.0 ms", True, None),
        ("latency >= 4.0 ms", True, "A208"),
        ("latency >= 4.2 ms", False, "A204"),
        ("latency at stem <= 5ms", True, None),
        ("throughput (cpu) >= 200 images/s", True, None),
        ("throughput (cpu) >= 240 / s", True, "A208"),
        ("throughput (cpu) >= 244", False, "A204"),
        ("throughput (batch 8) >= 1.5K images/s", True, None),
        ("throughput (batch 8) >= 2K images/s", False, "A204"),
    ],
)
def test_a_limit_holds_against_the_prediction_and_its_band(calibrated, limit, holds, code):
    found, _, told = said(limit)
    assert (found, [each.code for each in told]) == (holds, [code] if code else [])


def test_the_value_is_in_nanoseconds_or_images_a_second(calibrated):
    assert said("latency <= 5ms")[1] == 4_100_000
    assert said("latency at stem <= 5ms")[1] == 1_100_000
    assert said("throughput >= 1")[1] == pytest.approx(10**9 / 4_100_000)


def test_a_broken_limit_tells_the_band_what_takes_most_and_which_calibration(calibrated):
    _, _, (found,) = said("latency (cpu) <= 2 ms")
    known = predict(parse(NET).graph, calibration())
    assert 3.5e6 < known.low < known.time == 4_100_000 < known.high < 5e6
    assert found.message == (
        "expected latency (on cpu) <= 2 ms, predicted 4.10 ms "
        f"(nine of ten between {known.low / 1e6:.2f} ms and {known.high / 1e6:.2f} ms)"
    )
    assert found.notes == (
        "most of it: conv 49 %, fc 49 %, relu in place 2 %",
        "by the calibration of 2026-03-01 on a processor, fp32, 2 threads",
    )
    assert "within the error" not in " ".join(found.notes)


def test_a_broken_limit_within_the_band_is_told_as_such(calibrated):
    _, _, (found,) = said("latency (cpu) <= 4 ms")
    assert found.code == "A204" and "within the error" in found.notes[0]


def test_numbers_of_a_message_differ_where_the_limit_is_missed_by_little(calibrated):
    _, _, (found,) = said("latency <= 4,099,999 ns")
    assert "predicted 4,100,000 ns" in found.message
    _, _, (found,) = said("latency <= 4.099999 ms")
    assert "predicted 4.10 ms" in found.message
    _, _, (found,) = said("latency < 4.10 ms")
    assert "predicted 4.10 ms" in found.message


def test_the_newest_calibration_counts(calibrated):
    newer = calibration(conv=10_000_000).but(started="2026-03-02T10:00:00+00:00")
    keep(calibrated, newer)
    assert said("latency <= 100ms")[1] == 2 * 10_000_000 + 100_000 + 2_000_000


def test_what_was_not_calibrated_is_named(calibrated):
    _, _, (found,) = said("latency <= 1us", "input 8x8x3\nconv 3x3, 4; gelu\n")
    assert found.notes[-1].endswith("not among it: gelu")


def test_side_heads_do_not_run_unless_told(calibrated):
    net = "network n\ninput 8x8x3\nstem: conv 3x3, 4, pad 1\naux: conv 1x1, 2\nfc 10\n"
    assert said("latency <= 9ms", net)[1] == 3_000_000
    assert said("latency (aux) <= 9ms", net)[1] == 3_500_000  # 1x1 is not calibrated: any other


@pytest.mark.parametrize(
    ("limit", "help"),
    [
        ("latency (cpu) <= 1s", "archcalc calibrate makes one"),
        ("latency (bf16) <= 1s", "archcalc calibrate --dtype bf16 makes one"),
        ("latency (threads 3) <= 1s", "archcalc calibrate --threads 3 makes one"),
        ("latency (on cuda) <= 1s", "archcalc calibrate --device cuda makes one"),
        ("latency (RTX 4090) <= 1s", "archcalc calibrate --device cuda there makes one"),
        ("throughput (cuda) >= 1", "archcalc calibrate --device cuda makes one"),
        ("latency (int8) <= 1s", "layers are run in fp32, tf32, bf16, fp16"),
    ],
)
def test_without_a_calibration_nothing_is_decided(limit, help):
    holds, value, (found,) = said(limit)
    assert (holds, value, found.code, found.severity, found.help) == (None, None, "A208", "warning", help)


@pytest.mark.parametrize(
    ("limit", "holds"),
    [
        ("latency (RTX 4090) <= 1 ns", False),
        ("latency (RTX 4090) >= 1 ns", True),
        ("latency (RTX 4090) >= 1 s", None),
        ("throughput (RTX 4090) >= 1M", False),
        ("throughput (RTX 4090) <= 1M", True),
        ("throughput (RTX 4090) <= 1", None),
    ],
)
def test_published_peaks_decide_what_no_program_can_do(limit, holds):
    # 1,849,688,064 MACs at 165.2e12 / 2 a second take 22 µs in tf32; a fast algorithm of them a quarter at best
    net = "input 224x224x64\nconv 3x3, 64, pad 1\n"
    found, value, told = said(limit, net)
    assert (found, value) == (holds, None)
    assert [each.code for each in told] == {True: [], False: ["A204"], None: ["A208"]}[holds]


def test_a_gpu_is_known_by_the_name_that_its_driver_gives(tmp_path, monkeypatch):
    gpus = (calibration("cuda", name, threads=None) for name in ("NVIDIA GeForce RTX 3090", "NVIDIA H200"))
    monkeypatch.setenv(VARIABLE, str(keep(tmp_path / "h.sqlite", *gpus)))
    assert said("latency (RTX 3090) <= 5ms")[:2] == (True, 4_100_000)
    assert said("latency (on cuda) <= 5ms")[:2] == (True, 4_100_000)
    assert said("latency (RTX 4090) <= 5ms")[:2] == (None, None)
    assert said("latency (cpu) <= 5ms")[:2] == (None, None)


def test_an_open_size_leaves_a_limit_open(calibrated):
    holds, _, told = said("latency <= 5ms", "input HxWx3\nconv 3x3, 4, pad 1\n")
    assert (holds, told) == (None, ())


def test_a_history_that_cannot_be_read_decides_nothing(tmp_path, monkeypatch):
    (tmp_path / "h.txt").write_text("no database, but a text of some length " * 9, encoding="utf-8")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "h.txt"))
    holds, _, (found,) = said("latency <= 5ms")
    assert (holds, found.code) == (None, "A208") and "h.txt is no history" in found.message


def test_a_budget_may_be_one_of_time(calibrated, tmp_path):
    text = "latency (cpu) <= 2 ms"
    budget = read_claim(Line(Source("archcalc.toml", f"expect {text}"), f"expect {text}", 0, 0))
    (tmp_path / "net.arch").write_text(NET, encoding="utf-8")
    found = check_file(str(tmp_path / "net.arch"), Asked(budgets=(budget,)))
    assert [each.code for each in found.diagnostics] == ["A206"]


def test_what_is_predicted_is_not_kept_between_checks(calibrated, tmp_path, monkeypatch):
    """The cache knows of texts, not of calibrations."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.arch").write_text(f"{NET}expect latency (cpu) <= 5 ms\n", encoding="utf-8")
    runs = []
    for takes in (1_000_000, 10_000_000):
        keep(calibrated, calibration(conv=takes).but(started=f"2027-01-01T00:00:{len(runs):02d}+00:00"))
        runs.append(CliRunner().invoke(app, ["check", "net.arch"]).exit_code)
    assert runs == [0, 1]
    assert Cache(tmp_path / FOLDER).known("net.arch") == ["net.arch"]  # for who watches it


def test_a_report_tells_the_time_in_its_unit(calibrated):
    text = f"{NET}expect latency (cpu) <= 2 ms\nexpect latency (on cuda) <= 2 ms\n"
    shown = CliRunner().invoke(app, ["report", "-"], input=text)
    assert shown.exit_code == 1
    assert "1 of 2 printed figures is wrong, 1 that cannot be told" in shown.stdout
    assert "latency (on cpu) <= 2 ms; the layers give 4.10 ms" in " ".join(shown.stdout.split())
    plain = CliRunner().invoke(app, ["report", "-", "--format", "json"], input=text)
    first, second = json.loads(plain.stdout)["expectations"]
    assert (first["computed"], first["holds"], first["expected"]) == (4_100_000, False, "2 ms")
    assert (second["computed"], second["holds"], second["under"]) == (None, None, {"on": "cuda"})


def test_without_a_device_the_cpu_is_meant_and_told(calibrated):
    (found,) = said("latency (batch 2) <= 2 ms")[2]
    assert found.message.startswith("expected latency (on cpu, batch 2) <= 2 ms")
    shown = CliRunner().invoke(app, ["report", "-"], input=f"{NET}expect throughput <= 2 images/s\n")
    assert "throughput (on cpu) <= 2; the layers give" in " ".join(shown.stdout.split())


def test_a_bound_far_below_the_limit_is_told_in_a_unit_of_its_own():
    # a product for each of 32 x 32 outputs, 64 channels in and 64 out at least, at 82.6e12 / 2 a second: 101.6 ns
    (found,) = said("latency (RTX 4090) <= 1 s", "input 32x32x64\nconv 3x3, 64, pad 1\n")[2]
    assert found.notes[0].startswith("no program is faster than 101 ns, by the published peaks")


def test_the_threads_of_a_calibration_that_there_is_are_told(calibrated):
    (found,) = said("latency (cpu, threads 3) <= 1 s")[2]
    assert found.message.endswith("no calibration of cpu in fp32 with 3 threads (there is one with 2 threads)")
    assert found.help == "archcalc calibrate --threads 3 makes one"


@pytest.mark.parametrize("text", ["latency (cpu) ~ 2 ms", "latency <= 2", "latency <= 2 m", "throughput >= 3 ms"])
def test_what_is_no_limit_on_a_time_is_refused(text):
    line = f"expect {text}"
    with pytest.raises(Unreadable):
        read_claim(Line(Source("case", line), line, 0, 0))


def test_strictly_a_limit_that_is_not_decided_is_an_error(tmp_path):
    (tmp_path / "net.arch").write_text(f"{NET}expect latency (cpu) <= 5 ms\n", encoding="utf-8")
    path = str(tmp_path / "net.arch")
    assert CliRunner().invoke(app, ["check", "--no-cache", path]).exit_code == 0
    shown = CliRunner().invoke(app, ["check", "--no-cache", "--strict", path])
    assert shown.exit_code == 1 and "error[A208]" in shown.stdout


def test_a_change_of_code_that_breaks_a_limit_is_told_in_its_unit(calibrated, tmp_path):
    for name, text in (("old", NET), ("new", NET.replace("fc 10", "fc 10; fc 10"))):
        (tmp_path / f"{name}.arch").write_text(f"{text}expect latency (cpu) <= 5 ms\n", encoding="utf-8")
    shown = CliRunner().invoke(app, ["diff", str(tmp_path / "old.arch"), str(tmp_path / "new.arch")])
    assert "4.10 ms → 6.10 ms" in shown.stdout
