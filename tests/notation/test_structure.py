"""Branches, blocks, repeats, choices, rules: what flows where."""

import pytest
from typed import document, faults, graph, kinds, layers, params, shape

import archcalc
from archcalc.layers import Conv, Input, ZeroShortcut
from archcalc.network import build


def fed_by(made, name):
    """The names of the layers that one reads."""
    node = next(node for node in made.nodes if node.name == name)
    return [made.nodes[index].name for index in node.inputs]


def only(made, kind):
    return [node for node in made.nodes if node.layer.kind == kind]


def channels(text):
    return [made.channels for made in layers(text) if isinstance(made, Conv)]


# -- branches --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [
    "sum: | conv 1x1, 3 | identity", "sum: | conv 1x1, 3 |", "add: | conv 1x1, 3 | identity",
    "sum:\n    | conv 1x1, 3\n    | identity", "sum:\n    | conv 1x1, 3\n    |", "sum: | conv 1x1, 3\n     | identity",
    "sum:\n  |conv 1x1, 3\n  |identity",
])  # fmt: skip
def test_branches_of_every_spelling(text):
    made = graph("input 8x8x3\n" + text)
    assert fed_by(made, "sum") == ["conv", "input"]


def test_a_branch_goes_on_below():
    made = graph("""
        input 8x8x3
        concat:
            | conv 1x1, 8; relu
            | conv 1x1, 4
              conv 3x3, 6, pad 1
              bn
            |
        relu
        """)
    assert fed_by(made, "concat") == ["relu1", "bn", "input"]
    assert shape(made, "concat") == (17, 8, 8)


@pytest.mark.parametrize(("word", "kind"), [("sum", "sum"), ("mean", "mean"), ("max", "max"), ("product", "product")])
def test_merges_keep_the_shape(word, kind):
    made = graph(f"input 8x8x3\n{word}: | conv 1x1, 3 | conv 1x1, 3 | identity")
    assert made.nodes[-1].layer.kind == kind and len(made.nodes[-1].inputs) == 3


def test_a_product_spreads_a_gate():
    made = graph("""
        input 8x8x16
        product:
            | identity
            | global average pool; conv 1x1, 4; relu; conv 1x1, 16; sigmoid
        """)
    assert made.nodes[-1].shape == (16, 8, 8) and params(made) == 16 * 4 + 4 + 4 * 16 + 16


def test_copies_of_a_branch():
    made = graph("""
        input 8x8x3
        param k = 4
        concat:
            | k branches: conv 1x1, 2; relu
            | 2 copies:
              conv 1x1, 5
        """)
    assert len(only(made, "conv")) == 6 and made.nodes[-1].shape == (4 * 2 + 2 * 5, 8, 8)


def test_flat_mean_takes_in_the_mean_at_a_branch_end():
    text = """
        block fractal(1, c):
            conv 3x3, c, pad 1
        block fractal(n, c):
            {}mean:
                | fractal(n-1, c); fractal(n-1, c)
                | conv 3x3, c, pad 1
        input 8x8x4
        fractal(3, 4)
        """
    nested, flat = graph(text.format("")), graph(text.format("flat "))
    assert [len(node.inputs) for node in only(nested, "mean")] == [2, 2, 2]
    assert [len(node.inputs) for node in only(flat, "mean")] == [2, 3]
    assert len(only(flat, "conv")) == len(only(nested, "conv")) == 7


def test_an_affine_warp_samples_one_branch_by_the_other():
    made = graph("input 28x28x1\naffine warp 14x20: | identity | fc 32; relu; fc 6")
    assert made.nodes[-1].shape == (1, 14, 20) and fed_by(made, "warp") == ["input", "fc2"]


# -- from, aux, inputs -----------------------------------------------------------------------------------------------


def test_from_begins_at_an_earlier_layer():
    made = graph("""
        input 8x8x3
        a: conv 1x1, 8
        b: conv 1x1, 4
        sum: | from a | from b; conv 1x1, 8
        c: from input; conv 1x1, 5
        """)
    assert fed_by(made, "sum") == ["a", "conv"] and fed_by(made, "c") == ["input"]


def test_an_aux_head_leaves_the_main_line_where_it_was():
    made = graph("""
        input 8x8x3
        conv 1x1, 4
        aux:
            global average pool
            fc 10
        fc 5
        """)
    assert [node.aux for node in made.nodes] == [False, False, True, True, False]
    assert fed_by(made, "fc2") == ["conv"] and made.nodes[made.output].shape == (5,)


def test_several_inputs():
    made = graph("""
        input left: 8x8x3
        input right: 8x8x5
        from left
        conv 1x1, 4
        l: relu
        from right
        conv 1x1, 4
        sum: | identity | from l
        """)
    assert [made.nodes[index].name for index in made.inputs] == ["left", "right"]
    assert fed_by(made, "sum") == ["conv2", "l"] and fed_by(made, "conv2") == ["right"]


# -- shortcuts -------------------------------------------------------------------------------------------------------


def test_a_shortcut_takes_the_strides_of_the_branch_it_goes_around():
    made = graph("""
        input 16x16x4
        sum:
            | shortcut
            | conv 3x3, 8, stride 2, pad 1
              max pool 2x2
        """)
    assert made.nodes[-1].shape == (8, 4, 4)
    projection = next(n.layer for n in made.nodes if isinstance(n.layer, Conv) and n.layer.kernel == (1, 1))
    assert projection == Conv(channels=8, kernel=(1, 1), stride=(4, 4), bias=False)
    assert [node.layer.kind for node in made.nodes].count("bn") == 1


@pytest.mark.parametrize(("said", "branch", "made"), [
    ("shortcut", "conv 1x1, 4", []),
    ("shortcut", "conv 1x1, 8", ["conv", "bn"]),
    ("shortcut, no bn", "conv 1x1, 8", ["conv"]),
    ("shortcut B", "conv 1x1, 8", ["conv", "bn"]),
    ("shortcut C", "conv 1x1, 4", ["conv", "bn"]),
    ("shortcut C, no bn", "conv 1x1, 4", ["conv"]),
    ("shortcut A", "conv 1x1, 4", []),
    ("shortcut, option A", "conv 1x1, 8", ["shortcut"]),
    ("shortcut A", "conv 1x1, 8, stride 2", ["shortcut"]),
])  # fmt: skip
def test_options_of_a_shortcut(said, branch, made):
    assert kinds(f"input 9x9x4\nsum: | {branch} | {said}") == ["conv", *made, "sum"]


def test_option_a_adds_zero_channels():
    made = graph("input 8x8x4\nsum: | conv 3x3, 8, stride 2, pad 1 | shortcut A")
    assert only(made, "shortcut")[0].layer == ZeroShortcut(channels=8, stride=(2, 2))


def test_a_shortcut_alone_goes_around_nothing():
    assert faults("input 8x8x4\nshortcut")[0].code == "A406"
    assert faults("input 8x8x4\nsum: | shortcut")[0].code == "A303"


# -- blocks ----------------------------------------------------------------------------------------------------------


def test_defaults_use_earlier_parameters():
    text = """
        param width = 8
        param twice = 2*width
        block b(c, k=3, d=2*c):
            conv kxk, c, pad half
            conv 1x1, d
        input 8x8x4
        b(width); b(twice, 5)
        b(c=4, d=5)
        """
    made = [node.layer for node in graph(text).nodes[1:]]
    assert [conv.channels for conv in made] == [8, 16, 16, 32, 4, 5]
    assert [conv.kernel[0] for conv in made] == [3, 1, 5, 1, 3, 1]
    wider = [node.layer.channels for node in graph(text, settings={"width": 3}).nodes[1:]]
    assert wider == [3, 6, 6, 12, 4, 5]


def test_in_is_what_enters_the_block():
    assert channels("block b:\n    conv 1x1, 2*in\n    conv 1x1, in\nb; b") == [128, 64, 128, 64]


def test_recursion_ends_at_a_literal():
    text = "block tower(0): relu\nblock tower(n):\n    conv 1x1, n\n    tower(n - 1)\ntower(3)"
    assert channels(text) == [3, 2, 1]


def test_a_block_of_one_line_takes_the_lines_below():
    text = "block gate: product:\n    | identity\n    | global average pool; sigmoid\ngate"
    assert [made.kind for made in layers(text)] == ["global avg pool", "sigmoid", "product"]


def test_blocks_may_be_called_above_and_inside_blocks():
    text = "outer(8)\nblock outer(c): inner(c); inner(2*c)\nblock inner(c): conv 1x1, c; relu"
    assert channels(text) == [8, 16]


def test_a_block_knows_no_names_of_its_caller_but_those_of_the_file():
    made = graph("""
        block skip: sum: | conv 1x1, 4 | from a
        input 8x8x3
        a: conv 1x1, 4
        relu
        skip
        """)
    assert fed_by(made, "skip.sum") == ["skip.conv", "a"]


def test_use_brings_blocks(tmp_path):
    from archcalc.network import load

    (tmp_path / "common.arch").write_text("block unit(c): conv 3x3, c, pad 1; bn; relu\n")
    (tmp_path / "net.arch").write_text('use "common.arch"\ninput 8x8x3\nunit(4); unit(8)\n')
    made = load(tmp_path / "net.arch").graph
    assert [node.layer.kind for node in made.nodes[1:]] == ["conv", "bn", "relu"] * 2


# -- repeats and choices ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [
    "(conv 1x1, 8; relu) x 3", "3x (conv 1x1, 8; relu)", "3 x (conv 1x1, 8; relu)", "(conv 1x1, 8; relu) x3",
    "(conv 1x1, 8; relu) × 3", "(conv 1x1, 8; relu)*3", "repeat 3: conv 1x1, 8; relu",
    "repeat 3:\n    conv 1x1, 8\n    relu",
    "repeat n:\n    conv 1x1, 8; relu", "(conv 1x1, 8, relu) x n", "(conv 1x1, 8 + relu) x (n)",
])  # fmt: skip
def test_repeats(text):
    assert [made.kind for made in layers("param n = 3\n" + text)] == ["conv", "relu"] * 3


def test_a_repeat_is_of_the_last_phrase_alone():
    assert [made.kind for made in layers("relu; conv 3x3, 8 x 2, bn")] == ["relu", "conv", "conv", "bn"]
    assert [made.kind for made in layers("relu, conv 3x3, 8 x 2; bn")] == ["relu", "conv", "conv", "bn"]


def test_i_is_the_turn_in_its_text_only():
    assert channels("repeat 3: conv 1x1, 2*(i+1)") == [2, 4, 6]
    assert channels("(conv 1x1, (i+1)) x 2") == [1, 2]
    assert faults("input 8x8x3\nblock b: conv 1x1, (i+1)\nrepeat 2: b")[0].code == "A401"


@pytest.mark.parametrize(("text", "made"), [
    ("when 1 = 1: relu", ["relu"]),
    ("when 1 = 2: relu", []),
    ("when 1 = 1: relu\notherwise: tanh", ["relu"]),
    ("when 1 == 2: relu\notherwise: tanh", ["tanh"]),
    ("when 1 = 2:\n    relu\n    relu\notherwise:\n    tanh\n    elu", ["tanh", "elu"]),
    ("when 1 = 2: relu; bn; otherwise: tanh; elu", ["tanh", "elu"]),
    ("when 1 < 2 and not 3 <= 2: relu; bn; otherwise: tanh; elu", ["relu", "bn"]),
    ("when 1 = 1: relu otherwise: tanh", ["relu"]),
    ("when 2 > 1 or 1 > 2: when 1 = 1: elu", ["elu"]),
])  # fmt: skip
def test_choices(text, made):
    assert [layer.kind for layer in layers(text)] == made


def test_a_choice_never_hangs_on_an_open_symbol():
    assert faults("input HxWx3\nblock b(c): when c = 3: relu\nb(H)")[0].code == "A407"


# -- rules -----------------------------------------------------------------------------------------------------------


def test_a_rule_rewrites_what_stands_below_it():
    made = graph("""
        input 8x8x3
        conv 1x1, 2
        conv means conv, pad half, no bias; bn; relu
        conv 3x3, 4
        conv 3x3, 4, pad 0
        depthwise 3x3
        plain conv 1x1, 4
        deconv 2x2, 4, stride 2
        """)
    kinds_made = [node.layer.kind for node in made.nodes[1:]]
    assert kinds_made == ["conv", *["conv", "bn", "relu"] * 3, "conv", "deconv"]
    convs = [node.layer for node in only(made, "conv")]
    assert [conv.bias for conv in convs] == [True, False, False, False, True]
    assert [conv.pad.height[0] for conv in convs] == [0, 1, 0, 1, 0]
    assert convs[3].groups == 4


def test_a_rule_of_a_body_ends_with_it():
    text = """
        block b(c):
            conv means conv, no bias; relu
            conv 1x1, c
        input 8x8x3
        b(4)
        conv 1x1, 2
        """
    assert kinds(text) == ["conv", "relu", "conv"]


def test_hidden_spares_the_last_weight_layer():
    text = """
        hidden fc means fc; relu; dropout 0.5
        input 8x8x3
        fc 10
        aux: fc 7; fc 6
        fc 5
        softmax
        """
    assert kinds(text) == ["fc", "relu", "dropout", "fc", "relu", "dropout", "fc", "fc", "softmax"]


# -- shared weights --------------------------------------------------------------------------------------------------


def test_share_takes_convolutions_and_leaves_norms():
    made = graph("""
        block unit(c): conv 3x3, c, pad 1; bn
        input 8x8x3
        a: unit(3)
        b: unit(3), share a
        c: unit(3), share all a
        d: conv 3x3, 3, pad 1; relu
        e: conv 3x3, 3, pad 1, share d
        """)
    owners = {node.name: node.shares and made.nodes[node.shares].name for node in made.nodes}
    assert owners == {
        "input": None, "a.conv": None, "a.bn": None, "b.conv": "a.conv", "b.bn": None, "c.conv": "a.conv",
        "c.bn": "a.bn",
        "d.conv": None, "d.relu": None, "e": "d.conv",
    }  # fmt: skip
    assert params(made) == 2 * (3 * 3 * 3 * 3 + 3) + 2 * (3 + 3)


# -- brackets --------------------------------------------------------------------------------------------------------


def test_a_bracket_is_layers_without_bias():
    made = layers("[3x3, 8; 3x3, 8] x 2")
    assert made == [Conv(channels=8, kernel=(3, 3), bias=False)] * 4


@pytest.mark.parametrize(("rule", "strides"), [("stride on first", [2, 1, 1]), ("stride on 3x3", [1, 2, 1])])
def test_brackets_may_mean_residual_units(rule, strides):
    made = graph(f"""
        [...] means residual, option B, {rule}
        input 16x16x8
        [1x1, 4; 3x3, 4; 1x1, 16] x 2, stride 2
        """)
    unit = ["conv", "bn", "relu", "conv", "bn", "relu", "conv", "bn"]
    assert [n.layer.kind for n in made.nodes[1:]] == [*unit, "conv", "bn", "sum", "relu", *unit, "sum", "relu"]
    first = [node.layer for node in only(made, "conv")][:4]
    assert [conv.stride[0] for conv in first] == [*strides, 2] and not any(conv.bias for conv in first)
    assert made.nodes[-1].shape == (16, 8, 8)


def test_brackets_may_mean_a_chain():
    text = "[...] means plain, stride on first\ninput 16x16x8\n[3x3, 4; 3x3, 4] x 2, stride 2"
    made = graph(text)
    assert [node.layer.kind for node in made.nodes[1:]] == ["conv", "bn", "relu"] * 4
    assert [node.layer.stride[0] for node in only(made, "conv")] == [2, 1, 1, 1]


def test_a_symbol_stays_open():
    made = graph("input HxWx3\nconv 3x3, 64, pad 1\nmax pool")
    assert isinstance(made.nodes[0].layer, Input) and [str(dim) for dim in made.nodes[-1].shape] == [
        "64",
        "⌊H/2⌋",
        "⌊W/2⌋",
    ]


def test_what_is_asked_of_a_changed_network_is_not_what_was_printed_of_the_other() -> None:
    text = "param k = 2\ninput 8x8x3\nconv 3x3, 4*k  params: 224\n"
    text += "expect params = 224\nexpect params <= 500\nexpect out = 6x6x8\n"
    assert archcalc.parse(text).report().status == "ok"
    changed = archcalc.parse(text, settings={"k": 4}).report()
    assert changed.status == "ok" and [e.operator for e in changed.expectations] == ["<="]
    too_large = archcalc.parse(text, settings={"k": 8}).report()
    assert too_large.status == "failed" and too_large.expectations[0].holds is False
    assert len(archcalc.parse(text, input_shape=(3, 16, 16)).report().expectations) == 1


def test_a_shape_is_an_assertion_and_gives_a_convolution_no_channels() -> None:
    assert [fault.code for fault in faults("input 32x32x3\n[30x30x64] conv 3x3")] == ["A108"]


INPUTS = ["input 28x28x1", "28x28x1 input", "[28x28x1] INPUT", "INPUT: [28x28x1]", "28x28x1 image"]


@pytest.mark.parametrize("text", INPUTS)
def test_an_input_may_stand_before_or_behind_its_size(text: str) -> None:
    assert graph(f"{text}\nconv 3x3, 8").nodes[0].shape == (1, 28, 28)


def test_a_network_is_told_of_what_it_declares_in_vain_alone():
    body = "input 8x8x3\nconv 3x3, 4\n"
    text = f"param w = 1\nnetwork a\nparam j = 1\n{body}network b\nparam k = 1\n{body}"
    made = document(text)
    assert [[each.span.text for each in made.doubts(name)] for name in ("a", "B")] == [["w", "j"], ["w", "k"]]


def test_a_text_of_many_networks_takes_time_in_proportion(monkeypatch):
    """Calls, not seconds, are counted: no step looks through all networks for each."""
    from sys import setprofile

    def calls(count):
        text = "".join(f"network n{i}\nparam k = 1\ninput 8x8x3\nconv 3x3, 4  params: 113\n" for i in range(count))
        seen = 0

        def count_one(frame, event, argument):
            nonlocal seen
            seen += 1

        setprofile(count_one)
        try:
            made = document(text)
            for name in made.names:
                assert made.build(made.find(name))[0] and made.head(name) and made.doubts(name)
        finally:
            setprofile(None)
        return seen

    calls(2)
    assert calls(200) < 2.2 * calls(100)


def test_what_is_expected_above_the_first_network_is_expected_of_all():
    text = "expect params <= 200\nexpect params of two = 224\nnetwork one\ninput 8x8x3\nconv 3x3, 4\n"
    read = document(text + "network two\ninput 8x8x3\nconv 3x3, 8\n")
    each = {name: build(read, name).report().expectations for name in read.names}
    held = {name: [(claim.expected, claim.holds) for claim in claims] for name, claims in each.items()}
    assert held == {"one": [("200", True)], "two": [("200", False), ("224", True)]}
