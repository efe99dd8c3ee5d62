"""A title above a listing: taken where it can be nothing else, asked about where it can."""

import pytest
from typed import faults, graph

BODY = "input 8x8x3\nconv 3x3, 4  params: 112\n"


@pytest.mark.parametrize(("line", "title"), [
    ("AlexNet (Krizhevsky et al. 2012)", "AlexNet (Krizhevsky et al. 2012)"),
    ("AlexNet:", "AlexNet"),
    ("**AlexNet**", "AlexNet"),
    ('"AlexNet"', "AlexNet"),
    ("=== AlexNet ===", "AlexNet"),
    ("Slide 12", "Slide 12"),
    ("VGG-16 architecture", "VGG-16 architecture"),
    ("ResNet-50, Table 1", "ResNet-50, Table 1"),
    ("Lecture 9: CNN architectures\n\nDenseNet-121", "Lecture 9: CNN architectures, DenseNet-121"),
    ("my network (input 224):", "my network (input 224)"),
    ("Table 1. VGG", "Table 1. VGG"),
    ("# AlexNet", ""),
])  # fmt: skip
def test_a_title_above_the_layers(line, title):
    made = graph(f"{line}\n{BODY}")
    assert made.title == title and len(made.nodes) == 2 and made.claims


def test_a_network_line_below_says_the_title():
    assert graph(f'Slide 12\nnetwork a "of a paper"\n{BODY}', "a").title == "of a paper"


@pytest.mark.parametrize("line", ["alexnet", "zzz qqq", "krizhevsky"])
def test_what_may_be_a_title_is_asked_about(line):
    (fault,) = faults(f"{line}\n{BODY}")
    assert fault.code == "A105" and fault.span.line == 1
    assert f"# {line}" in fault.help and f'network NAME "{line}"' in fault.help


@pytest.mark.parametrize("line", [
    "Covn-64", "Stem: covn-64", "Conv net", "Pol:", "FC maens fc; relu", "Conve 3x3", "Unit(64)", "TOTAL",
    "Stem: foo 7x7", "Input image",
])  # fmt: skip
def test_what_is_near_a_layer_is_no_title(line):
    assert {fault.span.line for fault in faults(f"{line}\n{BODY}")} == {1}


def test_below_the_first_layer_there_are_no_titles():
    assert [fault.span.line for fault in faults(f"{BODY}AlexNet\n")] == [3]


def test_a_text_of_titles_alone_is_no_network():
    assert faults("AlexNet\n") and faults("Dear\nSir\nOr\nMadam\n" + BODY)
