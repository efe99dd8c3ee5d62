"""Tables: a column for each network or a row for each layer, in the dress they are met in."""

import re

import pytest
from typed import document, faults, graph, kinds, params

from archcalc.layers import AvgPool, Conv, Dense, MaxPool, Pad

VGG = """
input 32x32x3
A | B | C
2 weight layers | 3 weight layers | 3 weight layers
conv3-8 | conv3-8 conv3-8 | conv3-8; conv3-8
maxpool
| relu | LRN
FC-10
"""


def claims(made):
    """What a text claims: quantity, what was printed, and the node that it stands at."""
    return [
        (c.quantity, c.expected if isinstance(c.expected, tuple) else int(c.expected.value), c.at and c.at[2])
        for c in made.claims
    ]


def printed_sizes(made):
    """Every printed size with the shape of the layer it stands at, as height, width, channels."""
    pairs = [(c.expected, made.nodes[c.at[2]].shape) for c in made.claims if c.quantity == "out"]
    return [(size, (*shape[1:], shape[0])[: len(size)] if len(shape) == 3 else shape) for size, shape in pairs]


def dressed(text, parted):
    """A table of bars in another dress."""
    return "\n".join(parted(line) if "|" in line else line for line in text.splitlines())


# -- a column a network ------------------------------------------------------------------------------------------------


def test_a_column_is_a_network():
    assert document(VGG).names == ("A", "B", "C")
    assert kinds(VGG, name="A") == ["conv", "max pool", "fc"]
    assert kinds(VGG, name="B") == ["conv", "conv", "max pool", "relu", "fc"]
    assert kinds(VGG, name="C") == ["conv", "conv", "max pool", "lrn", "fc"]
    assert claims(graph(VGG, "B")) == [("weight layers", 3, None)]


@pytest.mark.parametrize("parted", [
    lambda line: "\t".join(cell.strip() for cell in line.split("|")),
    lambda line: "| " + line.strip() + " |",
    lambda line: "|" + "|".join(line.split("|")) + "|",
    lambda line: line.replace("|", "  |  ").rstrip(),
], ids=["tabs", "markdown", "tight markdown", "wide"])  # fmt: skip
def test_a_table_in_other_dress(parted):
    for name in "ABC":
        assert kinds(dressed(VGG, parted), name=name) == kinds(VGG, name=name)


def test_a_separator_parts_header_and_rows():
    text = VGG.replace("2 weight", "---|:---:|---\n2 weight").replace("maxpool", "+---+---+\nmaxpool")
    assert all(kinds(text, name=name) == kinds(VGG, name=name) for name in "ABC")


def test_wide_blanks_part_columns_under_table():
    text = """
    input 8x8x3
    table:
        A         B
        conv3-8   conv3-8 conv3-8
        maxpool
        FC-10     FC-20
    """
    assert kinds(text, name="B") == ["conv", "conv", "max pool", "fc"]
    assert graph(text, "B").nodes[-1].shape == (20,)


def test_a_row_may_be_ragged():
    text = "input 8x8x3\nA | B | C\nconv3-8 | conv3-4\nFC-10"
    assert [kinds(text, name=name) for name in "ABC"] == [["conv", "fc"], ["conv", "fc"], ["fc"]]


def test_one_cell_and_empty_ones_have_two_readings():
    text = "input 8x8x3\n| A | B |\n|---|---|\n| conv3-8 | conv3-8 |\n| maxpool | |\n| FC-10 | FC-10 |"
    found = faults(text, "A")
    assert [d.code for d in found] == ["A106"] and found[0].span.text == "maxpool"


RESNET = """
input 64x64x3
conv means conv, no bias; bn; relu
[...] means residual, option B, stride on first

layer name | output size | 10-layer | 16-layer
conv1 | 32x32 | 7x7, 8, stride 2
conv2_x | 16x16 | 3x3 max pool, stride 2
 | | [3x3, 8; 3x3, 8] x 2 | [1x1, 4; 3x3, 4; 1x1, 16] x 2
conv3_x | 8x8 | [3x3, 16<br>3x3, 16] × 2 | [1×1, 8<br>3×3, 8<br>1×1, 32] × 2
 | 1x1 | average pool, 10-d fc, softmax
params | | 15,234 | 11,234
FLOPs | | 3.2M | 2.6M
"""


def test_a_table_of_stages():
    assert document(RESNET).names == ("10-layer", "16-layer")
    made = graph(RESNET, "16-layer")
    named = {node.name: node for node in made.nodes}
    assert named["conv2_x.1.conv1"].layer.stride == (1, 1) and named["conv3_x.1.conv1"].layer.stride == (2, 2)
    assert named["conv3_x.1.conv2"].layer.stride == (1, 1) and named["conv3_x.1.shortcut.conv"].layer.stride == (2, 2)
    assert named["conv3_x.1.conv2"].layer.pad == Pad((1, 1), (1, 1)) and not named["conv1.conv"].layer.bias
    assert named["conv2_x.pool"].layer == MaxPool(kernel=(3, 3), stride=(2, 2), pad=Pad((1, 1), (1, 1)))
    quantities = [(quantity, value) for quantity, value, _ in claims(made)]
    assert quantities == [
        ("depth", 16), ("out", (32, 32)), ("out", (16, 16)), ("out", (8, 8)), ("params", 11_234), ("macs", 2_600_000),
    ]  # fmt: skip
    assert all(size == shape for size, shape in printed_sizes(made))


def test_the_stride_may_stand_on_the_3x3():
    made = graph(RESNET.replace("on first", "on 3x3"), "16-layer")
    named = {node.name: node.layer for node in made.nodes}
    assert named["conv3_x.1.conv1"].stride == (1, 1) and named["conv3_x.1.conv2"].stride == (2, 2)


def test_strides_stay_at_another_input():
    wide = graph(RESNET, "10-layer", input_shape=(3, 128, 96))
    assert [n.shape for n in wide.nodes if n.name.endswith("conv3_x.2.relu2")] == [(16, 16, 12)]
    assert params(wide) == params(graph(RESNET, "10-layer")) and not wide.claims


def test_a_tab_at_the_left_is_an_empty_cell():
    text = re.sub(r" ?\| ?", "\t", RESNET)
    assert kinds(text, name="10-layer") == kinds(RESNET, name="10-layer")


def test_a_table_of_networks_stands_by_itself():
    found = faults("input 8x8x3\nblock b:\n    A | B\n    relu | tanh\nb")
    assert [d.code for d in found] == ["A110"]


# -- a row a layer -----------------------------------------------------------------------------------------------------


def test_a_row_is_a_layer():
    text = """
    input 28x28x1
    type | patch size/stride | output size | filters
    conv | 5x5/1 | 28x28x8 | 8
    max pool | 3x3/2 | 14x14x8 |
    avg pool | 7x7/1 | 8x8x8 |
    linear | | 10 | 10
    softmax | | 10 |
    """
    made = graph(text)
    assert [node.layer for node in made.nodes[1:4]] == [
        Conv(channels=8, kernel=(5, 5), pad=Pad((2, 2), (2, 2))),
        MaxPool(kernel=(3, 3), stride=(2, 2), pad=Pad((1, 1), (1, 1))),
        AvgPool(kernel=(7, 7)),
    ]
    assert made.nodes[4].layer == Dense(units=10)
    assert all(size == shape for size, shape in printed_sizes(made)) and len(printed_sizes(made)) == 5


def test_size_beside_output_is_the_window():
    text = "input 8x8x3\nType | Filters | Size | Output\nConv | 4 | 3 x 3 | 8 x 8\nMaxpool | | 2x2/2 | 4x4"
    assert kinds(text) == ["conv", "max pool"] and graph(text).nodes[-1].shape == (4, 4, 4)


def test_names_padding_and_activations_have_columns():
    text = """
    | Layer | Output size | Filters | Kernel | Stride | Padding | Activation |
    |-------|-------------|---------|--------|--------|---------|------------|
    | Input | 28x28x1     |         |        |        |         |            |
    | conv1 | 26x26x8     | 8       | 3x3    | 1      | valid   | ReLU       |
    | pool1 | 13x13x8     |         | 2x2    | 2      | 0       |            |
    | conv2 | 13x13x4     | 4       | 3      | 1      | 1       | tanh       |
    | fc    | 10          | 10      |        |        |         | softmax    |
    """
    made = graph(text)
    assert [node.name for node in made.nodes] == [
        "input", "conv1.conv", "conv1.relu", "pool1", "conv2.conv", "conv2.tanh", "fc", "softmax",
    ]  # fmt: skip
    assert all(size == shape for size, shape in printed_sizes(made)) and len(printed_sizes(made)) == 4


BLOCK = """
block unit(t, c, s=1):
    conv 1x1, t*in
    conv 3x3, c, stride s, pad 1
Input | Operator | t | c | n | s
"""


def test_n_repeats_and_s_strides_the_first_turn():
    made = graph(BLOCK + "32² x 4 | unit | 2 | 8 | 3 | 2\n16x16x8 | unit | 1 | 4 | 1 | -")
    convs = [node.layer for node in made.nodes[1:]]
    assert [(conv.channels, conv.stride[0]) for conv in convs] == [
        (8, 1), (8, 2), (16, 1), (8, 1), (16, 1), (8, 1), (8, 1), (4, 1),
    ]  # fmt: skip
    assert claims(made) == [("out", (16, 16, 8), 6)]


def test_a_cell_of_nothing_leaves_the_default():
    found = faults(BLOCK + "8x8x4 | unit | - | 8 | 1 | 1")
    assert [d.code for d in found] == ["A402"] and "'t'" in found[0].message


def test_a_word_may_mean_a_block_of_columns():
    text = """
    block inception(a, b, r): concat: | conv 1x1, a | conv 1x1, r; conv 3x3, b, pad 1
    inception means inception(#1x1, #3x3, #3x3 reduce)
    input 8x8x4
    type | output size | #1x1 | #3x3 reduce | #3x3 | params | ops
    inception (3a) | 8x8x12 | 4 | 2 | 8 | 182 | 11K
    """
    made = graph(text)
    assert made.nodes[-1].shape == (12, 8, 8) and params(made) == 182
    assert [quantity for quantity, _, _ in claims(made)] == ["out", "params", "macs"]


def test_sizes_that_enter_are_asserted():
    text = """
    Type | Filter Shape | Input Size
    Conv / s2 | 3x3x3x8 | 8x8x3
    Conv dw / s1 | 3x3x8 dw | 4x4x8
    FC / s1 | 128x10 | 4x4x8
    """
    made = graph(text)
    assert claims(made) == [("out", (4, 4, 8), 1), ("out", (4, 4, 8), 2)]
    assert [node.layer.kind for node in made.nodes[1:]] == ["conv", "conv", "fc"] and made.nodes[2].layer.groups == 8


@pytest.mark.parametrize(("row", "code", "words"), [
    ("Conv / s1 | 3x3x4x8 | 8x8x3", "A302", "filters over 4 maps: the input has 3"),
    ("FC / s1 | 100x10 | 8x8x3", "A302", "100 numbers: 192 enter"),
    ("Conv / s1 | three by three | 8x8x3", "A110", "is no window"),
    ("Conv / s1 | 3x3x3x8 | eight", "A108", "size"),
    ("5x Conv dw / s1 <br> 5x Conv / s1 | 3x3x3 dw <br> 1x1x3x8 | 8x8x3", "A106", "two readings"),
    ("Conv / s1; relu; Conv / s1 | 3x3x3x8; 3x3x8x8 | 8x8x3", "A110", "2 parts for 3 layers"),
])  # fmt: skip
def test_a_row_that_cannot_be(row, code, words):
    found = faults("Type / Stride | Filter Shape | Input Size\n" + row)
    assert [d.code for d in found] == [code] and words in found[0].message and found[0].span.line == 2


def test_each_wrong_cell_is_told():
    text = "input 8x8x3\ntype | filters | kernel\nconv | 8 | 3x3\nconw | 8 | 3x3\nconv | many | 3x3\nconv | 8 | 3y3"
    assert [(d.code, d.span.line) for d in faults(text)] == [("A105", 4), ("A401", 5), ("A110", 6)]
