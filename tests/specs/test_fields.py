"""Receptive fields that others publish or that are worked out by hand."""

from __future__ import annotations

import pytest

from .reading import network, place

#: google-research/receptive_field: size, effective stride and effective padding of tf-slim's nets, at 224x224.
GOOGLE = {
    ("alexnet-2012.arch:alexnet-2012", "pool5"): (195, 32, 64),
    ("vgg.arch:D", "pool5"): (212, 32, 90),
    ("vgg16-listing.arch:vgg16", "pool5"): (212, 32, 90),
    ("inception-v3.arch:inception-v3", "mixed_7c"): (1311, 32, 618),
    ("inception-v4.arch:inception-v4", "inception_c"): (2071, 32, 998),
    ("inception-resnet-v2.arch:inception-resnet-v2", "7b"): (3039, 32, 1482),
    # tf-slim's stride stands elsewhere in a block: the same size, two pixels of padding fewer
    ("resnet.arch:resnet-50", "conv5_x"): (483, 32, None),
    ("resnet.arch:resnet-101", "conv5_x"): (1027, 32, None),
    ("resnet.arch:resnet-152", "conv5_x"): (1507, 32, None),
}


@pytest.mark.parametrize(("key", "name"), GOOGLE)
def test_google_measures_the_same_receptive_field(key, name):
    size, stride, padding = GOOGLE[key, name]
    field = place(key, name).field
    assert (field.size, field.stride, field.aligned) == ((size, size), (stride, stride), True)
    assert padding is None or field.start == (-padding, -padding)


#: Shelhamer et al. 2016, Table 1, and the sums 1 + sum of (kernel - 1) * stride by hand.
OTHERS = {
    ("fcn.arch:fcn-32s", "score"): (404, 32),
    ("fcn.arch:vgg16-conv", "fc6"): (404, 32),
    ("vgg.arch:A", "pool5"): (150, 32),
    ("vgg.arch:E", "pool5"): (268, 32),
    ("resnet.arch:resnet-18", "conv5_x"): (435, 32),
    ("resnet.arch:resnet-34", "conv5_x"): (899, 32),
    ("resnet-v1.5.arch:resnet50", "conv5"): (427, 32),
    ("resnet-v1.5.arch:resnet101", "conv5"): (971, 32),
    ("resnet-v1.5.arch:resnet152", "conv5"): (1451, 32),
    ("googlenet.arch:googlenet", "5b"): (715, 32),
}


@pytest.mark.parametrize(("key", "name"), OTHERS)
def test_a_receptive_field_is_what_was_worked_out(key, name):
    size, stride = OTHERS[key, name]
    field = place(key, name).field
    assert (field.size, field.stride) == ((size, size), (stride, stride))


def test_fcn_with_googlenets_last_pool_sees_907():
    """Shelhamer et al. 2016, Table 1: 7x7 average pooling on 715, in steps of 32."""
    assert place("googlenet.arch:googlenet", "5b").field.size[0] + 6 * 32 == 907


@pytest.mark.parametrize("small,large", [("two-3x3", "one-5x5"), ("three-3x3", "one-7x7")])
def test_stacked_small_filters_see_as_much_as_a_large_one(small, large):
    def last(name):
        rows = network(f"lecture.arch:{name}").report().layers
        return [row for row in rows if row.kind == "conv"][-1].field.size

    assert last(small) == last(large)
