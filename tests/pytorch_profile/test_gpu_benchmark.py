"""benchmarks/gpu.py: what it keeps, goes on with and prints; a GPU's measurements are made up."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

import pytest
import torch
from latency.calibrations import calibration

import archcalc
from archcalc.analyses.latency.bound import at_roof
from archcalc.analyses.latency.calibration import document as rules
from archcalc.analyses.latency.measured import LayerTime, MemoryUse, Noise, Profile, Setting
from archcalc.analyses.latency.predict import predict
from archcalc.analyses.latency.timing import timing
from archcalc.pytorch.profile import Unmeasurable
from archcalc.report.profile.json import document, profile_of

ROOT = Path(__file__).parents[2]
SPEC = "specs/lenet5.arch:lenet5"
GRAPH = archcalc.load(str(ROOT / SPEC)).graph
MS = 1_000_000


@pytest.fixture
def gpu(monkeypatch):
    """The benchmark, of a small network in place of its own."""
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    found = importlib.import_module("gpu")
    monkeypatch.setitem(found.NETWORKS, "resnet-50", SPEC)
    found.gpu_page.graph_of.cache_clear()
    return found


def made(row, **changes):
    """On a GPU 3 ms, of which 2.7 are one layer's."""
    layer = LayerTime("a", "", "conv", 1, timing([27 * MS // 10] * 30), 0, 0, 0)
    samples = (3 * MS,) * 30
    profile = Profile(
        network="lenet5", title="", file=SPEC.partition(":")[0], digest="", setting=row.setting("cuda", 3.0),
        machine={"name": "NVIDIA A100-SXM4-80GB", "torch": "2.13", "cuda": "13.0", "threads": 2}, warmup=3,
        started="2026-01-02T03:04:05+00:00", whole=timing(samples), samples=samples, blocks=(30,), noise=(),
        layers=(layer,), phases=(), instrumented=4 * MS, macs=0, flops=6 * 10**9, memory=MemoryUse(1000, 900),
        millijoules=12.345,
    )  # fmt: skip
    return {"profile": document(profile.but(**changes))}


def rows_of(page):
    return [
        [cell.strip() for cell in line.split("|")[1:-1]] for line in page.splitlines() if line.startswith("| resnet")
    ]


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_without_a_gpu_it_says_how_to_try_it(gpu, capsys):
    assert gpu.main([]) == 2
    said = capsys.readouterr()
    assert said.err.startswith("no CUDA device") and "--device cpu --out FOLDER" in said.err and not said.out


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--device", "cpu"], "--out FOLDER"),
        (["--device", "tpu"], "no device 'tpu'"),
        (["--only", "resnet-51"], "no network 'resnet-51'; known: resnet-50, vgg-16"),
        (["--batches", "1,0"], "batches '1,0'"),
    ],
)
def test_what_is_unknown_is_refused(gpu, given, said, capsys):
    with pytest.raises(SystemExit) as caught:
        gpu.main(given)
    assert caught.value.code == 2 and said in capsys.readouterr().err


def test_a_cpu_tries_it_and_says_that_it_is_none(gpu, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(gpu, "MODES", {"eager": {}})
    asked = ["--device", "cpu", "--out", str(tmp_path), "--only", "resnet50", "--batches", "2", "--time", "0.5"]
    assert gpu.main([*asked, "--calibration", "0"]) == 0
    page = capsys.readouterr().out
    assert "nothing here is a figure of a GPU" in page
    (kept,) = tmp_path.glob("*.json")
    assert kept.name.startswith("cpu-") and kept.with_suffix(".md").read_text(encoding="utf-8") == page
    assert [row[1:4] for row in rows_of(page)] == [["eager", "fp32", "2"], ["eager", "bf16", "2"]]
    profile = profile_of(json.loads(kept.read_text(encoding="utf-8"))["rows"][0]["profile"])
    assert (profile.file, profile.setting.batch, len(profile.layers)) == ("specs/lenet5.arch", 2, len(GRAPH.nodes))
    monkeypatch.setattr(gpu, "measured", None)  # it is there: nothing is measured again
    assert gpu.main([*asked, "--calibration", "0"]) == 0


@pytest.fixture
def on_a_gpu(gpu, monkeypatch, tmp_path):
    """All but the GPU itself; the rows that were asked for, in order."""
    asked = []

    def measured(row, device, seconds):
        asked.append(row)
        if row.mode == "compiled":
            raise Unmeasurable("torch.compile cannot compile it", "leave it out")
        if row.dtype == "bf16" and row.mode == "CUDA graph":
            raise ValueError("a driver's\nwords")
        return made(row, noise=(Noise("clocks", "moved"),)) if row.dtype == "tf32" else made(row)

    monkeypatch.setattr(gpu, "results", lambda wanted: gpu.Results(tmp_path / "gpu-a100.json", "A100"))
    monkeypatch.setattr(gpu, "measured", measured)
    monkeypatch.setattr(gpu, "calibration", lambda dtype, *_: {"calibration": rules(calibration("cuda", dtype=dtype))})
    return asked


ASKED = ["--only", "resnet50", "--batches", "1"]


def test_every_row_stands_in_the_table_and_what_failed_says_why(gpu, on_a_gpu, tmp_path, capsys):
    assert gpu.main(ASKED) == 1
    assert len(on_a_gpu) == 9
    page = capsys.readouterr().out
    table = rows_of(page)
    eager = made(gpu.Row("resnet-50", "eager", "fp32", 1))["profile"]
    roof = f"{float(at_roof(profile_of(eager), GRAPH)) / (3 * MS):.1%}"
    assert table[0] == [
        "resnet-50", "eager", "fp32", "1", "3.000 ms", "3.000 and 3.000 ms", "333", "2.00 T", roof, "+10.0%",
        "1,000 B", "900 B", "-10.0%", "12.3", "",
    ]  # fmt: skip
    assert table[1][:4] == ["resnet-50", "compiled", "fp32", "1"] and table[1][-1] == "torch.compile cannot compile it"
    assert table[3][-1] == "noisy: clocks" and table[8][-1] == "ValueError: a driver's"
    assert "- 5 of 9 measured, 2 of them noisy" in page
    assert "`other` is at most 5% in 0 of 5 that take long, the worst +10.0%" in page
    said = predict(GRAPH, calibration("cuda")).time / (3 * MS) - 1
    assert [row[1:4] for row in table[9:]] == [["fp32", "1", "3.000 ms"], ["bf16", "1", "3.000 ms"]]
    assert table[9][6] == f"{said:+.1%}" and f"off by {abs(said):.1%} on average" in page


def test_it_goes_on_where_it_was_interrupted_and_tries_again_what_failed(gpu, on_a_gpu, monkeypatch, tmp_path, capsys):
    whole = gpu.measured

    def broken_off(row, *more):
        if len(on_a_gpu) == 2:
            raise KeyboardInterrupt
        return whole(row, *more)

    monkeypatch.setattr(gpu, "measured", broken_off)
    assert gpu.main(ASKED) == 130
    assert "the same command goes on" in capsys.readouterr().err
    kept = json.loads((tmp_path / "gpu-a100.json").read_text(encoding="utf-8"))
    assert [each["mode"] for each in kept["rows"]] == ["eager", "compiled"]
    on_a_gpu.clear()
    monkeypatch.setattr(gpu, "measured", whole)
    assert gpu.main(ASKED) == 1
    assert [(row.mode, row.dtype) for row in on_a_gpu][:2] == [("compiled", "fp32"), ("CUDA graph", "fp32")]
    assert len(on_a_gpu) == 8 and len(rows_of(capsys.readouterr().out)) == 11
    on_a_gpu.clear()
    assert gpu.main([*ASKED, "--again"]) == 1 and len(on_a_gpu) == 9
    assert not [*tmp_path.glob("*.part")]


def test_settings_are_those_of_the_row(gpu):
    row = gpu.Row("vgg-16", "CUDA graph", "bf16", 64)
    assert row.setting("cuda:1", 2.0) == Setting(device="cuda:1", batch=64, dtype="bf16", cuda_graph=True, seconds=2.0)
    assert gpu.Row("vgg-16", "compiled", "tf32", 1).setting("cuda", 2.0).compile
