"""Memory on a GPU beside what archcalc computes: measured where there is one; elsewhere, all but the GPU itself."""

from __future__ import annotations

import gc
import importlib.util
import json
import weakref
from pathlib import Path

import pytest
import torch
from specs.reading import network
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from archcalc.pytorch import steps
from archcalc.pytorch.allocator import Block, Gpu, Held, replayed

FILE = Path(__file__).parents[2] / "benchmarks" / "gpu_memory.py"
TENSOR, WORKSPACE = ["at::native::relu(at::Tensor)", "at::detail::empty_cuda()"], ["at::native::run_conv_plan(int)"]


@pytest.fixture(scope="module")
def bench():
    spec = importlib.util.spec_from_file_location("gpu_memory", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def event(action, address, size, frames=()):
    return {"action": action, "addr": address, "size": size, "frames": [{"name": name} for name in frames]}


def test_the_record_is_gone_through_in_blocks_of_512():
    trace = [
        event("alloc", 1, 600, TENSOR),
        event("alloc", 2, 9000, WORKSPACE),
        event("alloc", 3, 1, TENSOR),
        event("free_requested", 2, 9000),
        event("free_completed", 2, 9000),
        event("free_requested", 1, 600),
        event("segment_alloc", 7, 1 << 20),
        event("alloc", 1, 512, TENSOR),
        event("free_requested", 0, 4096),
    ]
    held = replayed(trace, {0: Block(4096, "given")}, 99_999)
    assert held == Held(
        99_999,
        4096 + 1024 + 512,
        (Block(4096, "given"), Block(1024, "relu"), Block(512, "relu")),
        (Block(9216, "run_conv_plan"),),
    )


def test_what_no_frames_tell_of_is_counted():
    held = replayed([event("alloc", 1, 512, TENSOR), event("alloc", 2, 512, ["forward", "??"])], {}, 0)
    assert held.tensors == 1024 and held.blocks[1].by == "?" and not held.workspaces


def test_a_record_without_frames_tells_no_tensors():
    assert replayed([event("alloc", 1, 600)], {}, 1024) == Held(1024)


class Recorder(TorchDispatchMode):
    """Tells of storages as an allocator does of blocks."""

    def __init__(self) -> None:
        super().__init__()
        self.trace, self.alive = [], set()

    def see(self, tensor, frames=TENSOR):
        storage = tensor.untyped_storage()
        key = storage._cdata
        if key in self.alive or not storage.nbytes():
            return

        def gone(_):
            self.alive.discard(key)
            self.trace.append(event("free_requested", key, 0))

        self.alive.add(key)
        self.trace.append(event("alloc", key, storage.nbytes(), frames))
        weakref.finalize(storage, gone, None)

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        for leaf in tree_leaves(out):
            if isinstance(leaf, torch.Tensor):
                self.see(leaf)
        return out


def tensors():
    return [found for found in gc.get_objects() if type(found) in (torch.Tensor, torch.nn.Parameter)]


class Stand:
    """A CPU as if it were a GPU: what lives is counted by the storages that PyTorch makes."""

    device, name = "cpu", "A Stand-in (CPU) 1GB"

    def __init__(self) -> None:
        gc.collect()
        self.others = [tensor.untyped_storage() for tensor in tensors()]

    def start(self):
        gc.collect()
        apart = {storage._cdata for storage in self.others}
        given = {}
        for tensor in tensors():
            storage = tensor.untyped_storage()
            if storage._cdata not in apart:
                given[storage._cdata] = Block(-(-storage.nbytes() // 512) * 512, "given")
        self.given, self.mode = given, Recorder()
        self.mode.alive |= given.keys()
        self.mode.__enter__()

    def stop(self):
        self.mode.__exit__(None, None, None)
        held = replayed(self.mode.trace, self.given, 0)
        return held._replace(whole=held.tensors + (1 << 25))


@pytest.mark.parametrize("key", ["lenet5.arch:lenet5-modern", "resnet-cifar.arch:resnet-20", "nin.arch:nin-cifar10"])
def test_a_run_holds_what_is_computed(bench, key):
    graph = network(key).graph.without_aux()
    held = steps.run(graph, 2, Stand())
    assert bench.predicted(graph, 2, "inference") == held.tensors


@pytest.mark.parametrize("optimizer", steps.OPTIMIZERS)
@pytest.mark.parametrize("key", ["lenet5.arch:lenet5-modern", "resnet-cifar.arch:resnet-20"])
def test_a_step_holds_what_is_computed(bench, key, optimizer):
    """Within 1 %: a GPU that is not watched sums gradients in place, and leaves Adam's counters to the CPU."""
    graph = network(key).graph
    held = steps.train(graph, 64, optimizer, Stand())
    assert abs(bench.predicted(graph, 64, optimizer) / held.tensors - 1) < 0.01


def test_the_script_prints_and_writes(bench, tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(bench.NETWORKS, "lenet", "specs/lenet5.arch:lenet5-modern")
    given = ["--only", "lenet", "--batches", "1,2", "--runs", "inference", "--out", str(tmp_path)]
    assert bench.main(given, Stand()) == 1  # 32 MiB of workspaces are more than 5 % of LeNet
    told = capsys.readouterr().out.splitlines()
    assert told[0].split()[:2] == ["network", "batch"] and len({len(line) for line in told[:3]}) == 1
    assert told[4].startswith("tensors: 2 of 2 within 2 %") and told[4].endswith(": PASS")
    assert told[5].startswith("whole: 0 of 2 within 5 %") and told[5].endswith(": FAIL")
    folder = tmp_path / "a-stand-in-cpu-1gb"
    kept = json.loads((folder / "memory.json").read_text(encoding="utf-8"))
    assert [case["predicted"] for case in kept["cases"]] == [case["tensors"] for case in kept["cases"]]
    assert kept["cases"][0]["blocks"][0][0] >= kept["cases"][0]["blocks"][-1][0]
    page = (folder / "memory.md").read_text(encoding="utf-8")
    assert "| lenet | 2 | inference | " in page and "tensors: 2 of 2" in page


def test_a_verdict_is_by_what_was_measured(bench):
    case = bench.Case("net", 1, "sgd", 102, tensors=100, whole=110)
    assert (case.off("tensors"), case.passes("tensors")) == (2.0, True)
    assert case.passes("whole") is False and not bench.passed([case])
    assert bench.passed([case._replace(whole=105)])
    assert case._replace(predicted=97).passes("tensors") is False
    none = case._replace(tensors=None, whole=None)
    assert none.passes("whole") is None and not bench.passed([none])
    assert bench.cells(none)[4:] == ("-",) * 6
    assert next(bench.verdicts([case, none])).endswith("worst +2.00 %, 1 not measured: PASS")


def test_too_little_memory_is_a_row_of_its_own(bench, monkeypatch):
    def full(*_):
        raise torch.OutOfMemoryError("full")

    monkeypatch.setattr(steps, "train", full)
    monkeypatch.setitem(bench.NETWORKS, "lenet", "specs/lenet5.arch:lenet5-modern")
    (case,) = bench.cases(["lenet"], [1], ["sgd"], Stand())
    assert case.predicted > 0 and case.whole is None


@pytest.mark.parametrize("given", [["--only", "nothing"], ["--batches", "0"], ["--batches", "x"], ["--runs", "sgdx"]])
def test_a_bad_command_line_is_refused(bench, given, capsys):
    with pytest.raises(SystemExit) as error:
        bench.main(given, Stand())
    assert error.value.code == 2 and "error: " in capsys.readouterr().err


def test_no_gpu_is_said_in_a_line(bench, monkeypatch, capsys):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert bench.main([]) == 2
    assert capsys.readouterr().err.splitlines() == [
        "no CUDA device: this measures the memory of a GPU, and PyTorch sees none"
    ]


def test_the_networks_are_there(bench):
    import archcalc

    for spec in bench.NETWORKS.values():
        assert bench.predicted(archcalc.load(FILE.parents[1] / spec).graph.without_aux(), 1, "inference") > 0


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@pytest.mark.parametrize("run", ["inference", *steps.OPTIMIZERS])
@pytest.mark.parametrize("key", ["lenet5.arch:lenet5-modern", "resnet-cifar.arch:resnet-20"])
def test_a_gpu_holds_what_is_computed(bench, key, run):
    graph = network(key).graph.without_aux()
    held = bench.measured(graph, 32, run, Gpu())
    assert held.tensors is not None, "the allocator's record has no frames"
    case = bench.Case(key, 32, run, bench.predicted(graph, 32, run), held.tensors, held.whole)
    assert case.passes("tensors"), (case, held.blocks)
