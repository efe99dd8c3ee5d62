"""Ways to reach a receptive field: complete, reaching it, counted as a person counts, the best ones marked."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations_with_replacement

import pytest

from archcalc.analyses.kernels import kernels
from archcalc.analyses.kernels.ways import even_stack, spreads, stacks
from archcalc.formats.spec import write
from archcalc.layers import Conv
from archcalc.network import parse

FIELDS = [*range(1, 12), 21, 22, 23, 40]


def group(found, key):
    return next(group for group in found.groups if group.key == key)


def way(found, name, key="field"):
    return next(way for way in group(found, key).ways if way.name == name)


def seen(graph, outputs=200):
    """Inputs of a row that one output depends on, followed layer by layer from its windows' own settings."""
    places = {outputs}
    for node in reversed(graph.nodes[1:]):
        kernel, stride = (getattr(node.layer, name, (1, 1)) for name in ("kernel", "stride"))
        step = getattr(node.layer, "dilation", (1, 1))[1]
        places = {place * stride[1] + step * offset for place in places for offset in range(kernel[1])}
    return places


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("channels", [(4, 8), (8, 4)])
def test_every_way_reaches_the_field_and_keeps_the_size(field, channels):
    found = kernels(field, channels, (9, 8))
    for each in group(found, "field").ways:
        reached = seen(each.graph)
        assert each.field == (field, field), each.name
        assert max(reached) - min(reached) + 1 == field, each.name
        assert each.reads == len(reached) ** 2, each.name
        assert each.output == (channels[1], 9, 8), each.name


@pytest.mark.parametrize("size", [(8, 8), (7, 8), (9, 5)])
@pytest.mark.parametrize("field", [1, 2, 3, 5, 7])
def test_every_halving_halves_alike(size, field):
    for each in group(kernels(field, (4, 4), size), "halving").ways:
        assert each.output == (4, -(-size[0] // 2), -(-size[1] // 2)), each.name
        reached = seen(each.graph)
        assert each.field == (max(reached) - min(reached) + 1,) * 2, each.name


@pytest.mark.parametrize("field", range(1, 14))
def test_stacks_are_all_there_are(field):
    sides = range(2, field)
    wanted = {
        tuple(sorted(chosen, reverse=True))
        for count in range(2, field)
        for chosen in combinations_with_replacement(sides, count)
        if 1 + sum(side - 1 for side in chosen) == field and sum(side % 2 == 0 for side in chosen) <= 1
    }
    found = [*stacks(field)]
    assert len(found) == len(set(found))
    assert set(found) == wanted


def test_dilations_differ_and_add_up():
    assert [*spreads(7)] == [(3,), (1, 2)]
    assert [*spreads(15)] == [(7,), (1, 6), (2, 5), (3, 4), (1, 2, 4)]
    assert [*spreads(3)] == [*spreads(8)] == []
    assert [*spreads(127)] == [(63,), (1, 2, 4, 8, 16, 32)]
    assert [*spreads(129)] == [(64,), (1, 1, 2, 4, 8, 16, 32)]


def test_stacks_of_one_kernel_end_in_what_is_left():
    assert (even_stack(7, 3), even_stack(10, 5), even_stack(3, 3), even_stack(1, 3)) == (
        (3, 3, 3), (5, 5, 2), (3,), (1,),
    )  # fmt: skip


def test_the_lecture():
    """n = k² c_in c_out; 5x5 has 25/9 of the weights of 3x3; two 3x3 cost 18 against 25 and see as much."""
    found = kernels(5, (64, 64), (56, 56))
    one, two = way(found, "5x5"), way(found, "3x3, 3x3")
    assert (one.params, one.macs, one.depth) == (102_400, 321_126_400, 1)
    assert (two.params, two.macs, two.depth) == (73_728, 231_211_008, 2)
    assert one.field == two.field == (5, 5)
    assert two.params_ratio == two.macs_ratio == Fraction(18, 25)
    sized = {each.name: each for each in group(found, "size").ways}
    assert sized["5x5"].params_ratio == sized["5x5"].macs_ratio == Fraction(25, 9)
    assert sized["5x5"].weights == ((64, 64, 5, 5),)
    assert sized["1x1"].params_ratio == Fraction(1, 9)


def test_stride_against_pooling():
    """The same weights; pooling behind a convolution computes four times as much, and before it sees twice as far."""
    found = kernels(3, (16, 16), (32, 32))
    strided, behind, before = (
        way(found, name, "halving") for name in ("3x3/2", "3x3, max pool 2x2", "max pool 2x2, 3x3")
    )
    assert strided.params == behind.params == before.params == 3 * 3 * 16 * 16
    assert (behind.macs_ratio, before.macs_ratio) == (4, 1)
    assert [each.field[0] for each in (strided, behind, before)] == [3, 4, 6]


#: Worked out by hand for 7x7, 64 channels of 56x56, no biases: weights, and what of them is multiplied at 3,136 places.
BY_HAND = {
    "7x7": 49 * 4096,
    "5x5, 3x3": (25 + 9) * 4096,
    "3x (3x3)": 27 * 4096,
    "7x1, 1x7": 14 * 4096,
    "3x (3x1, 1x3)": 18 * 4096,
    "3x3 dilation 3": 9 * 4096,
    "3x3 dilation 1, 2": 18 * 4096,
    "dw 7x7, 1x1": 49 * 64 + 4096,
    "3x (dw 3x3, 1x1)": 3 * (9 * 64 + 4096),
    "1x1/4, 7x7, 1x1": 64 * 16 + 49 * 16 * 16 + 16 * 64,
    "1x1/4, 3x (3x3), 1x1": 64 * 16 + 27 * 16 * 16 + 16 * 64,
}


def test_every_way_by_hand():
    found = group(kernels(7, (64, 64), (56, 56)), "field").ways
    assert {each.name: each.params for each in found} == BY_HAND
    assert {each.name: each.macs for each in found} == {name: n * 3136 for name, n in BY_HAND.items()}
    image = 64 * 56 * 56 * 4
    assert {each.name: each.activations_bytes for each in found if "/4" not in each.name} == {
        each.name: sum(isinstance(node.layer, Conv) for node in each.graph.nodes) * image
        for each in found
        if "/4" not in each.name
    }


@pytest.mark.parametrize(("bias", "bn", "more"), [(True, False, 64), (False, True, 128), (True, True, 192)])
def test_biases_and_norms_are_counted(bias, bn, more):
    one = group(kernels(3, (3, 64), (8, 8), bias=bias, bn=bn), "field").ways[0]
    assert one.params == 3 * 3 * 3 * 64 + more


def test_the_first_layer_alone_reads_the_input():
    """Mixed stacks put the kernel first that is cheaper there."""
    wider, narrower = kernels(7, (3, 64), (8, 8)), kernels(7, (64, 3), (8, 8))
    assert way(wider, "5x5, 3x3").params == 25 * 3 * 64 + 9 * 64 * 64
    assert way(narrower, "5x5, 3x3").params == 9 * 64 * 3 + 25 * 3 * 3


def test_marked_ways_are_those_that_none_beats():
    found = kernels(7, (64, 64), (56, 56))
    ways = group(found, "field").ways

    def beats(one, other):
        pairs = [(one.params, other.params), (one.macs, other.macs), (other.depth, one.depth)]
        pairs.append((one.activations_bytes, other.activations_bytes))
        return all(a <= b for a, b in pairs) and any(a < b for a, b in pairs)

    assert {each.name for each in ways if each.best} == {
        each.name for each in ways if not any(beats(other, each) for other in ways)
    }
    # hand: a stack of 3x3s has more depth than one 7x7, but depthwise ones have more still, for less
    assert not way(found, "3x (3x3)").best and way(found, "3x (dw 3x3, 1x1)").best
    assert not any(each.best for each in group(found, "size").ways)


@pytest.mark.parametrize("field", [1, 2, 5, 7])
def test_every_way_is_a_spec_with_its_figures(field):
    for each in (way for group in kernels(field, (8, 16), (12, 11), bias=True, bn=True).groups for way in group.ways):
        totals = parse(write(each.graph)).report().totals
        assert (totals.params, totals.macs) == (each.params, each.macs), each.name
        assert (totals.activations_bytes, totals.saved_bytes) == (each.activations_bytes, each.saved_bytes), each.name


def test_what_is_left_out_is_said():
    seen = group(kernels(4, (6, 6), (1, 1)), "field")
    assert "no bottleneck: --reduce 4 does not make fewer whole channels of 6" in seen.notes
    assert any(note.startswith("an even field takes one even kernel") for note in seen.notes)
    halved = group(kernels(3, (6, 6), (1, 1)), "halving")
    assert "left out: 3x3, max pool 2x2 (a window of 2 does not fit height 1)" in halved.notes
    assert any(note.startswith("above field 21") for note in group(kernels(23, (6, 6), (9, 9)), "field").notes)


def test_numbers_go_on_through_the_groups():
    found = kernels(5, (4, 4), (8, 8))
    every = [way for group in found.groups for way in group.ways]
    assert [way.number for way in every] == [*range(1, len(every) + 1)]
    assert found.way(3) is every[2] and found.way(0) is None


def test_what_is_not_trained_saves_nothing():
    assert group(kernels(3, (4, 4), (8, 8), dtype="int8"), "field").ways[0].saved_bytes is None


@pytest.mark.parametrize("wrong", [{"field": 0}, {"channels": (0, 4)}, {"size": (4, -1)}, {"reduce": 0}])
def test_what_is_below_one_is_refused(wrong):
    with pytest.raises(ValueError, match="at least 1"):
        kernels(**{"field": 3, "channels": (4, 4), "size": (8, 8)} | wrong)
