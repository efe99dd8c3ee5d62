"""Each convention gives the integer that its tool prints: the tools run, on every type of layer and on the specs."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from analyses.handmade import Net
from conventions.tools import TOOLS
from pytorch.test_layers import CASES, alone
from specs.reading import network, networks

from archcalc.analyses.conventions import CONVENTIONS, counted
from archcalc.layers import AvgPool, BatchNorm, Conv, Deconv, MaxPool, Pad, Subsample

ROOT = Path(__file__).parents[2]

#: Networks up to this size are counted at every run of the tests, the others by ``pytest -m slow``.
LAYERS, MACS = 150, 2 * 10**9


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


def sharing():
    """Weights used three times, one of them frozen."""
    net = Net(6, 9, 8)
    first = net(Conv(channels=6, kernel=(3, 3), pad=Pad((1, 1), (1, 1)), frozen=True), name="a.conv")
    net(BatchNorm(), name="a.bn")
    for turn in ("b", "c.d"):
        net(net.graph().nodes[first].layer, name=f"{turn}.conv", shares=first)
        net(BatchNorm(), name=f"{turn}.bn", shares=first + 1)
    return net.graph()


def routine(key):
    graph = network(key).graph
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
    graphs += [("sharing", sharing())]
    graphs += [(key, network(key).graph.without_aux()) for key in networks() if routine(key)]
    assert list(differences(tool, graphs)) == []


@pytest.mark.slow
@pytest.mark.parametrize("tool", TOOLS)
def test_tools_agree_on_large_networks(tool):
    graphs = [(key, network(key).graph.without_aux()) for key in networks() if not routine(key)]
    assert graphs and list(differences(tool, graphs)) == []
