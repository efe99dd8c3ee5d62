"""The numbers that claims about memory are tested with, seen once more by torch's tracker."""

import pytest
from analyses.handmade import STEPS, net
from pytorch.test_memory import tracked


@pytest.mark.parametrize(("optimizer", "batch"), STEPS)
def test_the_tracker_sees_what_is_expected(optimizer, batch):
    assert tracked(net().without_aux(), optimizer, batch)["Total"] == STEPS[optimizer, batch]
