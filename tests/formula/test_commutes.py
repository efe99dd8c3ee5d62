"""A formula of numbers is the formula of symbols at these numbers, for any network; it holds where one is built."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from formula.networks import TEXTS
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import archcalc
from archcalc.algebra import Expr, evaluate, evaluate_many
from archcalc.analyses.cost import COUNTS
from archcalc.report.formula import python

COUNTED = [name for name in COUNTS if name not in ("moved_bytes",)]
SIZES = st.fixed_dictionaries({"H": st.integers(1, 40), "W": st.integers(1, 40), "k": st.integers(1, 9)})


@cache
def in_symbols(text):
    """The formula, or None where the text builds no network even with symbols."""
    try:
        return archcalc.parse(text).formula("H", "W", "k")
    except archcalc.ArchcalcError:
        return None


def in_numbers(text, values):
    try:
        network = archcalc.parse(text, settings={"k": values["k"]}, input_shape=(3, values["H"], values["W"]))
    except archcalc.ArchcalcError:
        return None
    return network


def key(name):
    return name.replace(" ", "_")


@settings(max_examples=150, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(TEXTS, SIZES)
def test_a_formula_at_numbers_is_the_figure(text, values):
    formula = in_symbols(text)
    assume(formula is not None)
    assume(formula.conditions.hold(values))
    network = in_numbers(text, values)
    assert network is not None, (text, values, [*formula.conditions.listed()])
    report = network.report()
    found = {key(name): value for name, value in formula.whole.values.items()}
    for name in COUNTED:
        assert evaluate(found[name], values) == getattr(report.totals, name), (name, text)
    assert [evaluate(dim, values) for dim in formula.whole.output] == [*report.output]
    assert evaluate(found["depth"], values) == report.totals.depth


@settings(max_examples=100, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(TEXTS, SIZES)
def test_conditions_hold_just_where_a_network_is_built(text, values):
    formula = in_symbols(text)
    assume(formula is not None)
    if not formula.conditions.hold(values):
        network = in_numbers(text, values)
        # a shortcut that happens to need no projection is another network: the formula says something else there
        assert network is None or evaluate(formula.whole.values["params"], values) != network.report().totals.params


@settings(max_examples=60, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(TEXTS, st.lists(SIZES, min_size=2, max_size=6))
def test_arrays_are_evaluated_as_numbers_are(text, points):
    formula = in_symbols(text)
    assume(formula is not None)
    dims = [value for value in formula.whole.values.values() if isinstance(value, int | Expr)]
    arrays = {name: np.array([point[name] for point in points]) for name in ("H", "W", "k")}
    together = evaluate_many(dims, arrays)
    for place, point in enumerate(points):
        one = evaluate_many(dims, point)
        assert [int(np.broadcast_to(each, len(points))[place]) for each in together] == one


@settings(max_examples=60, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(TEXTS, st.lists(SIZES, min_size=1, max_size=3))
def test_the_python_module_agrees_with_the_report(text, points):
    formula = in_symbols(text)
    assume(formula is not None and formula.symbols)
    namespace = {}
    exec(python.module(formula), namespace)
    for values in points:
        given = {name: values[name] for name in formula.symbols}
        if not formula.conditions.hold(values):
            with pytest.raises(ValueError, match=r"the network needs|no sizes fit"):
                namespace["macs"](**given)
            continue
        report = in_numbers(text, values).report()
        for name in COUNTED:
            assert namespace[name](**given) == getattr(report.totals, name)
        assert namespace["output"](**given) == report.output
