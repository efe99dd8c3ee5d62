"""Floor division: the identities against brute force, and the forms they lead to."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archcalc.algebra import Dim, Expr, ceil_div, evaluate, exact_div, largest, smallest, symbol, to_text

H, W, g, k = symbol("H"), symbol("W"), symbol("g"), symbol("k")


def window(size: Dim, kernel: int, stride: int, padding: int) -> Dim:
    return (size + 2 * padding - kernel) // stride + 1


def positions(size: int, kernel: int, stride: int, padding: int) -> int:
    """How many times the window fits, counted."""
    return len(range(0, size + 2 * padding - kernel + 1, stride))


STEM = ((7, 2, 3), (3, 2, 1))
STAGES = tuple(
    (kernel, stride if block == 0 else 1, padding)
    for blocks, stride in ((3, 1), (8, 2), (36, 2), (3, 2))
    for block in range(blocks)
    for kernel, stride, padding in ((1, 1, 0), (3, stride, 1), (1, 1, 0))
)


def test_a_resnet_152_collapses_to_one_floor() -> None:
    size: Dim = H
    for layer in STEM + STAGES:
        size = window(size, *layer)
    assert to_text(size) == "⌊(H+31)/32⌋"
    assert size == (H + 31) // 32 == ceil_div(H, 32)
    for height in range(1, 300):
        counted = height
        for layer in STEM + STAGES:
            counted = positions(counted, *layer)
        assert evaluate(size, {"H": height}) == counted


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(1, 7), st.integers(1, 4), st.integers(0, 3)), min_size=1, max_size=8))
def test_any_chain_of_windows_is_at_most_one_floor(layers: list[tuple[int, int, int]]) -> None:
    size: Dim = H
    for layer in layers:
        size = window(size, *layer)
    assert isinstance(size, Expr)
    assert len(size.terms) <= 2
    assert to_text(size).count("⌊") <= 1
    counted = 1000
    for layer in layers:
        counted = positions(counted, *layer)
    if counted:
        assert evaluate(size, {"H": 1000}) == counted


@pytest.mark.parametrize("d", range(1, 9))
def test_every_linear_numerator_by_brute_force(d: int) -> None:
    for a, b, c in itertools.product(range(-9, 10), range(-3, 4), range(-4, 5)):
        quotient = (a * H + b * W + c) // d
        for height, width in ((1, 1), (2, 5), (7, 3), (12, 11)):
            assert evaluate(quotient, {"H": height, "W": width}) == (a * height + b * width + c) // d


@pytest.mark.parametrize(("a", "b"), list(itertools.product(range(1, 7), repeat=2)))
def test_every_nested_floor_by_brute_force(a: int, b: int) -> None:
    for sign, other, c in itertools.product((-2, -1, 1, 2, 3), (0, 1, -3), range(-4, 5)):
        nested = (sign * ((H + c) // a) + other * H + c) // b
        for height in range(1, 26):
            assert evaluate(nested, {"H": height}) == (sign * ((height + c) // a) + other * height + c) // b


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((4 * H + W) // 4, H + W // 4),
        ((H // 2) // 3, H // 6),
        ((H // 2 + 5) // 3, (H + 10) // 6),
        ((6 * H + 7) // 9, (2 * H + 2) // 3),
        (-(-H // 2), (H + 1) // 2),
        (-((-H) // 7), ceil_div(H, 7)),
        ((2 * H) // 3, H + (-H) // 3),
        ((H - 1) // 2 + 1, (H + 1) // 2),
        ((W - H) // 5, -((H - W + 4) // 5)),
        ((7 * H * W - 3) // 7, H * W - 1),
        ((3 * H + 6) // 3, H + 2),
        (H % 4, H - 4 * (H // 4)),
        ((g * k) // g, k),
        ((6 * g * k + 3 * g) // (4 * g), (6 * k + 3) // 4),
        ((g * k + H) // g, k + H // g),
        ((2 * H + 2 * W) // (H + W), 2),
        (6 // (4 * g), 3 // (2 * g)),
        (0 // g, 0),
        (largest(H, W, 1, H), largest(W, H)),
        (largest(H, H + 3), H + 3),
        (largest(H, 1, -5), H),
        (largest(H - 9, 0, 4), largest(4, H - 9)),
        (smallest(H, smallest(W, 7)), smallest(7, W, H)),
        (smallest(H, H * W), smallest(H * W, H)),
        (largest(H), H),
    ],
)
def test_one_form_for_both(one: Dim, other: Dim) -> None:
    assert one == other
    assert hash(one) == hash(other)


def test_a_divisor_not_known_to_be_positive_cancels_nothing() -> None:
    padding = symbol("p", least=0)
    assert to_text(padding // padding) == "⌊p/p⌋"
    with pytest.raises(ZeroDivisionError):
        evaluate(padding // padding, {"p": 0})
    with pytest.raises(ValueError, match="positive: -2"):
        evaluate(H // (H - W), {"H": 1, "W": 3})


@pytest.mark.parametrize("divide", [lambda a, b: a // b, lambda a, b: a % b, ceil_div, exact_div])
@pytest.mark.parametrize(("divisor", "error"), [(0, ZeroDivisionError), (-2, ValueError)])
def test_divisors_are_positive(divide: object, divisor: int, error: type[Exception]) -> None:
    assert callable(divide)
    with pytest.raises(error):
        divide(H, divisor)


def test_ints_stay_ints() -> None:
    assert ceil_div(7, 2) == 4
    assert ceil_div(-7, 2) == -3
    assert ceil_div(8, 2) == 4
    assert exact_div(12, 4) == 3
    assert largest(3, 9, 4) == 9
    assert smallest(3, 9, 2) == 2
    with pytest.raises(ValueError, match="13 is not a multiple of 4"):
        exact_div(13, 4)
    with pytest.raises(ZeroDivisionError):
        ceil_div(7, 0)
    with pytest.raises(ValueError, match="positive"):
        exact_div(7, -7)


def test_exact_division_of_expressions() -> None:
    assert exact_div(12 * H + 6 * W * k, 6) == 2 * H + W * k
    assert exact_div(H + 1, 2) == (H + 1) // 2
    assert exact_div(g * k, g) == k


@pytest.mark.parametrize(
    ("found", "one"),
    [
        (smallest((H + 1) // 2 - 1, H // 2 - 1), H // 2 - 1),
        (largest((H + 1) // 2, H // 2), (H + 1) // 2),
        (smallest((H - 4) // 4, (H - 2) // 4), H // 4 - 1),
        (largest(H // 3, H // 2, H // 5), H // 2),
        (smallest(ceil_div(H, 3), H // 2 + 1), ceil_div(H, 3)),
        (smallest(H // 2 + W // 3, H // 2 + ceil_div(W, 3), H + W), H // 2 + W // 3),
        (largest(H // 2 + W // 3, (3 * H + 2 * W) // 6), (3 * H + 2 * W) // 6),
        (smallest(3 * (H // 2), (3 * H) // 2), 3 * (H // 2)),
        (largest(2 * (H // 2), H - 1), 2 * (H // 2)),
    ],
)
def test_a_floor_that_never_exceeds_another_is_told(found: Dim, one: Dim) -> None:
    assert found == one


@pytest.mark.parametrize("dims", [(H // 2 - 1, H // 3), (H // 2, W // 2), (2 * (H // 2), H + W - 4), ((H + 3) // 4, 2)])
def test_which_of_two_is_left_open_where_either_may_be(dims: tuple[Dim, Dim]) -> None:
    for choose in (smallest, largest):
        assert to_text(choose(*dims)).startswith(("min(", "max("))
        assert choose(*dims) == choose(*reversed(dims))


def test_of_two_names_for_one_number_the_same_stays_in_any_order() -> None:
    half, rest = (H + 1) // 2, H - H // 2
    assert half != rest
    for choose in (smallest, largest):
        assert choose(half, rest) == choose(rest, half) in (half, rest)


quotients = st.builds(
    lambda a, b, c, d, e, f: (f * ((a * H + b * W + c) // d) + e, lambda h, w: f * ((a * h + b * w + c) // d) + e),
    *(st.integers(*ends) for ends in ((-3, 5), (-2, 3), (-6, 6), (1, 6), (-3, 3), (-2, 3))),
)  # fmt: skip


@settings(deadline=None, max_examples=300)
@given(st.lists(quotients, min_size=2, max_size=4))
def test_the_extreme_of_floors_by_brute_force(dims: list[tuple[Dim, Callable[[int, int], int]]]) -> None:
    least, most = smallest(*(dim for dim, _ in dims)), largest(*(dim for dim, _ in dims))
    for height, width in itertools.product((*range(1, 14), 60, 61), (1, 2, 3, 4, 7, 50)):
        values = [plain(height, width) for _, plain in dims]
        assert evaluate(least, {"H": height, "W": width}) == min(values)
        assert evaluate(most, {"H": height, "W": width}) == max(values)
    for choose, found in ((smallest, least), (largest, most)):
        assert choose(*(dim for dim, _ in reversed(dims))) == found
