"""Each convention gives the integer that its tool prints: the tools run, on every type of layer and on the specs."""

from __future__ import annotations

import contextlib
import json
import pickle
import random
import subprocess
import sys
from pathlib import Path

import pytest
from analyses.handmade import Net
from conventions.tools import TOOLS
from pytorch.test_layers import CASES, alone
from specs.reading import network, networks

import archcalc
from archcalc.analyses.conventions import CONVENTIONS, counted
from archcalc.diagnostics import Fault
from archcalc.layers import AvgPool, BatchNorm, Conv, Deconv, Local, MaxPool, Pad, Subsample

ROOT = Path(__file__).parents[2]

#: Networks of other kinds: mobile ones, gates, an encoder and decoder, tokens.
CASES_TOO = sorted((ROOT / "tests" / "cases").glob("*.arch"))

#: Networks up to this size are counted at every run of the tests, the others by ``pytest -m slow``.
LAYERS, MACS = 80, 10**9


WIDE = Pad((2, 2), (2, 2))
#: What tools may tell apart and the cases of every layer do not have: wide and uneven borders, holes, frozen weights.
MORE = [
    *[(pool(kernel=(3, 3), pad=WIDE, ceil=ceil), (6, 9, 8)) for pool in (MaxPool, AvgPool) for ceil in (False, True)],
    *[(pool(kernel=(3, 4), pad=Pad((1, 0), (2, 1))), (6, 9, 8)) for pool in (MaxPool, AvgPool, Subsample)],
    (Conv(channels=6, groups=3, kernel=(3, 3), pad=WIDE, dilation=(2, 2)), (3, 9, 8)),
    (Deconv(channels=4, kernel=(3, 2), dilation=(2, 1), stride=(2, 5), pad=Pad(same=True)), (6, 9, 8)),
    (Deconv(channels=4, kernel=(3, 2), dilation=(2, 1), pad=Pad((1, 0), (0, 0)), bias=False), (6, 9, 8)),
    *[(layer.but(frozen=True), *shapes) for layer, *shapes in CASES if "frozen" in type(layer).fields and shapes],
]


def anyhow(count, seed=1):
    """Layers that slide windows of any size, step, border and holes, as networks."""
    any_of = random.Random(seed)
    found = []
    while len(found) < count:
        kernel, stride, low, high = ((any_of.randint(least, 4), any_of.randint(least, 4)) for least in (1, 1, 0, 0))
        pad = any_of.choice([Pad(same=True), Pad(low, high), Pad((low[0],) * 2, (high[0],) * 2)])
        window = {"kernel": kernel, "stride": stride, "pad": pad, "dilation": any_of.choice([(1, 1), (1, 1), (2, 3)])}
        bias, groups, ceil = any_of.random() < 0.5, any_of.choice([1, 2]), any_of.random() < 0.3
        layer = any_of.choice([
            Conv(channels=4, groups=groups, bias=bias, ceil=ceil, **window),
            Deconv(channels=4, groups=groups, bias=bias, **window),
            Local(channels=4, groups=groups, bias=bias, **window),
            *[pool(ceil=ceil, **window) for pool in (MaxPool, AvgPool, Subsample)],
        ])  # fmt: skip
        shape = (4, any_of.randint(4, 12), any_of.randint(4, 12))
        with contextlib.suppress(Fault):  # no window of this size fits
            found.append((f"{len(found)}: {layer} on {shape}", alone(layer, [shape])))
    return found


def sharing():
    """Weights used three times, one of them frozen."""
    net = Net(6, 9, 8)
    first = net(Conv(channels=6, kernel=(3, 3), pad=Pad((1, 1), (1, 1)), frozen=True), name="a.conv")
    net(BatchNorm(), name="a.bn")
    for turn in ("b", "c.d"):
        net(net.graph().nodes[first].layer, name=f"{turn}.conv", shares=first)
        net(BatchNorm(), name=f"{turn}.bn", shares=first + 1)
    return net.graph()


def whole():
    """Every network of the specs and cases, side heads apart, by its name."""
    graphs = {key: network(key).graph for key in networks()}
    graphs |= {f"{path.name}:{each.name}": each.graph for path in CASES_TOO for each in archcalc.load_all(path)}
    return {key: graph.without_aux() for key, graph in graphs.items()}


def routine(graph):
    return len(graph.nodes) <= LAYERS and counted(graph, "paper").total <= MACS


def asked(tool, graphs):
    """What a tool says of each network, by its key; it has a process of its own."""
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("tools.py")), tool], input=pickle.dumps(graphs),
        capture_output=True, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, timeout=3000,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    found = {answer.pop("key"): answer for answer in map(json.loads, done.stdout.splitlines())}
    assert len(found) == len(graphs)
    return found


def differences(tool, graphs):
    """Where the tool and our convention of its name disagree: totals, parameters, layers."""
    found = asked(tool, graphs)
    for key, graph in graphs:
        ours, theirs = counted(graph, tool), found[key]
        if "error" in theirs:
            yield key, theirs["error"]
            continue
        mine = {"total": ours.total, "params": ours.params, "trainable": ours.trainable}
        yield from (
            (key, name, theirs[name], mine[name]) for name in mine if theirs.get(name, mine[name]) != mine[name]
        )
        for node, count in zip(graph.nodes, ours.rows if "modules" in theirs else (), strict=False):
            seen = theirs["modules"].get(theirs["paths"][node.name], 0)
            if seen != count:
                yield key, node.name, seen, count


def test_every_convention_that_counts_operations_has_its_tool_asked():
    assert {convention.name for convention in CONVENTIONS} - {"paper", "keras"} == set(TOOLS)


@pytest.mark.parametrize("tool", TOOLS)
def test_tools_agree_on_every_layer_and_small_network(tool):
    graphs = [(f"{layer} on {shapes}", alone(layer, shapes)) for layer, *shapes in [*CASES, *MORE]]
    graphs += [("sharing", sharing()), *anyhow(100)]
    graphs += [(key, graph) for key, graph in whole().items() if routine(graph)]
    assert list(differences(tool, graphs)) == []


@pytest.mark.slow
@pytest.mark.parametrize("tool", TOOLS)
def test_tools_agree_on_large_networks(tool):
    graphs = [(key, graph) for key, graph in whole().items() if not routine(graph)]
    assert graphs and list(differences(tool, graphs)) == []
