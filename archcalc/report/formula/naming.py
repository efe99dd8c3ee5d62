"""Short names for what closed forms have in common: ``h₅`` for ``⌊(H+31)/32⌋``, said once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from archcalc.algebra import Dim, Expr, to_latex, to_python, to_text
from archcalc.algebra.atoms import Atom, Symbol
from archcalc.algebra.expr import atom_expr
from archcalc.algebra.rewrite import atoms_inside_out
from archcalc.record import Record

_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_UPRIGHT = r"\mathrm"
#: A form at least so long as text is worth a name if it stands more than once.
_LONG = 4


class Style(Record):
    """One of the ways to write a dim, with names for some of its atoms, in the order in which they build on others."""

    atoms: tuple[Atom, ...] = ()
    names: tuple[str, ...] = ()
    way: str = "text"

    def __call__(self, dim: Dim) -> str:
        return _WAYS[self.way](dim, dict(zip(self.atoms, self.names, strict=True)))

    def definitions(self, dims: Iterable[Dim] | None = None) -> list[tuple[str, str]]:
        """Each name and what it stands for; only those that these dims need, if given."""
        needed = set(self.atoms if dims is None else atoms_inside_out(dims))
        found = []
        for place, (atom, name) in enumerate(zip(self.atoms, self.names, strict=True)):
            if atom in needed:
                others = dict(zip(self.atoms[:place], self.names[:place], strict=True))
                found.append((name, _WAYS[self.way](atom_expr(atom), others)))
        return found


_WAYS = {"text": to_text, "python": to_python, "latex": to_latex}


def styled(dims: Sequence[Dim], way: str, few: int = 2) -> Style:
    """How to write these dims: the floors in them named, but for a ``few`` that stand in one place each.

    A name is the one symbol that it depends on, a letter small, ``q`` of several, and a number.
    """
    counts = Counter(_occurrences(dims))
    every = _in_order(dims, counts)
    inner = Counter(atom for each in every for child in each.children for atom in child.atoms)
    often = 2 if len(every) <= few else 1
    atoms, names = [], []
    taken = {symbol for dim in dims if isinstance(dim, Expr) for symbol in dim.symbols}
    numbers: Counter[str] = Counter()
    for atom in every:
        if counts[atom] + inner[atom] < often or len(to_text(atom_expr(atom))) < _LONG:
            continue
        base = _base(atom.symbols)
        numbers[base] += 1
        while f"{base}{numbers[base]}" in taken:
            numbers[base] += 1
        atoms.append(atom)
        names.append(_NAMED[way](base, numbers[base]))
    return Style(tuple(atoms), tuple(names), way)


def _base(symbols: frozenset[str]) -> str:
    (name, *more) = symbols
    if more or not name.isascii() or not name.isalpha():
        return "q"
    return name.lower() if len(name) == 1 else name


_NAMED = {
    "text": lambda base, number: f"{base}{str(number).translate(_SUBSCRIPTS)}",
    "python": lambda base, number: f"{base}{number}",
    "latex": lambda base, number: f"{base if len(base) == 1 else f'{_UPRIGHT}{{{base}}}'}_{{{number}}}",
}


def _occurrences(dims: Iterable[Dim]) -> Iterable[Atom]:
    """The atoms of each term, floors and extremes."""
    for dim in dims:
        for monomial in dim.terms if isinstance(dim, Expr) else ():
            yield from (atom for atom, _ in monomial if not isinstance(atom, Symbol))


def _in_order(dims: Sequence[Dim], counts: Counter[Atom]) -> list[Atom]:
    """Floors and extremes, inner ones before those that hold them, then by divisor and depth: as a network goes."""
    first = {atom: place for place, atom in reversed(list(enumerate(_occurrences(dims))))}
    every = [atom for atom in atoms_inside_out(dims) if not isinstance(atom, Symbol)]
    return sorted(every, key=lambda atom: (atom.depth, *_coarseness(atom), first.get(atom, 0)))


def _coarseness(atom: Atom) -> tuple[int, str]:
    divisor = getattr(atom, "divisor", 0)
    return (divisor if isinstance(divisor, int) else 1 << 30), to_text(atom_expr(atom))
