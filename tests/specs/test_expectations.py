"""The specs as a whole: which networks there are, and that every figure in them holds."""

from __future__ import annotations

import time

import pytest

from archcalc.checking.file import Asked, check_file
from archcalc.network import build, document, read_source

from .reading import SPECS, files, network, networks, read, report

NETWORKS = """
lenet5.arch: lenet5 lenet5-modern
alexnet.arch: alexnet
alexnet-2012.arch: alexnet-2012
zfnet.arch: zfnet
nin.arch: nin-cifar10 nin-cifar100
vgg.arch: A A-LRN B C D E
vgg16-listing.arch: vgg16
googlenet.arch: googlenet
prelu-net.arch: prelu-net-a prelu-net-b prelu-net-c
resnet.arch: resnet-18 resnet-34 resnet-50 resnet-101 resnet-152
resnet-v1.5.arch: resnet50 resnet101 resnet152
resnet-width.arch: resnet
plain.arch: plain-18 plain-34
resnet34-shortcuts.arch: resnet-34-a resnet-34-b resnet-34-c
resnet-cifar.arch: resnet-20 resnet-32 resnet-44 resnet-56 resnet-110 resnet-1202
preact-resnet.arch: preact-110 preact-164 preact-1001 preact-200
wide-resnet.arch: wrn-16-8 wrn-28-10 wrn-40-4 wrn-50-2
resnext.arch: resnext50-32x4d resnext101-32x4d resnext101-32x8d resnext101-64x4d
inception-v3.arch: inception-v3
inception-v4.arch: inception-v4
inception-resnet-v2.arch: inception-resnet-v2
multi-resnet.arch: multi-resnet-200-k5 multi-resnet-398-k5 multi-resnet-26-w10-k2
polynet.arch: polynet
ror.arch: ror3-56 ror3-110 ror3-164
fractalnet.arch: fractalnet-20 fractalnet-40 fractal-of-fractals
densenet.arch: densenet-40-12 densenet-bc-100-12 densenet121 densenet161 densenet169 densenet201 densenet264
stn.arch: stn-mnist
fcn.arch: fcn-32s fcn-16s fcn-8s vgg16-conv
yolov1.arch: yolov1
lecture.arch: one-5x5 two-3x3 one-7x7 three-3x3 conv-10-5x5 mlp keras-a keras-b
lecture.arch: 7x7-stride-1 7x7-stride-2 7x7-stride-3
"""


def test_the_networks_are_there():
    lines = [line.split(": ") for line in NETWORKS.strip().splitlines()]
    assert {f"{file}:{name}" for file, names in lines for name in names.split()} <= set(networks())


@pytest.mark.parametrize("key", networks())
def test_every_figure_in_a_spec_holds(key):
    found = report(key)
    assert found.expectations, "a spec prints no figure"
    assert [claim for claim in found.expectations if claim.holds is not True] == []
    assert found.status == "ok"


@pytest.mark.parametrize("file", files())
def test_nothing_else_is_to_be_said_of_a_spec(file):
    """What a text means although it looks doubtful, it says with an ignore."""
    found = check_file(str(SPECS / file), Asked(strict=True))
    assert (found.status, found.diagnostics) == ("ok", ())


@pytest.mark.parametrize("file", files())
def test_every_expectation_is_of_a_network_of_its_file(file):
    """An ``expect ... of`` a misspelt network would be nobody's."""
    text = (SPECS / file).read_text(encoding="utf-8")
    written = sum(line.startswith(("expect ", "erratum ")) for line in text.splitlines())
    claims = [claim for name in read(file).names for claim in network(f"{file}:{name}").graph.claims]
    spans = {claim.span.line for claim in claims if text.splitlines()[claim.span.line - 1].startswith(("exp", "err"))}
    assert len(spans) == written


@pytest.mark.parametrize("file", files())
def test_a_spec_is_plain_text(file):
    text = (SPECS / file).read_text(encoding="utf-8")
    assert text.isascii() and text.endswith("\n") and "\t" not in text
    assert all(line == line.rstrip() for line in text.splitlines())


@pytest.mark.parametrize("file", files())
def test_a_spec_is_read_and_built_in_no_time(file):
    """In processor time: a thousand layers, or a few hundred variants, take well under a second."""
    started = time.process_time()
    fresh = document(read_source(str(SPECS / file)))
    for name in fresh.names:
        build(fresh, name)
    assert time.process_time() - started < 4
