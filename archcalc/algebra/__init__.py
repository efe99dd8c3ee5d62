"""Dimensions: plain integers, or integer polynomials in named unknowns, under the same arithmetic.

A formula written with ``+ - * // % **`` and the functions below gives an exact count when fed ints, a closed form when
fed symbols, and, through ``evaluate``, that closed form over whole arrays of values without ever wrapping around.
"""

from archcalc.algebra.assumed import Assumption, assume, assuming, leaves_nothing, same
from archcalc.algebra.division import ceil_div, exact_div
from archcalc.algebra.evaluate import evaluate, evaluate_many
from archcalc.algebra.expr import Dim, Expr, lower_bound, product, symbol
from archcalc.algebra.extremes import largest, smallest
from archcalc.algebra.printing import to_latex, to_python, to_text
from archcalc.algebra.rewrite import substitute, symbols_of

__all__ = [
    "Assumption",
    "Dim",
    "Expr",
    "assume",
    "assuming",
    "ceil_div",
    "evaluate",
    "evaluate_many",
    "exact_div",
    "largest",
    "leaves_nothing",
    "lower_bound",
    "product",
    "same",
    "smallest",
    "substitute",
    "symbol",
    "symbols_of",
    "to_latex",
    "to_python",
    "to_text",
]
