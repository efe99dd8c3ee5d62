"""Every equation of every layer, worked again and held against the layer's own figures."""

from __future__ import annotations

import re

import pytest
from analyses.handmade import Net
from explain.worked import comes_to, put_in, true
from hypothesis import given
from hypothesis import strategies as st
from layers.test_every_layer import CASES
from specs.reading import network, networks, report

from archcalc.analyses.explain import explain
from archcalc.analyses.explain.naming import meaning
from archcalc.layers import LAYERS, Attention, Conv, Deconv, Input, Local, MaxPool, Pad
from archcalc.report.explain.arithmetic import formula, left, letters, right
from archcalc.report.explain.text import text
from archcalc.report.text import Paper

ROWS = {
    "params": lambda row: row.params,
    "MACs": lambda row: row.macs,
    "FLOPs": lambda row: row.flops,
}


def equations(found):
    parts = [part for layer in found.layers for part in layer.parts] + ([found.total] if found.total else [])
    made = [equation for part in parts for equation in (*part.equations, *part.brief)]
    return {id(equation): equation for equation in made}.values()  # equal layers have the same ones


def wrong(found):
    """Equations that are not true as printed, or whose formula is not that of its numbers."""
    bad = []
    for each in equations(found):
        arithmetic, (sign, value) = left(each), right(each)
        if arithmetic is not None and not true(arithmetic, sign, value):
            bad.append(f"{each.what}: {arithmetic} {sign} {value}")
        symbols = formula(each)
        if symbols is not None and comes_to(put_in(symbols, letters([each]))) != comes_to(arithmetic or value):
            bad.append(f"{each.what}: {symbols} is not {arithmetic}")
    return bad


def part(layer, title):
    (found,) = [each for each in layer.parts if each.title == title]
    return found


def last(layer, title):
    told = part(layer, title).equations
    return told[-1].value if told else 0


def departing(layer, row):
    """Figures of an explained layer that are not those of the report's row."""
    said = {
        "params": (last(layer, "parameters") if not row.buffers else row.params, row.params),
        "macs": (last(layer, "multiply-adds"), row.macs),
        "flops": (last(layer, "FLOPs"), row.flops),
        "memory": (
            {each.what: each.value for each in part(layer, "memory").equations}.get("output", 0),
            row.activations_bytes,
        ),
        "stored": (
            {each.what: each.value for each in part(layer, "memory").equations}.get("stored", 0),
            row.weights_bytes,
        ),
        "kept": (last(layer, "kept for the backward pass"), row.saved_bytes),
        **{each.what: (each.value, ROWS[each.what](row)) for p in layer.parts for each in p.brief if each.what in ROWS},
        **_field(layer, row),
        **_sizes(layer, row),
    }
    return {name: pair for name, pair in said.items() if pair[0] != pair[1]}


def _field(layer, row):
    axes = {"height": 0, "width": 1}
    found = {}
    for each in part(layer, "receptive field").equations:
        what, _, axis = each.what.partition(", ")
        for name in [axis] if axis else axes:
            found[f"field {what} {name}"] = (each.value, getattr(row.field, what)[axes[name]])
    return found


def _sizes(layer, row):
    names = dict(
        zip(
            {3: ("channels", "height", "width"), 2: ("tokens", "channels"), 1: ("outputs",)}[len(row.output)],
            row.output,
            strict=True,
        )
    )
    found = {}
    for each in part(layer, "output").equations:
        if not each.what.startswith(("padding", "numbers")) and not each.exact:
            for name in each.what.split(" and "):
                found[name] = (each.value, names[name])
    return found


@pytest.mark.parametrize("key", networks())
def test_every_line_of_every_network_is_true(key):
    found = explain(network(key).graph)
    assert wrong(found) == []
    rows = {row.name: row for row in report(key).layers}
    bad = {layer.name: departing(layer, rows[layer.name]) for layer in found.layers if layer.inputs}
    assert {name: said for name, said in bad.items() if said} == {}
    totals = {each.what: each.value for each in found.total.equations} if found.total else {}
    of = report(key).totals
    expected = {
        "parameters": of.params,
        "multiply-adds": of.macs,
        "FLOPs": of.flops,
        "activations": of.activations_bytes,
    }
    assert not totals or totals == expected


def alone(layer, inputs):
    """A network of one layer, on inputs of these shapes."""
    net = Net()
    sources = [net.input(*shape, name=f"in{place}") for place, shape in enumerate(inputs)]
    if not isinstance(layer, Input):
        net(layer, *sources, name="it")
    else:
        net.input(*layer.shape, name="it")
    return net.graph()


MORE = [
    (Conv(kernel=(3, 5), channels=4, stride=(2, 1), groups=2, pad=Pad((1, 0), (2, 1)), dilation=(2, 1)), ((4, 9, 9),)),
    (Conv(kernel=(3, 3), channels=4, stride=(2, 3), pad=Pad(same=True)), ((4, 9, 8),)),
    (Conv(kernel=(1, 1), channels=4, stride=(2, 2)), ((4, 9, 9),)),
    (Conv(kernel=(3, 3), channels=2, connect=((0, 1), (2,))), ((4, 9, 9),)),
    (MaxPool(kernel=(3, 2), stride=(2, 2), ceil=True), ((4, 8, 9),)),
    (MaxPool(kernel=(2, 2), stride=(3, 3), ceil=True, pad=Pad((1, 1), (1, 1))), ((4, 7, 8),)),
    (Deconv(kernel=(4, 3), channels=6, stride=(2, 3), groups=2, pad=Pad((1, 1), (0, 1))), ((4, 5, 5),)),
    (Deconv(kernel=(4, 3), channels=6, stride=(2, 3), dilation=(1, 2)), ((4, 5, 5),)),
    (Deconv(kernel=(2, 2), channels=6, stride=(3, 3), pad=Pad(same=True), bias=False), ((4, 5, 5),)),
    (Local(kernel=(3, 3), channels=5, pad=Pad(same=True)), ((4, 5, 5),)),
    (Attention(heads=2, bias=False), ((5, 4),)),
]  # fmt: skip


@pytest.mark.parametrize(("layer", "inputs"), [*((case[0], case[1]) for case in CASES), *MORE])
def test_every_layer_type_says_something_true(layer, inputs):
    graph = alone(layer, inputs)
    found = explain(graph, "it")
    assert wrong(found) == []
    (explained,) = found.layers
    assert all(part.equations or part.notes for part in explained.parts)
    for width in (40, 80, 200):
        made = text(found, Paper(width))
        assert max(map(len, made.splitlines())) <= width and "it: " in made
    if inputs:
        row = {row.name: row for row in summary(graph).layers}["it"]
        assert departing(explained, row) == {}


def height(found):
    """The height that a lone layer is explained to give, told with the width where they are alike."""
    told = [each for each in part(found.layers[0], "output").equations if each.what.startswith("height")]
    return told[-1].value


small = st.integers(1, 4)
pads = st.tuples(st.integers(0, 3), st.integers(0, 3))


@given(size=st.integers(1, 15), kernel=small, stride=small, dilation=small, pad=pads, groups=st.sampled_from([1, 2]))
def test_any_convolution(size, kernel, stride, dilation, pad, groups):
    """Its rows counted by moving a window, its weights by making them."""
    corners = range(-pad[0], size + pad[1] - dilation * (kernel - 1), stride)
    if not corners:
        return
    layer = Conv(
        kernel=(kernel, 1), stride=(stride, 1), dilation=(dilation, 1), pad=Pad(height=pad), channels=6, groups=groups
    )
    found = explain(alone(layer, ((4, size, 1),)), "it")
    assert wrong(found) == []
    assert height(found) == len(corners)
    weights = [(out, cell, channel) for out in range(6) for cell in range(kernel) for channel in range(4 // groups)]
    assert last(found.layers[0], "parameters") == len(weights) + 6
    assert last(found.layers[0], "multiply-adds") == len(weights) * len(corners)


@given(size=st.integers(1, 9), kernel=small, stride=small, dilation=small, pad=pads, ceil=st.booleans())
def test_any_pool_and_deconvolution(size, kernel, stride, dilation, pad, ceil):
    spread = {stride * place + dilation * cell - pad[0] for place in range(size) for cell in range(kernel)}
    left = [place for place in range(min(spread), max(spread) + 1) if 0 <= place < max(spread) + 1 - pad[1]]
    if left:
        layer = Deconv(kernel=(kernel, 1), stride=(stride, 1), dilation=(dilation, 1), pad=Pad(height=pad), channels=2)
        found = explain(alone(layer, ((4, size, 1),)), "it")
        assert wrong(found) == []
        assert height(found) == len(left)
    if sum(pad) + size >= kernel and max(pad) * 2 <= kernel:
        layer = MaxPool(kernel=(kernel, 1), stride=(stride, 1), pad=Pad(height=pad), ceil=ceil)
        assert wrong(explain(alone(layer, ((4, size, 1),)), "it")) == []


def summary(graph):
    from archcalc.analyses.summary import summarize

    return summarize(graph)


@pytest.mark.parametrize("layer", LAYERS)
def test_letters_of_a_layer_are_of_its_own_fields_and_mean_something(layer):
    assert set(layer.letters) <= set(layer.fields)
    assert all(meaning(letter) for letter in layer.letters.values())


def test_cases_hold_every_layer_type():
    assert {type(case[0]) for case in CASES} == set(LAYERS)


def arithmetic_in(said):
    """What of ``size (7 - 3)/3 + 1`` is arithmetic: all from its first word that is, on."""
    words = said.split()
    rest = (" ".join(words[place:]) for place in range(len(words)))
    return next(each for each in rest if re.fullmatch(r"(?:max\(|min\(|[\d+\-*/(), ⌊⌋⌈⌉])+", each))


@pytest.mark.parametrize(
    "key", ["lecture.arch:7x7-stride-3", "lenet5.arch:lenet5", "googlenet.arch:googlenet", "stn.arch:stn-mnist"]
)
@pytest.mark.parametrize("width", [80, 200])
def test_every_line_that_a_person_sees_is_true(key, width):
    graph = network(key).graph
    names = [None, *(node.name for node in graph.nodes[:40])]
    seen = 0
    for name in names:
        made = text(explain(graph, name, aux=name is not None), Paper(width))
        assert max(map(len, made.splitlines())) <= width
        equations_only, _, letters_or_hint = made.rpartition("\n\n")
        assert " " in letters_or_hint
        for line in equations_only.replace("\n    ", " ").splitlines()[3:]:
            for piece in re.split("; |;$", line):
                if found := re.search(r"(.*?) ([=≈]) (-?[\d,.]+)(?: B)?(?:  |$)", piece):
                    assert true(arithmetic_in(found[1]), found[2], found[3]), piece
                    seen += 1
    assert seen > 5
