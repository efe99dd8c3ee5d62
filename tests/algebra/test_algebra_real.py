"""Real multiples of closed forms, against exact fractions of what the forms come to."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archcalc.algebra import evaluate, largest, symbol
from archcalc.algebra.real import Real, evaluate_reals

H, W = symbol("H"), symbol("w")
DIMS = (7, H, W * W, (H + 31) // 32 * W, (H - 3) * (H - 3) * W - 5, largest(H, 3 * W) * 4 + 1, (H * H + W) // (W + 2))
FACTORS = st.floats(0, 1e6) | st.integers(0, 9)


@given(st.lists(st.tuples(FACTORS, st.sampled_from(DIMS)), min_size=1, max_size=6), st.data())
def test_it_is_the_sum_of_what_its_forms_come_to(parts, data):
    columns, rows = ([data.draw(st.integers(1, 2**20)) for _ in range(2)] for _ in range(2))
    made = sum(factor * Real.of(dim) for factor, dim in parts)
    (found,) = evaluate_reals([made], {"H": np.array(columns)[:, None], "w": np.array(rows)[None, :]})
    for i, column in enumerate(columns):
        for j, row in enumerate(rows):
            values = {"H": column, "w": row}
            exact = sum(Fraction(factor) * evaluate(dim, values) for factor, dim in parts)
            largest_term = max(Fraction(factor) * 4 * column**2 * row + 1 for factor, _ in parts)
            error = abs(Fraction(float(np.broadcast_to(found, (2, 2))[i, j])) - exact)
            assert error <= Fraction(1, 10**14) * max(exact, largest_term)
            (alone,) = evaluate_reals([made], values)
            assert isinstance(alone, float | int)
            assert abs(Fraction(alone) - exact) <= Fraction(1, 10**14) * max(exact, largest_term)


def test_what_is_beyond_64_bits_is_a_float_too():
    (found,) = evaluate_reals([0.5 * Real.of(W * W * W)], {"w": np.array([10**9, 10**12])})
    assert found.tolist() == pytest.approx([5e26, 5e35])
    assert found.dtype == float


def test_floors_are_exact_where_floats_would_not_be():
    """One less than a power of two: as a float it is that power, and the floor one more."""
    (found,) = evaluate_reals([1.0 * Real.of((H + 2**55 - 2) // 2**54)], {"H": np.array([1, 2])})
    assert found.tolist() == [1, 2]


def test_numbers_of_numpy_make_no_arrays_of_it():
    with pytest.raises(TypeError):
        np.arange(3) * Real.of(H)
