"""Claims: what holds, what does not, and what is said about it."""

from __future__ import annotations

from fractions import Fraction

import pytest
from handmade import TEXT, Net, net, span

from archcalc.algebra import symbol
from archcalc.analyses.check import evaluate
from archcalc.analyses.quantities import QUANTITIES, Measure, quantity_named
from archcalc.claims import Claim, Figure
from archcalc.layers import (
    Activation,
    AvgPool,
    BatchNorm,
    Conv,
    Deconv,
    Dense,
    GlobalAvgPool,
    LayerNorm,
    MaxPool,
    Pad,
    Sum,
    Upsample,
)
from archcalc.source import Span


def figure(text, slack=0, unit=None):
    return Figure(text, Fraction(text.rstrip("KMB").replace(",", "")), Fraction(slack), unit)


def check(claim, graph=None, variant=None):
    (expectation,), diagnostics = evaluate(Measure(graph or net()), [claim], variant)
    return expectation, diagnostics


def claim(quantity, expected, operator="=", **more):
    expected = figure(expected) if isinstance(expected, str) else expected
    return Claim(quantity, operator, expected, more.pop("where", span()), **more)


#: By hand: conv 112, bn 8, fc 325 parameters; 108*81 and 320 multiply-adds.
VALUES = {
    "params": 445, "weights": 428, "biases": 9, "norms": 8, "others": 0, "trainable": 445, "buffers": 8,
    "weight layers": 2, "depth": 2, "neurons": 324 + 5, "connections": 28 * 81 * 4 + 65 * 5, "macs": 108 * 81 + 320,
}  # fmt: skip
VALUES["flops"] = 2 * (108 * 81 + 320) + 324 + 648 + 324 + 3 * 64 + 5
VALUES["training flops"] = 2 * 2 * 108 * 81 + 3 * 2 * 320
VALUES["input bytes"] = 4 * 243
VALUES["weights bytes"] = 4 * (445 + 8) + 8
VALUES["activations"] = 324 + 324 + 64 + 5
VALUES["activations bytes"] = 4 * (324 + 324 + 64 + 5)
VALUES["memory"] = 324 + 324 + 64 + 5 + 243
VALUES["field"] = 4
VALUES["stride"] = 2
VALUES["start"] = -1
#: Input 972 bytes, conv and bn 1296 each, relu in place, pool 256 and 512 of indices: most lives in bn, without the
#: input too. What stays for backward: input, conv, bn's statistics, relu, indices, and what fc reads.
VALUES["inference peak bytes"] = 972 + 1296 + 1296
VALUES["inference memory"] = 4 * (445 + 8) + 8 + 972 + 1296 + 1296
VALUES["inference arena bytes"] = 1296 + 1296
VALUES["saved bytes"] = 972 + 1296 + 2 * 4 * 4 + 1296 + 512 + 256
VALUES["gradients bytes"] = 4 * 445
VALUES["optimizer bytes"] = 0
VALUES["training memory"] = VALUES["training peak bytes"] = 9324  # torch's MemTracker, a second step of the module


@pytest.mark.parametrize("quantity", VALUES)
def test_the_whole_network_without_its_aside(quantity):
    expectation, diagnostics = check(claim(quantity, str(VALUES[quantity])))
    assert (expectation.holds, expectation.computed, diagnostics) == (True, VALUES[quantity], ())
    assert (expectation.at, expectation.expected, expectation.line) == (None, str(VALUES[quantity]), 1)
    wrong, (said,) = check(claim(quantity, str(VALUES[quantity] + 1)))
    assert (wrong.holds, said.code) == (False, "A203")


def test_every_quantity_was_tried():
    assert {*VALUES, "out", "intensity", "largest batch", "largest inference batch"} == set(QUANTITIES)


def test_a_place_sums_its_layers_and_has_its_last_ones_output():
    values = {
        "params": 120,
        "macs": 108 * 81,
        "memory": 64,
        "activations": 324 + 324 + 64,
        "depth": 1,
        "weight layers": 1,
    }
    for quantity, value in values.items():
        assert check(claim(quantity, str(value), place="stage one"))[0].holds, quantity
    expectation, _ = check(claim("out", (4, 4, 4), place="STAGE-ONE"))
    assert (expectation.holds, expectation.computed, expectation.expected) == (True, [4, 4, 4], "4x4x4")
    assert check(claim("field", "3", at=(1, 2, 1)))[0].at == "conv1"


def test_a_place_around_an_aside_leaves_it_out_but_the_aside_itself_counts():
    assert check(claim("params", "325", place="ends"))[0].holds
    assert check(claim("params", "195", place="aside"))[0].holds
    assert check(claim("params", "195", at=(5, 6, 4)))[0].holds  # named by where the main line goes on


def test_a_place_may_be_named_by_the_end_of_its_path():
    assert check(claim("params", "112", place="inner"))[0].holds


def test_memory_is_numbers_or_bytes_as_the_figure_says():
    assert check(claim("memory", figure("960")))[0].holds
    assert check(claim("memory", figure("3840", unit="bytes")))[0].holds
    assert check(claim("memory", figure("256", unit="bytes"), at=(4, 5, 4)))[0].computed == 256
    assert check(claim("activations", figure("2868", unit="bytes")))[0].holds


def test_a_count_in_bytes_is_refused():
    expectation, (said,) = check(claim("params", figure("445", unit="bytes")))
    assert (expectation.holds, expectation.computed, said.code) == (False, None, "A203")
    assert "params is a count" in said.message


@pytest.mark.parametrize(
    "word,meant",
    [
        ("Params", "params"), ("param", "params"), ("PARAMETERS", "params"), ("weight_layers", "weight layers"),
        ("Weight-Layer", "weight layers"), ("bias", "biases"), ("mult-adds", "macs"), ("MAC", "macs"),
        ("flop", "flops"),
        ("receptive field", "field"), ("output", "out"), ("weights bytes", "weights bytes"), ("depths", "depth"),
        ("colour", None), ("", None),
    ],
)  # fmt: skip
def test_quantities_by_any_spelling(word, meant):
    assert quantity_named(word) == meant


def test_unknown_words_are_answered_with_the_nearest_known():
    expectation, (said,) = check(claim("parms", "3"))
    assert (expectation.holds, said.code, said.help) == (False, "A105", "did you mean 'params'?")
    _, (said,) = check(claim("params", "3", place="conv2"))
    assert (said.code, said.help) == ("A401", "did you mean 'conv1'?")


@pytest.mark.parametrize(
    "operator,value,slack,holds",
    [
        ("=", "400", 45, True), ("=", "400", 44, False), ("~", "400", 45, True), ("<=", "445", 0, True),
        ("<=", "444", 10, False), ("<", "445", 10, False), ("<", "446", 0, True), (">=", "445", 0, True),
        (">=", "446", 0, False), (">", "445", 0, False), (">", "444", 0, True),
    ],
)  # fmt: skip
def test_operators(operator, value, slack, holds):
    expectation, diagnostics = check(claim("params", figure(value, slack), operator))
    assert (expectation.holds, not diagnostics, expectation.operator) == (holds, holds, operator)


def test_params_without_biases():
    assert check(claim("params", "108", at=(1, 2, 1), weights_only=True))[0].holds
    _, (said,) = check(claim("params", "112", at=(1, 2, 1), weights_only=True))
    assert said.message == "112 weights printed, 108 found"


def test_a_figure_printed_beside_layers_and_an_expectation_are_told_apart():
    _, (said,) = check(claim("weight layers", "16"))
    assert (said.code, said.message) == ("A203", "16 weight layers printed, 2 found")
    _, (said,) = check(claim("weight layers", "16", stated=True, place="fc"))
    assert (said.code, said.message) == ("A204", "expected weight layers at fc = 16, found 1")


@pytest.mark.parametrize(
    "quantity,value,help",
    [
        ("params", "428", "428 is right for weights"),
        ("weights", "445", "445 is right for params"),
        ("macs", "18136", "18136 counts two operations for a multiply-add"),
        ("params", "429", None),
    ],
)
def test_a_figure_of_something_else_is_recognised(quantity, value, help):
    _, (said,) = check(claim(quantity, value))
    assert said.help == help


def test_printed_arithmetic_is_checked_by_itself():
    good = claim("params", "112", at=(1, 2, 1), worked=Fraction(112))
    assert check(good) == (check(claim("params", "112", at=(1, 2, 1)))[0], ())
    expectation, (said,) = check(claim("params", "112", at=(1, 2, 1), worked=Fraction(113)))
    assert (expectation.holds, said.code) == (False, "A202")
    assert said.message == "the arithmetic gives 113, this line says 112"
    _, both = check(claim("params", "111", at=(1, 2, 1), worked=Fraction(113)))
    assert [said.code for said in both] == ["A202", "A203"]
    _, (slip,) = check(claim("params", "121", at=(1, 2, 1), worked=Fraction(112)))
    assert slip.code == "A202"


@pytest.mark.parametrize(
    "printed,sic,codes",
    [("500", "445", []), ("445", "445", ["A205"]), ("500", "444", ["A203"]), ("445", "444", ["A203"])],
)
def test_a_correction_must_be_right_and_needed(printed, sic, codes):
    expectation, diagnostics = check(claim("params", printed, sic=figure(sic), worked=Fraction(1)))
    assert [said.code for said in diagnostics] == codes
    assert (expectation.holds, expectation.sic) == (not codes, sic)


def test_a_corrected_shape():
    assert check(claim("out", (5, 5, 4), sic=(4, 4, 4), at=(4, 5, 4)))[0].holds
    assert [d.code for d in check(claim("out", (4, 4, 4), sic=(4, 4, 4), at=(4, 5, 4)))[1]] == ["A205"]
    (said,) = check(claim("out", (5, 5, 4), sic=(6, 6, 4), at=(4, 5, 4)))[1]
    assert (said.code, said.message) == ("A201", "this line says 6x6x4, the max pool gives 4x4x4")


@pytest.mark.parametrize(
    "expected,printed,codes", [("445", "154M", []), ("445", "445", ["A205"]), ("444", "500", ["A204"])]
)
def test_an_erratum_must_hold_and_what_it_quotes_must_not(expected, printed, codes):
    quoting = claim("params", expected, erratum="Table 4 prints it", printed=figure(printed), stated=True)
    expectation, diagnostics = check(quoting)
    assert [said.code for said in diagnostics] == codes
    assert (expectation.holds, expectation.erratum) == (not codes, "Table 4 prints it")


def deep(depth):
    made = Net(1, 4, 4)
    for _ in range(int(depth)):
        made(Conv(kernel=(1, 1), channels=1))
    return made.graph()


def test_settings_ask_for_another_network_once():
    asked = []

    def variant(settings):
        asked.append(settings)
        return deep(settings["n"]) if settings["n"] < 9 else None

    claims = [claim("depth", "7", settings={"n": Fraction(7)}), claim("params", "14", settings={"n": Fraction(7)})]
    expectations, diagnostics = evaluate(Measure(net()), [*claims, claim("depth", "2")], variant)
    assert ([e.holds for e in expectations], diagnostics, len(asked)) == ([True, True, True], (), 1)
    expectation, (said,) = check(claim("depth", "9", settings={"n": Fraction(9)}), variant=variant)
    assert (expectation.holds, said.code) == (False, "A204")
    assert "n = 9" in said.message
    assert check(claim("depth", "9", settings={"n": Fraction(9)}))[0].holds is False


@pytest.mark.parametrize(
    "layer,shape,printed,holds",
    [
        (Dense(units=7), (3, 4, 5), (7,), True), (Dense(units=7), (3, 4, 5), (1, 1, 7), True),
        (Dense(units=7), (3, 4, 5), (1, 1), True), (Dense(units=7), (3, 4, 5), (7, 1, 1), False),
        (Dense(units=7), (3, 4, 5), (8,), False), (GlobalAvgPool(), (3, 4, 5), (3,), True),
        (GlobalAvgPool(), (3, 4, 5), (1, 1, 3), True), (GlobalAvgPool(), (3, 4, 5), (1, 1), True),
        (BatchNorm(), (3, 4, 5), (4, 5, 3), True), (BatchNorm(), (3, 4, 5), (4, 5), True),
        (BatchNorm(), (3, 4, 5), (3, 4, 5), False), (BatchNorm(), (3, 4, 5), (3,), False),
        (LayerNorm(), (4, 5), (4, 5), True), (LayerNorm(), (4, 5), (5,), False),
        (LayerNorm(), (4, 5), (5, 4), False), (LayerNorm(), (4, 5), (1, 4, 5), False),
    ],
)  # fmt: skip
def test_shapes_as_papers_print_them(layer, shape, printed, holds):
    made = Net(*shape)
    made(layer)
    assert check(claim("out", printed, at=(1, 2, 1)), made.graph())[0].holds is holds


def test_a_number_alone_is_the_shape_of_a_vector():
    assert check(claim("out", "5"))[0].holds
    assert not check(claim("out", "5", "<"))[0].holds
    assert not check(claim("out", figure("5", slack=1)))[0].holds
    assert not check(claim("params", (4, 4, 4)))[0].holds


def test_a_field_that_differs_by_axis_is_claimed_as_two_numbers():
    made = Net(1, 9, 9)
    made(Conv(kernel=(3, 5), channels=1))
    expectation, (said,) = check(claim("field", "3"), made.graph())
    assert (expectation.computed, expectation.holds, said.notes) == ([3, 5], False, ("height and width differ",))
    assert "found 3 by 5" in check(claim("field", "3", stated=True), made.graph())[1][0].message
    assert check(claim("field", (3, 5)), made.graph())[0].holds
    assert not check(claim("field", (5, 3)), made.graph())[0].holds


def test_fields_without_a_size_say_why():
    made = Net(1, 9, 9)
    made(GlobalAvgPool(), name="gap")
    expectation, (said,) = check(claim("field", "9", place="gap"), made.graph())
    assert (expectation.computed, said.notes) == (None, ("it sees all of the input",))
    assert check(claim("field", "1"), made.graph())[0].holds  # the last one that does not see all: the input


def test_a_fractional_stride():
    made = Net(1, 9, 9)
    made(Upsample(factor=(2, 2)))
    expectation, _ = check(claim("stride", Figure("1/2", Fraction(1, 2))), made.graph())
    assert (expectation.holds, expectation.computed) == (True, "1/2")


def test_intensity_is_compared_exactly_and_told_as_a_float():
    made = Net(1, 2, 2)
    made(Activation(function="relu"))  # 4 operations on 32 bytes
    expectation, _ = check(claim("intensity", Figure("0.125", Fraction(1, 8))), made.graph())
    assert (expectation.holds, expectation.computed) == (True, 0.125)


def test_open_symbols_leave_a_claim_undecided():
    made = Net(3, symbol("H"), 9)
    made(Conv(kernel=(3, 3), channels=4), name="conv")
    graph = made.graph()
    for quantity, expected in (("macs", "5"), ("out", (7, 7, 4)), ("intensity", "2"), ("memory", "3")):
        expectation, diagnostics = check(claim(quantity, expected), graph)
        assert (expectation.holds, diagnostics) == (None, ()), quantity
    assert check(claim("params", "112"), graph)[0].holds
    assert check(claim("out", (7, 7, 5)), graph)[0].holds is False
    assert check(claim("out", (symbol("H") - 2, 7, 4)), graph)[0].holds


def alexnet(size=224):
    made = Net(3, size, size)
    conv = made(Conv(kernel=(11, 11), stride=(4, 4), channels=96), name="CONV1")
    made(Activation(function="relu"), name="relu")
    made(MaxPool(kernel=(3, 3), stride=(2, 2)), name="POOL1")
    made(Conv(kernel=(5, 5), pad=Pad((2, 2), (2, 2)), channels=256), name="CONV2")
    assert conv == 1
    return made.graph()


def shape_at(first, stop, *printed, **more):
    return claim("out", printed, at=(first, stop, stop - 1), where=span(stop), **more)


def test_a_wrong_shape_comes_with_its_arithmetic_and_ways_to_it():
    (expectation,), (said,) = evaluate(Measure(alexnet()), [shape_at(1, 3, 55, 55, 96)])
    assert not expectation.holds
    assert (said.code, said.message) == ("A201", "this line says 55x55x96, the convolution gives 54x54x96")
    assert said.notes == ("(224 - 11 + 2*0)/4 + 1 = 54.25, floored to 54",)
    assert said.help == "a 227x227 input gives 55; so does pad 2 on 224"
    (said,) = evaluate(Measure(alexnet()), [shape_at(1, 3, 55, 55, 96, stated=True)])[1]
    assert (said.code, said.message) == ("A204", "expected 55x55x96, the convolution gives 54x54x96")


def test_what_follows_from_a_wrong_shape_is_counted_not_repeated():
    claims = [
        shape_at(1, 3, 55, 55, 96),
        claim("memory", str(55 * 55 * 96), at=(1, 3, 2), where=span(3)),
        shape_at(3, 4, 27, 27, 96),
        shape_at(4, 5, 27, 27, 256),
        claim("memory", str(224 * 224 * 3 + 55 * 55 * 96 + 27 * 27 * (96 + 256)), where=span(7)),
    ]
    expectations, (said,) = evaluate(Measure(alexnet()), claims)
    assert [expectation.holds for expectation in expectations] == [False] * 5
    assert said.notes[-1] == "4 more printed figures follow from it"


def test_a_second_fault_is_not_taken_for_a_consequence():
    claims = [shape_at(1, 3, 55, 55, 96), shape_at(3, 4, 28, 28, 96), shape_at(4, 5, 28, 28, 256)]
    _, diagnostics = evaluate(Measure(alexnet()), claims)
    assert [said.span.line for said in diagnostics] == [3, 4]
    assert diagnostics[0].notes[-1] == "1 more printed figure follows from it"


def test_an_expectation_is_never_taken_for_a_consequence():
    claims = [shape_at(1, 3, 55, 55, 96), shape_at(3, 4, 27, 27, 96, stated=True)]
    assert [said.code for said in evaluate(Measure(alexnet()), claims)[1]] == ["A201", "A204"]


def test_a_line_that_is_read_at_every_turn_is_wrong_once():
    repeated = [claim("params", "3", at=(i, i + 1, i)) for i in range(1, 5)]
    expectations, diagnostics = evaluate(Measure(deep(4)), repeated)
    assert ([e.holds for e in expectations], len(diagnostics)) == ([False] * 4, 1)


def test_a_wrong_correction_is_underlined_itself():
    for quantity, printed, sic in (("params", figure("500"), figure("444")), ("out", (5, 5, 5), (6, 6, 4))):
        at = (4, 5, 4) if quantity == "out" else None
        (said,) = check(claim(quantity, printed, sic=sic, sic_span=span(9), at=at))[1]
        assert said.span == span(9)


@pytest.mark.parametrize(
    "layer,printed,notes,help",
    [
        (
            MaxPool(kernel=(3, 3), stride=(2, 2)), (5, 5),
            ("(10 - 3 + 2*0)/2 + 1 = 4.5, floored to 4",), "a 11x11 input gives 5; so does pad 1 on 10; so does ceil",
        ),
        (
            AvgPool(kernel=(3, 3), stride=(2, 2), ceil=True), (4, 4),
            ("(10 - 3 + 2*0)/2 + 1 = 4.5, rounded up to 5",), "a 9x9 input gives 4; so does stride 3",
        ),
        (
            Conv(kernel=(3, 2), stride=(1, 3), pad=Pad((1, 0), (0, 0)), channels=2), (10, 4),
            ("(10 - 3 + 1 + 0)/1 + 1 = 9", "(10 - 2 + 2*0)/3 + 1 = 3.66667, floored to 3"),
            "a 11x11 input gives 10x4; so does pad 1 on 10",
        ),
        (Conv(kernel=(1, 1), channels=2), (5, 5), ("(10 - 1 + 2*0)/1 + 1 = 10",),
         "a 5x5 input gives 5; so does stride 2"),
        (Conv(kernel=(1, 1), channels=2), (10, 10), (), None),
        (Conv(kernel=(3, 3), channels=2), (999999, 1), ("(10 - 3 + 2*0)/1 + 1 = 8",), None),
        (Deconv(kernel=(2, 2), stride=(2, 2), channels=2), (21, 21), (), None),
    ],
)  # fmt: skip
def test_repairs_are_tried_before_they_are_named(layer, printed, notes, help):
    made = Net(2, 10, 10)
    made(layer)
    (said,) = evaluate(Measure(made.graph()), [shape_at(1, 2, *printed, 3)])[1]
    assert (said.notes, said.help) == (notes, help)


def test_a_shape_made_by_no_window():
    made = Net(2, 10, 10)
    made(Sum(), 0, 0)
    (said,) = evaluate(Measure(made.graph()), [shape_at(1, 2, 9, 9, 2)])[1]
    assert (said.message, said.notes, said.help) == ("this line says 9x9x2, the sum gives 10x10x2", (), None)


def test_the_layer_is_underlined_beside_the_shape_unless_they_overlap():
    line, layer = Span(TEXT, 0, 40), Span(TEXT, 14, 20)
    made = Net(2, 10, 10)
    made(Conv(kernel=(3, 3), channels=2))
    node_span = made.builder.layers[1][2]
    apart = shape_at(1, 2, 9, 9, 2)
    apart = Claim("out", "=", (9, 9, 2), layer, at=(1, 2, 1))
    (said,) = evaluate(Measure(made.graph()), [apart])[1]
    assert (said.span, said.also) == (layer, (node_span,))
    within = Claim("out", "=", (9, 9, 2), layer, at=(1, 2, 1), parts=(line,))
    assert evaluate(Measure(made.graph()), [within])[1][0].also == ()
