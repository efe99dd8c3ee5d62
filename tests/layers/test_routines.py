"""What layers are run as, where it is not their kind."""

from __future__ import annotations

import pytest

from archcalc.layers import LAYERS, Conv, Dense


@pytest.mark.parametrize(
    ("groups", "kernel", "routine"),
    [
        (1, (3, 3), "conv"),
        (1, (1, 1), "conv 1x1"),
        (1, (1, 7), "conv"),
        (4, (3, 3), "grouped conv"),
        (4, (1, 1), "grouped conv"),
        (8, (3, 3), "depthwise conv"),
    ],
)
def test_a_convolution_is_told_by_its_groups_then_by_its_window(groups, kernel, routine):
    assert Conv(channels=16, groups=groups, kernel=kernel).routine((8, 20, 20)) == routine


def test_a_matrix_of_tokens_is_not_a_vector():
    assert (Dense(units=5).routine((7,)), Dense(units=5).routine((3, 7))) == ("fc", "fc of tokens")


def test_all_others_are_their_kind():
    others = [layer for layer in LAYERS if "routine" not in vars(layer)]
    assert {layer.__name__ for layer in LAYERS} - {layer.__name__ for layer in others} == {"Conv", "Dense"}
