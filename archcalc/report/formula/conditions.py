"""Conditions as each format writes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from archcalc.algebra import to_latex, to_python, to_text

if TYPE_CHECKING:
    from archcalc.analyses.formula.conditions import Condition

_LATEX = {"≥": r"\geq", "≤": r"\leq", "=": "=", "≠": r"\neq", "≡": r"\equiv"}
_PYTHON = {"≥": ">=", "≤": "<=", "=": "==", "≠": "!="}


def text(condition: Condition) -> str:
    """``H ≥ 193``, ``width ≡ 0 (mod 8)``."""
    return _sentence(condition, to_text(condition.left), condition.sign, [*map(to_text, condition.right)], to_text)


def latex(condition: Condition) -> str:
    """The same in math mode."""
    right = [*map(to_latex, condition.right)]
    return _sentence(condition, to_latex(condition.left), _LATEX[condition.sign], right, to_latex, r"\pmod{%s}")


def python(condition: Condition) -> str:
    """A Python expression that is true where the condition holds."""
    left, right = to_python(condition.left), [*map(to_python, condition.right)]
    if condition.sign != "≡":
        return f"{left} {_PYTHON[condition.sign]} {right[0]}"
    within = f"({left}) % ({to_python(condition.modulus)})"
    return f"{within} == {right[0]}" if len(right) == 1 else f"{within} in ({', '.join(right)})"


def _sentence(
    condition: Condition, left: str, sign: str, right: Sequence[str], write: object, modulo: str = "(mod %s)"
) -> str:
    tail = f" {modulo % write(condition.modulus)}" if condition.sign == "≡" and callable(write) else ""
    return f"{left} {sign} {', '.join(right)}{tail}"
