"""What is asked of a GPU and of the compiler, as PyTorch's documentation has it: by stand-ins that note it."""

from __future__ import annotations

import time
from contextlib import contextmanager, nullcontext
from functools import partial
from types import SimpleNamespace

import pytest
import torch
from torch import nn

from archcalc import parse
from archcalc.analyses.latency.measured import Setting
from archcalc.pytorch.profile import Unmeasurable, nvml, prepare
from archcalc.pytorch.profile.clocks import clock_of
from archcalc.pytorch.profile.flags import Flags
from archcalc.pytorch.profile.networks import of_graph

GPU = torch.device("cuda", 1)
TEXT = """network small
input 8x8x3
conv1: conv 3x3, {channels}, pad 1; relu
global average pool
fc: fc 10
"""


def switches():
    """All of torch's: those of now, those of before, and what both come to."""
    return (
        torch.backends.cuda.matmul.fp32_precision, torch.backends.cudnn.conv.fp32_precision,
        torch.backends.cudnn.rnn.fp32_precision, torch.backends.cuda.matmul.allow_tf32,
        torch.backends.cudnn.allow_tf32, torch.get_float32_matmul_precision(),
    )  # fmt: skip


def test_switches_of_now_and_of_before_never_disagree():
    """torch's compiler asks either kind, and reading one that the other contradicts is an error in torch."""
    before = switches()
    with Flags() as flags:
        for _ in range(2):
            flags.set(Setting(device="cuda", dtype="tf32"))
            assert switches() == ("tf32", "tf32", "tf32", True, True, "high")
            flags.set(Setting(dtype="fp32"))
            assert switches() == ("ieee", "ieee", "ieee", False, False, "highest")
    assert switches() == before


def test_switches_that_were_at_odds_before_are_left_alone():
    matmul = torch.backends.cuda.matmul
    matmul.fp32_precision = "tf32"
    try:
        with pytest.raises(RuntimeError):
            _ = matmul.allow_tf32
        with Flags() as flags:
            flags.set(Setting())
            assert switches()[3:] == (False, False, "highest")
        assert matmul.fp32_precision == "tf32"
    finally:
        matmul.fp32_precision = "none"


def test_each_network_is_compiled_for_itself(monkeypatch):
    """Left to itself torch compiles a class's forward eight times, then runs it as it is written, and from the second
    batch on it compiles for any."""
    compiled = []

    def backend(module, inputs):
        compiled.append(inputs)
        return module.forward

    monkeypatch.setattr(torch, "compile", partial(torch.compile, backend=backend))
    for count in range(10):
        net = parse(TEXT.format(channels=4 + count))
        subject = of_graph(net, Setting(compile=True, batch=1 + count % 2))
        subject.sample()
        assert len(compiled) == count + 1
    assert all(isinstance(each, torch.Tensor) for inputs in compiled for each in inputs)


class Subject:
    """What a capture needs of one; notes on which stream it runs."""

    def __init__(self, done) -> None:
        self.device, self.done = GPU, done
        self.about = SimpleNamespace(network="small")
        self.mode = nullcontext
        self.run = lambda: done.append(f"run on {Stream.now}")


class Stream:
    now = "the current"

    def __init__(self, device) -> None:
        assert device == GPU

    def __str__(self) -> str:
        return "its own"

    def wait_stream(self, other) -> None:
        pass


@pytest.fixture
def cuda(monkeypatch):
    """torch.cuda that can capture; what it was asked for, in order."""
    done = []

    @contextmanager
    def on(stream):
        before, Stream.now = Stream.now, str(stream)
        yield
        Stream.now = before

    @contextmanager
    def graph(captured, stream=None):
        assert isinstance(stream, Stream), "torch's own is of the device that was captured on first"
        done.append("capture")
        with on(stream):
            yield
        done.append("captured")

    current = SimpleNamespace(wait_stream=lambda other: None)
    stand_ins = {
        "Stream": Stream, "current_stream": lambda device: current, "stream": on, "graph": graph,
        "CUDAGraph": lambda: SimpleNamespace(replay=lambda: done.append("replay")),
        "synchronize": lambda device: done.append(f"wait for {device}"),
    }  # fmt: skip
    for name, given in stand_ins.items():
        monkeypatch.setattr(torch.cuda, name, given)
    monkeypatch.setattr(prepare, "drop_workspaces", lambda: done.append("drop workspaces"))
    return done


def test_a_graph_is_captured_on_its_devices_stream_with_workspaces_of_its_own(cuda):
    subject = Subject(cuda)
    prepare._capture(subject)
    assert cuda == [
        *["run on its own"] * prepare._BEFORE_CAPTURE, "wait for cuda:1", "drop workspaces", "capture",
        "run on its own", "captured", "drop workspaces",
    ]  # fmt: skip
    subject.run()
    assert cuda[-1] == "replay"


def test_what_cannot_be_captured_is_told_in_a_line(cuda):
    subject = Subject(cuda)

    def run():
        raise RuntimeError("operation not permitted when stream is capturing\nand its trace")

    subject.run = run
    with pytest.raises(Unmeasurable) as caught:
        prepare._capture(subject)
    said = "small cannot be captured in a CUDA graph: RuntimeError: operation not permitted when stream is capturing"
    assert (caught.value.message, caught.value.help) == (said, "leave out --cuda-graph")


ABOUT = SimpleNamespace(network="small", predicted=0, weights=0, largest=lambda room: 3)


def test_a_gpu_that_this_build_has_no_kernels_for_is_told_in_a_line(monkeypatch):
    monkeypatch.setattr(prepare, "free", lambda device: 1 << 30)
    setting = Setting(device="cuda:1", batch=8)
    with pytest.raises(Unmeasurable) as caught, prepare.fitting(ABOUT, setting, GPU):
        raise RuntimeError("CUDA error: no kernel image is available for execution on the device\nCUDA kernel errors")
    said = "cuda:1 cannot run small: RuntimeError: CUDA error: no kernel image is available for execution on the device"
    assert caught.value.message == said
    with pytest.raises(RuntimeError, match="of archcalc"), prepare.fitting(ABOUT, Setting(), torch.device("cpu")):
        raise RuntimeError("a fault of archcalc")


@pytest.mark.parametrize("sign", ["CUDNN_STATUS_ALLOC_FAILED", "CUBLAS_STATUS_ALLOC_FAILED when calling cublasCreate"])
def test_a_librarys_want_of_memory_is_one(monkeypatch, sign):
    monkeypatch.setattr(prepare, "free", lambda device: 1 << 30)
    with pytest.raises(Unmeasurable) as caught, prepare.fitting(ABOUT, Setting(device="cuda", batch=8), GPU):
        raise RuntimeError(f"cuDNN error: {sign}")
    assert caught.value.largest_batch == 3


def test_a_part_of_a_gpu_is_found_by_its_own_kind_of_uuid():
    class Library:
        class NVMLError(Exception):
            pass

        def nvmlDeviceGetHandleByUUID(self, uuid):
            if uuid != "MIG-12":
                raise self.NVMLError
            return "handle"

    assert nvml._found(Library(), "12") is not None and nvml._found(Library(), "MIG-12") is not None
    assert nvml._found(Library(), "GPU-12") is None and nvml._found(Library(), "13") is None


def test_memory_of_what_went_before_is_had_again(monkeypatch):
    from archcalc.pytorch.profile import room

    gone = []

    class Cycle(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.myself = [self]

        def __del__(self) -> None:
            gone.append(True)

    monkeypatch.setattr(torch.cuda, "empty_cache", lambda: gone.append("emptied"))
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (7, 8))
    Cycle()
    assert room.free(GPU) == 7 and gone == [True, "emptied"]


def test_what_the_cpu_takes_to_ask_is_told_beside_what_the_gpu_takes(monkeypatch):
    """A GPU that runs behind: each layer is asked for in 7 us and takes 50."""
    now = [0]

    class Event:
        def __init__(self, enable_timing) -> None:
            pass

        def record(self, stream) -> None:
            assert stream == "the device's"
            now[0] += 7_000
            self.at = 0.050 * now[0] / 7_000

        def elapsed_time(self, other) -> float:
            return other.at - self.at

    streams = iter(["the device's"] * 2)
    monkeypatch.setattr(time, "perf_counter_ns", lambda: now[0])
    monkeypatch.setattr(torch.cuda, "Event", Event)
    monkeypatch.setattr(torch.cuda, "current_stream", lambda device: next(streams))  # asked for once a pass
    monkeypatch.setattr(torch.cuda, "synchronize", lambda device: None)
    stamps = clock_of(GPU).stamps()
    for _ in range(2):
        for _ in range(4):
            stamps.stamp()
        assert (stamps.intervals(), stamps.launches()) == ([50_000] * 3, [7_000] * 3)
    host = clock_of(torch.device("cpu")).stamps()
    for _ in range(3):
        host.stamp()
    assert len(host.intervals()) == 2 and host.launches() == []
