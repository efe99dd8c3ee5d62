"""Lines and tables of course notes, READMEs and papers, mistakes and all: each reads, or is told what is unsaid."""

import pytest
from typed import faults, graph, params

from archcalc.network import parse


def wrong(text):
    """The lines on which a text prints what it does not give, and the codes."""
    return [(d.code, d.span.line) for d in parse(text).report().diagnostics if d.severity == "error"]


def test_prose_of_a_lab_sheet():
    text = """
        input 84x84x4
        conv layer: 32 filters of 8x8 with stride 4 + ReLu
        conv layer: 64 filters of 4x4 with stride 2 + ReLu
        conv layer: 64 filters of 3x3 with stride 1 + ReLu
        fc layer: 512 units + ReLu
        fc layer: 6 units
        """
    assert params(graph(text)) == 1_687_206  # Mnih et al. 2015, as every implementation counts it


def test_sizes_and_figures_behind_an_arrow():
    text = "input 960x540x1\nConv 7×7, 32, stride 2, pad 3  → 480×270×32 (1,600 params)"
    assert wrong(text) == []
    assert wrong(text.replace("480×270", "480×269")) == [("A201", 2)]
    assert [line for _, line in wrong(text.replace("1,600", "1,568"))] == [2]


@pytest.mark.parametrize(("listing", "lines"), [
    ("[227x227x3] INPUT\n[55x55x96] CONV1: 96 11x11 filters at stride 4, pad 0", []),
    ("[224x224x3] INPUT\n[55x55x96] CONV1: 96 11x11 filters at stride 4, pad 0", [2]),
    ("[13x13x256] INPUT\n[6x6x256] MAX POOL3: 3x3 filters at stride 1, pad 1", [2]),
    ("[27x27x96] INPUT\n[27x27x256] CONV2: 256 5x5 filters at stride 1, pad 2   params: 6,400", [2]),
    ("[13x13x256] INPUT\n[13x13x384] CONV3: 384 3x3 filters at stride 1, pad 1\n"
     "[13x13x384] CONV3: 384 3x3 filters at stride 1, pad 1\n"
     "[13x13x384] CONV3: 256 3x3 filters at stride 1, pad 1", [4]),
])  # fmt: skip
def test_course_notes_with_mistakes(listing, lines):
    assert sorted({line for _, line in wrong(listing)}) == lines


def test_mobilenet_as_the_paper_prints_it():
    """Its last depthwise row says stride 2 where the next input says 7x7."""
    text = """
    Type / Stride | Filter Shape | Input Size
    Conv / s1 | 1 × 1 × 512 × 1024 | 7 × 7 × 512
    Conv dw / s2 | 3 × 3 × 1024 dw | 7 × 7 × 1024
    Conv / s1 | 1 × 1 × 1024 × 1024 | 7 × 7 × 1024
    """
    assert [line for _, line in wrong(text)] == [5]
    assert wrong(text.replace("dw / s2", "dw / s1")) == []


def test_a_stage_in_brackets():
    text = "input 32x32x3\n[...] means residual, option B, stride on first\n"
    text += "conv1: [3x3, 64] x 2, stride = 1\n[3x3, 128] x2, stride 2"
    assert [node.shape for node in graph(text).nodes][-1] == (128, 16, 16)
    text = "input 224x224x3\n7x7, 64, stride=2, pad=3\n[3x3, 64] × 2, stride = 1"
    assert [node.layer.channels for node in graph(text).nodes[1:]] == [64, 64, 64]


@pytest.mark.parametrize(("text", "code", "words", "line"), [
    ("input 28x28x1\nC1: 6@28x28 -> S2: 6@14x14", "A106", "two readings", 2),
    ("input 32x32x3\nConv 5x5/256", "A106", "two readings", 2),
    ("input 32x32x3\nConv 5x5/2 ↘ 24", "A104", "no meaning", 2),
    ("INPUT -> [[CONV -> RELU]*N -> POOL?]*M -> [FC -> RELU]*K -> FC", "A108", "does not say its size", 1),
    ("Stage | Operator | Resolution | #Channels | #Layers\n3 | MBConv6, k3x3 | 112 x 112 | 24 | 2",
     "A108", "channels are missing", 2),
    ("input 56x56x64\nLayers | Output Size | DenseNet-121\nDense Block (1) | 56×56 | [1×1 conv, 3×3 conv] × 6",
     "A108", "how many channels", 3),
    ("input 56x56x96\nlayer name | output size | T\nres2 | 56×56 | [d7×7, 96<br>1×1, 384<br>1×1, 96] × 3",
     "A108", "no layer", 3),
])  # fmt: skip
def test_what_leaves_something_unsaid(text, code, words, line):
    (found,) = faults(text)
    assert (found.code, found.span.line) == (code, line) and words in found.message
