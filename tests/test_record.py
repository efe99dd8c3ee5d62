"""Records: frozen values by name or place, equal by their fields."""

from __future__ import annotations

from functools import cached_property

import pytest

from archcalc.record import Configuration, Record


class Point(Record):
    x: int
    y: int = 2


class Sized(Record):
    side: int

    @cached_property
    def area(self) -> int:
        return self.side**2


class Nothing(Configuration):
    pass


def test_fields_are_given_by_place_or_name() -> None:
    assert Point(1) == Point(1, 2) == Point(x=1, y=2) == Point(1, y=2)
    assert Point(1) != Point(1, 3)
    assert repr(Point(1)) == "Point(x=1, y=2)"


def test_a_record_equals_and_hashes_by_what_it_says_even_once_hashed() -> None:
    one, other = Point(1), Point(1)
    assert len({one, other, Point(3)}) == 2
    assert one == other == Point(1)
    assert {Nothing(): "kept"}[Nothing()] == "kept"
    assert len({Nothing(), Nothing()}) == 1
    assert Point(4) != Sized(4)


def test_a_changed_record_forgets_what_was_worked_out_of_the_old_one() -> None:
    old = Sized(3)
    assert (hash(old) == hash(Sized(3)), old.area) == (True, 9)
    new = old.but(side=4)
    assert (new, new.area, hash(new)) == (Sized(4), 16, hash(Sized(4)))
    assert old == Sized(3)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Point(1, 2, 3), "Point: too many values"),
        (lambda: Point(1, x=2), "Point: too many values"),
        (lambda: Point(), "Point: field 'x' is missing"),
        (lambda: Point(1, z=3), "Point: no field 'z'"),
        (lambda: Point(1).but(z=3), "Point: no field 'z'"),
    ],
)
def test_a_misfit_is_told(make, said):
    with pytest.raises(TypeError, match=said):
        make()


def test_a_record_is_frozen() -> None:
    with pytest.raises(AttributeError, match=r"make another with but\(x=\.\.\.\)"):
        Point(1).x = 5
