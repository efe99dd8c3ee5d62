"""Paths through networks: against walks enumerated one by one, binomials, and recursions of their own."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import pairwise
from math import comb
from pathlib import Path

import pytest
from handmade import Net
from hypothesis import given
from hypothesis import strategies as st

import archcalc
from archcalc.analyses.paths import TooLong, UnknownPlace, ensemble
from archcalc.layers import Activation, Concat, Conv, Mean, Sum

ROOT = Path(__file__).parents[2]
CONV = Conv(kernel=(1, 1), channels=1)
RELU = Activation(function="relu")


def graph(spec):
    return archcalc.load(ROOT / "specs" / spec).graph


def counts(found):
    return {length: count for length, count in enumerate(found.counts) if count}


@st.composite
def small(draw):
    """A network of a few layers of one shape, where anything may be added to anything before it."""
    net = Net(1, 4, 4)
    for _ in range(draw(st.integers(1, 9))):
        before = len(net.names)
        layer = draw(st.sampled_from([CONV, RELU, Sum(), Sum(), Mean()]))
        if isinstance(layer, Sum | Mean):
            sources = draw(st.lists(st.integers(0, before - 1), min_size=1, max_size=3))
        else:
            sources = [draw(st.integers(max(before - 3, 0), before - 1))]
        net(layer, *sources)
    return net.graph()


def walks(graph, end, start=None):
    """Every walk from an input, or from ``start``, to a node, edge by edge: a node and which of its inputs."""
    node = graph.nodes[end]
    if end == start or (not node.inputs and start is None):
        return [[]]
    if start is not None and end < start:
        return []
    return [[*walk, (end, place)] for place, source in enumerate(node.inputs) for walk in walks(graph, source, start)]


def fork(graph, merge):
    """The last node before a merge that all walks to it pass."""
    passed = [{0, *(node for node, _ in walk)} - {merge} for walk in walks(graph, merge)]
    return max(set.intersection(*passed))


def shortcuts(graph, merge):
    """Places of branches without an activation function that are shorter than another branch."""

    def length(source):
        ways = [[graph.nodes[node].layer for node, _ in walk] for walk in walks(graph, source, fork(graph, merge))]
        measures = [(sum(layer.activation for layer in way), sum(layer.weight_layer for layer in way)) for way in ways]
        return max(measures), max((*measure, len(way)) for measure, way in zip(measures, ways, strict=True))

    if len(graph.nodes[merge].inputs) < 2:
        return set()
    lengths = [length(source)[1] for source in graph.nodes[merge].inputs]
    return {place for place, own in enumerate(lengths) if own[0] == 0 and own < max(lengths)}


@given(small())
def test_paths_are_walks(graph):
    found = walks(graph, graph.output)
    weighted = Counter(sum(graph.nodes[node].layer.weight_layer for node, _ in walk) for walk in found)
    assert counts(ensemble(graph, unit="layers")) == weighted
    skips = {merge: shortcuts(graph, merge) for merge in {node for walk in found for node, _ in walk}}
    entered = Counter(sum(bool(skips[node]) and place not in skips[node] for node, place in walk) for walk in found)
    made = ensemble(graph)
    assert counts(made) == entered
    assert {each.node: set(each.skips) for each in made.modules} == {node: each for node, each in skips.items() if each}


@given(small(), st.data())
def test_what_is_dropped_takes_its_walks_along(graph, data):
    index = data.draw(st.integers(1, len(graph.nodes) - 1))
    made = ensemble(graph)
    skips = {each.node: each.skips for each in made.modules}
    if index in skips:
        kept = [walk for walk in walks(graph, graph.output) if all(n != index or p in skips[n] for n, p in walk)]
    else:
        kept = [walk for walk in walks(graph, graph.output) if index not in {node for node, _ in walk}]
    assert ensemble(graph, drop=[graph.nodes[index].name]).total == len(kept)


def chain(modules, branches=1):
    """So many residual modules, each of so many branches of two convolutions beside the identity."""
    net = Net(1, 4, 4)
    last = 0
    for _ in range(modules):
        ends = []
        for _ in range(branches):
            net(CONV, last)
            net(RELU)
            ends.append(net(CONV))
        last = net(Sum(), last, *ends)
    return net.graph()


@pytest.mark.parametrize("modules", [1, 2, 5, 54, 500])
def test_a_chain_of_modules_is_binomial(modules):
    found = ensemble(chain(modules))
    assert counts(found) == {length: comb(modules, length) for length in range(modules + 1)}
    assert found.mean == Fraction(modules, 2) and found.variance == Fraction(modules, 4)
    layers = ensemble(chain(modules), unit="layers")
    assert counts(layers) == {2 * length: comb(modules, length) for length in range(modules + 1)}


def test_several_branches_are_several_choices():
    assert counts(ensemble(chain(7, branches=5))) == {n: comb(7, n) * 5**n for n in range(8)}


def test_resnet_110_is_the_one_of_the_paper():
    """Veit, Wilber, Belongie 2016, section 4: 54 modules, and more than 95 % of the paths pass 19 to 35 of them."""
    network = graph("resnet-cifar.arch:resnet-110")
    found = ensemble(network)
    assert len(found.modules) == 54 and found.total == 2**54 and found.mean == 27
    share = Fraction(found.between(19, 35), found.total)
    assert share == Fraction(sum(comb(54, length) for length in range(19, 36)), 2**54)
    assert f"{float(share):.3f}" == "0.980" and found.central(Fraction(98, 100)) == (19, 35)
    left = ensemble(network, drop=["stage2.7"])
    assert counts(left) == {length: comb(53, length) for length in range(54)}
    assert ensemble(network, drop=["stage2"]).total == 2**36
    assert ensemble(network, drop=["stage2.7", "stage2.7.conv1"]).total == 2**53
    assert ensemble(network, unit="layers").lengths == (2, 110)


def times(one, other):
    """The product of two polynomials, as dicts."""
    found = Counter()
    for a, b in ((a, b) for a in one.items() for b in other.items()):
        found[a[0] + b[0]] += a[1] * b[1]
    return found


@pytest.mark.parametrize(("spec", "columns", "blocks"), [("fractalnet-20", 3, 5), ("fractalnet-40", 4, 5)])
def test_a_fractal_joins_itself_twice_with_a_convolution(spec, columns, blocks):
    """Larsson et al. 2017, equation 1: f_1 is a layer, f_(C+1) joins f_C after f_C with a layer."""
    fractal = Counter({1: 1})
    for _ in range(columns - 1):
        fractal = times(fractal, fractal) + Counter({1: 1})
    paths = Counter({1: 1})  # the classifier
    for _ in range(blocks):
        paths = times(paths, fractal)
    found = ensemble(graph(f"fractalnet.arch:{spec}"), unit="layers")
    assert counts(found) == paths and not found.modules


def test_densely_connected_layers_choose_where_concatenations_are_asked_for():
    """Each layer of a block of n reads all before it: 2^n ways through a block, 6 + 12 + 24 + 16 layers in all."""
    network = graph("densenet.arch:densenet121")
    assert ensemble(network).total == 1 and ensemble(network).passed == {"concat": 58}
    found = ensemble(network, choose=("concat",))
    assert found.total == 2**58 and len(found.modules) == 58
    assert counts(found) == {length: comb(58, length) for length in range(59)}
    layers = counts(ensemble(network, unit="layers", choose=("concat",)))
    # two convolutions a layer entered; the first one, three transitions and the classifier are on every path
    assert layers == {5 + 2 * length: comb(58, length) for length in range(59)}


@pytest.mark.parametrize(
    ("spec", "total", "modules"),
    [
        ("inception-resnet-v2.arch", 2**40, 40),
        ("multi-resnet.arch:multi-resnet-200-k5", 6**66, 66),
        ("preact-resnet.arch:preact-1001", 2**333, 333),
        ("resnet.arch:resnet-152", 2**50, 50),
        ("vgg.arch:E", 1, 0),
        ("googlenet.arch", 1, 0),
    ],
)
def test_networks_of_the_library(spec, total, modules):
    found = ensemble(graph(spec))
    assert found.total == total and len(found.modules) == modules


def test_a_projection_is_a_shortcut_and_a_branch_with_a_function_is_none():
    net = Net(1, 4, 4)
    left = net(RELU, net(CONV, 0))
    net(Sum(), net(CONV, left), net(CONV, 0))
    assert [each.skips for each in ensemble(net.graph()).modules] == [(1,)]
    net = Net(1, 4, 4)
    short, long = net(RELU, net(CONV, 0)), net(RELU, net(CONV, net(RELU, net(CONV, 0))))
    net(Sum(), short, long)
    found = ensemble(net.graph())
    assert found.modules == () and found.total == 2


def test_where_no_branch_is_chosen_the_one_of_the_most_paths_counts():
    net = Net(2, 4, 4)
    conv = Conv(kernel=(1, 1), channels=2)
    one = net(Sum(), 0, net(conv, 0))
    net(Concat(), net(conv, 0), one)
    found = ensemble(net.graph(), unit="layers")
    assert counts(found) == {0: 1, 1: 1} and found.passed == {"concat": 1}
    assert counts(ensemble(net.graph(), unit="layers", choose=("sum", "concat"))) == {0: 1, 1: 2}


@given(st.lists(st.integers(0, 9), min_size=1, max_size=12).filter(any), st.integers(1, 100))
def test_the_central_range_is_the_narrowest(numbers, per_cent):
    found = ensemble(chain(1)).but(counts=tuple(numbers))
    least, most = found.central(Fraction(per_cent, 100))

    def enough(first, last):
        return 100 * sum(numbers[first : last + 1]) >= per_cent * sum(numbers)

    ranges = [(last - first, first) for first in range(len(numbers)) for last in range(first, len(numbers))]
    narrow = min(width for width, first in ranges if enough(first, first + width))
    best = max(sum(numbers[first : first + narrow + 1]) for width, first in ranges if width == narrow)
    assert most - least == narrow and found.between(least, most) == best


def test_nothing_is_left_of_a_plain_network_without_a_layer():
    found = ensemble(graph("vgg.arch:D"), drop=["conv3"])
    assert found.total == 0 and found.mean is None and found.lengths is None and found.central(Fraction(1, 2)) is None


def test_what_is_not_there_cannot_be_dropped():
    with pytest.raises(UnknownPlace, match=r"resnet-50 has no module or layer 'conv9_x.1'; did you mean"):
        ensemble(graph("resnet.arch:resnet-50"), drop=["conv9_x.1"])
    with pytest.raises(UnknownPlace, match=r"modules are conv2_x.1, conv2_x.2, conv2_x.3, ..., conv5_x.3"):
        ensemble(graph("resnet.arch:resnet-50"), drop=["qqqqqqqqqqqq"])


def test_too_many_modules_are_refused():
    with pytest.raises(TooLong, match="5,001 choices of a branch: paths of at most 5,000 are counted"):
        ensemble(chain(5001))
    net = Net(1, 4, 4)
    for _ in range(4500):
        net(Sum(), *[len(net.names) - 1] * 10)
    with pytest.raises(TooLong, match=r"more than 10\^4,000 paths"):
        ensemble(net.graph())


def test_a_module_has_its_groups_name_where_no_other_is_in_there():
    net = Net(1, 4, 4)
    inner = net(Sum(), 0, net(RELU, 0), name="in.sum", block="a.in")
    outer = net(Sum(), 0, net(RELU, inner), name="out.sum", block="a")
    for number in (1, 2):
        outer = net(Sum(), outer, net(RELU, outer), name=f"b.sum{number}", block="b")
    net(Sum(), outer, net(RELU, outer), name="last")
    assert [each.name for each in ensemble(net.graph()).modules] == ["a.in", "out.sum", "b.sum1", "b.sum2", "last"]


def test_modules_are_in_the_order_of_the_network():
    found = ensemble(graph("polynet.arch"))
    assert all(one.node < other.node for one, other in pairwise(found.modules))
    assert len({each.name for each in found.modules}) == len(found.modules) == 40
