"""A sweep's row is the report of the network with those values: on hard texts, and on random ones."""

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from sweeping import REPORTED, looped, sweep, table

from archcalc.algebra import evaluate, evaluate_many, substitute, symbol
from archcalc.analyses.cost import COUNTS, costs, total
from archcalc.network import ArchcalcError, parse

TOLD = (*REPORTED, "field", "stride")

#: Texts in which a choice hangs on a number, and the points around it.
HARD = {
    "a shortcut that projects, but not at k = 1": (
        "param k = 2\ninput 8x8x3\nconv 3x3, 16, pad 1\nsum:\n    | conv 3x3, 16*k, pad 1\n    | shortcut\nrelu\nfc 10",
        ["k=1..4"],
    ),
    "a shortcut that projects, but not at k = 4, of zeros": (
        "param k = 8\ninput 8x8x4\nsum:\n    | conv 3x3, 3*k, pad 1; conv 1x1, (k + 8)\n    | shortcut A\nfc 10",
        ["k=1..9"],
    ),
    "a parameter that must be even": (
        "param c = 8\ninput 8x8x3\nconv 3x3, (c/2), no bias\nbn\nrelu\nfc 10", ["c=1..9"]
    ),
    "a fraction": ("param a = 1/2\ninput 8x8x3\nconv 3x3, (a*16)\nrelu\nfc 4", ["a=0.25..1:0.125", "H=6..9"]),
    "padding as TensorFlow has it": (
        "param s = 2\ninput 16x16x3\nconv 3x3, 8, stride 2, pad same\nrelu\nmax pool 3x3, stride s, pad same\nfc 10",
        ["H=1..12", "s=1..3"],
    ),
    "windows that go past the end": (
        "input 16x16x3\nconv 5x5, 4, stride 2\nmax pool 3x3, stride 2, ceil\navg pool 2x2\nfc 10", ["H=1..20"]
    ),
    "sides apart": ("input 16x16x3\nconv 3x5, 4\nmax pool 2x2\nrelu\nfc 10", ["H=1..9", "W=4..9"]),
    "one side of an oblong": ("input 16x12x3\nconv 3x3, 4\nmax pool 2x2\nrelu\nfc 10", ["H=1..9"]),
    "a kernel": ("param k = 3\ninput 12x12x3\nconv kxk, 8, pad half\nrelu\nconv kxk, 4\nfc 3", ["k=1..14"]),
    "groups": ("param g = 2\nparam c = 12\ninput 8x8x12\nconv 3x3, c, groups g\nrelu\nfc 3", ["g=1..6", "c=4..12:4"]),
    "depth": (
        "param n = 2\nparam c = 4\ninput 8x8x3\n(conv 3x3, c, pad 1; relu) x n\nfc 3", ["n=0..3", "c=1..5", "H=3,8"]
    ),
    "depth that does not divide": (
        "param d = 8\nparam c = 4\ninput 8x8x3\n(conv 3x3, c, pad 1; relu) x ((d - 2)/6)\nfc 3", ["d=1..20", "c=2,3"]
    ),
    "a choice": (
        "param c = 4\ninput 8x8x3\nwhen c > 6:\n    conv 3x3, c\notherwise:\n    conv 1x1, 2*c\nrelu\nfc 3",
        ["c=1..9", "H=2..5"],
    ),
    "a block by cases": (
        "param n = 3\ninput 8x8x3\nblock f(1): conv 3x3, 4\nblock f(n): conv 1x1, n; relu\nf(n)\nfc 3", ["n=1..5"]
    ),
    "a gate that spreads": (
        "param c = 4\ninput 8x8x3\nconv 3x3, c, pad 1\nproduct:\n    | identity\n"
        "    | global average pool; fc c; sigmoid\nfc 3",
        ["c=1..3", "H=1..4"],
    ),
    "a gate of an image that may be 1x1": (
        "input 4x4x3\nproduct:\n    | conv 3x3, 4, pad 1\n    | max pool 4x4, stride 4; conv 1x1, 4\nfc 3", ["H=1..9"]
    ),
    "branches side by side": (
        "param c = 4\ninput 12x12x3\nconcat:\n    | conv 1x1, c\n    | conv 3x3, 2*c, pad 1; relu\n"
        "    | max pool 3x3, stride 1, pad 1; conv 1x1, 3\nconv 3x3, 4, stride 2\nglobal average pool\nfc 3",
        ["c=1..3", "H=1..6"],
    ),
    "branches that meet at some sizes": (
        "input 12x12x3\nsum:\n    | conv 3x3, 3, stride 2, pad 1\n    | max pool 2x2\nfc 3", ["H=1..9"]
    ),
    "a dilation": ("param d = 2\ninput 24x24x3\nconv 3x3, 4, dilation d\nrelu\nfc 3", ["d=1..13", "H=20,24"]),
    "a stride": ("param s = 2\ninput 24x24x3\nconv 3x3, 4, stride s\nrelu\nconv 3x3, 4\nfc 3", ["s=0..12"]),
    "up again": (
        "param f = 2\ninput 8x8x3\nconv 3x3, 4, stride 2, pad 1\ndeconv 4x4, 2, stride 2, pad 1\nrelu\nfc 3", ["H=1..9"]
    ),
    "filters that say what they read": (
        "param c = 3\ninput 8x8x3\nconv 1x1, c\n4 3x3x3 filters\nfc 3", ["c=1..5", "H=3..5"]
    ),
    "local weights": ("param c = 2\ninput 8x8x3\nlocal 3x3, c, pad 1\nrelu\nfc 3", ["c=1..3", "H=2..5"]),
    "attention": (
        "param d = 12\ninput 16x16x3\npatch embed 4, d\nclass token\nposition\nlayer norm\nattention 3 heads\n"
        "first token\nfc 5",
        ["d=3..12:3", "H=4..16:4"],
    ),
    "a listing of hidden layers": (
        "param w = 5\ninput 6x6x3\nhidden fc means fc; relu\nconv 3x3, w\nfc w\nfc 3\nsoftmax", ["w=1..4", "H=2..5"]
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HARD)
def test_every_row_is_the_report_of_its_network(name):
    text, vary = HARD[name]
    square = "oblong" not in name
    made = sweep(text, *vary, quantities=TOLD)
    found = table(made)
    expected = looped(text, vary, TOLD, square)
    order = [each.name for each in made.request.variables]
    by_point = sorted(found, key=lambda row: [float(row[name]) for name in order])
    assert by_point == sorted(expected, key=lambda row: [float(row[name]) for name in order])
    assert made.tally.networks == len(expected)
    assert made.tally.points == made.grid.size == made.tally.networks + sum(made.tally.invalid.values())


@pytest.mark.parametrize("asked", [{"batch": 3}, {"dtype": "fp16"}, {"dtype": "int8"}, {"on": "cuda"},
                                   {"optimizer": "adam", "on": "cuda"}, {"optimizer": "adadelta"}])  # fmt: skip
def test_conditions_of_figures_hold_at_every_point(asked):
    text, vary = HARD["branches side by side"]
    assert table(sweep(text, *vary, quantities=TOLD, asked=asked)) == looped(text, vary, TOLD, **asked)


def test_batch_and_dtype_vary_too():
    text, vary = HARD["a gate that spreads"][0], ["dtype=fp32,bf16,int8", "batch=1..5:2", "c=2,3"]
    assert table(sweep(text, *vary, quantities=TOLD)) == looped(text, vary, TOLD)


_LAYERS = st.sampled_from(
    [
        "conv 3x3, w, pad 1", "conv 3x3, 2*w", "conv 1x1, (w + 1)", "conv 3x3, w, stride 2, pad 1", "conv 2x2, 8",
        "conv 5x5, 4, pad same, stride 2", "max pool 2x2", "max pool 3x3, stride 2, pad 1",
        "max pool 3x3, stride 2, ceil", "avg pool 3x3, stride 2", "relu", "bn", "LRN", "depthwise 3x3", "dropout 0.5",
        "sigmoid", "upsample 2",
        "(conv 3x3, w, pad 1; relu) x n",
        "sum:\n    | conv 3x3, w, pad 1; relu; conv 1x1, 8\n    | shortcut",
        "sum:\n    | conv 3x3, 2*w, stride 2, pad 1; bn\n    | shortcut",
        "concat:\n    | conv 1x1, w\n    | conv 3x3, 2, pad 1\n    | identity",
        "product:\n    | identity\n    | global average pool; fc in; sigmoid",
    ]
)  # fmt: skip
_TEXTS = st.lists(_LAYERS, min_size=1, max_size=6).map(
    lambda layers: "param w = 8\nparam n = 1\ninput 64x64x3\n" + "\n".join(layers) + "\nfc 10"
)
_WIDTHS = st.lists(st.integers(1, 12), min_size=1, max_size=3, unique=True)
_SIDES = st.lists(st.integers(1, 20), min_size=1, max_size=3, unique=True)


def _listed(name, values):
    return f"{name}={','.join(map(str, values))}"


@given(_TEXTS, _WIDTHS, _SIDES, st.booleans())
@settings(max_examples=50)
def test_random_sweeps_are_loops_over_reports(text, widths, sides, turns):
    try:
        parse(text)  # what nobody has set must be a network
    except ArchcalcError:
        reject()
    vary = [_listed("w", widths), _listed("H", sides), *(["n=0,2"] if turns else [])]
    found = table(sweep(text, *vary, quantities=TOLD))
    expected = looped(text, vary, TOLD)
    assert sorted(found, key=str) == sorted(expected, key=str)


@given(_TEXTS, _WIDTHS, _SIDES)
@settings(max_examples=40)
def test_numbers_closed_forms_and_arrays_commute(text, widths, sides):
    """formula(ints) == evaluate(formula(symbols), ints) == evaluate(formula(symbols), arrays)[i]."""
    import numpy as np

    try:
        graph = parse(text, settings={"w": symbol("w")}, input_shape=(3, symbol("H"), symbol("H"))).graph
    except ArchcalcError:
        return
    form = total(costs(graph))
    grid = {"w": np.array(widths)[:, None], "H": np.array(sides)[None, :]}
    for row, width in enumerate(widths):
        for column, side in enumerate(sides):
            try:
                whole = parse(text, settings={"w": width}, input_shape=(3, side, side)).graph
            except ArchcalcError:
                continue
            if [node.layer.kind for node in whole.nodes] != [node.layer.kind for node in graph.nodes]:
                continue  # a shortcut that projects nothing here
            own, values = total(costs(whole)), {"w": width, "H": side}
            for name in COUNTS:
                closed = getattr(form, name)
                assert evaluate(closed, values) == getattr(own, name)
                assert substitute(closed, values) == getattr(own, name)
                (array,) = evaluate_many((closed,), grid)
                assert np.broadcast_to(array, (len(widths), len(sides)))[row, column] == getattr(own, name)
