"""What a formula takes for granted of open symbols is noted, and nothing else is."""

import pytest

from archcalc.algebra import Assumption, assuming, leaves_nothing, same, symbol

H, W = symbol("H"), symbol("W")


@pytest.mark.parametrize(
    ("left", "right", "noted"),
    [
        (3, 3, []),
        (3, 4, []),
        (H, H, []),
        (H, H + 1, []),  # never equal
        (H, 0, []),  # at least 1
        (2 * H, 6, [("differs", 2 * H, 6)]),
        (H, W, [("differs", H, W)]),
        ((H, 3), (W, 3), [("differs", H, W)]),
        ((H, 3), (W, 4), []),  # the second settles it
        ((H,), (H, H), []),
    ],
)
def test_only_what_is_undecided_is_noted(left, right, noted):
    with assuming() as found:
        assert same(left, right) == (left == right)
    assert [tuple(each) for each in found] == noted


def test_a_quotient_is_taken_to_leave_nothing():
    with assuming() as found:
        for above, below in ((6, 4), (4 * H, 2), (H, 4)):
            leaves_nothing(above, below)
    assert list(found) == [Assumption("multiple", H, 4)]


def test_nothing_is_noted_when_nobody_asks():
    with assuming() as outer:
        pass
    assert not same(H, W)
    assert not outer


def test_notes_go_to_the_innermost_who_asks():
    with assuming() as outer:
        with assuming() as inner:
            same(H, 5)
        same(W, 5)
    assert [each.left for each in inner] == [H]
    assert [each.left for each in outer] == [W]
