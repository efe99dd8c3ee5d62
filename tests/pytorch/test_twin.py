"""How a twin runs: names, order, memory, sharing, and what it refuses."""

from __future__ import annotations

import copy
import subprocess
import sys
import weakref

import pytest
import torch
from analyses.handmade import Net
from pytorch.runs import images, module, on_meta

import archcalc
import archcalc.pytorch as room
from archcalc.algebra import symbol
from archcalc.layers import (
    Activation,
    BatchNorm,
    Concat,
    Conv,
    Dense,
    Dropout,
    GlobalAvgPool,
    GlobalMaxPool,
    Identity,
    MaxPool,
    Pad,
    Sum,
)
from archcalc.pytorch.twin import module_paths

SAME = {"kernel": (3, 3), "pad": Pad((1, 1), (1, 1)), "channels": 3}
RELU = Activation(function="relu")


def writers(net, output=None):
    """The layers that write over what they read."""
    graph = net.graph(output)
    twin = room.build(graph)
    return [node.name for node in graph.nodes if getattr(module(twin, node), "inplace", False) is True]


def test_a_network_is_built_by_either():
    network = archcalc.parse("input 32x32x3\nconv1: conv 3x3, 8; bn; relu\nfc 10")
    for given in (network, network.graph):
        twin = room.build(given)
        assert list(dict(twin.named_parameters())) == [
            "conv1.conv.weight", "conv1.conv.bias", "conv1.bn.weight", "conv1.bn.bias", "fc.weight", "fc.bias",
        ]  # fmt: skip
        assert twin(torch.randn(2, 3, 32, 32)).shape == (2, 10)


def test_a_thousand_layers_cost_no_memory():
    net = Net(3, 32, 32)
    for _ in range(1500):
        net(Conv(kernel=(3, 3), pad=Pad((1, 1), (1, 1)), channels=3))
    assert on_meta(net.graph())(*images(net.graph())).is_meta


def test_relu_writes_over_what_nothing_else_reads():
    net = Net(3, 8, 8)
    net(RELU, name="of the input")
    conv = net(Conv(**SAME))
    net(RELU, name="shared")
    net(Sum(), conv, len(net.names) - 1, name="sum with what relu read")
    net(Conv(**SAME))
    net(RELU, name="alone")
    net(RELU, name="of a relu, whose backward pass reads it")
    net(Conv(**SAME))
    net(Dropout())
    net(Identity())
    net(RELU, name="under another name")
    assert writers(net) == ["alone", "under another name"]


def test_a_view_has_the_readers_of_what_it_shows():
    net = Net(3, 8, 8)
    conv = net(Conv(**SAME))
    net(Identity())
    net(RELU, name="seen through another name")
    net(Concat(), conv, len(net.names) - 1)
    assert writers(net) == []


def test_a_sum_of_one_branch_is_that_branch():
    net = Net(3, 8, 8)
    conv = net(Conv(**SAME))
    net(Sum())
    net(RELU, name="of the branch")
    net(Concat(), conv, len(net.names) - 1)
    net(RELU, name="of a copy")
    assert writers(net) == ["of a copy"]


def test_what_a_backward_pass_reads_is_kept_under_every_name():
    net = Net(3, 8, 8)
    net(Activation(function="sigmoid"))
    net(Identity())
    net(RELU, name="of a sigmoid")
    net(GlobalMaxPool())
    net(RELU, name="of a pool that noted where its maximum was")
    net.input(5, 6, name="tokens")
    net(GlobalMaxPool())
    net(RELU, name="of a maximum looked for again")
    assert writers(net) == ["of a pool that noted where its maximum was"]
    twin = room.build(net.graph())
    twin(*(image.requires_grad_() for image in images(net.graph(), device="cpu"))).sum().backward()


def test_an_output_is_not_written_over():
    net = Net(3, 8, 8)
    conv = net(Conv(**SAME))
    net(RELU)
    assert writers(net, output=conv) == []


def test_a_sum_writes_into_its_first_branch_alone():
    net = Net(3, 8, 8)
    net(Sum(), 0, net(Conv(**SAME)), name="onto the input")
    first = net(BatchNorm(), net(Conv(**SAME)))
    net(Sum(), first, net(Conv(**SAME), 0), name="onto a branch")
    before = len(net.names) - 1
    net(Sum(), before, net(Conv(**SAME), before), name="onto what a branch reads")
    kept = net(Activation(function="sigmoid"))
    net(Sum(), kept, 0, name="onto what a backward pass reads")
    branch = net(Conv(**SAME))
    net(Sum(), branch, branch, name="onto itself")
    assert writers(net) == ["onto a branch"]


@pytest.mark.parametrize("training", [True, False])
def test_writing_over_changes_no_number(training):
    net = Net(3, 8, 8)
    stem = net(RELU, net(BatchNorm(), net(Conv(**SAME))))
    body = net(BatchNorm(), net(Conv(**SAME)))
    net(RELU, net(Sum(), body, stem, net(Conv(**SAME), stem)))
    graph = net.graph()
    torch.manual_seed(1)
    twin = room.build(graph).double().train(training)
    plain = copy.deepcopy(twin)
    written = [part for part in plain.modules() if getattr(part, "inplace", False)]
    assert len(written) == 3
    for part in written:
        part.inplace = False
    (image,) = images(graph, device="cpu", dtype=torch.float64)
    one, other = twin(image), plain(image)
    assert torch.equal(one, other)
    for output in (one, other):
        output.square().sum().backward()
    for mine, theirs in zip(twin.parameters(), plain.parameters(), strict=True):
        torch.testing.assert_close(mine.grad, theirs.grad)


def test_a_tensor_goes_after_its_last_reader():
    net = Net(3, 8, 8)
    for _ in range(6):
        net(Conv(**SAME))
    long_lived = net(Conv(**SAME), 1)
    net(Concat(), long_lived, 6)
    graph = net.graph()
    twin, alive, most = room.build(graph), [], []

    def watch(_module, _inputs, output):
        alive.append(weakref.ref(output))
        most.append(sum(reference() is not None for reference in alive))

    for node in graph.nodes[1:]:
        module(twin, node).register_forward_hook(watch)
    with torch.no_grad():
        twin(*images(graph, device="cpu"))
    # the first stays for the long branch; beside it what a layer reads and what it gives
    assert most == [1, 2, 3, 3, 3, 3, 3, 3]


def test_inputs_come_in_order():
    net = Net(3, 8, 8, name="left")
    net(Conv(**SAME))
    right = net.input(2, 8, 8, name="right")
    net(Concat(), 1, right)
    twin = room.build(net.graph())
    left, other = torch.randn(2, 3, 8, 8), torch.randn(2, 2, 8, 8)
    assert torch.equal(twin(left, other)[:, 3:], other)
    with pytest.raises(ValueError, match="2 inputs are wanted, 1 given"):
        twin(left)


def side_head():
    net = Net(3, 8, 8)
    stem = net(Conv(**SAME), name="stem")
    net(GlobalAvgPool(), aux=True, name="aux.pool")
    net(Dense(units=4), aux=True, name="aux.fc")
    net(MaxPool(kernel=(2, 2), stride=(2, 2)), stem)
    net(Dense(units=5))
    return net.graph()


def test_side_heads():
    graph = side_head()
    (image,) = images(graph, device="cpu")
    assert room.build(graph)(image).shape == (2, 5)
    assert [output.shape for output in room.build(graph, aux=True)(image)] == [(2, 5), (2, 4)]
    without = Net(3, 8, 8)
    without(Dense(units=5))
    (alone,) = room.build(without.graph(), aux=True)(image)
    assert alone.shape == (2, 5)


def test_shared_layers_hold_the_same_tensors():
    net = Net(3, 8, 8)
    conv, norm = net(Conv(**SAME)), net(BatchNorm())
    net(Conv(**SAME, stride=(2, 2)), shares=conv, name="again")
    net(BatchNorm(), shares=norm)
    net(Conv(**SAME), shares=3, name="again and again")
    graph = net.graph()
    twin = room.build(graph)
    for each in (twin, twin.double(), copy.deepcopy(twin), twin.to("meta").to_empty(device="cpu")):
        first, bn, again, bn_again, last = (module(each, node) for node in graph.nodes[1:])
        assert first.weight is again.weight is last.weight and first.bias is last.bias
        assert bn.running_mean is bn_again.running_mean
        assert len(list(each.parameters())) == 4 and len(list(each.buffers())) == 3


def test_names_that_torch_does_not_take():
    names = ["a", "a.b", "a.b_", "type", "x..y", "x.float.z", "conv 1-1", "a.b.c"]
    paths = module_paths(names, reserved={"type", "float"})
    assert paths == {
        "a": "a_", "a.b": "a.b_", "a.b_": "a.b__", "type": "type_", "x..y": "x._.y", "x.float.z": "x.float_.z",
        "conv 1-1": "conv 1-1", "a.b.c": "a.b.c",
    }  # fmt: skip


def test_any_name_can_be_built():
    net = Net(3, 8, 8, name="forward")
    for name in ("a", "a.b", "a.weight", "training", "_steps", "paths", "x..y", "train.eval", "conv 1-1", "ε.β"):
        net(Conv(**SAME), name=name)
    graph = net.graph()
    twin = room.build(graph)
    assert twin(*images(graph, device="cpu")).shape == (2, 3, 8, 8)
    assert len(list(twin.parameters())) == 20
    assert twin.paths["conv 1-1"] == "conv 1-1"
    assert "ε.β.weight" in twin.state_dict()
    room.build(graph).load_state_dict(twin.state_dict())


def test_an_open_symbol_is_refused():
    for layer in (Conv(kernel=(1, 1), channels=symbol("c")), MaxPool(kernel=(symbol("k"), 8))):
        net = Net(3, 8, 8)
        net(layer, name="odd")
        with pytest.raises(ValueError, match="odd has a size that is an open symbol"):
            room.build(net.graph())


def test_without_torch_one_line_says_what_to_install(monkeypatch):
    monkeypatch.setattr(room, "find_spec", lambda name: None)
    for call in (room.require, lambda: room.build(side_head())):
        with pytest.raises(room.TorchMissing, match=r"^this needs PyTorch: pip install 'archcalc\[torch\]'$"):
            call()


def test_the_room_is_entered_without_torch():
    command = "import sys, archcalc.pytorch; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", command], timeout=60).returncode == 0
