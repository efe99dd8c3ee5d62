"""A network measured on a clock of our own: every figure of the profile is known beforehand."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
import torch
from pytorch_profile.virtual import MS, Block, module, virtual
from torch import nn
from torch.optim.optimizer import register_optimizer_step_post_hook

from archcalc import parse
from archcalc.analyses.latency.measured import Setting
from archcalc.pytorch import profile as engine
from archcalc.pytorch.profile import Unmeasurable, alternate, profile, profile_module
from archcalc.pytorch.twin import Twin
from archcalc.report.profile.json import document, profile_of

TEXT = """network tiny "a small one"
param width = 4
input 8x8x3
conv1: conv 3x3, width, pad 1; bn; relu
pool: max pool 2x2, stride 2
fc: fc 10
"""
TAKES = {nn.Conv2d: 40 * MS, nn.BatchNorm2d: 3 * MS, nn.ReLU: 2 * MS, nn.MaxPool2d: 5 * MS, nn.Linear: 7 * MS}
QUICK = Setting(seconds=1.0, batch=2)


@pytest.fixture
def net():
    return parse(TEXT)


def test_layers_and_other_add_up_to_the_whole(net, monkeypatch):
    with virtual(monkeypatch, TAKES | {Twin: 11 * MS}) as clock:
        found = profile(net, QUICK, digest="abc")
        runs = len(clock.log)
    times = {layer.name: layer.time.median for layer in found.layers}
    assert times == {
        "input": 0, "conv1.conv": 40 * MS, "conv1.bn": 3 * MS, "conv1.relu": 2 * MS, "pool": 5 * MS, "fc": 7 * MS,
    }  # fmt: skip
    assert found.whole.median == 68 * MS and found.other == 11 * MS
    assert found.instrumented == 57 * MS  # a stamped pass has no call of the twin itself
    assert set(found.samples) == {68 * MS} and len(found.samples) == sum(found.blocks) >= 30 and runs
    assert {layer.time.count for layer in found.layers} == {len(found.samples)}
    assert (found.network, found.title, found.digest, found.inputs) == ("tiny", "a small one", "abc", ((3, 8, 8),))
    assert dict(found.values) == {"width": 4} and not found.interrupted
    # by hand: 4 filters of 3x3x3 on 8x8, then 64 inputs to 10 outputs, of two images
    assert found.macs == 2 * (4 * 27 * 64 + 64 * 10)
    assert [layer.macs for layer in found.layers] == [0, 2 * 4 * 27 * 64, 0, 0, 0, 2 * 640]
    assert found.layers[1].line == 4 and found.layers[1].block == "conv1" and found.layers[1].kind == "conv"
    json.dumps(dict(found.machine))
    assert found.machine["threads"] == torch.get_num_threads() and found.machine["torch"] == torch.__version__


def test_a_slowing_machine_is_told_of(net, monkeypatch):
    with virtual(monkeypatch, {nn.Conv2d: lambda clock: 20 * MS + clock.now // 100}):
        found = profile(net, QUICK)
    assert "drift" in [noise.sign for noise in found.noise] and found.noisy
    conv, whole = found.layers[1].time, found.whole
    assert abs(conv.median - whole.median) < 0.03 * whole.median  # in turns: both drift alike


def test_a_warm_up_is_no_sample(net, monkeypatch):
    with virtual(monkeypatch, {nn.Conv2d: lambda clock: 40 * MS if clock.now > 700 * MS else 90 * MS}):
        found = profile(net, QUICK)
    assert found.whole.maximum == 40 * MS and found.warmup > 8


def test_training_is_told_by_phases(net, monkeypatch):
    hooked = []

    def conv(clock):
        if not hooked:
            weight = clock.log[-1].weight
            hooked.append(weight.register_post_accumulate_grad_hook(lambda _: clock.tick(25 * MS)))
        return 40 * MS

    with virtual(monkeypatch, {nn.Conv2d: conv}) as clock:
        stepped = register_optimizer_step_post_hook(lambda *_: clock.tick(9 * MS))
        try:
            found = profile(net, QUICK.but(train=True, optimizer="adam"))
        finally:
            stepped.remove()
    assert {phase.name: phase.time.median for phase in found.phases} == {
        "forward": 40 * MS, "backward": 25 * MS, "step": 9 * MS,
    }  # fmt: skip
    assert found.whole.median == 74 * MS == found.instrumented and found.layers == () and found.other is None
    assert found.memory.measured == found.memory.predicted
    # each weight's gradient is a product more, and each input's but the image's
    assert found.flops == 2 * 2 * (4 * 27 * 64 * 2 + 640 * 3)


def test_a_module_is_told_by_its_own_code(monkeypatch):
    with virtual(monkeypatch, {nn.Conv2d: 20 * MS, nn.ReLU: 5 * MS}) as clock:

        class Net(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.blocks = nn.ModuleList([Block(clock, MS, 2 * MS), Block(clock, 3 * MS, 4 * MS)])
                self.relu = nn.ReLU()
                self.idle = nn.Linear(2, 2)

            def forward(self, image):
                for block in self.blocks:
                    image = self.relu(block(image))
                clock.tick(6 * MS)
                return image @ image.new_ones(8, 5)

        found = profile_module(module("owned", Net), [(3, 8, 8)], QUICK)
    assert {layer.name: (layer.kind, layer.time.median // MS) for layer in found.layers} == {
        "(its own code)": ("Net", 6),
        "blocks.0 (its own code)": ("Block", 3),
        "blocks.0.conv": ("Conv2d", 20),
        "relu": ("ReLU", 10),  # it runs twice
        "blocks.1 (its own code)": ("Block", 7),
        "blocks.1.conv": ("Conv2d", 20),
    }
    assert found.whole.median == 66 * MS and found.other == 0
    # of two images: 3 filters of 3x3x3 on 8x8 twice, and the product that the network writes out itself
    assert [layer.macs for layer in found.layers] == [2 * 3 * 64 * 5, 0, 2 * 3 * 27 * 64, 0, 0, 2 * 3 * 27 * 64]
    assert found.macs == sum(layer.macs for layer in found.layers)
    assert (found.network, found.file, found.memory.predicted) == ("owned:factory", "", None)


def test_two_take_turns(net, monkeypatch):
    other = parse(TEXT.replace("3x3, width", "1x1, width").replace(", pad 1", "").replace("tiny", "other"))
    with virtual(monkeypatch, TAKES) as clock:
        one, two = alternate([engine.network(net, QUICK), engine.network(other, QUICK.but(batch=3))])
        order = [module.get_submodule("conv1.conv").kernel_size[0] for module in clock.runs()]
    taken = order[-2 * len(one.samples) :]
    # in each turn first without stamps, then with; a turn that began with one is followed by one that begins with two
    turns = [taken[place : place + 2] for place in range(0, len(taken), 2)]
    assert turns == ([[3, 1], [1, 3]] * len(one.samples))[: len(turns)]
    assert len(one.samples) == len(two.samples) and one.blocks == two.blocks
    assert (one.network, two.network, two.setting.batch) == ("tiny", "other", 3)


def test_threads_are_set_for_each_and_put_back(net, monkeypatch):
    before = torch.get_num_threads()
    seen = []
    with virtual(monkeypatch, {Twin: lambda clock: seen.append(torch.get_num_threads()) or 50 * MS}):
        one, two = alternate([engine.network(net, QUICK.but(threads=each)) for each in (1, 2)])
    assert (one.machine["threads"], two.machine["threads"]) == (1, 2)
    # a sample of each, after a run that is none where the number of threads is another, as before each stamped one
    there, back = [1, 2, 2, 1, 2], [2, 1, 1, 2, 1]
    assert seen[-10:] in (there + back, back + there)
    assert torch.get_num_threads() == before


def test_fp32_is_fp32_while_it_is_measured_and_what_it_was_after(net, monkeypatch):
    switches = torch.backends.cuda.matmul, torch.backends.cudnn.conv
    before = [switch.fp32_precision for switch in switches]
    seen = set()
    with virtual(monkeypatch, {Twin: lambda _: seen.update(each.fp32_precision for each in switches) or 50 * MS}):
        profile(net, QUICK)
    assert seen == {"ieee"} and [switch.fp32_precision for switch in switches] == before


def test_what_is_done_is_told(net, monkeypatch):
    said = []
    monkeypatch.setattr("archcalc.pytorch.profile.sampling._SAY_EVERY", 0)
    with virtual(monkeypatch, TAKES):
        profile(net, QUICK, say=lambda *what: said.append(what))
    stages = list(dict(said))
    assert stages == ["building", "warming up", "measuring"]
    shares = [share for stage, share in said if stage == "measuring"]
    assert all(before <= after for before, after in pairwise(shares)) and shares[-1] == 1


def stopping(clock, run, error):
    """Raises in the so-and-so-many-th run of a whole network."""

    def taken(_clock):
        if len(clock.runs()) == run:
            raise error
        return 50 * MS

    clock.takes[Twin] = taken


def test_what_was_measured_before_ctrl_c_is_kept(net, monkeypatch):
    with virtual(monkeypatch, {}) as clock:
        stopping(clock, 25, KeyboardInterrupt)
        found = profile(net, QUICK)
    assert found.interrupted and 5 < found.whole.count < 25
    assert {layer.time.count for layer in found.layers} == {found.whole.count} == {sum(found.blocks)}
    assert "few" in [noise.sign for noise in found.noise]


def test_ctrl_c_before_there_is_anything_is_ctrl_c(net, monkeypatch):
    with virtual(monkeypatch, {}) as clock, pytest.raises(KeyboardInterrupt):
        stopping(clock, 3, KeyboardInterrupt)
        profile(net, QUICK)


def test_memory_that_runs_out_loses_nothing(net, monkeypatch):
    with virtual(monkeypatch, {}) as clock, pytest.raises(Unmeasurable) as caught:
        stopping(clock, 25, torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"))
        profile(net, QUICK)
    fault = caught.value
    assert fault.message == "cpu has not enough memory for a run of tiny on 2 images"
    assert fault.partial is not None and 5 < fault.partial.whole.count < 25
    assert fault.largest_batch > 2 and fault.help == f"--batch {fault.largest_batch} fits, as predicted"


def test_a_run_that_breaks_off_is_told_in_a_line(net, monkeypatch):
    with virtual(monkeypatch, {}) as clock, pytest.raises(Unmeasurable) as caught:
        stopping(clock, 25, RuntimeError("a device-side assert\nand its trace"))
        profile(net, QUICK)
    assert caught.value.message == "tiny broke off: RuntimeError: a device-side assert"


def test_what_share_of_a_pass_its_layers_make_is_of_each_pass(net, monkeypatch):
    """Runs take twice as long in the second half: the layers make the same of each."""
    slow = {
        kind: (lambda clock, taken=taken: taken * (2 if clock.now > 3000 * MS else 1)) for kind, taken in TAKES.items()
    }
    with virtual(monkeypatch, slow):
        found = profile(net, QUICK)
    assert found.whole.maximum == 2 * found.whole.minimum
    assert found.within == 1.0 and profile_of(document(found)).within == 1.0
