"""Arithmetic on open symbols is arithmetic on their values: fractions stay exact until a whole number is wanted."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from archcalc.algebra import Expr, assuming, evaluate, symbol
from archcalc.notation import arithmetic
from archcalc.notation.syntax import parse_expression
from archcalc.notation.tokens import Unreadable

_numbers = st.sampled_from(["1", "2", "3", "0.75", "1/2", "1.5", "8"])
EXPRESSIONS = st.recursive(
    st.sampled_from(["k", "n"]) | _numbers.map("({})".format),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" + ", " - ", "*", "/", "//", "%"]), inner).map(
            "({0[0]}{0[1]}{0[2]})".format
        ),
        st.tuples(st.sampled_from(["floor", "ceil"]), inner).map("{0[0]}({0[1]})".format),
        inner.map("({}**2)".format),
        inner.map("(-{})".format),
    ),
    max_leaves=5,
)


def value(text, names):
    """The value of an expression, or None where there is none."""
    try:
        return arithmetic.evaluate(parse_expression(text), names)
    except Unreadable:
        return None


@given(EXPRESSIONS, st.integers(1, 30), st.integers(1, 30))
def test_symbols_and_numbers_agree(text, k, n):
    """Where a form is there and what it takes for granted holds, it is the number; where that fails there is none."""
    values = {"k": k, "n": n}
    with assuming() as assumed:
        form = value(text, {name: symbol(name) for name in values})
    assume(isinstance(form, int | Expr))
    try:
        holds = all(evaluate(each.left, values) % evaluate(each.right, values) == 0 for each in assumed)
        found = evaluate(form, values)
    except (ValueError, ZeroDivisionError):  # a divisor that is not positive here
        assume(False)
    number = value(text, values)
    if holds:
        assert number == found
    elif number is not None:
        assert Fraction(number) != found or len(assumed) > 1 or Fraction(number).denominator > 1


@pytest.mark.parametrize(
    ("text", "form", "assumed"),
    [
        ("0.75*k", "k - ⌊(k+3)/4⌋", ["multiple"]),
        ("floor(0.75*k)", "k - ⌊(k+3)/4⌋", []),
        ("ceil(k/8)*8", "8·⌊(k+7)/8⌋", []),
        ("k/2*4", "2·k", []),
        ("k/2 + k/2", "k", []),
        ("(k/3 + 1)*3 - k", "3", []),
        ("k*n/n", "k", []),
        ("1.5*(2*k)", "3·k", []),
    ],
)
def test_fractions_are_exact_until_the_end(text, form, assumed):
    with assuming() as noted:
        found = value(text, {"k": symbol("k"), "n": symbol("n")})
    assert (str(found), [each.what for each in noted]) == (form, assumed)


def test_a_fraction_beside_a_symbol_in_a_minimum_is_told():
    node = parse_expression("min(k, 3/2)")
    with pytest.raises(Unreadable, match="a min of a fraction and an open symbol: round the fraction"):
        arithmetic.evaluate(node, {"k": symbol("k")})
