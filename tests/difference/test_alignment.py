"""Which layers of two networks are the same: hand-made pairs whose differences are known, and random edits."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pairs import differing, states

from archcalc.analyses.difference import difference
from archcalc.network import parse

PLAIN = """\
input 32x32x3
conv1: conv 3x3, 16, pad 1
relu
conv2: conv 3x3, 32, pad 1
relu
half: max pool 2x2
conv3: conv 3x3, 64, pad 1
relu
global average pool
fc: fc 10
"""


def edited(old, new):
    assert old in PLAIN
    return PLAIN.replace(old, new)


def attributes(layer):
    return [(change.name, change.old, change.new) for change in layer.attributes]


def test_a_text_does_not_differ_from_itself():
    found = differing(PLAIN, PLAIN)
    assert (found.state, found.layers, found.totals, found.claims) == ("same", (), (), ())


def test_lines_and_comments_do_not_matter():
    moved = "# a comment\n\nnetwork x\n" + PLAIN.replace("\n", "  # said\n\n")
    assert differing(PLAIN, moved).state == "same"


def test_an_attribute_is_one_change_and_its_figures():
    found = differing(PLAIN, edited("conv2: conv 3x3, 32, pad 1", "conv2: conv 5x5, 32, pad 2"))
    layer = found.layers[0]
    assert (layer.state, layer.row.name) == ("changed", "conv2")
    assert attributes(layer) == [("kernel", [3, 3], [5, 5]), ("pad", [1, 1, 1, 1], [2, 2, 2, 2])]
    by = {change.name: change.difference for change in layer.figures}
    assert by["params"] == 16 * 32 * (25 - 9) and by["macs"] == 32 * 32 * 16 * 32 * (25 - 9)
    # what follows sees more, and nothing else of it is another
    assert {(each.state, tuple(c.name for c in each.figures)) for each in found.layers[1:]} == {
        ("affected", ("field",))
    }


def test_a_default_is_told_as_the_value_that_it_is():
    found = differing(PLAIN, edited("conv 3x3, 64, pad 1", "conv 3x3, 64, pad 1, stride 2"))
    assert attributes(found.layers[0]) == [("stride", [1, 1], [2, 2])]


def test_a_width_changes_the_layer_and_affects_the_next():
    found = differing(PLAIN, edited("16, pad 1", "24, pad 1"))
    assert states(found) == [("changed", "conv1"), ("affected", "relu1"), ("affected", "conv2")]
    assert attributes(found.layers[0]) == [("channels", 16, 24)]
    assert next(c.difference for c in found.layers[2].figures if c.name == "params") == 8 * 9 * 32


@pytest.mark.parametrize("line", PLAIN.splitlines(keepends=True)[2:4])
def test_a_layer_taken_out_is_the_only_one_that_is_gone(line):
    found = differing(PLAIN, PLAIN.replace(line, "", 1))
    own = [state for state in states(found) if state[0] not in ("affected", "renamed")]
    assert own == [("removed", line.partition(":")[0] if ":" in line else "relu1")]


def test_a_layer_put_in_is_the_only_one_that_is_new():
    found = differing(PLAIN, edited("half: max", "batch norm\nhalf: max"))
    assert states(found)[0] == ("added", "bn")
    assert all(layer.state == "affected" or layer.row.name == "bn" for layer in found.layers)


def test_numbers_that_shift_are_no_changes():
    listing = "input 32x32x3\n" + "conv 3x3, 16, pad 1; relu\n" * 3 + "conv 3x3, 32, pad 1; relu\n" * 3
    longer = listing.replace("conv 3x3, 16, pad 1; relu\n", "conv 3x3, 16, pad 1; relu\n" * 2, 1)
    found = differing(listing, longer)
    assert states(found)[:2] == [("added", "conv4"), ("added", "relu4")]
    assert {layer.state for layer in found.layers[2:]} == {"affected"}
    assert [(layer.was, layer.row.name) for layer in found.layers[2:]] == [
        (f"{kind}{number}", f"{kind}{number + 1}") for number in (4, 5, 6) for kind in ("conv", "relu")
    ]


def test_a_name_is_a_rename():
    found = differing(PLAIN, edited("conv2:", "middle:"))
    assert [(each.state, each.was, each.row.name) for each in found.layers] == [("renamed", "conv2", "middle")]
    assert found.state == "changed" and not found.figures_differ


def test_a_block_around_layers_renames_them():
    block = "block stem():\n    conv1: conv 3x3, 16, pad 1\n    relu\n"
    wrapped = edited("conv1: conv 3x3, 16, pad 1\nrelu\n", "first: stem\n")
    found = differing(PLAIN, block + wrapped)
    assert {layer.state for layer in found.layers} == {"renamed"} and not found.figures_differ
    assert found.layers[0].was == "conv1" and found.layers[0].row.name.endswith("conv1")


def test_a_layer_that_stands_elsewhere_has_moved():
    head = "input 8x8x4\na: conv 1x1, 4\nb: conv 3x3, 4, pad 1\nc: conv 5x5, 4, pad 2\n"
    moved = "input 8x8x4\nb: conv 3x3, 4, pad 1\nc: conv 5x5, 4, pad 2\na: conv 1x1, 4\n"
    found = differing(head, moved)
    assert [state for state in states(found) if state[0] != "affected"] == [("moved", "a")]


def test_all_widths_doubled_are_the_same_layers():
    def vgg(width):
        lines = ["input 64x64x3"]
        for stage in range(4):
            lines += [f"conv 3x3, {width << stage}, pad 1; relu"] * 2 + ["max pool 2x2"]
        return "\n".join([*lines, "fc 10"])

    found = differing(vgg(16), vgg(32))
    changed = [layer for layer in found.layers if layer.state == "changed"]
    assert len(changed) == 8 and all(attributes(each)[0][0] == "channels" for each in changed)
    assert {layer.state for layer in found.layers} == {"changed", "affected"}


def test_a_repetition_adds_at_its_end():
    text = "input 8x8x4\nblock unit():\n    conv 3x3, 4, pad 1\n    relu\nbody: unit x {}\nfc 3\n"
    found = differing(text.format(3), text.format(5))
    own = [state for state in states(found) if state[0] != "affected"]
    assert own == [("added", f"body.{turn}.{kind}") for turn in (4, 5) for kind in ("conv", "relu")]


def test_another_kind_under_a_name_is_a_change():
    found = differing(PLAIN, edited("half: max pool", "half: average pool"))
    assert (found.layers[0].state, found.layers[0].row.name) == ("changed", "half")
    assert attributes(found.layers[0])[0] == ("kind", "max pool", "avg pool")


WIRED = """\
input 8x8x4
a: conv 3x3, 4, pad 1
b: conv 3x3, 4, pad 1
sum:
    | from {}
    | conv 1x1, 4
"""


def test_a_wire_is_a_change_of_the_layer_that_reads_it():
    found = differing(WIRED.format("b"), WIRED.format("a"))
    layer = found.layers[0]
    assert (layer.state, layer.row.kind) == ("changed", "sum")
    assert [change.name for change in layer.attributes] == ["inputs"]


def test_the_input_is_told():
    found = differing(PLAIN, edited("input 32x32x3", "input 64x64x3"))
    assert (found.input.old, found.input.new) == ((3, 32, 32), (3, 64, 64))
    assert found.output is None
    assert {layer.state for layer in found.layers[1:]} == {"affected"}


def test_claims_are_told_by_what_became_of_them():
    old = PLAIN + "expect params <= 30,000\nexpect depth = 4\n"
    new = old.replace("16, pad 1", "32, pad 1").replace("expect depth = 4", "expect depth < 9\nexpect out = 10")
    found = [(each.state, (each.new or each.old).quantity) for each in differing(old, new).claims]
    assert found == [("changed", "params"), ("added", "depth"), ("added", "out"), ("removed", "depth")]


def test_parameters_are_told():
    text = "param k = {}\ninput 8x8x3\nconv 3x3, k\n"
    (change,) = differing(text.format(4), text.format(8)).settings
    assert (change.name, change.old, change.new) == ("k", 4, 8)


KINDS = ("conv 3x3, 8, pad 1", "conv 5x5, 8, pad 2", "conv 1x1, 8", "batch norm", "relu", "dropout")
LAYERS = st.lists(st.sampled_from(KINDS), min_size=1, max_size=12)


def spec(layers):
    return "input 8x8x8\n" + "".join(f"{layer}\n" for layer in layers)


@given(
    LAYERS, st.lists(st.tuples(st.sampled_from(["put", "take", "swap"]), st.integers(0, 12), st.sampled_from(KINDS)))
)
def test_no_more_is_told_than_was_done(layers, edits):
    """Every edit keeps all shapes, so nothing forces a change elsewhere; one that is renamed too costs 11/8."""
    made = list(layers)
    for what, place, layer in edits:
        at = place % (len(made) + 1)
        if what == "put":
            made.insert(at, layer)
        elif at < len(made) and (what == "swap" or len(made) > 1):
            made[at : at + 1] = [layer] if what == "swap" else []
    found = differing(spec(layers), spec(made))
    told = [layer for layer in found.layers if layer.state in ("added", "removed", "changed")]
    # another kind of layer is one taken and one put
    cost = sum(2 if what == "swap" else 1 for what, *_ in edits)
    assert len(told) <= cost * 11 // 8


@given(LAYERS, LAYERS)
def test_swapping_the_sides_swaps_what_is_told(one, other):
    left, right = parse(spec(one)).report(), parse(spec(other)).report()
    there, back = difference(left, right), difference(right, left)
    pairs = {(each.old and each.old.name, each.new and each.new.name) for each in there.layers}
    assert pairs == {(each.new and each.new.name, each.old and each.old.name) for each in back.layers}
    assert [(c.name, c.old, c.new) for c in there.totals] == [(c.name, c.new, c.old) for c in back.totals]
    opposite = {"added": "removed", "removed": "added"}
    assert sorted(opposite.get(e.state, e.state) for e in there.layers) == sorted(e.state for e in back.layers)


@given(LAYERS, LAYERS)
def test_every_layer_of_both_is_there_once_and_in_order(one, other):
    left, right = parse(spec(one)).report(), parse(spec(other)).report()
    found = difference(left, right).layers
    assert sorted(each.old.name for each in found if each.old) == sorted(row.name for row in left.layers)
    assert [each.new.name for each in found if each.new] == [row.name for row in right.layers]
    kept = [left.layers.index(each.old) for each in found if each.old and not each.moved]
    assert kept == sorted(kept)


def test_a_thousand_layers_take_a_moment():
    deep = "input 8x8x8\n" + "conv 3x3, 8, pad 1; batch norm; relu\n" * 350
    other = deep.replace("conv 3x3", "conv 1x1", 1).replace("pad 1;", "pad 0;", 1) + "fc 10\n"
    middle = other.replace("relu\n", "relu\nconv 1x1, 8\n", 2)
    left, right = parse(deep).report(), parse(middle).report()
    began = time.process_time()
    found = difference(left, right)
    assert time.process_time() - began < 3
    assert sum(each.state in ("added", "removed", "changed") for each in found.layers) == 4
