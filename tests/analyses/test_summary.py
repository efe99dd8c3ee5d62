"""The record that every format prints."""

from __future__ import annotations

import tracemalloc
from fractions import Fraction

from handmade import TEXT, Net, span
from hypothesis import given
from hypothesis import strategies as st

import archcalc
from archcalc.analyses.cost import COUNTS
from archcalc.analyses.summary import summarize, unreadable
from archcalc.claims import Claim, Figure
from archcalc.diagnostics import Diagnostic
from archcalc.layers import (
    Activation,
    BatchNorm,
    Concat,
    Conv,
    Dense,
    Flatten,
    GlobalAvgPool,
    MaxPool,
    Pad,
    PReLU,
    Subsample,
    Sum,
)
from archcalc.source import Span


def two_heads(claims=()):
    net = Net(3, 9, 9)
    stem = net(Conv(kernel=(3, 3), channels=4, stride=(2, 2)), name="stem.conv", block="stem")
    net(BatchNorm(), name="stem.bn", block="stem")
    body = net(Conv(kernel=(1, 1), channels=4), stem, name="body", shares=None)
    again = net(Conv(kernel=(1, 1), channels=4), body, name="again", shares=body)
    net(Dense(units=7), body, name="side", aux=True)
    out = net(Dense(units=5), again, name="fc")
    assert out == 6
    return net.graph(claims=claims, settings={"width": 4})


def test_the_record():
    report = summarize(two_heads())
    assert (report.network, report.title, report.file) == ("hand", "a network made by hand", "hand.arch")
    assert (report.status, report.batch, report.dtype, report.on, report.optimizer) == ("ok", 1, "fp32", "cpu", "sgd")
    assert (report.input, report.inputs, report.output) == ((3, 9, 9), {"input": (3, 9, 9)}, (5,))
    assert (report.settings, report.aux, report.convention) == ({"width": 4}, False, None)
    assert [row.name for row in report.layers] == ["input", "stem.conv", "stem.bn", "body", "again", "fc"]
    stem = report.layers[1]
    assert (stem.block, stem.kind, stem.inputs, stem.output, stem.line) == ("stem", "conv", ("input",), (4, 4, 4), 2)
    assert stem.attributes == {"kernel": [3, 3], "stride": [2, 2], "channels": 4}
    assert stem.tensors == {"weight": (4, 3, 3, 3), "bias": (4,)}
    assert (stem.params, stem.macs, stem.field.size) == (112, 108 * 16, (3, 3))
    again = report.layers[4]
    assert (again.inputs, again.shares, again.params, again.macs) == (("body",), "body", 0, 16 * 16)
    assert (report.totals.depth, report.totals.weight_layers, report.totals.input_bytes) == (4, 4, 4 * 243)


def test_an_aside_counts_when_asked_for():
    report = summarize(two_heads(), aux=True)
    side = next(row for row in report.layers if row.aux)
    assert (side.name, side.params, side.inputs) == ("side", 7 * 65, ("body",))
    assert report.totals.params == summarize(two_heads()).totals.params + 7 * 65
    assert report.aux


def test_batch_and_dtype():
    one, many = summarize(two_heads()), summarize(two_heads(), batch=4, dtype="fp16")
    assert (many.batch, many.dtype) == (4, "fp16")
    assert many.totals.macs == 4 * one.totals.macs
    assert 2 * many.totals.activations_bytes == 4 * one.totals.activations_bytes
    assert 2 * many.totals.input_bytes == 4 * one.totals.input_bytes
    assert many.totals.params == one.totals.params


SAME = Pad((1, 1), (1, 1))
CHOICES = (
    Conv(kernel=(3, 3), pad=SAME, channels=4), Conv(kernel=(1, 1), channels=4, bias=False, frozen=True), BatchNorm(),
    Activation(function="relu"), PReLU(), MaxPool(kernel=(3, 3), pad=SAME, stride=(1, 1)),
    Subsample(kernel=(1, 1)), Sum(), Concat(), Conv(kernel=(3, 3), pad=SAME, channels=4, groups=4),
)  # fmt: skip


@given(st.lists(st.tuples(st.sampled_from(CHOICES), st.integers(0, 9), st.booleans(), st.booleans())), st.booleans())
def test_rows_sum_to_totals(steps, aux):
    net = Net(4, 5, 5)
    of_shape = {(4, 5, 5): [0]}
    for layer, pick, aside, shared in steps:
        if isinstance(layer, Concat | Sum):
            sources = (pick % len(net.names), pick % len(net.names))
        else:
            sources = (of_shape[4, 5, 5][pick % len(of_shape[4, 5, 5])],)
        apart = aside or any(net.builder.layers[source][3] for source in sources)
        owners = [i for i, (other, *_) in enumerate(net.builder.layers) if other == layer and isinstance(other, Conv)]
        owners = [i for i in owners if not net.builder.layers[i][3]]
        node = net(layer, *sources, aux=apart, shares=owners[0] if shared and owners else None)
        of_shape.setdefault(net.builder.shapes[node], []).append(node)
    report = summarize(net.graph(output=0), batch=2, aux=aux)
    for name in COUNTS:
        assert getattr(report.totals, name) == sum(getattr(row, name) for row in report.layers), name
    moved = report.totals.moved_bytes
    assert report.totals.intensity == (report.totals.flops / moved if moved else None)
    assert len({row.name for row in report.layers}) == len(report.layers)


def figure(value):
    return Figure(str(value), Fraction(value))


def test_claims_are_about_one_image_in_fp32_whatever_is_asked():
    claims = [
        Claim("macs", "=", figure(108 * 16 + 2 * 16 * 16 + 64 * 5), span()),
        Claim("input bytes", "=", figure(972), span()),
    ]
    report = summarize(two_heads(claims), batch=8, dtype="int8", aux=True)
    assert ([expectation.holds for expectation in report.expectations], report.status) == ([True, True], "ok")


def test_a_wrong_claim_fails_the_report():
    report = summarize(two_heads([Claim("params", "=", figure(1), span(3))]))
    assert (report.status, report.expectations[0].holds, report.expectations[0].line) == ("failed", False, 3)
    assert [said.code for said in report.diagnostics] == ["A203"]


def test_a_claim_with_settings_asks_for_the_variant():
    claims = [Claim("depth", "=", figure(1), span(), settings={"n": Fraction(3)})]
    small = Net(1, 1, 1)
    small(Dense(units=1))
    report = summarize(two_heads(claims), variant=lambda settings: small.graph() if settings == {"n": 3} else None)
    assert report.status == "ok"


def test_diagnostics_stand_in_the_order_of_the_text_once_each():
    late = Diagnostic("A501", "late", Span(TEXT, 50, 51), "warning")
    early = Diagnostic("A505", "early", Span(TEXT, 2, 3), "note")
    report = summarize(two_heads(), diagnostics=[late, early, late])
    assert (report.diagnostics, report.status) == ((early, late), "ok")
    net = Net(1, 4, 4)
    net(Conv(kernel=(3, 3), stride=(2, 2), channels=1))  # leaves a row unread: a warning of the graph's own
    graph = net.graph()
    assert summarize(graph, diagnostics=graph.warnings).diagnostics == graph.warnings != ()


def test_what_cannot_be_read_has_no_figures():
    said = Diagnostic("A103", "the file is empty")
    report = unreadable(None, "empty.arch", [said])
    assert (report.status, report.totals, report.layers, report.diagnostics) == ("unreadable", None, (), (said,))


def test_several_inputs():
    net = Net(2, 4, 4, name="left")
    right = net.input(2, 4, 4, name="right")
    net(Concat(), 0, right)
    report = summarize(net.graph())
    assert (report.input, report.inputs) == ((2, 4, 4), {"left": (2, 4, 4), "right": (2, 4, 4)})
    assert report.totals.input_bytes == 2 * 4 * 32


def test_views_and_inputs_have_no_intensity():
    net = Net(2, 4, 4)
    net(Flatten())
    net(Dense(units=3))
    net(GlobalAvgPool(), 0)
    assert [row.intensity is None for row in summarize(net.graph()).layers] == [True, True, False, False]


def test_a_layer_takes_less_than_3_kb():
    depth = 6000
    net = Net(2, 32, 32)
    for _ in range(depth // 3):
        net(Conv(kernel=(3, 3), pad=SAME, channels=2))
        net(BatchNorm())
        net(Activation(function="relu"))
    graph = net.graph()
    tracemalloc.start()
    report = summarize(graph)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 3000 * depth
    assert len(report.layers) == depth + 1


def test_a_window_that_does_not_fit_is_told_once():
    wrong = "[224x224x3] INPUT\n[55x55x96] CONV1: 96 11x11 filters at stride 4, pad 0\n"
    right = wrong.replace("55x55", "54x54")
    told = [[each.code for each in archcalc.parse(text).report().diagnostics] for text in (wrong, right)]
    assert told == [["A201"], ["A306"]]
