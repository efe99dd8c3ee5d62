"""Subjects made: of a spec's network, and of a person's own module."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from archcalc.analyses.cost import costs, stored_as, total
from archcalc.analyses.latency.measured import Setting
from archcalc.analyses.memory.logits import logits
from archcalc.graph import Graph
from archcalc.pytorch import HasGraph, build
from archcalc.pytorch.module.given import ModuleFault, found
from archcalc.pytorch.profile.boundaries import Layers, number
from archcalc.pytorch.profile.device import device_of
from archcalc.pytorch.profile.faults import Unmeasurable
from archcalc.pytorch.profile.own_code import OwnCode
from archcalc.pytorch.profile.prepare import fitting, prepared
from archcalc.pytorch.profile.room import largest, needed
from archcalc.pytorch.profile.settled import settle
from archcalc.pytorch.profile.subject import About, Subject, images, placed

#: Makes a subject when its turn has come: memory of those before it is taken by then.
Maker = Callable[[], Subject]


def of_graph(network: Graph | HasGraph, setting: Setting, digest: str = "") -> Subject:
    """A spec's network, side heads left out. Raises Unmeasurable."""
    device = device_of(setting)
    graph = (network if isinstance(network, Graph) else network.graph).without_aux()
    graph = logits(graph) if setting.train else graph
    about = _about(graph, setting, digest)
    with fitting(about, setting, device) as room:
        try:
            twin = build(graph)
        except ValueError as error:
            raise Unmeasurable(str(error), "--set gives a parameter its number, --input an input its size") from None
        inputs = images(about.inputs, setting, device)
        if not setting.train:
            settle(twin.to(device), images(about.inputs, Setting(), device))
        subject = Subject(about, setting, device, placed(twin, setting, device), inputs)
        subject.boundaries = Layers(twin, graph, costs(graph, batch=setting.batch, dtype=stored_as(setting.dtype)))
        return prepared(subject, room)


def _about(graph: Graph, setting: Setting, digest: str) -> About:
    try:
        whole = total(costs(graph, batch=setting.batch, dtype=stored_as(setting.dtype)))
        weights, peak = needed(graph, setting)
    except ValueError as error:
        raise Unmeasurable(str(error), "--set gives a parameter its number, --input an input its size") from None
    return About(
        network=graph.name, title=graph.title, file=graph.file, digest=digest,
        inputs=tuple(tuple(map(number, graph.nodes[index].shape)) for index in graph.inputs),
        values={name: value if isinstance(value, int) else str(value) for name, value in graph.settings.items()},
        macs=number(whole.macs), flops=number(whole.training_flops if setting.train else whole.flops),
        weights=weights, predicted=peak, largest=lambda room: largest(graph, setting, room),
    )  # fmt: skip


def of_module(name: str, shapes: Sequence[Sequence[int]], setting: Setting) -> Subject:
    """What ``package.module:factory`` makes, on inputs of these shapes, channels first, without the batch. Raises
    Unmeasurable."""
    device = device_of(setting)
    about = About(
        network=name, title="", file="", digest="", inputs=tuple(map(tuple, shapes)), values={},
        macs=None, flops=None, weights=None, predicted=None, largest=lambda room: None,
    )  # fmt: skip
    with fitting(about, setting, device) as room:
        try:
            module = placed(found(name), setting, device)
        except ModuleFault as fault:
            raise Unmeasurable(str(fault)) from None
        subject = Subject(about, setting, device, module, images(about.inputs, setting, device))
        subject.boundaries = code = OwnCode(module)
        prepared(subject, room)
        code.count(subject.inputs)
        subject.about = about.but(macs=sum(code.macs.values()) if code.macs else None)
        return subject
