"""Dims as text, as Python and as LaTeX: always in the same order, whatever way they were built."""

from __future__ import annotations

from collections.abc import Mapping

from archcalc.algebra.atoms import Atom, Extreme, Floor, Symbol
from archcalc.algebra.expr import Dim, Expr
from archcalc.algebra.monomial import Monomial

#: Atoms that have a name of their own, in the way of the style that writes it.
Names = Mapping[Atom, str]
_NO_NAMES: Names = {}

_RANKS: dict[type[Atom], int] = {Symbol: 0, Floor: 1, Extreme: 2}
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def to_text(dim: Dim, names: Names = _NO_NAMES) -> str:
    """For people: ``14156·k² + 32147·k``, ``⌊(H+31)/32⌋``; an atom of ``names`` by its name."""
    return _Text(names).dim(dim)


def to_python(dim: Dim, names: Names = _NO_NAMES) -> str:
    """A Python expression with the same value for the same names: ``14156*k**2 + 32147*k``, ``(H + 31)//32``."""
    return _Python(names).dim(dim)


def to_latex(dim: Dim, names: Names = _NO_NAMES) -> str:
    r"""For papers, in math mode: ``14156 k^{2} + 32147 k``, ``\left\lfloor \frac{H+31}{32} \right\rfloor``."""
    return _Latex(names).dim(dim)


class _Style:
    """How a polynomial is written; a style says how its parts are.

    Terms go by falling degree, then by name: symbols before floors before max and min. A sum begins with the first term
    that is added, if there is one.
    """

    times: str

    def __init__(self, names: Names) -> None:
        self.names = names

    def dim(self, dim: Dim, compact: bool = False) -> str:
        """A sum: spaced out, or compact as inside a fraction."""
        if isinstance(dim, int):
            return str(dim)
        texts = {atom: self.atom(atom) for atom in dim.atoms}
        plus, minus = ("+", "-") if compact else (" + ", " - ")
        written = ""
        terms = sorted(dim.terms.items(), key=lambda term: _order(term[0], texts))
        first = next((place for place, (_, factor) in enumerate(terms) if factor > 0), 0)
        for monomial, factor in (terms[first], *terms[:first], *terms[first + 1 :]):
            first_sign, sign = ("", plus) if factor > 0 else ("-", minus)
            written += (sign if written else first_sign) + self.term(monomial, factor, texts)
        return written

    def term(self, monomial: Monomial, factor: int, texts: dict[Atom, str]) -> str:
        """A term, its sign left to the caller."""
        if factor == 1 and len(monomial) == 1:
            ((atom, power),) = monomial
            if power == 1:
                return texts[atom]
        number = [str(abs(factor))] if abs(factor) != 1 or not monomial else []
        powers = sorted(monomial, key=lambda power: _rank(power[0], texts))
        return self.times.join(number + [self.power(self.operand(atom, texts[atom]), power) for atom, power in powers])

    def atom(self, atom: Atom) -> str:
        if atom in self.names:
            return self.names[atom]
        if isinstance(atom, Symbol):
            return self.symbol(atom.name)
        if isinstance(atom, Floor):
            return self.floor(atom.numerator, atom.divisor)
        assert isinstance(atom, Extreme)
        unknown = sorted(self.dim(arg) for arg in atom.args if isinstance(arg, Expr))
        return self.extreme(atom.kind, ", ".join(unknown + [str(arg) for arg in atom.args if isinstance(arg, int)]))

    def symbol(self, name: str) -> str:
        return name

    def operand(self, atom: Atom, text: str) -> str:
        """An atom among factors."""
        return text

    def power(self, text: str, power: int) -> str:
        raise NotImplementedError

    def floor(self, numerator: Dim, divisor: Dim) -> str:
        raise NotImplementedError

    def extreme(self, kind: str, args: str) -> str:
        return f"{kind}({args})"


class _Text(_Style):
    times = "·"

    def power(self, text: str, power: int) -> str:
        return text if power == 1 else text + str(power).translate(_SUPERSCRIPTS)

    def floor(self, numerator: Dim, divisor: Dim) -> str:
        above, below = self.dim(numerator, compact=True), self.dim(divisor, compact=True)
        return f"⌊{_grouped(above) if _is_sum(numerator) else above}/{_grouped(below)}⌋"


class _Python(_Style):
    times = "*"

    def operand(self, atom: Atom, text: str) -> str:
        return _grouped(text) if isinstance(atom, Floor) else text

    def power(self, text: str, power: int) -> str:
        return text if power == 1 else f"{text}**{power}"

    def floor(self, numerator: Dim, divisor: Dim) -> str:
        return f"{_grouped(self.dim(numerator))}//{_grouped(self.dim(divisor))}"


class _Latex(_Style):
    times = " "

    def symbol(self, name: str) -> str:
        letters = name.rstrip("0123456789")
        digits = name[len(letters) :]
        stem = letters.removesuffix("_") or letters
        upright = stem if len(stem) == 1 else rf"\mathrm{{{stem}}}"
        return upright.replace("_", r"\_") + (f"_{{{digits}}}" if digits else "")

    def power(self, text: str, power: int) -> str:
        return text if power == 1 else f"{text}^{{{power}}}"

    def floor(self, numerator: Dim, divisor: Dim) -> str:
        above, below = self.dim(numerator, compact=True), self.dim(divisor, compact=True)
        return rf"\left\lfloor \frac{{{above}}}{{{below}}} \right\rfloor"

    def extreme(self, kind: str, args: str) -> str:
        return rf"\{kind}\left({args}\right)"


def _is_sum(dim: Dim) -> bool:
    return isinstance(dim, Expr) and len(dim.terms) > 1


def _grouped(text: str) -> str:
    """The text in parentheses, unless it is a plain number or name."""
    return text if text.isdigit() or text.isidentifier() else f"({text})"


def _rank(atom: Atom, texts: dict[Atom, str]) -> tuple[int, str]:
    return _RANKS[type(atom)], atom.name if isinstance(atom, Symbol) else texts[atom]


def _order(monomial: Monomial, texts: dict[Atom, str]) -> tuple[int, list[tuple[tuple[int, str], int]]]:
    return -sum(power for _, power in monomial), sorted((_rank(atom, texts), -power) for atom, power in monomial)
