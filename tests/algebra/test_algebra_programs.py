"""Random formulas, run twice: on ints by Python itself, and on symbols; whatever follows must agree."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archcalc.algebra import (
    Dim,
    Expr,
    ceil_div,
    evaluate,
    evaluate_many,
    largest,
    lower_bound,
    smallest,
    substitute,
    symbol,
    symbols_of,
    to_python,
)

NAMES = ("H", "W", "k", "n")
SYMBOLS: dict[str, Dim] = {name: symbol(name) for name in NAMES}

Formula = Callable[[Mapping[str, Dim]], Dim]


@dataclass(frozen=True)
class Leaf:
    name: str

    def __call__(self, values: Mapping[str, Dim]) -> Dim:
        return values[self.name]


@dataclass(frozen=True)
class Number:
    value: int

    def __call__(self, values: Mapping[str, Dim]) -> Dim:
        return self.value


@dataclass(frozen=True)
class Apply:
    operation: str
    left: Formula
    right: Formula
    number: int

    def __call__(self, values: Mapping[str, Dim]) -> Dim:
        return OPERATIONS[self.operation](self.left(values), self.right(values), self.number)


OPERATIONS: dict[str, Callable[[Dim, Dim, int], Dim]] = {
    "add": lambda a, b, n: a + b,
    "subtract": lambda a, b, n: a - b,
    "multiply": lambda a, b, n: a * b,
    "negate": lambda a, b, n: n - a,
    "scale": lambda a, b, n: n * a + 1 - n,
    "square": lambda a, b, n: a**2,
    "floor": lambda a, b, n: a // n,
    "floor of sum": lambda a, b, n: (a + b - n) // (n + 1),
    "ceiling": lambda a, b, n: ceil_div(a - b, n),
    "ceiling, by hand": lambda a, b, n: -(-a // n),
    "remainder": lambda a, b, n: (a * 2 + b) % n,
    "floor by dim": lambda a, b, n: a // largest(b, n),
    "int by dim": lambda a, b, n: n // largest(a, 1),
    "remainder by dim": lambda a, b, n: (a + b) % (smallest(b, n) ** 2 + 1),
    "largest": lambda a, b, n: largest(a, b, n),
    "smallest": lambda a, b, n: smallest(n, a, b),
}

LEAVES = st.one_of(st.sampled_from(NAMES).map(Leaf), st.integers(-9, 9).map(Number))
FORMULAS = st.recursive(
    LEAVES,
    lambda inner: st.builds(Apply, st.sampled_from(sorted(OPERATIONS)), inner, inner, st.integers(1, 12)),
    max_leaves=8,
)
POLYNOMIALS = st.recursive(
    LEAVES,
    lambda inner: st.builds(
        Apply, st.sampled_from(["add", "subtract", "multiply", "negate", "scale"]), inner, inner, st.integers(1, 12)
    ),
    max_leaves=6,
)
VALUES = st.fixed_dictionaries({name: st.integers(1, 60) for name in NAMES})
LARGE = st.fixed_dictionaries({name: st.integers(1, 2**33) for name in NAMES})
quick = settings(deadline=None, max_examples=60)


@quick
@given(FORMULAS, VALUES)
def test_evaluating_the_traced_form_is_running_the_formula_on_ints(formula: Formula, values: dict[str, int]) -> None:
    assert evaluate(formula(SYMBOLS), values) == formula(values)


@quick
@given(FORMULAS, VALUES)
def test_the_python_form_has_the_same_value(formula: Formula, values: dict[str, int]) -> None:
    assert eval(to_python(formula(SYMBOLS)), {"max": max, "min": min}, dict(values)) == formula(values)


@quick
@given(FORMULAS, VALUES, st.sets(st.sampled_from(NAMES)))
def test_replacing_some_symbols_by_ints_then_evaluating(
    formula: Formula, values: dict[str, int], chosen: set[str]
) -> None:
    partly = substitute(formula(SYMBOLS), {name: values[name] for name in chosen})
    assert symbols_of(partly).isdisjoint(chosen)
    assert evaluate(partly, values) == formula(values)


@quick
@given(FORMULAS, FORMULAS, VALUES)
def test_replacing_a_symbol_by_a_formula(formula: Formula, other: Formula, values: dict[str, int]) -> None:
    replaced = substitute(formula(SYMBOLS), {"H": largest(other(SYMBOLS), 1)})
    assert evaluate(replaced, values) == formula({**values, "H": largest(other(values), 1)})


@quick
@given(FORMULAS, VALUES)
def test_a_lower_bound_is_one(formula: Formula, values: dict[str, int]) -> None:
    bound = lower_bound(formula(SYMBOLS))
    assert bound is None or bound <= evaluate(formula(values), {})


@quick
@given(FORMULAS, st.lists(st.one_of(VALUES, LARGE), min_size=1, max_size=6))
def test_arrays_give_what_ints_give_element_by_element(formula: Formula, rows: list[dict[str, int]]) -> None:
    columns: dict[str, int | np.ndarray] = {name: np.array([row[name] for row in rows]) for name in NAMES}
    traced = formula(SYMBOLS)
    result = np.broadcast_to(evaluate(traced, columns), len(rows))
    assert [int(element) for element in result] == [evaluate(traced, row) for row in rows]


@quick
@given(st.lists(FORMULAS, max_size=4), VALUES)
def test_several_at_once_are_each_by_itself(formulas: list[Formula], values: dict[str, int]) -> None:
    traced = [formula(SYMBOLS) for formula in formulas]
    assert evaluate_many(traced, values) == [evaluate(dim, values) for dim in traced]


@quick
@given(FORMULAS)
def test_a_formula_traced_again_or_pickled_is_equal_and_hashes_alike(formula: Formula) -> None:
    traced = formula(SYMBOLS)
    copied = pickle.loads(pickle.dumps(traced))
    assert traced == formula(SYMBOLS) == copied
    assert hash(traced) == hash(formula(SYMBOLS)) == hash(copied)
    assert isinstance(traced, int) or symbols_of(traced)


@quick
@given(FORMULAS, FORMULAS, FORMULAS, st.integers(1, 12))
def test_laws_of_arithmetic_hold_structurally(one: Formula, two: Formula, three: Formula, n: int) -> None:
    a, b, c = one(SYMBOLS), two(SYMBOLS), three(SYMBOLS)
    assert a + b == b + a
    assert a * (b + c) == a * b + a * c
    assert a - a == 0
    assert a - (b - c) == c + a - b
    assert largest(a, largest(b, c)) == largest(c, b, a)
    assert -(-a // n) == ceil_div(a, n) == (a + n - 1) // n
    assert a % n == a - n * (a // n)


@quick
@given(POLYNOMIALS, POLYNOMIALS, st.integers(1, 12), st.integers(1, 12), st.integers(-20, 20))
def test_floor_identities_hold_structurally(one: Formula, two: Formula, d: int, a: int, c: int) -> None:
    r, q = one(SYMBOLS), two(SYMBOLS)
    assert (r // a + c) // d == (r + a * c) // (a * d)
    assert (a * r + c) // (a * d) == (r + c // a) // d
    if d % 2:
        assert (d * q + r) // d == q + r // d


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_each_operation_on_symbols_alone(operation: str) -> None:
    formula = Apply(operation, Leaf("H"), Leaf("W"), 3)
    traced = formula(SYMBOLS)
    assert isinstance(traced, Expr)
    for height in range(1, 15):
        for width in range(1, 15):
            values: dict[str, int] = {"H": height, "W": width}
            assert evaluate(traced, values) == formula(values)
