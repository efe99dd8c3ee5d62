"""The three texts of the lectures, read exactly as they are pasted, and in every dress that they are met in."""

from __future__ import annotations

import re

import pytest

from archcalc.files import decode
from archcalc.network import build, document

from .reading import measured

ALEXNET = """\
[227x227x3] INPUT
[55x55x96] CONV1: 96 11x11 filters at stride 4, pad 0
[27x27x96] MAX POOL1: 3x3 filters at stride 2
[27x27x96] NORM1: Normalization layer
[27x27x256] CONV2: 256 5x5 filters at stride 1, pad 2
[13x13x256] MAX POOL2: 3x3 filters at stride 2
[13x13x256] NORM2: Normalization layer
[13x13x384] CONV3: 384 3x3 filters at stride 1, pad 1
[13x13x384] CONV4: 384 3x3 filters at stride 1, pad 1
[13x13x256] CONV5: 256 3x3 filters at stride 1, pad 1
[6x6x256] MAX POOL3: 3x3 filters at stride 2
[4096] FC6: 4096 neurons
[4096] FC7: 4096 neurons
[1000] FC8: 1000 neurons (class scores)
"""
VGG = """\
INPUT: [224x224x3]   memory: 224*224*3 = 150K   params: 0 (not counting biases)
CONV3-64: [224x224x64]   memory: 224*224*64 = 3.2M   params: (3*3*3)*64 = 1,728
CONV3-64: [224x224x64]   memory: 224*224*64 = 3.2M   params: (3*3*64)*64 = 36,864
POOL2: [112x112x64]   memory: 112*112*64 = 800K   params: 0
CONV3-128: [112x112x128]   memory: 112*112*128 = 1.6M   params: (3*3*64)*128 = 73,728
CONV3-128: [112x112x128]   memory: 112*112*128 = 1.6M   params: (3*3*128)*128 = 147,456
POOL2: [56x56x128]   memory: 56*56*128 = 400K   params: 0
CONV3-256: [56x56x256]   memory: 56*56*256 = 800K   params: (3*3*128)*256 = 294,912
CONV3-256: [56x56x256]   memory: 56*56*256 = 800K   params: (3*3*256)*256 = 589,824
CONV3-256: [56x56x256]   memory: 56*56*256 = 800K   params: (3*3*256)*256 = 589,824
POOL2: [28x28x256]   memory: 28*28*256 = 200K   params: 0
CONV3-512: [28x28x512]   memory: 28*28*512 = 400K   params: (3*3*256)*512 = 1,179,648
CONV3-512: [28x28x512]   memory: 28*28*512 = 400K   params: (3*3*512)*512 = 2,359,296
CONV3-512: [28x28x512]   memory: 28*28*512 = 400K   params: (3*3*512)*512 = 2,359,296
POOL2: [14x14x512]   memory: 14*14*512 = 100K   params: 0
CONV3-512: [14x14x512]   memory: 14*14*512 = 100K   params: (3*3*512)*512 = 2,359,296
CONV3-512: [14x14x512]   memory: 14*14*512 = 100K   params: (3*3*512)*512 = 2,359,296
CONV3-512: [14x14x512]   memory: 14*14*512 = 100K   params: (3*3*512)*512 = 2,359,296
POOL2: [7x7x512]   memory: 7*7*512 = 25K   params: 0
FC: [1x1x4096]   memory: 4096   params: 7*7*512*4096 = 102,760,448
FC: [1x1x4096]   memory: 4096   params: 4096*4096 = 16,777,216
FC: [1x1x1000]   memory: 1000   params: 4096*1000 = 4,096,000
"""
TABLE = """\
A | A-LRN | B | C | D | E
11 weight layers | 11 weight layers | 13 weight layers | 16 weight layers | 16 weight layers | 19 weight layers
input (224 × 224 RGB image)
conv3-64 | conv3-64 LRN | conv3-64 conv3-64 | conv3-64 conv3-64 | conv3-64 conv3-64 | conv3-64 conv3-64
maxpool
conv3-128 | conv3-128 | conv3-128 conv3-128 | conv3-128 conv3-128 | conv3-128 conv3-128 | conv3-128 conv3-128
maxpool
conv3-256 conv3-256 | conv3-256 conv3-256 | conv3-256 conv3-256 | conv3-256 conv3-256 conv1-256 \
| conv3-256 conv3-256 conv3-256 | conv3-256 conv3-256 conv3-256 conv3-256
maxpool
conv3-512 conv3-512 | conv3-512 conv3-512 | conv3-512 conv3-512 | conv3-512 conv3-512 conv1-512 \
| conv3-512 conv3-512 conv3-512 | conv3-512 conv3-512 conv3-512 conv3-512
maxpool
conv3-512 conv3-512 | conv3-512 conv3-512 | conv3-512 conv3-512 | conv3-512 conv3-512 conv1-512 \
| conv3-512 conv3-512 conv3-512 | conv3-512 conv3-512 conv3-512 conv3-512
maxpool
FC-4096
FC-4096
FC-1000
soft-max
"""


def latex(text):
    r"""Sizes and sums in math mode: ``$224 \times 224 \times 3 = 150K$``."""
    text = re.sub(r"\d+(?:\*\d+)+ = [\d.]+[KM]\b", lambda sum: f"${sum[0]}$".replace("*", r" \times "), text)
    return re.sub(r"(?<!\S)\d+x\d+(?!\S)", lambda size: f"${size[0]}$".replace("x", r" \times "), text)


def lined(change):
    return lambda text: "".join(change(line) + "\n" for line in text.splitlines())


DRESSES = {
    "as pasted": lambda text: text,
    "tabs": lambda text: re.sub(r" {2,}|(?<=\]) (?=\w)| (?=\[)", "\t", text),
    "tabs before": lined(lambda line: "\t" + line),
    "indented": lined(lambda line: "    " + line + "  "),
    "hyphens": lined(lambda line: "- " + line),
    "stars": lined(lambda line: "* " + line),
    "bullets": lined(lambda line: "• " + line),
    "numbers": lambda text: "".join(f"{n}. {line}\n" for n, line in enumerate(text.splitlines(), 1)),
    "blank lines": lambda text: "\n" + text.replace("\n", "\n\n"),
    "times": lambda text: re.sub(r"(?<=\d)x(?=\d)", "×", text),
    "spaced times": lambda text: re.sub(r"(?<=\d)x(?=\d)", " × ", text),
    "LaTeX": latex,
    "backslashes": lined(lambda line: line + " \\"),
    "Windows": lambda text: text.replace("\n", "\r\n"),
    "old Mac": lambda text: text.replace("\n", "\r"),
    "capitals": str.upper,
    "no newline at the end": lambda text: text.rstrip("\n"),
    "a byte order mark": lambda text: "\ufeff" + text,
    "no-break spaces": lambda text: text.replace("  ", " \u00a0"),
}
LISTINGS = {
    "alexnet": (ALEXNET, "alexnet.arch:alexnet", 13),
    "vgg": (VGG, "vgg16-listing.arch:vgg16", 3 * 22 - 1),
}


def read(text):
    """A text as the command line reads it."""
    return document(decode("slide.arch", text.encode()))


@pytest.mark.parametrize("listing", LISTINGS)
@pytest.mark.parametrize("dress", DRESSES)
def test_a_listing_reads_in_every_dress(listing, dress):
    text, key, claims = LISTINGS[listing]
    found = build(read(DRESSES[dress](text)), None).report()
    holds_as_pasted(found, text, key)
    if dress != "capitals" or listing != "vgg":
        assert len(found.expectations) >= claims


def holds_as_pasted(found, text, key):
    same = build(read(text), None).report()
    assert [(row.kind, row.output) for row in found.layers] == [(row.kind, row.output) for row in same.layers]
    for count in ("params", "weights", "macs", "depth", "weights_bytes"):
        assert getattr(found.totals, count) == getattr(measured(key), count)
    assert found.status == "ok" and all(claim.holds for claim in found.expectations)
    assert len(found.expectations) == len(same.expectations)


def piped(text):
    """A listing as a Markdown table: the shape, then the layer."""
    rows = [re.match(r"(\[.*?\]) (.*)", line).groups() for line in text.splitlines()]
    return "| output | layer |\n|---|---|\n" + "".join(f"| {shape} | {layer} |\n" for shape, layer in rows)


def test_alexnet_reads_as_a_markdown_table():
    holds_as_pasted(build(read(piped(ALEXNET)), None).report(), ALEXNET, "alexnet.arch:alexnet")


def boxed(text):
    """The VGG listing as a Markdown table: name, shape, memory, parameters."""
    rows = [re.match(r"(\S+): (\[.*?\])\s+memory: (.*?)\s+params: (.*)", line).groups() for line in text.splitlines()]
    return "| layer | output | memory | params |\n| :-- | --- | --: | --: |\n" + "".join(
        f"| {' | '.join(row)} |\n" for row in rows
    )


def test_vgg_reads_as_a_markdown_table():
    holds_as_pasted(build(read(boxed(VGG)), None).report(), VGG, "vgg16-listing.arch:vgg16")


PERMUTED = """\
| Name  | Layer                                   | Output volume | Params   |
|-------|-----------------------------------------|---------------|----------|
| INPUT |                                         | [227x227x3]   | 0        |
| CONV1 | 96 11x11 filters at stride 4, pad 0     | [55x55x96]    | 34,944   |
| POOL1 | 3x3 filters at stride 2                 | [27x27x96]    | 0        |
| FC2   | 10 neurons                              | [10]          | 699,850  |
"""


def test_columns_may_stand_in_any_order_and_their_headings_say_what_they_print():
    net = build(read(PERMUTED), None)
    assert [node.name for node in net.graph.nodes] == ["input", "CONV1", "POOL1", "FC2"]
    printed = [(claim.quantity, claim.at, claim.computed) for claim in net.report().expectations if claim.holds]
    assert ("params", "FC2", 699_850) in printed and len(printed) == 7


def test_what_is_wrong_in_a_dressed_listing_is_underlined_where_it_stands():
    (said,) = build(read(PERMUTED.replace("34,944", "34,848")), None).report().diagnostics
    assert said.message == "34,848 params printed, 34,944 found"
    assert (said.span.line, said.span.text) == (4, "34,848")


COLUMNS = ("A", "A-LRN", "B", "C", "D", "E")
TABLES = {
    "as pasted": lambda text: text,
    "tabs": lambda text: text.replace(" | ", "\t"),
    "ragged tabs": lambda text: text.replace(" | ", "\t").replace("maxpool", "maxpool\t\t\t\t\t"),
    "outer pipes": lined(lambda line: f"| {line} |"),
    "Markdown": lambda text: markdown(text),
    "semicolons in cells": lambda text: text.replace("6 conv", "6; conv").replace("2 conv", "2; conv"),
    "breaks in cells": lambda text: re.sub(r"(?<=\d) conv", "<br>conv", text),
    "blank lines": DRESSES["blank lines"],
    "LaTeX": lambda text: text.replace("224 × 224", r"$224 \times 224$"),
    "a plain x": lambda text: text.replace("×", "x"),
    "Windows": DRESSES["Windows"],
    "indented": DRESSES["indented"],
    "no newline at the end": DRESSES["no newline at the end"],
}


def markdown(text):
    """Every row in outer bars, a rule under the names."""
    names, *rows = text.splitlines()
    return "\n".join(f"| {row} |" for row in [names, "|".join(["---"] * 6), *rows]) + "\n"


@pytest.mark.parametrize("dress", TABLES)
def test_the_table_reads_in_every_dress(dress):
    found = read(TABLES[dress](TABLE))
    assert found.diagnostics == () and found.names == COLUMNS
    for name in COLUMNS:
        net = build(found, name).report()
        for count in ("params", "macs", "depth", "neurons"):
            assert getattr(net.totals, count) == getattr(measured(f"vgg.arch:{name}"), count)
        assert net.status == "ok" and [claim.holds for claim in net.expectations] == [True]


LOST = TABLE.replace("conv3-256 conv3-256 conv1-256", "conv3-256 conv1-256").replace(
    "conv3-512 conv3-512 conv1-512", "conv3-512 conv1-512"
)
LOST = LOST.replace("| conv3-256 conv3-256 conv3-256 |", "| conv3-256 conv3-256 |").replace(
    "| conv3-512 conv3-512 conv3-512 |", "| conv3-512 conv3-512 |"
)


@pytest.mark.parametrize("name", ("C", "D"))
def test_a_transcription_that_lost_layers_is_caught(name):
    net = build(read(LOST), name).report()
    assert net.status == "failed" and net.totals.weight_layers == 13
    (said,) = (diagnostic for diagnostic in net.diagnostics if diagnostic.severity == "error")
    assert said.message == "16 weight layers printed, 13 found"
    assert said.span.line == 2 and said.span.text == "16"
    column = COLUMNS.index(name)
    assert TABLE.splitlines()[1][: said.span.column - 1].count("|") == column


def test_the_other_columns_of_that_transcription_hold():
    assert [build(read(LOST), name).report().status for name in ("A", "A-LRN", "B", "E")] == ["ok"] * 4
