"""Evaluation over arrays: exact past int64, int64 wherever that is sure to do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archcalc.algebra import Dim, evaluate, evaluate_many, largest, smallest, symbol

H, W, k = symbol("H"), symbol("W"), symbol("k")
BIG = 2**63 - 1


def over_arrays(dim: Dim, **values: Any) -> np.ndarray[Any, np.dtype[Any]]:
    result = evaluate(dim, values)
    assert isinstance(result, np.ndarray)
    return result


def elements(result: Any) -> list[int]:
    return [int(element) for element in np.asarray(result).ravel()]


@pytest.mark.parametrize(
    ("dim", "exact", "dtype"),
    [
        (H, [BIG, 1], np.int64),
        (H + 1, [BIG + 1, 2], object),
        (-H - 1, [-BIG - 1, -2], np.int64),
        (-H - 2, [-BIG - 2, -3], object),
        (H * H, [BIG**2, 1], object),
        (H**5, [BIG**5, 1], object),
        (BIG * H, [BIG**2, BIG], object),
        ((H * H + 1) // (2**64), [(BIG**2 + 1) // 2**64, 0], np.int64),
        (H // (BIG + 5), [0, 0], np.int64),
        (largest(H, BIG + 9), [BIG + 9, BIG + 9], object),
        (smallest(H, BIG + 9), [BIG, 1], np.int64),
        (smallest(H * H, 100), [100, 1], np.int64),
        ((10**30) // H, [10**30 // BIG, 10**30], object),
    ],
)
def test_at_the_boundary(dim: Dim, exact: list[int], dtype: Any) -> None:
    result = over_arrays(dim, H=np.array([BIG, 1]))
    assert elements(result) == exact
    assert result.dtype == dtype


def test_products_that_just_fit_and_just_do_not() -> None:
    side = 3037000499  # the largest integer whose square fits
    fits = over_arrays(H * W, H=np.array([side]), W=np.array([side]))
    exceeds = over_arrays(H * W, H=np.array([side + 1]), W=np.array([side + 1]))
    assert (fits[0], exceeds[0]) == (side**2, (side + 1) ** 2)
    assert fits.dtype == np.int64
    assert exceeds.dtype == object


EDGES = st.one_of(
    st.integers(1, 100),
    st.integers(2**31 - 2, 2**32 + 2),
    st.integers(3037000490, 3037000510),
    st.integers(BIG - 3, BIG),
)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(EDGES, EDGES), min_size=1, max_size=4), st.integers(-4, 4), st.integers(1, 2**40))
def test_edges_of_int64_are_exact(rows: list[tuple[int, int]], c: int, d: int) -> None:
    dims = [H * W + c, H - W, (c * H * W + W) // d, H % d, H // W, largest(H - W, c * W), (H * W * d) // (W + 1)]
    columns = {"H": np.array([row[0] for row in rows]), "W": np.array([row[1] for row in rows])}
    for dim, result in zip(dims, evaluate_many(dims, columns), strict=True):
        exact = [evaluate(dim, {"H": height, "W": width}) for height, width in rows]
        assert elements(np.broadcast_to(result, len(rows))) == exact


def test_broadcasting_rows_against_columns() -> None:
    heights, widths = np.arange(1, 40)[:, None], np.arange(1, 30)
    dim = (H // 2) * (W // 3) * 7 * k**2 + H * W * k + H**3 + largest(H - W, 0)
    result = over_arrays(dim, H=heights, W=widths, k=5)
    assert result.shape == (39, 29)
    for (i, j), element in np.ndenumerate(result):
        assert element == evaluate(dim, {"H": i + 1, "W": j + 1, "k": 5})


def test_a_result_is_as_large_as_what_it_depends_on() -> None:
    values: dict[str, Any] = {"H": np.ones((3, 1), int), "W": np.arange(1, 3), "k": 4}
    area, height, *fixed = evaluate_many([H * W, H, k, 12], values)
    assert [np.shape(area), np.shape(height)] == [(3, 2), (3, 1)]
    assert fixed == [4, 12]


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int16, np.int32, np.uint32, np.uint64, object])
def test_narrow_integers_do_not_wrap_either(dtype: Any) -> None:
    assert elements(evaluate(H**4 * 1000, {"H": np.array([127, 3], dtype)})) == [127**4 * 1000, 81000]


def test_numbers_of_numpy_count_as_ints() -> None:
    values: dict[str, Any] = {"H": np.int64(2**62)}
    result = evaluate(H**3, values)
    assert type(result) is int
    assert result == 2**186
    assert evaluate(H, {"H": np.array(7)}) == 7
    assert elements(evaluate(H, {"H": np.array([2**64 - 1], np.uint64)})) == [2**64 - 1]


def test_empty_arrays_stay_empty() -> None:
    assert over_arrays((H * H - W) // (W - H**9), H=np.array([], int), W=3).shape == (0,)


def test_values_are_checked() -> None:
    with pytest.raises(KeyError, match="no value for W"):
        evaluate(H + W, {"H": 1})
    with pytest.raises(ValueError, match="H stands for an integer of at least 1: 0"):
        evaluate(H, {"H": 0})
    with pytest.raises(ValueError, match="at least 1: -2"):
        evaluate(H, {"H": np.array([3, -2])})
    with pytest.raises(TypeError, match="integers is needed, not of float64"):
        evaluate(H, {"H": np.array([1.0])})
    with pytest.raises(TypeError):
        evaluate(H, {"H": np.array([1.5], object)})
    assert elements(evaluate(symbol("p", least=0) + 1, {"p": np.arange(3)})) == [1, 2, 3]


def test_divisors_are_judged_by_their_values_not_by_loose_bounds() -> None:
    heights = np.arange(1, 50)
    remainder_plus_one = H - 7 * (H // 7) + 1
    quotient = evaluate(100 // remainder_plus_one, {"H": heights})
    assert elements(quotient) == [100 // (height % 7 + 1) for height in range(1, 50)]
    with pytest.raises(ZeroDivisionError):
        evaluate(100 // (remainder_plus_one - 1), {"H": heights})
    with pytest.raises(ValueError, match="positive"):
        evaluate(W // (H - 2), {"H": heights, "W": 5})


def test_values_are_left_as_they_were() -> None:
    heights = np.arange(1, 9)
    evaluate_many([H + 1, H * H, largest(H, 4), H // 2], {"H": heights})
    assert heights.tolist() == list(range(1, 9))
