"""What measures: stamps, events, hooks, the machine's own figures; a GPU's by stand-ins that answer as its would."""

from __future__ import annotations

import json
import time
from typing import ClassVar

import pytest
import torch
from analyses.handmade import net as hand
from torch import nn

from archcalc.analyses.latency.measured import Setting
from archcalc.pytorch import build
from archcalc.pytorch.profile import clocks, energy, nvml, prepare
from archcalc.pytorch.profile.machine import machine, state
from archcalc.pytorch.profile.own_code import OwnCode
from archcalc.pytorch.profile.settled import settle
from archcalc.pytorch.profile.surroundings import Surroundings

GPU = torch.device("cuda", 0)


def test_a_twin_is_stamped_before_its_first_layer_and_behind_each():
    graph = hand().without_aux()
    twin, image = build(graph).eval(), torch.randn(2, 3, 9, 9)
    order = []
    for part in twin.children():
        part.register_forward_hook(lambda *_: order.append("layer"))
    with torch.no_grad():
        given = twin.run([image], lambda: order.append("stamp"))
        assert order == ["stamp", *["layer", "stamp"] * len(graph.nodes)]
        assert torch.equal(given, twin(image))


class Event:
    """A CUDA event on a stream that takes 1.5 ms from each to the next."""

    made: ClassVar[list[Event]] = []
    passed = 0

    def __init__(self, enable_timing) -> None:
        assert enable_timing
        self.made.append(self)

    def record(self, stream) -> None:
        assert stream == "the device's"
        Event.passed += 1
        self.at = 1.5 * Event.passed

    def elapsed_time(self, other) -> float:
        return other.at - self.at


def test_events_are_waited_for_once(monkeypatch):
    waited = []
    monkeypatch.setattr(torch.cuda, "Event", Event)
    monkeypatch.setattr(torch.cuda, "current_stream", lambda device: "the device's")
    monkeypatch.setattr(torch.cuda, "synchronize", waited.append)
    stamps = clocks.clock_of(GPU).stamps()
    for _ in range(2):
        for _ in range(4):
            stamps.stamp()
        assert not waited
        assert stamps.intervals() == [1_500_000] * 3
        assert waited.pop() == GPU and not waited
    assert len(Event.made) == 4  # the second pass takes those of the first


def test_a_gpus_run_is_over_when_the_device_is(monkeypatch):
    now, order = [0], []
    monkeypatch.setattr(time, "perf_counter_ns", lambda: now[0])

    def synchronize(device):
        order.append("wait")
        now[0] += 700

    def launch():
        order.append("run")
        now[0] += 30

    monkeypatch.setattr(torch.cuda, "synchronize", synchronize)
    assert clocks.clock_of(GPU).timed(launch)[0] == 730
    assert order == ["wait", "run", "wait"]


def test_cpu_time_is_the_processs():
    def busy():
        end = time.process_time() + 0.05
        while time.process_time() < end:
            pass

    wall, cpu = clocks.clock_of(torch.device("cpu")).timed(busy)
    assert 45_000_000 < cpu < 80_000_000 and wall > 45_000_000
    assert clocks.clock_of(torch.device("cpu")).timed(lambda: time.sleep(0.05))[1] < 25_000_000


def test_a_module_alone_is_a_row_of_its_own():
    code = OwnCode(nn.ReLU())
    stamps = []
    code.run([torch.randn(1, 3)], lambda: stamps.append(None))
    assert (code.charged(), len(stamps)) == ([""], 2)
    assert [(part.name, part.kind, part.block) for part in code.parts().values()] == [("forward", "ReLU", "")]
    assert not code._module._forward_hooks and not code._module._forward_pre_hooks


def test_a_module_run_in_part_only_now_and_then():
    """What runs depends on what it is given."""

    class Sometimes(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.a, self.b = nn.ReLU(), nn.Tanh()

        def forward(self, image):
            return self.a(image) if image.sum() > 0 else self.b(image)

    code = OwnCode(Sometimes())
    code.run([torch.ones(1)], lambda: None)
    assert code.charged() == ["", "a", ""]
    code.run([-torch.ones(1)], lambda: None)
    assert code.charged() == ["", "b", ""] and [*code.parts()] == ["", "a", "b"]


def test_statistics_settle():
    torch.manual_seed(1)
    net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d(8, 4, 3), nn.BatchNorm2d(4))
    image = torch.randn(2, 3, 12, 12)
    settle(net, [image])
    given = net(image)
    assert not net.training and given.mean((0, 2, 3)).abs().max() < 1e-5
    assert (given.var((0, 2, 3), correction=0) - 1).abs().max() < 1e-3
    norm = nn.BatchNorm2d(2)  # of one number nothing varies
    settle(norm, [torch.tensor([5.0, 7.0]).view(1, 2, 1, 1)])
    assert norm.running_var.tolist() == [1, 1] and norm.running_mean.tolist() == [5, 7]


def test_the_machine_is_told_in_plain_values():
    told = machine(torch.device("cpu")) | state(None)
    assert json.loads(json.dumps(told)) == told
    assert told["name"] == told["processor"] and told["name"]
    assert told["threads"] == torch.get_num_threads() and told["torch"] == torch.__version__
    assert 1 <= told["usable_cores"] <= told["logical_cores"]
    assert "cudnn" not in told


def test_what_others_do_is_none_of_this_processs():
    seen = Surroundings()
    end = time.process_time() + 0.3
    while time.process_time() < end:
        pass
    found = seen.seen()
    assert found.wall >= 0.29 and found.others >= 0
    # this process alone kept a core busy: it is taken off what the system counts in steps of 10 ms
    assert found.others <= (torch.multiprocessing.cpu_count() * found.wall - 0.3 + 0.1) / found.wall
    assert found.waited is None or 0 <= found.waited <= found.wall * 64
    assert found.stolen is None or 0 <= found.stolen <= 1


class Library:
    """pynvml, of a board that does not tell its energy."""

    NVML_CLOCK_SM, NVML_CLOCK_MEM, NVML_TEMPERATURE_GPU = "sm", "mem", "gpu"
    millijoules = None

    class NVMLError(Exception):
        pass

    def nvmlDeviceGetHandleByUUID(self, uuid):
        if uuid != "GPU-12":
            raise self.NVMLError
        return "handle"

    def nvmlDeviceGetClockInfo(self, handle, kind):
        return {"sm": 1980, "mem": 3201}[kind]

    def nvmlDeviceGetEnforcedPowerLimit(self, handle):
        return 700_000

    def nvmlDeviceGetTemperature(self, handle, sensor):
        return 41

    def nvmlDeviceGetTotalEnergyConsumption(self, handle):
        if self.millijoules is None:
            raise self.NVMLError
        return self.millijoules()

    def nvmlDeviceGetComputeRunningProcesses(self, handle):
        return ["this", "another"]

    def nvmlSystemGetDriverVersion(self):
        return "570.10"


def test_a_gpu_tells_of_itself():
    gpu = nvml._found(Library(), "12")
    told = state(gpu)
    assert {name: told[name] for name in told if name not in ("load", "cpu_clock")} == {
        "sm_clock": 1_980_000_000, "memory_clock": 3_201_000_000, "power_limit_watts": 700.0, "celsius": 41,
        "gpu_processes": 2, "driver": "570.10",
    }  # fmt: skip
    assert gpu.energy() is None and nvml._found(Library(), "13") is None
    with nvml.nvml(torch.device("cpu")) as none:
        assert none is None


class Running:
    """A subject of four images that takes 100 ms a run."""

    setting = Setting(batch=4)

    def __init__(self, clock) -> None:
        self.clock = self
        self.advance = clock
        self.run = None

    def mode(self):
        return torch.no_grad()

    def timed(self, run):
        self.advance(0.1, busy=True)


def test_energy_is_what_idling_does_not_take(monkeypatch):
    """50 W at rest, 300 W at work: 250 W for 0.1 s of four images are 6250 mJ each."""
    now, spent = [0.0], [0.0]

    def advance(seconds, busy=False):
        now[0] += seconds
        spent[0] += seconds * (300_000 if busy else 50_000)

    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(time, "sleep", advance)
    library = Library()
    assert energy.millijoules(Running(advance), nvml.Nvml(library, "handle")) is None
    library.millijoules = lambda: spent[0]
    assert energy.millijoules(Running(advance), nvml.Nvml(library, "handle")) == pytest.approx(6250, rel=0.01)
    assert energy.millijoules(Running(advance), None) is None


def test_held_is_each_storage_once_as_it_is_handed_out():
    tensor = torch.zeros(100)
    assert prepare.held([tensor, tensor[5:], torch.zeros(1)]) == 404
    assert prepare.held([tensor, tensor[5:], torch.zeros(1)], cuda=True) == 1024
