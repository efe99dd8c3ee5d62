"""``verify``: it agrees where figures are right, and names the layer and the quantity where one is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from analyses.handmade import Net
from pytorch.runs import on_meta
from pytorch.support import Seen

from archcalc import parse
from archcalc.analyses import cost
from archcalc.analyses.conventions import FVCORE
from archcalc.analyses.memory import setting
from archcalc.analyses.memory.training import training_memory
from archcalc.layers import (
    AvgPool,
    BatchNorm,
    Conv,
    Crop,
    Dense,
    GlobalAvgPool,
    MaxPool,
    Pad,
    Product,
    Sum,
    Upsample,
    Warp,
    Window,
)
from archcalc.layers.tape import Aside
from archcalc.pytorch.verify import CHECKS, NAMES, QUICK, memory, verify
from archcalc.pytorch.verify.run import Subject
from archcalc.pytorch.verify.sight import hulls

TEXT = """
input 32x32x3
conv1: conv 5x5, 8, stride 2, pad 2; bn; relu
pool1: max pool 3x3, stride 2, pad 1
conv2: conv 3x3, 8, pad 1, groups 2
conv3: conv 3x3, 8, pad 1, no bias
global average pool
fc: fc 10
"""

CHECK = {check.__name__: check for check in CHECKS}


def built(**layers):
    """The network of TEXT, with some layers in the place of others."""
    graph = parse(TEXT).graph
    nodes = tuple(node._replace(layer=layers.get(node.name.replace(".", "_"), node.layer)) for node in graph.nodes)
    return type(graph)(graph.name, graph.title, graph.file, nodes, graph.inputs, graph.output)


def beside(theirs):
    """TEXT's figures, and another network's module."""
    subject = Subject(parse(TEXT).graph)
    subject.twin = on_meta(theirs, aux=True)
    return subject


@pytest.fixture(autouse=True)
def fresh():
    """No costs of broken layers are remembered."""
    cost._cost.cache_clear()
    yield
    cost._cost.cache_clear()


def departing(found):
    return [(each.layer, each.ours, each.theirs) for each in found.departures]


def test_right_figures_agree():
    found = verify(parse(TEXT))
    assert [each.quantity for each in found.quantities] == [*NAMES]
    assert {each.verdict for each in found.quantities} == {"agrees"} and found.status == "ok"
    whole = {"inference_peak_bytes", "inference_arena_bytes", "training_peak_bytes"}
    assert all(each.compared == each.agreeing and (each.compared > 0) != (each.quantity in whole)
               for each in found.quantities)  # fmt: skip
    by_name = {each.quantity: each for each in found.quantities}
    assert by_name["params"].ours == by_name["params"].theirs == 8 * 76 + 16 + 8 * 37 + 8 * 72 + 90
    assert by_name["shapes"].compared == 9 and by_name["params"].compared == 9
    assert by_name["training_flops"].notes[0].startswith("FlopCounterMode leaves groups out")


def test_what_is_chosen_alone_is_compared():
    assert [each.quantity for each in verify(parse(TEXT), only=("macs", "field")).quantities] == ["macs", "field"]
    assert [each.quantity for each in verify(parse(TEXT), quick=True).quantities] == [each.__name__ for each in QUICK]
    told = []
    verify(parse(TEXT), only=("params",), say=told.append)
    assert told == ["params"]


def test_every_quantity_is_explained():
    page = (Path(__file__).parents[2] / "docs" / "verify.md").read_text(encoding="utf-8")
    assert [name for name in NAMES if f"`{name}`" not in page] == []


def test_an_open_symbol_is_refused():
    with pytest.raises(ValueError, match="open symbol"):
        verify(parse("input HxWx3\nconv 3x3, 4"))


def one_more(method):
    return lambda self, *inputs: method(self, *inputs) + 1


def without(name):
    def weights(method):
        return lambda self, *inputs: {key: weight for key, weight in method(self, *inputs).items() if key != name}

    return weights


#: What is broken of our own figures: a method, how, the quantities that depart, and the first layer that does.
BROKEN = [
    (Conv, "macs", one_more, {"macs", "training_flops", "fvcore"}, "conv1.conv"),
    (Dense, "macs", one_more, {"macs", "training_flops", "fvcore"}, "fc"),
    (Conv, "weights", without("bias"), {"params", "trainable", "weights_bytes"}, "conv1.conv"),
    (BatchNorm, "weights", without("running_var"), {"buffers", "weights_bytes"}, "conv1.bn"),
    (BatchNorm, "weights", without("bias"), {"params", "trainable", "weights_bytes"}, "conv1.bn"),
]  # fmt: skip


@pytest.mark.parametrize(("layer", "method", "breaks", "quantities", "name"), BROKEN)
def test_a_broken_formula_is_found(monkeypatch, layer, method, breaks, quantities, name):
    monkeypatch.setattr(layer, method, breaks(getattr(layer, method)))
    found = verify(parse(TEXT))
    assert found.status == "failed"
    differing = {each.quantity: each for each in found.quantities if each.verdict == "differs"}
    assert set(differing) == quantities
    for each in differing.values():
        assert each.departures[0].layer.startswith(name) and each.ours != each.theirs
        assert each.agreeing < each.compared


def test_wrong_memory_is_found(monkeypatch):
    run = Conv.run

    def keeps_more(self, tape, *inputs):
        given = run(self, tape, *inputs)
        tape.ops[-1] = tape.ops[-1].but(aside=Aside(10**5)) if self.stride == (2, 2) else tape.ops[-1]
        return given

    monkeypatch.setattr(Conv, "run", keeps_more)
    setting.taped.cache_clear(), setting.program.cache_clear()
    try:
        found = verify(parse(TEXT), only=("saved_bytes", "inference_peak_bytes", "macs"))
    finally:
        setting.taped.cache_clear(), setting.program.cache_clear()
    macs, saved, peak = found.quantities
    assert (macs.verdict, peak.verdict) == ("agrees", "differs") and peak.ours > peak.theirs
    ((layer, ours, theirs),) = departing(saved)
    assert (layer, theirs) == ("conv1.conv", 2 * 4 * 32 * 32 * 3) and ours == theirs + 2 * 4 * 10**5


def test_a_wrong_training_peak_is_found(monkeypatch):
    found = training_memory(parse(TEXT).graph, setting.Setting(batch=2))
    for more, verdict in ((64 * 1024, "agrees"), (2 * 64 * 1024, "differs")):
        monkeypatch.setattr(memory, "training_memory", lambda *given, more=more: found.but(peak=found.peak + more))
        peak = CHECK["training_peak_bytes"](Subject(parse(TEXT).graph))
        assert (peak.verdict, len(peak.notes)) == (verdict, verdict == "agrees")


def test_a_tool_that_fails_is_skipped_with_its_reason(monkeypatch):
    def fails(*given):
        raise RuntimeError("no hook here\nand more")

    monkeypatch.setattr(memory.watch, "training_bytes", fails)
    (found,) = verify(parse(TEXT), only=("training_peak_bytes",)).quantities
    assert (found.verdict, found.skipped) == ("skipped", (("torch fails: no hook here", 0),))
    frozen = parse(TEXT + "fc 3, frozen")
    (found,) = verify(frozen, only=("training_peak_bytes",)).quantities
    assert found.skipped == (("torch's tracker takes no frozen weights", 0),)


def test_a_fault_of_our_own_is_no_reason_to_skip(monkeypatch):
    def fails(*given):
        raise RuntimeError("ours")

    monkeypatch.setattr(memory, "training_memory", fails)
    with pytest.raises(RuntimeError, match="ours"):
        verify(parse(TEXT), only=("saved_bytes",))


def test_a_missing_counter_is_found(monkeypatch):
    monkeypatch.setattr(BatchNorm, "counters", 0)
    found = CHECK["weights_bytes"](Subject(parse(TEXT).graph))
    assert departing(found) == [("conv1.bn", 4 * 32, 4 * 32 + 8)]


def test_a_wrong_shape_is_found_where_it_arises(monkeypatch):
    monkeypatch.setattr(MaxPool, "window_output", lambda self, shape: (shape[1] // 2 + 1, shape[2] // 2))
    found = CHECK["shapes"](Subject(parse(TEXT).graph))
    assert departing(found)[0] == ("pool1", (8, 9, 8), (8, 8, 8))


def test_what_torch_refuses_is_told(monkeypatch):
    monkeypatch.setattr(GlobalAvgPool, "output", lambda self, shape: (shape[0] + 1, 1, 1))
    found = {each.quantity: each for each in verify(parse(TEXT)).quantities}
    (pool, ours, theirs), (last, _, refusal) = departing(found["shapes"])
    assert (pool, ours, theirs, last) == ("pool", (9, 1, 1), (8, 1, 1), "fc") and refusal.startswith("refused: ")
    assert found["training_flops"].verdict == "differs" and "refuses" in found["training_flops"].notes[0]
    assert found["fvcore"].verdict == "skipped"


#: A layer of the module that is not what the text says, the check that sees it, and what it sees.
OTHERS = [
    ("shapes", "conv1_conv", {"stride": (1, 1)}, ("conv1.conv", (8, 16, 16), (8, 32, 32))),
    ("params", "conv2", {"groups": 1}, ("conv2.weight", (8, 4, 3, 3), (8, 8, 3, 3))),
    ("params", "conv3", {"bias": True}, ("conv3.bias", None, (8,))),
    ("trainable", "conv3", {"frozen": True}, ("conv3", 576, 0)),
    ("macs", "conv2", {"groups": 1}, ("conv2", 8 * 8 * 288, 8 * 8 * 576)),
    ("training_flops", "conv2", {"frozen": True}, ("conv2", 6 * 8 * 8 * 288, 4 * 8 * 8 * 288)),
    ("training_flops", "conv2", {"groups": 1}, ("conv2", 6 * 8 * 8 * 288, 6 * 8 * 8 * 576)),
    ("buffers", "conv1_bn", {"affine": False}, None),
    ("params", "conv1_bn", {"affine": False}, ("conv1.bn.weight", (8,), None)),
]  # fmt: skip


@pytest.mark.parametrize(("check", "name", "changes", "first"), OTHERS)
def test_another_module_is_found(check, name, changes, first):
    layer = next(node.layer for node in parse(TEXT).graph.nodes if node.name.replace(".", "_") == name)
    subject = beside(built(**{name: layer.but(**changes)}))
    found = CHECK[check](subject)
    assert departing(found)[:1] == ([first] if first else [])
    assert found.verdict == ("differs" if first else "agrees")


@pytest.mark.parametrize("kind", ["window", "step", "border"])
def test_a_wrong_field_is_found(monkeypatch, kind):
    windows = Conv.windows

    def wrong(self, shape):
        height, width = windows(self, shape)
        if self.stride == (1, 1):
            return height, width
        step, first, last = height.step, height.first, height.last
        change = {"window": (step, first, last + 1), "step": (1, first, last), "border": (step, first - 1, last)}
        return Window(*change[kind]), width

    monkeypatch.setattr(Conv, "windows", wrong)
    found = CHECK["field"](Subject(parse(TEXT).graph))
    layer, ours, theirs = departing(found)[0]
    assert layer == "conv1.conv" and ours != theirs and theirs.size == (5, 5)
    if kind != "step":  # by which some windows that are cut off would lie in the image
        assert (theirs.stride, theirs.start) == ((2, 2), (-2, -2))


def test_a_layer_that_is_said_to_see_all_is_looked_at(monkeypatch):
    monkeypatch.setattr(MaxPool, "reads", lambda self, shape: "all")
    layer, ours, theirs = departing(CHECK["field"](Subject(parse(TEXT).graph)))[0]
    assert (layer, ours.kind, theirs.size) == ("pool1", "all", (9, 9))


def test_a_broken_convention_is_found(monkeypatch):
    monkeypatch.setitem(vars(FVCORE), "count", lambda layer, *shapes: layer.macs(*shapes))
    assert departing(CHECK["fvcore"](Subject(parse(TEXT).graph)))[0] == ("conv1.bn", 0, 2 * 8 * 16 * 16)


def branched():
    """Branches of unequal windows, an upsampling, a gate, and a pool with holes and uneven borders."""
    net = Net(2, 20, 26)
    stem = net(Conv(kernel=(3, 4), stride=(2, 2), channels=4, pad=Pad((1, 0), (2, 1))))
    left = net(MaxPool(kernel=(3, 3), pad=Pad((2, 2), (2, 2)), dilation=(2, 2)))
    net(Conv(kernel=(5, 1), channels=4, pad=Pad((2, 2), (0, 0)), groups=2), stem)
    net(Sum(), left, net(AvgPool(kernel=(1, 3), pad=Pad((0, 0), (1, 1)))))
    body = len(net.names) - 1
    net(GlobalAvgPool())
    net(Product(), body, net(Conv(kernel=(1, 1), channels=4)))
    net(Upsample(factor=(2, 2)))
    return net.graph()


def test_hulls_are_those_of_gradients():
    graph = branched()
    rows, columns = hulls(graph, 0, 20, {}), hulls(graph, 1, 26, {})
    for index in (1, 2, 3, 4, 5):
        seen = Seen(graph, index)
        for row in range(len(rows[index].first)):
            for column in range(len(columns[index].first)):
                said = [(int(each.first[at]), int(each.last[at])) for each, at in
                        ((rows[index], row), (columns[index], column))]  # fmt: skip
                hull = seen.hulls(index, (row, column))
                assert None in hull or hull == said


def test_windows_larger_than_the_image_are_seen_on_a_larger_one():
    deep = "input 16x16x3\n" + "conv 3x3, 4, stride 2, pad half\n" * 4
    found = CHECK["field"](Subject(parse(deep).graph))
    assert (found.compared, found.agreeing, found.skipped) == (5, 5, ())
    assert CHECK["field"](Subject(branched())).verdict == "agrees"


def test_a_crop_to_a_fixed_size_keeps_the_image_as_it_is():
    net = Net(3, 24, 24)
    left = net(Conv(kernel=(13, 13), channels=4, stride=(2, 2)))
    net(Sum(), left, net(Crop(offset=(3, 3), size=(6, 6)), net(Conv(kernel=(3, 3), stride=(2, 2), channels=4), 0)))
    found = CHECK["field"](Subject(net.graph()))
    assert (found.verdict, found.compared) == ("agrees", 5)


def test_inputs_of_different_sizes_are_left_out():
    net = Net(2, 16, 16, name="large")
    small = net.input(2, 8, 8, name="small")
    net(Sum(), small, net(Conv(kernel=(2, 2), stride=(2, 2), channels=2), 0))
    found = CHECK["field"](Subject(net.graph()))
    assert (found.verdict, found.skipped) == ("skipped", (("the inputs are of different sizes", 0),))
    wide = CHECK["field"](Subject(parse("input 20000x8x1\nconv 3x3, 1").graph))
    assert wide.verdict == "skipped" and "16,384" in wide.skipped[0][0]


def test_what_a_sampler_chooses_is_left_out_and_its_product_told():
    net = Net(1, 12, 12)
    six = net(Dense(units=6))
    net(Warp(height=6, width=6), 0, six)
    found = {each.quantity: each for each in verify(net.graph()).quantities}
    assert dict(found["field"].skipped) == {"vectors, tokens and what follows them": 1,
                                            "a sampler chooses what it sees": 1}  # fmt: skip
    assert found["training_flops"].verdict == "agrees"
    assert found["training_flops"].notes == (
        "torch multiplies matrices for the gradient of a warp's six numbers; left out",
    )
