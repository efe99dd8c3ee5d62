"""Numbers as a person reads them, held against decimal arithmetic."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archcalc.algebra import symbol
from archcalc.report.numbers import exact, pair, shape, short, size


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"), (999, "999"), (1000, "1.00 K"), (9_536, "9.54 K"), (9_994, "9.99 K"), (9_995, "10.0 K"),
        (99_949, "99.9 K"),
        (99_950, "100 K"), (999_499, "999 K"), (999_500, "1.00 M"), (25_557_032, "25.6 M"), (3_857_973_248, "3.86 G"),
        (138_357_544, "138 M"),
    ],
)  # fmt: skip
def test_short_numbers(value, text):
    assert short(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0 B"), (1023, "1,023 B"), (1024, "1.00 KiB"), (618_348, "604 KiB"), (102_228_128, "97.5 MiB"),
        (249_513_376, "238 MiB"), (1023 * 1024, "1,023 KiB"), (1024**2, "1.00 MiB"), (1024**6, "1.00 EiB"),
        (5000 * 1024**6, "5,000 EiB"), (999_999 * 1024**6, "999,999 EiB"), (10**6 * 1024**6, "1.00e6 EiB"),
        (1_234_567_890 * 1024**6, "1.23e9 EiB"), (9_996 * 10**12 * 1024**6, "1.00e16 EiB"),
    ],
)  # fmt: skip
def test_sizes_count_in_1024s(value, text):
    assert size(value) == text


@given(st.integers(1000, 10**19))
def test_short_numbers_are_the_three_digits_that_decimal_rounds_to(value):
    number, unit = short(value).split()
    scale = {"K": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}[unit]
    rounded = Context(prec=3, rounding=ROUND_HALF_UP).create_decimal(value)
    assert Decimal(number) * 10**scale == rounded
    assert len(number.replace(".", "")) == 3 or scale == 18


@given(st.integers(10**25, 10**90))
def test_numbers_past_all_units_are_three_digits_and_a_power_of_ten(value):
    number, unit = short(value).split()
    assert unit == "E" and len(number.partition("e")[0]) == 4
    assert Decimal(number).scaleb(18) == Context(prec=3, rounding=ROUND_HALF_UP).create_decimal(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (25_557_032, "25,557,032"),
        (None, ""),
        (18.756, "18.76"),
        (0.125, "0.13"),
        (0.0, "0.00"),
        (1234567.625, "1,234,567.63"),
        (Fraction(1, 2), "1/2"),
        ("7.1M", "7.1M"),
    ],
)
def test_exact_figures(value, text):
    assert exact(value) == text


def test_shapes_are_height_width_channels_unless_asked():
    assert shape((96, 55, 54)) == "55x54x96"
    assert shape((96, 55, 54), "chw") == "96x55x54"
    assert shape((197, 768)) == "197x768"
    assert shape((1000,)) == "1000"
    assert shape(None) == ""


def test_a_shape_with_a_closed_form_brackets_it():
    assert shape((64, symbol("H") + 1, 7)).startswith("(")
    assert shape((64, symbol("H"), 7)) == "Hx7x64"


def test_a_pair_is_said_once_where_both_axes_agree():
    assert pair((35, 35)) == "35"
    assert pair((7, 1000)) == "7x1,000"
    assert pair((Fraction(1, 2), Fraction(1, 2))) == "1/2"
