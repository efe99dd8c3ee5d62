"""Networks side by side: figures, ratios and marks, and which stage is which."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import archcalc
from archcalc.analyses.comparison import COMPARED, Contender, Line, compare, named
from archcalc.analyses.comparison.stages import Stage, aligned, stages
from archcalc.analyses.conditions import Under
from archcalc.graph import same_name

ROOT = Path(__file__).parents[2]


def contenders(*specs):
    return named([archcalc.load(ROOT / "specs" / spec).graph for spec in specs], [""] * len(specs))


def of(found, quantity):
    return next(line for line in found.totals if line.quantity == quantity)


def test_totals_are_what_papers_print():
    """VGG's params: Simonyan and Zisserman's Table 2; ResNet's multiply-adds: He et al.'s Table 1."""
    found = compare(contenders("vgg.arch:D", "resnet.arch:resnet-50"))
    assert of(found, "params").values == (138_357_544, 25_557_032)
    assert [round(value / 10**8) for value in of(found, "macs").values] == [155, 39]
    assert of(found, "depth").values == (16, 50)
    assert of(found, "depth").marked == () and of(found, "params").marked == (1,)


@pytest.mark.parametrize("aux", [False, True])
def test_totals_are_those_of_the_report(aux):
    specs = ["googlenet.arch", "stn.arch", "polynet.arch"]
    under = Under(batch=3, dtype="fp16", optimizer="adam", on="cuda")
    found = compare(contenders(*specs), COMPARED, under=under, aux=aux, depth=0)
    for place, spec in enumerate(specs):
        totals = archcalc.load(ROOT / "specs" / spec).report(3, "fp16", aux, on="cuda", optimizer="adam").totals
        for line in found.totals:
            told = getattr(totals, line.quantity.replace(" ", "_"), None)
            if told is not None:
                assert line.values[place] == pytest.approx(told), line.quantity


@pytest.mark.parametrize("depth", [1, 2])
@pytest.mark.parametrize(
    "first", ["vgg.arch:A", "resnet.arch:resnet-50", "googlenet.arch", "densenet.arch:densenet121"]
)
def test_stages_sum_to_the_totals(first, depth):
    found = compare(contenders(first, "alexnet.arch", "inception-v3.arch"), ["params", "macs"], aux=True, depth=depth)
    for number, line in enumerate(found.totals):
        sums = [sum(stage.lines[number].values[place] or 0 for stage in found.stages) for place in range(3)]
        assert tuple(sums) == line.values


def test_ratios_are_exact_and_the_least_is_marked():
    line = Line(quantity="params", values=(3, 1, None, 1, 6))
    assert line.ratios == (1, Fraction(1, 3), None, Fraction(1, 3), 2) and line.marked == (1, 3)
    assert Line(quantity="params", values=(4, 4)).marked == ()
    assert Line(quantity="params", values=(4, None)).marked == ()
    assert Line(quantity="field", values=(4, 9)).marked == ()
    assert Line(quantity="macs", values=(0, 5)).ratios == (None, None)
    assert Line(quantity="field", values=((3, 1), 5)).ratios == (None, None)


def test_what_trains_has_no_figure_in_int8_and_open_sizes_are_formulas():
    found = compare(contenders("alexnet.arch", "zfnet.arch"), under=Under(dtype="int8"))
    assert of(found, "training peak bytes").values == (None, None) and None not in of(found, "weights bytes").values
    text = "input HxWx3\nconv 3x3, 4, pad 1"
    openly = [Contender(name=name, graph=archcalc.parse(text).graph) for name in "ab"]
    found = compare(openly)
    assert str(of(found, "macs").values[0]) == "108·H·W" and of(found, "macs").ratios == (None, None)
    assert of(found, "inference peak bytes").values == (None, None)


def graphs(*texts, file="<string>"):
    return [archcalc.parse(text).graph for text in texts]


def test_names_tell_networks_apart():
    one, other = graphs("network one\ninput 8x8x3\nconv 3x3, 4", "network two\ninput 8x8x3\nconv 3x3, 4")
    assert [each.name for each in named([one, other], ["", ""])] == ["one", "two"]
    assert [each.name for each in named([one, one], ["k=1", "k=2"])] == ["k=1", "k=2"]
    assert [each.name for each in named([one, other], ["k=1", "k=1"])] == ["one k=1", "two k=1"]
    assert [each.name for each in named([one, one], ["", "3x3"])] == ["one", "one 3x3"]
    assert [each.name for each in named([one, one], ["", ""])] == ["1 one", "2 one"]
    same = contenders("resnet.arch:resnet-50", "resnext.arch:resnet-50")
    assert [each.name for each in same] == ["resnet:resnet-50", "resnext:resnet-50"]
    families = contenders("vgg.arch:D", "vgg.arch:A-LRN", "resnet.arch:resnet-50")
    assert [each.name for each in families] == ["vgg:D", "vgg:A-LRN", "resnet-50"]
    assert [each.name for each in contenders("vgg.arch:D", "vgg.arch:A-LRN")] == ["D", "A-LRN"]


def names(*specs, depth=1):
    found = compare(contenders(*specs), depth=depth)
    return [stage.names for stage in found.stages]


def test_stages_of_one_family_are_aligned_by_name():
    assert names("resnet.arch:resnet-18", "resnet.arch:resnet-152") == [
        (name, name) for name in ("conv1", "conv2_x", "conv3_x", "conv4_x", "conv5_x", "pool", "fc … softmax")
    ]


def test_stages_of_two_families_are_aligned_by_size():
    assert names("vgg.arch:A", "resnet.arch:resnet-50") == [
        ("conv1 … relu1", "conv1"),
        ("pool1 … relu2", None),
        ("pool2 … relu4", "conv2_x"),
        ("pool3 … relu6", "conv3_x"),
        ("pool4 … relu8", "conv4_x"),
        ("pool5", "conv5_x"),
        (None, "pool"),
        ("fc1 … softmax", "fc … softmax"),
    ]


def test_the_stage_that_gives_the_output_is_that_of_the_other():
    """Of three fully connected stages of AlexNet, each a vector."""
    rows = names("vgg.arch:D", "alexnet.arch")
    assert [own for _, own in rows][-3:] == ["FC6", "FC7", "FC8"] and rows[-1][0] == "fc1 … softmax"


def test_a_pool_is_no_better_than_a_convolution():
    found = compare(contenders("vgg.arch:D", "resnet.arch:resnet-50"), ["macs", "activations bytes"])
    stages = {stage.name: stage for stage in found.stages}
    assert stages["pool5"].lines[0].values[0] == 0 and [line.marked for line in stages["pool5"].lines] == [(), ()]
    assert stages["conv1 … relu2"].lines[0].marked == (1,)


def test_deeper_stages_are_deeper_groups():
    assert [other for _, other in names("resnet.arch:resnet-18", "resnet.arch:resnet-34", depth=2)][:6] == [
        "conv1", "conv2_x", "conv2_x.1", "conv2_x.2", "conv2_x.3", "conv3_x.1",
    ]  # fmt: skip


def test_every_layer_is_in_one_stage():
    for path in sorted((ROOT / "specs").glob("*.arch")):
        for network in archcalc.load_all(path):
            held = [node for stage in stages(network.graph, 1) for node in stage.nodes]
            assert held == [index for index, node in enumerate(network.graph.nodes) if node.inputs]


STAGES = st.lists(
    st.builds(
        lambda name, size, length: Stage(name, frozenset([same_name(name)]), tuple(range(length)), (size,)),
        st.sampled_from("abcd"), st.sampled_from([1, 2, 3]), st.integers(1, 3),
    ),
    max_size=5,
)  # fmt: skip


def counts(one, other):
    return one.name == other.name, one.size == other.size


@given(STAGES, STAGES)
def test_no_other_alignment_in_order_has_more_names_or_then_sizes(old, new):
    """Against every way to pick as many of each side, in order."""

    def worth(pairs):
        both = [counts(one, other) for one, other in pairs]
        return (
            None
            if not all(named or sized for named, sized in both)
            else tuple(map(sum, zip((0, 0), *both, strict=True)))
        )

    ways = [
        worth([*zip(left, right, strict=True)])
        for length in range(min(len(old), len(new)) + 1)
        for left in combinations(old, length)
        for right in combinations(new, length)
    ]
    found = [(one, other) for one, other in aligned([old, new]) if one and other]
    assert worth(found) == max(way for way in ways if way is not None)


@given(st.lists(STAGES, min_size=1, max_size=4))
def test_each_network_has_its_stages_once_and_in_order(networks):
    rows = aligned(networks)
    assert all(any(row) for row in rows)
    for place, own in enumerate(networks):
        assert [row[place] for row in rows if row[place] is not None] == own
