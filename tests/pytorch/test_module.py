"""A person's own module beside a spec: nothing of it changes, and what departs is named once."""

from __future__ import annotations

import copy

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils.parametrizations import weight_norm

from archcalc import parse
from archcalc.pytorch import build
from archcalc.pytorch.module import ModuleFault, verify_module
from archcalc.pytorch.module.align import GAP, align

SPEC = """
block basic(c, s=1):
    sum:
        | conv 3x3, c, stride s, pad half, no bias; bn; relu
          conv 3x3, c, pad half, no bias; bn
        | shortcut
    relu

input 32x32x3
stem: conv 3x3, 8, pad half, no bias; bn; relu
pool: max pool 2x2
one: basic(8) x 2
two: basic(16, s=2); basic(16) x 2
global average pool
fc: fc 10; softmax
"""


class Basic(nn.Module):
    def __init__(self, read, made, stride=1, early=False):
        super().__init__()
        self.conv1 = nn.Conv2d(read, made, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(made)
        self.conv2 = nn.Conv2d(made, made, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(made)
        projected = [nn.Conv2d(read, made, 1, stride, bias=False), nn.BatchNorm2d(made)] if read != made else []
        self.down, self.early = nn.Sequential(*projected), early

    def forward(self, x):
        side = self.down(x) if self.early else None
        y = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        return torch.relu(y + (self.down(x) if side is None else side))


class Net(nn.Module):
    """SPEC, written by hand."""

    def __init__(self, early=False):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, 1, 1, bias=False), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2))
        self.one = nn.Sequential(Basic(8, 8), Basic(8, 8))
        self.two = nn.Sequential(Basic(8, 16, 2, early), Basic(16, 16), Basic(16, 16))
        self.fc = nn.Linear(16, 10)

    def forward(self, x):
        return self.fc(self.two(self.one(self.stem(x))).mean((2, 3)))


def departures(module, spec=SPEC):
    found = verify_module(parse(spec), module)
    (layers,) = [each for each in found.quantities if each.quantity == "layers"]
    return [(each.layer, each.line, each.ours, each.there, each.theirs) for each in layers.departures]


def failing(module, spec=SPEC):
    return {each.quantity for each in verify_module(parse(spec), module).quantities if each.verdict == "differs"}


def changed(path, made):
    module = Net()
    parent, _, name = path.rpartition(".")
    setattr(module.get_submodule(parent), name, made)
    return module


@pytest.mark.parametrize("early", [False, True])
def test_the_same_network_agrees_whatever_the_order_of_its_branches(early):
    found = verify_module(parse(SPEC), Net(early))
    assert found.status == "ok" and {each.verdict for each in found.quantities} == {"agrees"}
    layers, output, params, trainable, *_ = found.quantities
    assert layers.compared == layers.agreeing == 25 and output.compared == 1
    assert params.theirs == trainable.theirs == sum(each.numel() for each in Net().parameters())


def test_our_own_module_agrees():
    for text in (SPEC, "input 4x4x48\ntokens\nattention 4 heads\nlayer norm\nfc 8\nfirst token\nfc 3"):
        assert verify_module(parse(text), build(parse(text))).status == "ok"


def test_a_departing_stride_is_named_once_and_what_follows_from_it_is_not():
    module = changed("two.0.conv1", nn.Conv2d(8, 16, 3, 1, 1, bias=False))
    module.two[0].down[0].stride = (1, 1)
    assert departures(module) == [
        ("two.1.conv1", 4, "stride 2x2", "two.0.conv1", "stride 1x1"),
        ("two.1.shortcut.conv", 6, "stride 2x2", "two.0.down.0", "stride 1x1"),
    ]
    found = verify_module(parse(SPEC), module)
    ((reason, count),) = found.quantities[0].skipped
    assert "follows from a departure" in reason and count == 4 + 8
    assert failing(module) == {"layers", "macs"}


def test_an_extra_layer_is_told_once():
    extra = nn.Sequential(nn.Conv2d(8, 8, 3, 1, 1, bias=False), nn.Conv2d(8, 8, 3, 1, 1, bias=False))
    ((layer, line, _, there, theirs),) = departures(changed("one.1.conv1", extra))
    assert (layer, line, theirs) == ("", None, "conv weight 8x8x3x3, stride 1x1") and there.startswith("one.1.conv1.")


def test_a_missing_layer_is_told_once():
    for early in (False, True):
        module = Net(early)
        module.two[0].bn1 = nn.Identity()
        assert departures(module) == [("two.1.bn1", 4, "bn weight 16, bias 16", "", "no such layer")]
        assert failing(module) == {"layers", "params", "trainable", "buffers"}


def test_a_missing_block_is_its_layers():
    found = departures(changed("two", nn.Sequential(Basic(8, 16, 2), Basic(16, 16))))
    assert [(line, theirs) for _, line, _, _, theirs in found] == [(line, "no such layer") for line in (4, 4, 5, 5)]


def test_other_channels_kernels_biases_and_groups():
    module = changed("one.0.conv2", nn.Conv2d(8, 8, 5, 1, 2, groups=2))
    ((_, _, ours, there, theirs),) = departures(module)
    assert there == "one.0.conv2"
    assert ours == "weight 8x8x3x3, groups 1, bias none, padding 1x1"
    assert theirs == "weight 8x4x5x5, groups 2, bias 8, padding 2x2"


def test_a_missing_pool_shows_in_the_first_shape_behind_it():
    module = Net()
    module.stem[3] = nn.Identity()
    ((name, line, ours, there, theirs),) = departures(module)
    assert (name, line, there) == ("one.1.conv1", 4, "one.0.conv1") and (ours, theirs) == ((8, 16, 16), (8, 32, 32))


def test_layers_that_stand_in_another_order_depart():
    class Before(Basic):
        def forward(self, x):
            return x + self.conv2(torch.relu(self.bn2(self.conv1(torch.relu(self.bn1(x))))))

    assert departures(changed("one.0", Before(8, 8)))


def test_a_module_that_does_not_run_is_told():
    module = Net()
    module.head = nn.Linear(16, 3)
    assert departures(module) == [("", None, "no such layer", "head", "linear that does not run")]


class Attends(nn.Module):
    def __init__(self):
        super().__init__()
        self.own = nn.MultiheadAttention(48, 4, batch_first=True)

    def forward(self, x):
        tokens = x.flatten(2).transpose(1, 2)
        return self.own(tokens, tokens, tokens)[0]


def test_attention_of_torch_is_its_projections():
    text = "input 4x4x48\ntokens\nattention 4 heads\nfc 3"
    assert departures(nn.Sequential(Attends(), nn.Linear(48, 3)), text) == []
    assert [row[3] for row in departures(nn.Sequential(Attends(), nn.Linear(48, 4)), text)] == ["1"]


def test_lazy_and_parametrized_modules():
    text = "input 8x8x3\nconv 3x3, 4\nfc 5"
    assert departures(nn.Sequential(nn.LazyConv2d(4, 3), nn.Flatten(), nn.LazyLinear(5)), text) == []
    normed = weight_norm(nn.Conv2d(3, 4, 3))
    assert departures(nn.Sequential(normed, nn.Flatten(), nn.Linear(144, 5)), text) == []


def test_a_shared_module_is_met_at_each_turn():
    conv = nn.Conv2d(3, 3, 3, padding=1)
    text = "input 8x8x3\nblock twice:\n    c: conv 3x3, 3, pad 1\na: twice\nb: twice, share all a"
    assert verify_module(parse(text), nn.Sequential(conv, nn.ReLU(), conv)).quantities[0].compared == 2


class Stubborn(nn.Module):
    """It has a tensor that moves nowhere, and asks for values."""

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 2)
        self.scale = torch.ones(4)

    def forward(self, x):
        return self.fc(x * self.scale if bool(self.scale.sum() > 0) else x)


def test_what_runs_on_real_numbers_alone_is_run_on_them():
    assert verify_module(parse("input 4\nfc 2"), Stubborn()).status == "ok"


def test_nothing_of_the_module_changes():
    module = Net().half()
    module.two[0].bn1.eval()
    before, modes = copy.deepcopy(module.state_dict()), [part.training for part in module.modules()]
    assert verify_module(parse(SPEC), module).status == "ok"
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())
    assert [part.training for part in module.modules()] == modes
    assert not any(part._forward_hooks or part._forward_pre_hooks for part in module.modules())
    assert all(parameter.grad is None and not parameter.is_meta for parameter in module.parameters())


def test_what_cannot_be_run_is_one_line():
    with pytest.raises(ModuleFault, match=r"^the module refuses an input of 1x3x32x32 \(batch, channels first\): .*$"):
        verify_module(parse(SPEC), nn.Conv2d(4, 4, 3))


def costs(ours, theirs):
    """The least cost of all alignments, by trying every one."""
    if not ours or not theirs:
        return GAP * (len(ours) + len(theirs))
    paired = cost(ours[0], theirs[0])
    ways = [GAP + costs(ours[1:], theirs), GAP + costs(ours, theirs[1:])]
    return min(ways if paired is None else [*ways, paired + costs(ours[1:], theirs[1:])])


def cost(one, other):
    return 0 if one == other else 7 if one.lower() == other.lower() else None


@given(st.text("aAbB", max_size=6), st.text("aAbB", max_size=6))
def test_an_alignment_costs_least(ours, theirs):
    found = align(ours, theirs, cost)
    assert [i for i, _ in found if i is not None] == [*range(len(ours))]
    assert [j for _, j in found if j is not None] == [*range(len(theirs))]
    spent = [GAP if None in pair else cost(ours[pair[0]], theirs[pair[1]]) for pair in found]
    assert sum(spent) == costs(ours, theirs)
