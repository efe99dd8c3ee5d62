"""Every network of specs/ and of the cases, its input's sides or one of its parameters open: the formula is the figure.

Where a choice of layers hangs on a parameter, that is a fault that says so; none is anything else.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

import archcalc
from archcalc.algebra import evaluate
from archcalc.analyses.formula import SIDES
from archcalc.files import read_source
from archcalc.network import build, document

ROOT = Path(__file__).parents[2]
FILES = sorted([*(ROOT / "specs").glob("*.arch"), *(ROOT / "tests" / "cases").glob("*.arch")])
#: Faults of a choice that hangs on a symbol: A402, A403 where it is between the cases of a block.
HANGING = {"A402", "A403", "A407"}
LARGE = 700


def other(network, names, values):
    """The network at these values, or None."""
    shape = network.graph.nodes[0].shape
    sides = SIDES[len(shape)]
    settings = {name: value for name, value in values.items() if name in network.graph.settings}
    size = tuple(values.get(side, dim) for side, dim in zip(sides, shape, strict=True))
    try:
        return network.at(settings, size if names == sides else None)
    except archcalc.ArchcalcError:
        return None


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_formulas_are_the_figures_at_other_values(path):
    random.seed(path.name)
    read = document(read_source(str(path)))
    for name in read.names:
        network = build(read, name)
        if len(network.graph.nodes) > LARGE:
            continue
        shape = network.graph.nodes[0].shape
        numbers = [name for name, value in network.graph.settings.items() if isinstance(value, int)]
        for names in [SIDES[len(shape)], *((each,) for each in numbers)]:
            try:
                formula = network.formula(*names)
            except archcalc.ArchcalcError as error:
                assert {each.code for each in error.diagnostics} <= HANGING
                continue
            own = {name: value for name, value in formula.symbols.items() if value is not None}
            assert len(own) < len(formula.symbols) or formula.conditions.hold(own)
            values = {
                name: max(1, (own.get(name) or 8) + random.choice([-3, -1, 0, 1, 2, 5, 8])) for name in formula.symbols
            }
            if formula.conditions.hold(values):
                totals = other(network, names, values).report().totals
                for quantity in ("params", "macs", "flops", "activations", "connections"):
                    assert evaluate(formula.whole.values[quantity], values) == getattr(totals, quantity), (name, values)


def test_what_a_text_asserts_of_its_input_is_a_condition():
    found = archcalc.parse("input 32x32x3\n96 5x5x3 filters").formula("C")
    assert found.conditions.hold({"C": 3}) and not found.conditions.hold({"C": 4})


def test_a_parameter_inside_a_block_may_be_given_to_a_network_that_was_built():
    text = "block b:\n    param r = 4\n    conv 1x1, r\ninput 8x8x3\nb\n"
    network = archcalc.parse(text)
    assert [network.at({"r": r}).report().totals.params for r in (4, 5, 4)] == [16, 20, 16]
    assert str(network.formula("r").whole.values["params"]) == "4·r"


def test_what_is_taken_for_granted_is_told_again_of_a_network_that_was_built():
    network = archcalc.load(ROOT / "tests" / "cases" / "efficientnet-b0.arch")
    told = [[*network.formula("H", "W").conditions.listed()] for _ in range(2)]
    assert told[0] == told[1] != []
