"""Floor division in canonical form.

The identities are those of Graham, Knuth and Patashnik, Concrete Mathematics (2nd ed.), chapter 3, for integers
a, b, d, g > 0 and any integers q, r, c, x, n:

- floor((d q + r) / d) = q + floor(r / d)                                (equation 3.6)
- floor((floor(x / a) + c) / b) = floor((x + a c) / (a b))               (equation 3.11)
- floor((g x + c) / (g d)) = floor((x + floor(c / g)) / d)               (equation 3.11)
- floor(-n / d) = -ceil(n / d) = -floor((n + d - 1) / d)                 (equation 3.4, exercise 12)

They settle one way to write each floor but for one freedom: floor(n / 2) + floor((n + 1) / 2) = n (equation 3.25). Both
floors are kept, because people write both; ``H - H // 2`` is therefore not recognised as ``(H + 1) // 2``.
"""

from __future__ import annotations

import math

from archcalc.algebra.atoms import Floor
from archcalc.algebra.expr import Dim, Expr, atom_expr, from_terms, terms_of
from archcalc.algebra.monomial import Monomial, monomial_key, over, shared


def ceil_div(a: Dim, b: Dim) -> Dim:
    """The quotient rounded up. Raises ZeroDivisionError or ValueError if b is an int below 1."""
    if isinstance(b, int):
        require_positive(b)
    return (a + b - 1) // b


def exact_div(a: Dim, b: Dim) -> Dim:
    """The quotient of a division meant to leave no remainder; b as for ``ceil_div``.

    On ints a remainder raises ValueError. On expressions this is the polynomial quotient where every coefficient
    divides, else the floor: that nothing remains is then for the caller to state.
    """
    if isinstance(b, int):
        require_positive(b)
        if isinstance(a, int) and a % b:
            raise ValueError(f"{a} is not a multiple of {b}")
    return a // b


def require_positive(divisor: int) -> None:
    """Raises ZeroDivisionError for 0 and ValueError for a negative divisor."""
    if divisor == 0:
        raise ZeroDivisionError("division by zero")
    if divisor < 0:
        raise ValueError(f"the divisor must be positive: {divisor}")


def floor_div(a: Dim, b: Dim) -> Dim:
    """The quotient rounded down, in canonical form; an expression as divisor stands for a positive number."""
    if isinstance(b, Expr):
        return _by_expr(a, b)
    require_positive(b)
    return a // b if isinstance(a, int) else _by_int(a, b)


def _by_int(numerator: Expr, d: int) -> Dim:
    whole, rest = _split(numerator, d)
    if isinstance(rest, int):
        return whole + rest // d
    common = math.gcd(d, *(factor for monomial, factor in rest.terms.items() if monomial))
    if common > 1:
        return whole + _shrunk(rest, common) // (d // common)
    floors = [floor for monomial, factor in rest.terms.items() if abs(factor) == 1 and (floor := _lone_floor(monomial))]
    if floors:
        inner, a = min(floors, key=lambda floor: (floor[1], floor[0].key))
        return whole + _opened(rest, inner, a) // (a * d)
    return whole + _oriented(rest, d)


def _split(numerator: Expr, d: int) -> tuple[Dim, Dim]:
    """The numerator as d * whole + rest: rest's constant in [0, d), its other coefficients in [-d/2, d/2]."""
    whole: dict[Monomial, int] = {}
    rest: dict[Monomial, int] = {}
    for monomial, factor in numerator.terms.items():
        q, r = divmod(factor, d)
        # Exactly d/2 keeps the sign it came with, so that -(-H // 2) is (H + 1) // 2.
        if monomial and (2 * r > d or (2 * r == d and factor < 0)):
            q, r = q + 1, r - d
        if q:
            whole[monomial] = q
        if r:
            rest[monomial] = r
    return from_terms(whole), from_terms(rest)


def _shrunk(numerator: Expr, g: int) -> Dim:
    """Each coefficient divided by g, rounding the constant down."""
    return from_terms({monomial: q for monomial, factor in numerator.terms.items() if (q := factor // g)})


def _lone_floor(monomial: Monomial) -> tuple[Floor, int] | None:
    """The floor by an int, and that int, if the monomial is just that."""
    if len(monomial) == 1:
        ((atom, power),) = monomial
        if power == 1 and isinstance(atom, Floor) and isinstance(atom.divisor, int):
            return atom, atom.divisor
    return None


def _opened(numerator: Expr, inner: Floor, a: int) -> Dim:
    """The x for which the numerator, in which the inner floor by a occurs once (plus or minus), is floor(x / a)."""
    floor = atom_expr(inner)
    if numerator.terms[frozenset(((inner, 1),))] > 0:
        return (numerator - floor) * a + inner.numerator
    return (numerator + floor) * a + (a - 1) - inner.numerator


def _oriented(rest: Expr, d: int) -> Dim:
    """floor(rest / d), its leading coefficient made positive and every -d/2 made d/2.

    A coefficient of d/2 has no sign of its own, as it differs from -d/2 by d, so another one leads. If there is no
    other, all of them are d/2: d is 2, for a common factor would have cancelled.
    """
    order = sorted((monomial for monomial in rest.terms if monomial), key=monomial_key)
    lead = next((monomial for monomial in order if 2 * abs(rest.terms[monomial]) != d), order[0])
    sign = 1 if rest.terms[lead] > 0 else -1
    halves = from_terms({monomial: 1 for monomial in order if 2 * sign * rest.terms[monomial] == -d})
    numerator = rest + halves * d if sign > 0 else halves * d + (d - 1) - rest
    return sign * (atom_expr(Floor.of(numerator, d)) - halves)


def _by_expr(a: Dim, b: Expr) -> Dim:
    """An opaque floor, but for what one term, or a multiple, known to be positive lets divide or cancel."""
    if (b.least or 0) < 1:
        return atom_expr(Floor.of(a, b))
    times = _multiple(a, b)
    if times is not None:
        return times
    if len(b.terms) > 1:
        return atom_expr(Floor.of(a, b))
    return _by_term(a, b)


def _multiple(a: Dim, b: Expr) -> int | None:
    """The int k with a = k b, if there is one."""
    monomial, factor = next(iter(b.terms.items()))
    k = terms_of(a).get(monomial, 0) // factor
    return k if a == k * b else None


def _by_term(a: Dim, b: Expr) -> Dim:
    ((below, divisor),) = b.terms.items()
    whole: dict[Monomial, int] = {}
    rest: dict[Monomial, int] = {}
    for monomial, factor in terms_of(a).items():
        divides = shared((monomial, below)) == below
        q, r = divmod(factor, divisor) if divides else (0, factor)
        if q:
            whole[over(monomial, below)] = q
        if r:
            rest[monomial] = r
    return from_terms(whole) + (_cancelled(rest, below, divisor) if rest else 0)


def _cancelled(rest: dict[Monomial, int], below: Monomial, divisor: int) -> Dim:
    """The floor of rest / (divisor * below), less the factors they have in common."""
    number = math.gcd(divisor, *rest.values())
    common = shared((below, *rest))
    above = from_terms({over(monomial, common): factor // number for monomial, factor in rest.items()})
    under = from_terms({over(below, common): divisor // number})
    return above // under if isinstance(under, int) else atom_expr(Floor.of(above, under))
