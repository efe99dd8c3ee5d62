"""What bounds the layers of a measured network: at a GPU's published roof, by when it was asked, by learnt rules."""

from __future__ import annotations

import pytest
from latency.calibrations import calibration, keep

import archcalc
from archcalc.analyses.latency.bound import at_roof, bounded, calibration_for, roof_of
from archcalc.analyses.latency.calibration import Routine
from archcalc.analyses.latency.kept import calibrated
from archcalc.analyses.latency.measured import LayerTime, MemoryUse, Profile, Setting
from archcalc.analyses.latency.timing import timing
from archcalc.analyses.latency.work import Work, works

#: Of batch 1 in fp32 the convolution has 43 M operations and moves 3.4 MB, the relu 0.8 M and 6.4 MB.
GRAPH = archcalc.parse("network n\ninput 112x112x3\nconv: conv 3x3, 64, pad 1\nrelu\ndropout 0.5\nfc: fc 1000\n").graph
GPU, CPU = Setting(device="cuda:1"), Setting()


def profile(setting, name, times, launches=None):
    """A measurement of that network in which each layer takes so many nanoseconds."""
    works_ = works(GRAPH, batch=setting.batch)
    layers = tuple(
        LayerTime(
            name=node.name, block="", kind=node.layer.kind, line=1, time=timing([time] * 6), macs=0, flops=work.flops,
            moved_bytes=work.moved_bytes, routine=work.routine, launch_ns=launch,
        )
        for node, work, time, launch in zip(GRAPH.nodes, works_, times, launches or [None] * len(times), strict=True)
    )  # fmt: skip
    return Profile(
        network="n", title="", file="", digest="", setting=setting, machine={"name": name, "threads": 2}, started="",
        whole=timing([sum(times)] * 6), samples=(), blocks=(), warmup=0, noise=(), layers=layers, phases=(),
        instrumented=None, macs=0, flops=0, memory=MemoryUse(None, None),
    )  # fmt: skip


def bounds(found):
    return [layer.bound for layer in found.layers]


def test_on_a_gpu_it_is_the_roof_unless_asking_takes_longer():
    """An A100 does 19.5 T of fp32 operations a second and moves 2.04 TB: 2.2 us for the convolution, 3.2 for the relu
    and 1600 for the weights of the fully connected layer."""
    times = [500, 40_000, 9_000, 500, 1_900_000]
    quick = profile(GPU, "NVIDIA A100-SXM4-80GB", times, [400, 2_000, 3_000, 400, 9_000])
    assert bounds(bounded(quick, GRAPH)) == ["", "compute", "memory", "", "memory"]
    waits = profile(GPU, "NVIDIA A100-SXM4-80GB", times, [400, 30_000, 8_000, 400, 9_000])
    assert bounds(bounded(waits, GRAPH)) == ["", "launch", "launch", "", "memory"]
    # a layer that is asked for slowly but runs for long is not bound by that
    slow = profile(GPU, "NVIDIA A100-SXM4-80GB", [500, 400_000, 9_000, 500, 1_900_000], [400, 30_000, 0, 400, 0])
    assert bounds(bounded(slow, GRAPH))[1] == "compute"


def test_fp32_is_at_the_peak_of_fp32_in_convolutions_too():
    made = profile(GPU, "NVIDIA A100-SXM4-80GB", [1] * 5)
    found = roof_of(made)
    assert found.convolution == found.matrix == found.element and found.convolution.name == "fp32"
    weights = 4 * (112 * 112 * 64 * 1000 + 1000)
    assert at_roof(made, GRAPH) > weights * 10**9 / (2.04 * 10**12) * 0.99
    short = profile(GPU.but(dtype="tf32"), "NVIDIA A100-SXM4-80GB", [1] * 5)
    assert roof_of(short).convolution.name == "tf32" and at_roof(short, GRAPH) < at_roof(made, GRAPH)


@pytest.mark.parametrize(
    "made",
    [profile(CPU, "a processor", [1] * 5), profile(GPU, "a GPU of tomorrow", [1] * 5)],
    ids=["a CPU", "an unknown GPU"],
)
def test_without_a_roof_or_a_calibration_it_cannot_be_told(made):
    assert roof_of(made) is None and at_roof(made, GRAPH) is None
    assert bounded(made, GRAPH) is made


@pytest.mark.parametrize("made", [profile(CPU, "a processor", [1] * 5), profile(GPU, "a GPU of tomorrow", [1] * 5)])
def test_by_learnt_rules_it_is_the_longest_term(made):
    """Of 0.4 ms a layer, and 3.4 MB, 6.4 MB and 3.2 GB at a tenth of a nanosecond a byte."""
    rules = calibration(**dict.fromkeys(["conv", "relu", "relu in place"], 400_000), fc=10**6, each_byte=0.1)
    assert bounds(bounded(made, GRAPH, rules)) == ["", "launch", "memory", "", "memory"]


def test_a_routine_names_its_longest_term():
    rule = Routine("conv", 100.0, 1.0, 2.0, 9, 0.1, 0.9, 1.1, 0.9, 1.1, 10**6)
    assert [rule.bound(Work("conv", *each)) for each in ((99, 0), (101, 50), (101, 51))] == [
        "launch",
        "compute",
        "memory",
    ]
    assert rule.bound(Work("conv", 50, 20, layers=2)) == "launch"
    assert rule.but(overhead=0.0).bound(Work("conv", 0, 0)) == ""
    assert rule.time(Work("conv", 3, 4, layers=2)) == 211.0


def test_the_calibration_is_of_that_very_machine_and_way(tmp_path):
    made = profile(CPU, "a processor", [1] * 5)
    path = tmp_path / "history.sqlite"
    assert calibration_for(made, path) is None and not path.exists()
    keep(path, calibration(machine="another processor"))
    assert calibration_for(made, path) is None
    keep(path, calibration())
    assert calibration_for(made, path) == calibration()
    for setting in (CPU.but(channels_last=True), CPU.but(dtype="bf16"), GPU):
        assert calibration_for(profile(setting, "a processor", [1] * 5), path) is None
    assert calibration_for(made.but(machine={"name": "a processor", "threads": 1}), path) is None


def test_a_processor_is_held_against_what_its_calibration_reached():
    """80 G operations a second in convolutions, 60 G in products, 5 G in all else, 20 G bytes: the convolution is bound
    by its 43.4 M products, the relu and the fully connected layer by their 6.42 MB and 3.21 GB."""
    took = profile(CPU, "a processor", [0, 1, 1, 0, 1])
    least = 43_352_064 / 80 + 6_422_528 / 20 + 3_214_483_264 / 20
    assert float(at_roof(took, GRAPH, calibration())) == pytest.approx(least, rel=1e-9)
    assert at_roof(took, GRAPH) is None
    assert at_roof(took.but(setting=Setting(train=True)), GRAPH, calibration()) is None


def test_a_calibration_of_another_machine_or_layout_hides_none(tmp_path):
    ours = calibration(machine="a processor", threads=2)
    others = calibration(machine="another", threads=2), ours.but(channels_last=True)
    db = keep(tmp_path / "history.sqlite", ours, *others)
    assert calibration_for(profile(CPU, "a processor", [0, 1, 1, 0, 1]), db) == ours
    assert calibrated(path=db).channels_last is False
    last = profile(CPU.but(channels_last=True), "a processor", [0, 1, 1, 0, 1])
    assert calibration_for(last, db).channels_last is True
