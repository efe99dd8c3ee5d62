"""Figures that papers and other tools publish, and where they stand: typed from there, not from the specs."""

from __future__ import annotations

from decimal import Decimal

import pytest

from .reading import measured

#: torchvision 0.19.1, weights metadata: num_params, and _ops in units of 10^9 multiply-adds.
TORCHVISION = {
    "vgg.arch:A": (132_863_336, "7.609"),
    "vgg.arch:B": (133_047_848, "11.308"),
    "vgg.arch:D": (138_357_544, "15.470"),
    "vgg.arch:E": (143_667_240, "19.632"),
    "resnet.arch:resnet-18": (11_689_512, "1.814"),
    "resnet.arch:resnet-34": (21_797_672, "3.664"),
    "resnet-v1.5.arch:resnet50": (25_557_032, "4.089"),
    "resnet-v1.5.arch:resnet101": (44_549_160, "7.801"),
    "resnet-v1.5.arch:resnet152": (60_192_808, "11.514"),
    "resnext.arch:resnext50-32x4d": (25_028_904, "4.230"),
    "resnext.arch:resnext101-32x8d": (88_791_336, "16.414"),
    "resnext.arch:resnext101-64x4d": (83_455_272, "15.460"),
    "wide-resnet.arch:wrn-50-2": (68_883_240, "11.398"),
    "wide-resnet.arch:wrn-50-2 conv4s=23": (126_886_696, "22.753"),
    "densenet.arch:densenet121": (7_978_856, "2.834"),
    "densenet.arch:densenet161": (28_681_000, "7.728"),
    "densenet.arch:densenet169": (14_149_480, "3.360"),
    "densenet.arch:densenet201": (20_013_928, "4.291"),
}


@pytest.mark.parametrize("key", TORCHVISION)
def test_torchvision_counts_the_same(key):
    params, ops = TORCHVISION[key]
    total = measured(key)
    assert total.params == params
    assert prints(total.macs, ops, 10**9)


def test_torchvision_counts_the_side_head_of_inception_v3_in_parameters_only():
    key = "inception-v3.arch:inception-v3"
    assert measured(key, aux=True).params == 27_161_264
    assert prints(measured(key).macs, "5.713", 10**9)


#: osmr/imgclsmob, the table of models: exact parameters.
IMGCLSMOB = {
    "zfnet.arch:zfnet": 62_357_608,
    "nin.arch:nin-cifar10": 966_986,
    "inception-v4.arch:inception-v4": 42_679_816,
    "inception-resnet-v2.arch:inception-resnet-v2": 55_843_464,
    "polynet.arch:polynet": 95_366_600,
    "preact-resnet.arch:preact-200": 64_666_280,
    "ror.arch:ror3-56": 762_746,
    "ror.arch:ror3-110": 1_637_690,
    "ror.arch:ror3-164": 2_512_634,
}


@pytest.mark.parametrize("key", IMGCLSMOB)
def test_imgclsmob_counts_the_same(key):
    assert measured(key).params == IMGCLSMOB[key]


#: Millions of parameters as the papers, or their authors' code, print them.
MILLIONS = {
    "Simonyan and Zisserman 2014, Table 2": {
        "A": "133", "A-LRN": "133", "B": "133", "C": "134", "D": "138", "E": "144",
    },
    "He et al. 2015, Table 6": {
        "resnet-20": "0.27", "resnet-32": "0.46", "resnet-44": "0.66", "resnet-56": "0.85", "resnet-110": "1.7",
        "resnet-1202": "19.4",
    },
    "Zagoruyko and Komodakis 2016, Table 4": {
        "wrn-40-4 k=1": "0.6", "wrn-40-4 k=2": "2.2", "wrn-40-4": "8.9", "wrn-40-4 k=8": "35.7", "wrn-28-10": "36.5",
        "wrn-28-10 k=12": "52.5", "wrn-28-10 depth=22 k=8": "17.2", "wrn-28-10 depth=22": "26.8", "wrn-16-8": "11.0",
        "wrn-16-8 k=10": "17.1",
    },
    "Zagoruyko and Komodakis 2016, Table 5": {"preact-110": "1.7", "preact-164": "1.7"},
    "Zagoruyko and Komodakis 2016, Table 7": {
        "wrn-18 width=1": "11.7", "wrn-18 width=3/2": "25.9", "wrn-18": "45.6", "wrn-18 width=3": "101.8",
        "wrn-34 width=1": "21.8", "wrn-34 width=3/2": "48.6", "wrn-34": "86.0",
    },
    "Zagoruyko and Komodakis 2016, Table 8": {
        "wrn-50-2 width=1": "25.6", "wrn-50-2 width=1 conv4s=23": "44.5", "wrn-50-2": "68.9", "preact-200": "64.7",
    },
    "Xie et al. 2017, Table 1": {"resnext50-32x4d": "25.0"},
    "Huang et al. 2017, Table 2, and README": {
        "densenet-40-12": "1.0", "densenet-40-12 depth=100": "7.0", "densenet-40-12 depth=100 k=24": "27.2",
        "densenet-bc-100-12": "0.8", "densenet-bc-100-12 depth=250 k=24": "15.3",
        "densenet-bc-100-12 depth=190 k=40": "25.6", "densenet-bc-100-12 depth=40 k=36": "1.5",
        "densenet-bc-100-12 depth=40 k=48": "2.7", "densenet-bc-100-12 depth=40 k=60": "4.3",
    },
    "Abdi and Nahavandi 2016, README": {"multi-resnet-200-k5": "10.2", "multi-resnet-398-k5": "20.4"},
}  # fmt: skip
PRINTED = [(source, name, figure) for source, nets in MILLIONS.items() for name, figure in nets.items()]


@pytest.mark.parametrize(("source", "name", "figure"), PRINTED)
def test_a_paper_prints_as_many_parameters(source, name, figure):
    assert prints(measured(name).params, figure, 10**6), source


def test_weights_without_biases_and_norms_are_what_two_papers_print():
    assert prints(measured("preact-1001").weights, "10.2", 10**6)  # Zagoruyko and Komodakis 2016, Table 5
    assert prints(measured("resnext.arch:resnet-50").weights, "25.5", 10**6)  # Xie et al. 2017, Table 1


#: Samuel Albanie, convnet-burden: MB (2^20 bytes) of parameters, and of features where the same layers are counted.
BURDEN = {
    "alexnet-2012": (233, None),
    "vgg.arch:D": (528, 58),
    "vgg.arch:E": (548, 63),
    "resnet.arch:resnet-18": (45, 23),
    "resnet.arch:resnet-34": (83, 35),
    "resnet.arch:resnet-50": (98, 103),
    "resnet.arch:resnet-101": (170, 155),
    "resnet.arch:resnet-152": (230, 219),
    "resnext50-32x4d": (96, 132),
    "resnext101-32x4d": (169, 197),
    "resnext101-64x4d": (319, 273),
    "inception-v3": (91, 89),
    "densenet121": (31, 126),
    "densenet161": (110, 235),
    "densenet169": (55, 152),
    "densenet201": (77, 196),
    "fcn-32s": (519, None),
    "fcn-16s": (514, None),
    "fcn-8s": (513, None),
}


@pytest.mark.parametrize("name", BURDEN)
def test_convnet_burden_measures_the_same_memory(name):
    weights, features = BURDEN[name]
    total = measured(name)
    assert prints(total.weights_bytes, str(weights), 2**20)
    assert features is None or prints(total.activations_bytes, str(features), 2**20)


def test_convnet_burden_weighs_googlenet_with_its_side_heads():
    assert prints(measured("googlenet", aux=True).weights_bytes, "51", 2**20)


def prints(value, figure, unit):
    """Whether ``value``, in ``unit``, is printed as ``figure``: half a unit of its last digit either way."""
    shown = Decimal(figure)
    half = Decimal(1).scaleb(shown.as_tuple().exponent) / 2
    return abs(Decimal(value) / unit - shown) <= half
