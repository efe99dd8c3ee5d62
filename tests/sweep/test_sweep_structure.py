"""Which variables are structure, how often it is traced, and what is said of points that are no networks."""

import tracemalloc

import pytest
from sweeping import sweep, table

from archcalc.analyses.sweep import Objective
from archcalc.analyses.sweep.roles import Unsweepable
from archcalc.diagnostics import Fault

CHAIN = "param w = 8\nparam n = 1\ninput 16x16x3\n(conv 3x3, w, pad 1; relu) x n\nfc 10"


def _counted(made):
    """The networks that a sweep builds."""
    built = [0]
    inner = made.space.build

    def build(*given):
        built[0] += 1
        return inner(*given)

    made.space.build = build
    return built


def test_a_structure_is_traced_once_whatever_its_points():
    small, large = (sweep(CHAIN, f"w=1..{most}", "n=0..3", f"H=3..{most}") for most in (5, 200))
    counts = [_counted(small), _counted(large)]
    assert len(table(small)) == 5 * 4 * 3 and len(table(large)) == 200 * 4 * 198
    assert counts[0] == counts[1]
    assert counts[0][0] < 10  # four structures, and finding out that n is one
    assert large.space.structural == {"n"} and not large.tally.singly


def test_points_around_a_choice_are_worked_out_one_by_one():
    made = sweep(
        "param k = 2\ninput 8x8x3\nconv 3x3, 16, pad 1\nsum:\n    | conv 3x3, 16*k, pad 1\n    | shortcut\nfc 10",
        "k=1..50", "H=8..11",
    )  # fmt: skip
    table(made)
    assert made.tally.singly == 4  # k = 1, where the shortcut is none


def test_why_points_are_no_networks_is_counted():
    made = sweep(CHAIN.replace("pad 1", "pad 0"), "H=1..10", "n=1..2")
    table(made)
    assert made.tally.networks == 8 + 6
    assert sum(made.tally.invalid.values()) == 6
    assert all(why.startswith("A301: a window of 3 does not fit") for why in made.tally.invalid)
    assert {why.partition(" (")[2] for why in made.tally.invalid} == {
        "conv, line 4)",
        "conv1, line 4)",
        "conv2, line 4)",
    }


def test_a_structure_that_cannot_be_built_is_told_once():
    made = sweep(CHAIN.replace("x n", "x (n/2)"), "n=1..5", "w=1..1000")
    table(made)
    assert made.tally.networks == 2000
    assert sorted(made.tally.invalid.values()) == [1000, 1000, 1000]
    assert any(why.endswith("(line 4, n = 3)") for why in made.tally.invalid)


def test_what_each_condition_rules_out_is_counted():
    made = sweep(CHAIN, "w=1..100", where=("params < 5K and w > 50", "macs > 1"))
    assert table(made) == []
    assert list(made.tally.failed) == ["params < 5K", "w > 50", "macs > 1"]
    # 28w + 2560w + 10 params
    assert list(made.tally.failed.values()) == [99, 50, 0]


@pytest.mark.parametrize(
    ("vary", "message"),
    [
        (["widht=1..3"], "the network has no parameter 'widht': it has w, n, H, W, batch, dtype"),
        (["ww=1"], "the network has no parameter 'ww': did you mean 'W'?"),
        (["w=1", "w=2"], "w is varied twice: give all its values at once, as w=1..4,8"),
        (["batch=0..3"], "a batch is a whole number of at least 1"),
        (["batch=1.5"], "a batch is a whole number of at least 1"),
        (["H=1.5"], "H is a side of the input: whole numbers"),
    ],
)
def test_a_variable_that_the_network_lacks(vary, message):
    with pytest.raises(Unsweepable) as caught:
        sweep(CHAIN, *vary)
    assert str(caught.value) == message


def test_a_vector_has_no_sides():
    with pytest.raises(Unsweepable, match="no image"):
        sweep("input 100\nfc 10", "H=3")


def test_conditions_know_variables_before_quantities():
    text = "param depth = 2\ninput 8x8x3\n(conv 3x3, 4, pad 1; relu) x depth\nfc 3"
    found = table(sweep(text, "depth=1..4", where=("depth = 3",), quantities=("params", "depth")))
    assert [row["depth"] for row in found] == [3]
    with pytest.raises(Fault):
        sweep(text, "depth=1..4", where=("deep = 3",))


def test_tied_sides():
    assert sweep(CHAIN, "H=4").space.tied == "W"
    assert sweep(CHAIN, "W=4").space.tied == "H"
    assert sweep(CHAIN, "H=4", "W=5").space.tied is None
    assert sweep(CHAIN.replace("16x16", "16x12"), "H=4").space.tied is None


def test_named_sides_of_the_input_are_parameters():
    text = "input HxWx3\nconv 3x3, 4\nfc 3"
    made = sweep(text, "H=3..4", "W=5", quantities=("params",))
    assert table(made) == [{"H": side, "W": 5, "params": 112 + 4 * (side - 2) * 3 * 3 + 3} for side in (3, 4)]


def test_a_front_of_many_points_takes_no_more_memory_than_of_few():
    """Blocks of the grid are let go: a hundred times the points, the same memory."""
    peaks = []
    for most in (300, 3000):
        made = sweep(
            CHAIN, f"w=1..{most}", f"H=1..{most}", where=("params > 10",),
            objectives=(Objective("minimize", "macs"), Objective("maximize", "inference peak bytes")), top=5,
        )  # fmt: skip
        tracemalloc.start()
        rows = table(made)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert len(rows) == 5 and made.tally.points == most**2
    assert peaks[1] < 1.5 * peaks[0]
