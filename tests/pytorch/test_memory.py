"""Memory, byte for byte: what archcalc computes from a graph beside what PyTorch holds when its module runs."""

from __future__ import annotations

import pytest
import torch
from analyses.handmade import Net
from pytorch.runs import images, on_meta
from pytorch.test_layers import CASES
from specs.reading import network, networks, report
from torch._subclasses import FakeTensorMode

from archcalc import parse
from archcalc.analyses.memory.inference import inference
from archcalc.analyses.memory.logits import logits
from archcalc.analyses.memory.optimizers import OPTIMIZERS
from archcalc.analyses.memory.setting import Setting
from archcalc.analyses.memory.stored import stored
from archcalc.analyses.memory.training import at_peak, training_memory
from archcalc.layers import LayerScale
from archcalc.pytorch import build, watch

TORCH = {
    "sgd": lambda parameters: torch.optim.SGD(parameters, 0.1),
    "momentum": lambda parameters: torch.optim.SGD(parameters, 0.1, momentum=0.9),
    "adam": torch.optim.Adam,
}


def ours(graph, setting):
    """Inference's peak and arena, and what training keeps."""
    run = inference(graph, setting)
    return run.peak, run.arena, sum(training_memory(graph, setting).saved)


def theirs(graph, setting):
    held = watch.inference_bytes(on_meta(graph), images(graph, setting.batch))
    kept = watch.saved_bytes(on_meta(logits(graph)), images(graph, setting.batch))
    return (*held, kept)


def deep(key):
    """Networks of which each takes torch seconds."""
    return len(network(key).graph.nodes) > 600


@pytest.mark.parametrize("batch", [1, 2])
@pytest.mark.parametrize("key", [pytest.param(key, marks=pytest.mark.slow if deep(key) else ()) for key in networks()])
def test_every_network_holds_what_is_computed(key, batch):
    graph, setting = network(key).graph.without_aux(), Setting(batch=batch)
    assert ours(graph, setting) == theirs(graph, setting)
    assert stored(graph, setting).weights == report(key).totals.weights_bytes
    assert sum(stored(graph, setting).trained) == 4 * report(key).totals.trainable


@pytest.mark.parametrize("text", ["input 3x3x5\nidentity", "input 3x3x5"], ids=["a layer", "none"])
@pytest.mark.parametrize("batch", [1, 2])
def test_a_network_that_makes_nothing_holds_its_images(text, batch):
    graph = parse(text).graph
    image = batch * 3 * 3 * 5 * 4
    assert watch.inference_bytes(on_meta(graph), images(graph, batch)) == (image, image)
    run = inference(graph, Setting(batch=batch))
    assert (run.peak, run.arena) == (image, image)


def behind_a_weight(layer, *shapes):
    """A network of one layer, each of whose inputs needs a gradient."""
    net = Net(*shapes[0])
    inputs = [0, *(net.input(*shape, name=f"input {place}") for place, shape in enumerate(shapes[1:]))]
    scaled = [net(LayerScale(), index) for index in inputs]
    net(layer, *scaled)
    return net.graph()


@pytest.mark.parametrize("case", CASES[1:], ids=lambda case: str(case)[:70])
def test_every_layer_holds_what_is_computed(case):
    graph, setting = behind_a_weight(*case), Setting(batch=3)
    assert ours(graph, setting) == theirs(graph, setting)


def tracked(graph, optimizer, batch):
    """The most that lives in a second step, as torch's own tracker counts."""
    graph = logits(graph)
    with FakeTensorMode():
        module = build(graph)
        targets = torch.zeros((batch, *graph.nodes[graph.output].shape[1:]), dtype=torch.int64)
        found = TORCH[optimizer](module.parameters())
        return watch.training_bytes(module, found, images(graph, batch, "cpu"), targets)


SMALL = [
    "lenet5.arch:lenet5",
    "lenet5.arch:lenet5-modern",
    "stn.arch:stn-mnist",
    "nin.arch:nin-cifar10",
    "resnet-cifar.arch:resnet-20",
]
FAMILIES = [
    "alexnet.arch:alexnet", "vgg.arch:D", "googlenet.arch:googlenet", "resnet.arch:resnet-50",
    "resnext.arch:resnext50-32x4d", "inception-v3.arch:inception-v3", "densenet.arch:densenet121",
    "wide-resnet.arch:wrn-16-8", "fractalnet.arch:fractalnet-20", "preact-resnet.arch:preact-110",
    "prelu-net.arch:prelu-net-a", "yolov1.arch:yolov1",
]  # fmt: skip


@pytest.mark.parametrize("optimizer", TORCH)
@pytest.mark.parametrize("key", [*SMALL, *(pytest.param(key, marks=pytest.mark.slow) for key in FAMILIES)])
def test_the_largest_moment_of_a_training_step(key, optimizer):
    graph, setting = network(key).graph.without_aux(), Setting(batch=2)
    found, seen = training_memory(graph, setting, optimizer), tracked(graph, optimizer, 2)
    assert found.peak == seen["Total"]
    items = at_peak(graph, setting, found).items
    assert sum(items.values()) == found.peak and min(items.values()) >= 0
    kinds = {name.rpartition(".")[2]: size for name, size in seen.items()}
    assert items["weights"] == kinds["PARAM"] + kinds["BUFFER"]
    # what a step of the optimizer makes for a while is state to the tracker
    assert items["optimizer"] <= kinds["OPT"] <= items["optimizer"] + items["temporary"]
    # what an operation has just made is a gradient to us, and temporary to the tracker until it is handed over
    assert kinds["GRAD"] <= items["gradients"] <= kinds["GRAD"] + kinds["TEMP"]


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizers_keep_and_need_what_they_do(name):
    kinds = {
        "nesterov": lambda p: torch.optim.SGD(p, 0.1, momentum=0.9, nesterov=True),
        "adamw": torch.optim.AdamW, "amsgrad": lambda p: torch.optim.Adam(p, amsgrad=True),
        "adamax": torch.optim.Adamax, "rmsprop": torch.optim.RMSprop, "adagrad": torch.optim.Adagrad,
        "adadelta": torch.optim.Adadelta,
    } | TORCH  # fmt: skip
    shapes = [(100, 30), (30,), (200, 10), (7, 7), (300,)]
    parameters = [torch.nn.Parameter(torch.ones(shape)) for shape in shapes]
    optimizer = kinds[name](parameters)
    for _ in range(2):
        for parameter in parameters:
            parameter.grad = torch.ones_like(parameter)
        with watch.Watch(()) as seen:
            optimizer.step()
    sizes = [parameter.nbytes for parameter in parameters]
    state = [value for of in optimizer.state.values() for value in of.values() if torch.is_tensor(value)]
    assert OPTIMIZERS[name].state(sizes, cuda=False) == sum(value.nbytes for value in state)
    known = {watch.key_of(tensor) for tensor in (*parameters, *(p.grad for p in parameters), *state)}
    assert known  # all of them are given, not made by the step
    with watch.Watch((), apart=(*parameters, *(p.grad for p in parameters), *state)) as seen:
        optimizer.step()
    assert OPTIMIZERS[name].temporaries(sizes, cuda=False) == max(moment.live for moment in seen.moments)
